"""What a reader is: it opens a PDF, counts its pages, and says how that went."""

import re
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Protocol

from attachwatch.inspection.wording import words
from attachwatch.model import ReaderReport

_MOST_WARNINGS = 20
_LIMIT_WORDS = re.compile(
    r"memory limit exceeded|too many warnings|bad_alloc|limit reached|out of memory|"
    r"excessive depth|entity amplification|huge text node|huge input lookup|xml_parse_huge|"  # of libxml2
    r"amplification factor|"  # of expat
    r"operation not permitted|permission denied",  # by the confinement
    re.IGNORECASE,
)


class Reader(Protocol):
    """One independent PDF engine."""

    name: str

    def read(self, data: bytes) -> ReaderReport:
        """What the engine says of `data`. May raise anything; `report` turns that into a report."""
        ...


def report(reader: Reader, version: str, data: bytes) -> ReaderReport:
    """Run `reader` on `data`: a failure is a report, too, and a limit that was hit is told from a fault of the file."""
    started = time.perf_counter()
    made = _attempt(lambda: reader.read(data), ReaderReport(reader.name, version, opened=False))
    said = " ".join((made.error or "", *made.warnings))
    return replace(
        made,
        error=made.error and words(made.error),
        warnings=tuple(words(w) for w in made.warnings[:_MOST_WARNINGS]),
        limited=made.limited or is_limit(said),
        seconds=time.perf_counter() - started,
    )


def is_limit(said: str) -> bool:
    """Whether an engine's words tell of a bound that was reached, which is no fault of the file."""
    return _LIMIT_WORDS.search(said) is not None


def _attempt(read: Callable[[], ReaderReport], failed: ReaderReport) -> ReaderReport:
    try:
        return read()
    except (MemoryError, RecursionError) as error:
        return replace(failed, error=type(error).__name__, limited=True)
    except Exception as error:  # noqa: BLE001 - engines raise anything on hostile files
        limited = "Limit" in type(error).__name__ or isinstance(error, PermissionError | ImportError)
        return replace(failed, error=f"{type(error).__name__}: {error}", limited=limited)
