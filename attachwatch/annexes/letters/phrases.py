"""The phrases of `phrases.toml`, made into patterns. Pure but for reading that file.

All gaps are bounded, so no text takes long.
"""

import re
import tomllib
from functools import cache
from pathlib import Path

from attachwatch.patterns import Pattern

_GAPS = {"_": r"(?:[\w'-]+,? ){0,2}?", "...": r".{0,60}?(?<!\w)"}


def pattern(table: str) -> Pattern:
    """What any phrase of a table finds, in any language: a phrase is said in its own language only."""
    return Pattern(source(table), re.IGNORECASE)


def source(table: str) -> str:
    """The same as a piece of a larger pattern."""
    return rf"(?<!\w)(?:{'|'.join(phrase_pattern(p) for forms in _tables()[table].values() for p in forms)})"


def listed(table: str) -> frozenset[str]:
    """A table's phrases as they are, for those that are looked up."""
    return frozenset(w for forms in _tables()[table].values() for p in forms for w in p.split("|"))


@cache
def _tables() -> dict[str, dict[str, list[str]]]:
    return tomllib.loads(Path(__file__).with_suffix(".toml").read_text(encoding="utf-8"))


def phrase_pattern(phrase: str) -> str:
    """One phrase in the notation that the file explains."""
    made, blank, end = "", "", r"(?!\w)"
    for slot in phrase.split():
        if slot in _GAPS:
            made, blank = made + (blank if slot == "_" else "") + _GAPS[slot], ""
        elif slot.startswith("!"):
            made, end = rf"{made}(?!\w| ?{_either(slot[1:])}(?!\w))", ""
        elif slot.endswith("?"):
            made, blank = rf"{made}{blank}(?:{_either(slot[:-1])} )?", ""
        else:
            made, blank = made + blank + _either(slot.removesuffix(".")), " "
            end = r"\s*$" if slot.endswith(".") else end
    return made + end


def _either(words: str) -> str:
    return f"(?:{'|'.join(map(_word, words.split('|')))})"


def _word(word: str) -> str:
    return re.escape(word).replace(r"\*", r"\w*").replace(r"\#", r"\d+").replace(r"\-", "[ -]?")
