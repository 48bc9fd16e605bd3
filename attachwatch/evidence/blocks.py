"""What a report is made of, before it is a page or a PDF: headings, tables, lists and words. Pure.

Whatever is in a block is data: `page.py` and `pdf.py` show it, and nothing of it is ever markup.
"""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Span:
    """A run of text on a line of its own. `tone` is a verdict or a state, "code" or "faint"; `link` the id of a
    heading."""

    text: str
    tone: str = ""
    link: str = ""


Cell = tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class Heading:
    """`level` 2 begins a part, 3 and 4 what is in it; the document's title is 1."""

    level: int
    text: str
    id: str = ""


@dataclass(frozen=True, slots=True)
class Text:
    """A paragraph."""

    text: str
    tone: str = ""


@dataclass(frozen=True, slots=True)
class Facts:
    """Terms, and what is said of each."""

    rows: tuple[tuple[str, Cell], ...]


@dataclass(frozen=True, slots=True)
class Table:
    """`heads` are the names of the columns, `widths` their shares of the page's width; the cells of column `names`
    name their rows."""

    caption: str
    heads: tuple[str, ...]
    widths: tuple[int, ...]
    rows: tuple[tuple[Cell, ...], ...]
    names: int = 0


@dataclass(frozen=True, slots=True)
class Items:
    items: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class Words:
    """Lines as they were written; `label` says whose. Code is set in one width, and is not wrapped."""

    text: str
    label: str
    is_code: bool = False


@dataclass(frozen=True, slots=True)
class Picture:
    png: bytes
    alt: str
    caption: str


Block = Heading | Text | Facts | Table | Items | Words | Picture


@dataclass(frozen=True, slots=True)
class Document:
    title: str
    lead: str
    blocks: tuple[Block, ...]


def cell(*texts: str | Span | None) -> Cell:
    """Each text on a line of its own, but for those that are empty."""
    return tuple(t if isinstance(t, Span) else Span(t) for t in texts if t and (isinstance(t, str) or t.text))


def facts(rows: Sequence[tuple[str, Cell | str | None]]) -> Facts:
    """Those of `rows` of which something is said."""
    cells = ((term, cell(said) if isinstance(said, str) else said) for term, said in rows)
    return Facts(tuple((term, said) for term, said in cells if said))
