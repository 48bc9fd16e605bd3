"""What a person reads: tables that fit the terminal, in colour where that is wanted (NO_COLOR is respected)."""

import os
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from attachwatch import atomic
from attachwatch.errors import UsageError
from attachwatch.evidence.harmless import as_json, shown

__all__ = ["as_json", "console", "number", "print_json", "shown", "some", "table", "word", "write_file"]

_COLOURS = {
    "ok": "green",
    "damaged": "yellow",
    "placeholder": "magenta",
    "locked": "magenta",
    "broken": "red",
    "unchecked": "bright_black",
    "missing": "red",
    "complete": "green",
    "review-draft": "yellow",
    "waiting-for-resend": "yellow",
    "receiving": "cyan",
    "awaited": "cyan",
    "to come": "cyan",
    "pending": "yellow",
    "approved": "green",
    "warning": "yellow",
    "failure": "red",
}
_SOON = 1.0  # seconds
_WITHOUT_TERMINAL = 160  # columns, when output goes to a file or a pipe


def console(*, stderr: bool = False) -> Console:
    stream = sys.stderr if stderr else sys.stdout
    width = None if stream.isatty() or "COLUMNS" in os.environ else _WITHOUT_TERMINAL
    return Console(file=stream, width=width, highlight=False, markup=False, emoji=False, soft_wrap=False)


@contextmanager
def patiently(what: str) -> Iterator[None]:
    """Say on the terminal what is being done, if it takes more than a second."""
    timer = threading.Timer(_SOON, lambda: console(stderr=True).print(what, style="bright_black"))
    timer.daemon = True
    if sys.stderr.isatty():
        timer.start()
    try:
        yield
    finally:
        timer.cancel()


def print_json(document: Any, *, indent: int | None = 2) -> None:
    sys.stdout.write(as_json(document, indent) + "\n")


def write_file(path: Path, data: bytes, option: str) -> None:
    """Put `data` into `path`, whole or not at all; raise UsageError where it cannot be written."""
    try:
        atomic.write(path, data)
    except OSError as error:
        raise UsageError(f"{path} cannot be written: {error.strerror}", f"Name another file with {option}.") from None


def some(texts: Sequence[str], most: int = 12) -> str:
    """The first of these strangers' texts in a row, and how many more there are."""
    more = len(texts) - most
    return ", ".join(map(shown, texts[:most])) + (f" and {more} more" if more > 0 else "")


def word(state: str) -> Text:
    """A verdict or state in its colour."""
    return Text(state, style=_COLOURS.get(state, ""))


def table(*columns: str, title: str | None = None) -> Table:
    """A table whose first column takes what width is left; long names fold and are never cut."""
    made = Table(title=title, title_justify="left", title_style="bold", header_style="bold", box=None, pad_edge=False)
    for number, column in enumerate(columns):
        right = column in ("Pages", "Size", "ID", "Round")
        made.add_column(
            column, overflow="fold", justify="right" if right else "left", no_wrap=right, ratio=None if number else 1
        )
    return made


def number(value: int | None) -> str:
    return "" if value is None else f"{value:,}"
