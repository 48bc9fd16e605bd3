"""The words by which labels are known, of `words.toml`. Pure, once read."""

import re
import tomllib
from collections.abc import Iterable
from importlib.resources import files

TABLES = tomllib.loads(files(__package__).joinpath("words.toml").read_text(encoding="utf-8"))


def listed(table: str, name: str) -> frozenset[str]:
    """The words of one list."""
    return frozenset(TABLES[table][name].split())


def by_word(table: str) -> dict[str, str]:
    """Which name of a table each of its words stands under."""
    return {word: name for name, words in TABLES[table].items() for word in words.split()}


def counted(lists: Iterable[str]) -> dict[str, int]:
    """The value of each word of lists that count from one on."""
    return {word: n for words in lists for n, word in enumerate(words.split(), 1) if word != "-"}


def pattern(table: str, name: str) -> re.Pattern[str]:
    """Whether one of these regular expressions, as whole words, is in a text."""
    return re.compile(rf"\b(?:{'|'.join(TABLES[table][name])})\b", re.IGNORECASE)


MARKINGS = listed("file", "marking")  # words that are written to a name and tell nothing of what it is
