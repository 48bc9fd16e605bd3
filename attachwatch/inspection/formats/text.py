"""Plain text and CSV: readable by being text, which its type already says."""

from collections.abc import Iterator

from attachwatch.inspection.formats.findings import opens
from attachwatch.model import Finding

TYPES = ("text/plain", "text/csv")


def look(_: bytes) -> Iterator[Finding]:
    yield opens()
