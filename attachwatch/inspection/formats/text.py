"""Plain text and CSV: readable by being text, which its type already says; though it may be no more than a notice."""

from collections.abc import Iterator

from attachwatch.inspection.formats import stub
from attachwatch.inspection.formats.findings import opens
from attachwatch.model import Finding

TYPES = ("text/plain", "text/csv")


def look(data: bytes) -> Iterator[Finding]:
    yield from stub.look_at_text(data)
    yield opens()
