"""What the licence of a rights-managed file says in the clear ([MS-RMPR] section 2.2.9): template, time, owner."""

import binascii
import re

from attachwatch.inspection.wording import words

_LONGEST = 1 << 20  # bytes of one licence
_IN_HEX = re.compile(rb"/PublishingLicense\s*<([0-9A-Fa-f\s]{64,})>")
_SAYS = {
    "template": re.compile(r"LCID\s*\d+\s*:\s*NAME\s+([^:;<]{1,200})"),
    "issued": re.compile(r"<ISSUEDTIME>\s*([0-9T:.Z+-]{8,40})"),
    "owner": re.compile(r"<OWNER>.{0,2000}?<NAME>\s*([^<]{3,200}@[^<]{3,200})<", re.DOTALL),
}


def read(data: bytes) -> dict[str, str]:
    """What is found of "template", "issued" and "owner" in `data`, a document or a licence by itself."""
    for text in _texts(data):
        if found := {key: words(match[1].strip()) for key, says in _SAYS.items() if (match := says.search(text))}:
            return found
    return {}


def _texts(data: bytes) -> list[str]:
    """Where a licence may stand: as it is, in two bytes a character, or written out in hexadecimal."""
    written = _IN_HEX.search(data)
    digits = b"".join(written[1].split())[: 2 * _LONGEST] if written else b""
    pieces = [binascii.unhexlify(digits[: len(digits) // 2 * 2])]
    for encoding in ("utf-8", "utf-16-le"):
        start = data.find("<XrML".encode(encoding))
        if start >= 0:
            pieces.append(data[start : start + _LONGEST])
    return [piece.replace(b"\x00", b"").decode("utf-8", "replace") for piece in pieces]
