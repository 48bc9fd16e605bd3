"""Plain text and CSV: readable by being text, which its type already says; though it may be no more than a notice.

Files may stand in it.
"""

from collections.abc import Iterator

from attachwatch.inspection.formats import stub
from attachwatch.inspection.formats.file import File
from attachwatch.inspection.formats.findings import opens_with
from attachwatch.mime import intext
from attachwatch.model import Finding

TYPES = ("text/plain", "text/csv")


def look(data: bytes) -> Iterator[Finding]:
    yield from stub.look_at_text(data)
    yield from opens_with(files(data))


def files(data: bytes) -> list[File]:
    return [File.of(name, block) for name, block in intext.files(data)]
