"""RTF: groups that open and close (Rich Text Format Specification 1.9.1)."""

import re
from collections.abc import Iterator

from attachwatch.inspection.formats.findings import opens, truncated
from attachwatch.model import Finding

TYPES = ("text/rtf", "application/rtf")
_BINARY = re.compile(rb"\\bin\d+ ?")
_ESCAPED = re.compile(rb"\\[\\{}]")


def look(data: bytes) -> Iterator[Finding]:
    """A text that was cut off leaves groups open; one with binary data in it is left alone."""
    bare = _ESCAPED.sub(b"", data)
    is_open = bare.count(b"{") > bare.count(b"}") and not _BINARY.search(bare)
    yield truncated(len(data)) if is_open else opens()
