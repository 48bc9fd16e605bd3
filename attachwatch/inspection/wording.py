"""What engines and files say, in words that may be shown: bounded, on one line, without control characters."""

import re
import unicodedata
from collections.abc import Sequence

_STREAM = re.compile(r"^stream <_io\.BytesIO object at 0x[0-9a-f]+>:?\s*")
_LONGEST = 300  # characters
_MOST_NUMBERS = 12  # of pages or runs of pages in one sentence


def said(by: object) -> str:
    """What qpdf says, without the address of what it read from, which differs from run to run."""
    return _STREAM.sub("", str(by))


def words(text: str) -> str:
    """An engine's words, which may quote the file, on one line, bounded and without control characters."""
    clean = "".join(" " if unicodedata.category(c).startswith("C") else c for c in text[: 4 * _LONGEST])
    return " ".join(clean.split())[:_LONGEST]


def name_in_words(name: str) -> str:
    """A file's name as it is, but bounded and without control characters."""
    return "".join(" " if unicodedata.category(c) in ("Cc", "Cs") else c for c in name[:_LONGEST])


def pages_in_words(numbers: Sequence[int]) -> str:
    """ "page 3", "pages 3, 4 and 7", "pages 60 to 64 and 70"; or "38 pages from page 5 on" where that is too long."""
    if len(numbers) == 1:
        return f"page {numbers[0]}"
    runs = [
        f"{first} to {last}" if last > first + 1 else n for first, last in _runs(numbers) for n in _ends(first, last)
    ]
    if len(runs) > _MOST_NUMBERS:
        return f"{len(numbers):,} pages from page {numbers[0]} on"
    return f"pages {', '.join(runs[:-1])} and {runs[-1]}" if len(runs) > 1 else f"pages {runs[0]}"


def _ends(first: int, last: int) -> list[str]:
    return [str(first)] if last != first + 1 else [str(first), str(last)]


def _runs(numbers: Sequence[int]) -> list[tuple[int, int]]:
    """First and last of numbers that follow one another."""
    runs: list[tuple[int, int]] = []
    for number in sorted(numbers):
        if runs and number == runs[-1][1] + 1:
            runs[-1] = (runs[-1][0], number)
        else:
            runs.append((number, number))
    return runs
