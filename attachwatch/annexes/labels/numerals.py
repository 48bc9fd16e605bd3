"""Ordinals: `3`, `iii`, `c`, `three`, and a path of them as people write it. Pure.

What an ordinal counts (is `i` the first or the ninth?) is not decided here but by the list that it stands in: see
`series`.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from attachwatch.annexes.labels.words import TABLES, counted

_COUNT = counted(TABLES["numbers"]["count"])
_ORDER = counted(TABLES["numbers"]["order"])
_BETWEEN = ("bis", "ter", "quater")  # `1 bis` stands between 1 and 2
_ROMAN = re.compile(r"(?=[ivxlc])(xc|xl|l?x{0,3})(ix|iv|v?i{0,3})$|c$|d$|m$")
_ROMAN_VALUES = {"i": 1, "v": 5, "x": 10, "l": 50, "c": 100, "d": 500, "m": 1000}
_TENS = ("", "x", "xx", "xxx", "xl", "l", "lx", "lxx", "lxxx", "xc")
_ONES = ("", "i", "ii", "iii", "iv", "v", "vi", "vii", "viii", "ix")


@dataclass(frozen=True, slots=True)
class Ordinal:
    """One step of a path, with every way of counting that it may have."""

    text: str
    arabic: int | None = None
    roman: int | None = None
    letter: int | None = None

    @property
    def is_number(self) -> bool:
        return self.arabic is not None


def ordinal(text: str) -> Ordinal | None:
    """Read one ordinal: `3`, `iii`, `c`, `three`; None for any other word."""
    low = text.casefold()
    if low.isdecimal():
        return Ordinal(low, arabic=int(low)) if len(low) <= 3 else None
    if low in _COUNT:
        return Ordinal(low, arabic=_COUNT[low])
    if low in _BETWEEN:
        return Ordinal(low)
    value = roman(low)
    letter = ord(low[0]) - 96 if len(low) <= 2 and "a" <= low[:1] <= "z" else None
    if letter and len(low) == 2:  # AA comes after Z
        letter = 26 + letter if low[0] == low[1] else None
    return Ordinal(low, roman=value, letter=letter) if value or letter else None


def follows(one: Sequence[Ordinal], other: Sequence[Ordinal]) -> bool:
    """Whether the second path is the next behind the first: `4b` and `4c`."""
    if not one or len(one) != len(other) or one[:-1] != other[:-1]:
        return False
    before, after = one[-1], other[-1]
    pairs = ((before.arabic, after.arabic), (before.roman, after.roman), (before.letter, after.letter))
    return any(a is not None and b is not None and a + 1 == b for a, b in pairs)


def is_word(text: str) -> bool:
    """Whether it is a number in letters: `three`."""
    return text.casefold() in _COUNT


def in_order(word: str) -> Ordinal | None:
    """Read `first`, `zweite`."""
    low = word.casefold()
    return Ordinal(low, arabic=_ORDER[low]) if low in _ORDER else None


def shown(path: Sequence[Ordinal]) -> str:
    """A path as people write it: `D(iii)(a)`, `A1`, `2a`."""
    text = ""
    for place, step in enumerate(path):
        word = step.text.upper() if place == 0 and step.letter and not step.is_number else step.text
        if step.is_number:
            word = str(step.arabic)
        if " " in step.text:
            text += f" {word}"
            continue
        glued = place == 1 and (step.is_number != path[0].is_number) and (step.is_number or bool(step.letter))
        glued = glued and not (step.roman and len(step.text) > 1) and step.text not in ("i", "v", "x")
        text += word if place == 0 or glued else f"({word})"
    return text


def roman(low: str) -> int | None:
    """The value of a roman number in small letters."""
    if not low or not _ROMAN.match(low):
        return None
    values = [_ROMAN_VALUES[c] for c in low]
    return sum(-v if n + 1 < len(values) and v < values[n + 1] else v for n, v in enumerate(values))


def in_letters(number: int) -> str:
    """A number in small letters: AA comes after Z."""
    return chr(ord("a") + (number - 1) % 26) * (1 + (number - 1) // 26)


def in_roman(number: int) -> str:
    """A number below a hundred in roman, in small letters."""
    return _TENS[number // 10] + _ONES[number % 10]
