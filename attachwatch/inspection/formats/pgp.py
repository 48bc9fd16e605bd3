"""Messages of PGP, encrypted or not (RFC 9580)."""

import re
from collections.abc import Iterator

from attachwatch.inspection.formats.findings import encrypted_message
from attachwatch.mime.transfer import decoder
from attachwatch.model import Finding

TYPES = ("application/pgp-encrypted",)
_ENCRYPTED = (1, 3, 9, 18, 20)  # the kinds of packets that a message begins with where it is encrypted
_BODY = re.compile(rb"\r?\n[ \t]*\r?\n\s*([A-Za-z0-9+/=]{4})")  # behind the fields of the armour


def look(data: bytes) -> Iterator[Finding]:
    """Nothing of what is merely signed or packed."""
    if _kind(data) in _ENCRYPTED:
        yield encrypted_message("PGP")


def _kind(data: bytes) -> int:
    """Of the first packet (RFC 9580 section 4.2)."""
    if data.lstrip().startswith(b"-----"):
        found = _BODY.search(data[:4096])
        data = decoder("base64").feed(found[1]) if found else b""
    first = data[0] if data else 0
    if not first & 0x80:
        return 0
    return first & 0x3F if first & 0x40 else (first & 0x3C) >> 2
