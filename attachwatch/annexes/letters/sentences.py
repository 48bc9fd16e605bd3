"""A letter's text as what one reads at a time: sentences, items of a list, rows of a table, lines on their own. Pure.

Mail is wrapped: a line goes on where the one above it is as long as lines get, and nothing says that it ends.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from attachwatch.annexes.labels import kinds
from attachwatch.annexes.labels import label as labels
from attachwatch.annexes.labels.tokens import tokens
from attachwatch.annexes.letters.dates import is_month


def listed(words: str) -> frozenset[str]:
    """A table's words; a semicolon parts one language from the next."""
    return frozenset(words.replace(";", " ").split())


_MOST_TEXT = 262_144  # characters of a letter that are read
_LONGEST = 2_000  # characters of a sentence
_BULLET = re.compile(r"^\s*[-*\u2022\u00b7\u25cf\u2013\u2014]\s+")
_NUMBERED = re.compile(r"^\s*[(\[]?(\d{1,3}|[A-Za-z]|[ivxIVX]{1,5})[.)\]:]+\s+")
_CELLS = re.compile(r"\s*\|\s*|\t+|\s{2,}")
_END = re.compile(r"[.!?\u2026][\"')\]\u201d\u00bb]*\s+(?=[\"'(\[\u201e\u201c\u00ab\u00bf\u00a1]*[^\W\d_a-z]|\d)")
_GOES_ON = re.compile(  # no line ends so but one that was wrapped
    r"[a-z,] (?:are|is|and|in|at|see|of|to|the|as|sind|ist|und|die|der|den|als|sont|est|et|les|la|zijn|en|de|y|son|e|"
    r"sono|il|le)\s*$"
)
_SHORT = listed(
    "no nr nos art abs az mr mrs ms dr prof st para paras sec s ss ref refs e.g i.e z.b d.h bzw ca vgl approx inc "
    "ltd encl enc anl app doc docs p pp bl r\u00e9f n m mme sr sra dott prot tel ext vol fig ziff"
)


class Shape(StrEnum):
    SENTENCE = "sentence"
    ITEM = "item"  # of a list
    ROW = "row"  # of a table
    LINE = "line"  # a heading, a greeting, an address


@dataclass(frozen=True, slots=True)
class Unit:
    text: str
    shape: Shape
    cells: tuple[str, ...] = ()
    opens: bool = False  # a paragraph begins with it

    @property
    def number(self) -> str | None:
        """What an item is numbered with."""
        found = _NUMBERED.match(self.text)
        return found[1] if found and self.shape is Shape.ITEM else None

    @property
    def body(self) -> str:
        """The text behind bullet and number."""
        text = _BULLET.sub("", self.text, count=1)
        return _NUMBERED.sub("", text, count=1) if self.shape is Shape.ITEM else text


def plain(text: str) -> str:
    """`text` in characters that compare: one kind of dash, of space and of quote, nothing invisible."""
    text = unicodedata.normalize("NFKC", text[:_MOST_TEXT])
    return "".join(_plain(c) for c in text).replace("\r", "")


def units(text: str) -> Iterator[Unit]:
    """Cut plain `text`."""
    lines = [line.rstrip() for line in text.split("\n")]
    full = max(45, int(0.6 * min(100, max(map(len, lines), default=0))))
    for paragraph in _paragraphs(lines):
        opens = True
        for block, shape in _blocks(paragraph, full):
            if shape is Shape.SENTENCE:
                pieces = list(_sentences(block))
                kind: Shape = (
                    Shape.LINE if len(pieces) == 1 and len(block) < full and block[-1:] not in ".!?" else shape
                )
            else:
                pieces, kind = list(_sentences(block)), shape
                if shape is Shape.ROW or not all(map(_is_item, pieces)):
                    pieces = [block]
            for piece in pieces:
                cells = tuple(_CELLS.split(piece.strip(" \t|"))) if kind is Shape.ROW else ()
                yield Unit(" ".join(piece.split())[:_LONGEST], kind, cells, opens)
                opens = False


def _plain(c: str) -> str:
    if c in "\n\t":
        return c
    category = unicodedata.category(c)
    if category == "Pd":
        return "-"
    if c in "\u2018\u2019\u02bc":
        return "'"
    return " " if c.isspace() else "" if category in ("Cf", "Cc") and c != "\r" else c


def _paragraphs(lines: list[str]) -> Iterator[list[str]]:
    held: list[str] = []
    for line in [*lines, ""]:
        if line.strip():
            held.append(line)
        elif held:
            yield held
            held = []


def _blocks(lines: list[str], full: int) -> Iterator[tuple[str, Shape]]:
    """Lines of one paragraph, put together where they were wrapped."""
    held, last = "", ""
    shape = kind = Shape(Shape.SENTENCE)
    for line in lines:
        if is_row(line):
            begins, kind = True, Shape.ROW
        elif _is_item(line) and not (shape is Shape.SENTENCE and _GOES_ON.search(last)):
            begins, kind = True, Shape.ITEM
        else:
            begins, kind = shape is Shape.ROW or len(last) < full or last.endswith(":"), Shape.SENTENCE
        if shape is Shape.ITEM and kind is Shape.SENTENCE and line[:1].isspace():
            begins = False
        if held and begins:
            yield held, shape
            held, shape = line, kind
        elif held:
            held = f"{held} {line.strip()}"
        else:
            held, shape = line, kind
        last = line
    if held:
        yield held, shape


def is_row(line: str) -> bool:
    """Whether a line has three cells or more, or two that a bar parts."""
    least = 2 if "|" in line.strip(" \t|") else 3
    return len([c for c in _CELLS.split(line.strip(" \t|")[:_LONGEST]) if c]) >= least


def _is_item(line: str) -> bool:
    """Whether a line begins with a bullet, a number, or a label that is set off from what it says."""
    numbered = _NUMBERED.match(line)
    if _BULLET.match(line) or (numbered and not is_month(line[numbered.end() :])):
        return True
    first = next(labels.singles(line[:120]), None)
    if first is None or first.start > (1 if line[:1].isspace() else 0):
        return False
    behind = "".join(t.text for t in tokens(line[:120])[first.end :]).lstrip()
    return not behind or behind[0] in "-:(|=" or behind[0].isupper() or bool(re.match(r"[.)]\S", behind))


def _sentences(text: str) -> Iterator[str]:
    start = 0
    for end in _END.finditer(text):
        if not _is_short(text[start : end.start()], text[end.end() : end.end() + 20]):
            yield text[start : end.end()].strip()
            start = end.end()
    if text[start:].strip():
        yield text[start:].strip()


def _is_short(before: str, behind: str) -> bool:
    """Whether a dot behind `before` belongs to an abbreviation or an initial, and ends nothing."""
    words = before.rsplit(None, 6)
    last = words[-1].casefold().lstrip("(") if words else ""
    if len(last) == 1 and last.isalpha() and any(kinds.is_kind(word) for word in words[1:-1]):
        return False
    if last in _SHORT or (last.isdecimal() and is_month(behind)):
        return True
    return len(last) == 1 and last.isalpha()
