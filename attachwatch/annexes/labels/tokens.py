"""A cleaned name, cut into tokens once: words, numbers, brackets, dashes. Pure."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from attachwatch.annexes.labels import kinds
from attachwatch.annexes.labels.numerals import ordinal, roman

_PUNCTUATION = {
    **dict.fromkeys("([{", "open"), **dict.fromkeys(")]}", "close"), **dict.fromkeys(".,&+/:;", "point"), "-": "dash",
}  # fmt: skip
_ROMAN_AND_LETTER = re.compile(r"[IVX]{1,6}[a-h]")  # `Anlage IIb`
_TOKEN = re.compile(r"[^\W\d_]+|\d+|[()\[\]{}]|[-\u2013]|[.,&+/:;#~]|\s+|_+|.")


@dataclass(frozen=True, slots=True)
class Token:
    text: str
    kind: str  # word, number, open, close, dash, point, space, other

    @property
    def lower(self) -> str:
        return self.text.casefold()

    @property
    def announces(self) -> str | None:
        """The kind of the labels that it announces."""
        return kinds.of(self.lower) if self.kind == "word" else None


@lru_cache(maxsize=8192)
def tokens(text: str) -> tuple[Token, ...]:
    """Cut a cleaned name into tokens, kind words off what is glued to them."""
    made: list[Token] = []
    behind_kind = False
    for raw in _TOKEN.findall(text):
        made += _split(raw, behind_kind)
        if made[-1].kind in ("word", "number"):
            behind_kind = made[-1].announces is not None
    return tuple(made)


def _split(raw: str, behind_kind: bool) -> Iterator[Token]:
    if raw[0].isdecimal():
        yield Token(raw, "number")
    elif raw[0].isalpha():
        yield from _cut(raw, behind_kind)
    elif raw[0].isspace() or raw[0] == "_":
        yield Token(raw, "space")
    else:
        yield Token(raw, _PUNCTUATION.get(raw[0], "other"))


@lru_cache(maxsize=8192)
def _cut(raw: str, behind_kind: bool) -> tuple[Token, ...]:
    """The same words stand in many names."""
    return tuple(_words(raw, behind_kind))


def _words(raw: str, behind_kind: bool) -> Iterator[Token]:
    """`AnnexDvi` -> Annex, D, vi. Only where the rest is an ordinal, and is set off by its case or by a kind word."""
    low = raw.casefold()
    if kinds.of_one(low) and kinds.of_one(low[:-1]) and _ends_in_capital(raw):
        yield Token(raw[:-1], "word")  # `AnnexE` is no French annex
        yield Token(raw[-1], "word")
        return
    if behind_kind and _ROMAN_AND_LETTER.fullmatch(raw):
        yield Token(raw[:-1], "word")
        yield Token(raw[-1], "word")
        return
    if not kinds.of(low):
        for word, rest in kinds.glued(raw):
            if _is_path(rest) and not _ends_in_capital(word):  # nor `AnnexEiv` an `Annexe iv`
                yield Token(word, "word")
                yield from _words(rest, True)
                return
        set_off = raw[0].isupper() and raw[1:].islower() and not roman(low)
        if (set_off or (behind_kind and ordinal(raw) is None)) and _is_small_roman(raw[1:]):
            yield Token(raw[0], "word")
            yield Token(raw[1:], "word")
            return
    yield Token(raw, "word")


def _ends_in_capital(word: str) -> bool:
    return word[-1].isupper() and not word.isupper()


def _is_path(rest: str) -> bool:
    return ordinal(rest) is not None or _is_small_roman(rest[1:])


def _is_small_roman(text: str) -> bool:
    value = roman(text.casefold())
    return value is not None and value < 40
