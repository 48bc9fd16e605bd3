"""File names from the header of a part: RFC 2231, RFC 2047 where it must not be, raw 8-bit, unquoted. Never a path."""

import re
from email import message_from_bytes
from email.policy import compat32
from urllib.parse import unquote_to_bytes

from attachwatch.mime.words import decode, raw_field, unraw

_LONGEST = 8000  # characters of one name that are kept
# An attribute, with its RFC 2231 marks, and a value: quoted, or up to what begins the next attribute.
_PARAMETER = re.compile(
    r";\s*(?P<name>[a-z-]+)(?:\*(?P<part>\d{1,3}))?(?P<coded>\*)?\s*=\s*"
    r'(?:"(?P<quoted>(?:[^"\\]|\\.)*)"?|(?P<bare>(?:[^;]|;(?!\s*[a-zA-Z-]+(?:\*\d{0,3})?\*?\s*=))*))',
    re.IGNORECASE | re.DOTALL,
)
_UNSEPARATED = re.compile(r"^([^;=]{0,200}?)[\s,]{1,20}(?=[a-zA-Z-]{1,30}\*?=)")


def file_name(raw: bytes) -> str:
    """The name that the MIME header block `raw` gives the part: Content-Disposition's filename, else Content-Type's
    name (RFC 2183, RFC 2045). Empty where there is none."""
    try:
        message = message_from_bytes(raw, policy=compat32)
    except (ValueError, TypeError, RecursionError):
        return ""
    for header, parameter in (
        ("Content-Disposition", "filename"),
        ("Content-Type", "name"),
        ("Content-Type", "filename"),
    ):
        name = from_field(raw_field(message, header), parameter)
        if name:
            return name
    return ""


def from_field(field: str, parameter: str) -> str:
    """The value of one parameter of a structured header field, decoded."""
    field = field[: 4 * _LONGEST]
    # Some programs forget what separates the first parameter from the value before it.
    return _parameter(field, parameter) or _parameter(_UNSEPARATED.sub(r"\1; ", field), parameter)


def _parameter(field: str, parameter: str) -> str:
    plain = ""
    pieces: dict[int, tuple[str, bool]] = {}
    for found in _PARAMETER.finditer(field):
        if found["name"].lower() != parameter:
            continue
        value = (
            re.sub(r"\\(.)", r"\1", found["quoted"]) if found["quoted"] is not None else (found["bare"] or "").strip()
        )
        if found["part"] is not None or found["coded"]:
            pieces.setdefault(int(found["part"] or 0), (value, bool(found["coded"])))
        elif not plain:
            plain = value
    name = _joined(pieces) if pieces else decode(plain)
    return name[:_LONGEST]


def _joined(pieces: dict[int, tuple[str, bool]]) -> str:
    """Continuations in their order (RFC 2231 section 3), with the charset of the first (section 4)."""
    charset = "utf-8"
    data = b""
    for place, (_, (value, coded)) in enumerate(sorted(pieces.items())):
        text = value.encode("utf-8", "surrogateescape")
        if coded and place == 0 and text.count(b"'") >= 2:
            declared, _, text = text.split(b"'", 2)
            charset = declared.decode("ascii", "replace")
        data += unquote_to_bytes(text) if coded else text
    for name in (charset or "utf-8", "utf-8", "cp1252"):
        try:
            return decode(data.decode(name))
        except (LookupError, ValueError):
            continue
    return decode(unraw(data.decode("latin-1")))
