"""RTF: groups that open and close (Rich Text Format Specification 1.9.1)."""

import re
from collections.abc import Iterator

from attachwatch.inspection.formats.findings import opens, truncated
from attachwatch.model import Finding

TYPES = ("text/rtf", "application/rtf")
_BINARY = re.compile(rb"\\bin\d+ ?")
_ESCAPED = re.compile(rb"\\[\\{}]")
_IN_A_WORD = re.compile(rb"\\(?:[a-z]{1,32}-?\d*|'[0-9a-f]?)?\Z", re.IGNORECASE)
_PADDING = b"\x00\x1a \t\r\n"


def look(data: bytes) -> Iterator[Finding]:
    """One that was cut off shows what comes before; strange bytes in it, or braces that do not pair, are no cut."""
    bare = _ESCAPED.sub(b"", data.rstrip(_PADDING))
    if not bare.endswith(b"}") and _is_open(bare):
        yield truncated(len(data))
    yield opens()


def _is_open(bare: bytes) -> bool:
    """Whether groups stay open; binary data may hold braces, so beside them only a word that breaks off tells."""
    if _BINARY.search(bare):
        return _IN_A_WORD.search(bare, len(bare) - min(len(bare), 64)) is not None
    return bare.count(b"{") > bare.count(b"}")
