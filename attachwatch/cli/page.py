"""What a person reads of the cases, as lines and tables that are not laid out yet, so that it can be kept."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from rich.console import Console
from rich.text import Text

from attachwatch.cli.output import table, word

MOST = 200  # rows of a case; who wants all of a large one asks for them
_NARROW = 90  # columns


class Printer(Protocol):
    """What lines are printed to: a terminal, or a page that keeps them."""

    def print(self, *parts: str | Text, style: str | None = None, soft_wrap: bool | None = None) -> None: ...


@dataclass(frozen=True, slots=True)
class Line:
    """Texts in a row, each with a colour of its own or none; `style` is the whole line's."""

    parts: tuple[tuple[str, str], ...] = ()
    style: str | None = None
    soft_wrap: bool | None = None

    def show(self, console: Console) -> None:
        parts = (Text(text, style=style) if style else text for text, style in self.parts)
        console.print(*parts, style=self.style, soft_wrap=self.soft_wrap)


@dataclass(frozen=True, slots=True)
class Row:
    """One annex, or one file that is none, as it is shown."""

    label: str
    file: str
    state: str
    pages: str
    why: str


@dataclass(frozen=True, slots=True)
class Annexes:
    """How many stand how, and then each; of very many those first that do not open. Where the terminal is narrow, why
    is told below the file."""

    counts: str
    rows: tuple[Row, ...]
    more: str = ""  # those that are not shown

    def show(self, console: Console) -> None:
        console.print(self.counts)
        narrow = console.width < _NARROW
        made = table("Annex", "File", "Verdict", *([] if narrow else ["Pages", "Why"]))
        made.columns[0].ratio, made.columns[1].ratio = None, 1
        for row in self.rows:
            if narrow:
                made.add_row(row.label, "\n".join(filter(None, (row.file, row.why))), word(row.state))
            else:
                made.add_row(row.label, row.file, word(row.state), row.pages, row.why)
        console.print(made)
        if self.more:
            console.print(self.more)

    @classmethod
    def of(cls, rows: Sequence[Row], most: int | None) -> "Annexes":
        """The table of all `rows`, or of as many as `most` of those that do not open."""
        counts = "; ".join(_tallies(rows))
        if most is None or len(rows) <= most:
            return cls(counts, tuple(rows))
        shown = [row for row in rows if row.state != "ok"][:most]
        kept = set(map(id, shown))
        left = "; ".join(_tallies([row for row in rows if id(row) not in kept]))
        return cls(counts, tuple(shown), f"And more: {left}. --all shows each, and --json names it.")


Block = Line | Annexes


@dataclass(frozen=True, slots=True)
class Page:
    """Lines and tables, in the order in which they were printed to it."""

    blocks: list[Block] = field(default_factory=list)

    def print(self, *parts: str | Text, style: str | None = None, soft_wrap: bool | None = None) -> None:
        said = tuple((p.plain, str(p.style)) if isinstance(p, Text) else (p, "") for p in parts)
        self.blocks.append(Line(said, style, soft_wrap))

    def show(self, console: Console) -> None:
        for block in self.blocks:
            block.show(console)


def _tallies(rows: Sequence[Row]) -> Iterator[str]:
    """As in "3 annexes: 2 ok, 1 broken", "1 other file: 1 ok"."""
    listed, others = [r for r in rows if r.label], [r for r in rows if not r.label]
    other = "other file" if listed else "file"
    yield from filter(None, (_tally(listed, "annex", "annexes"), _tally(others, other, f"{other}s")))


def _tally(rows: Sequence[Row], one: str, many: str) -> str:
    if not rows:
        return ""
    states = Counter(row.state for row in rows)
    return f"{len(rows)} {one if len(rows) == 1 else many}: {', '.join(f'{n} {state}' for state, n in states.items())}"
