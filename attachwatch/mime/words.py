"""Header values -> text: encoded words (RFC 2047) and raw 8-bit bytes, leniently."""

import re
import unicodedata
from contextlib import suppress
from email.header import decode_header
from email.message import Message as EmailMessage

_FOLD = re.compile(r"\r?\n(?=[ \t])")
_LONGEST = 64 * 1024  # bytes of one field that are looked at


def decode(value: str) -> str:
    """Decode encoded words (RFC 2047) and raw 8-bit text in a header value; what is neither stays as it is."""
    if "=?" not in value and value.isascii():
        return value
    value = unraw(value)
    if "=?" in value:
        # Some senders put an encoded word between quotes, or glue it to its neighbours.
        with suppress(Exception):  # the standard library raises almost anything on hostile headers
            value = "".join(_chunk(*pair) for pair in decode_header(_spaced(value)))
    return unicodedata.normalize("NFC", value.encode("utf-8", "replace").decode("utf-8"))


def unraw(value: str) -> str:
    """Raw 8-bit bytes of a header, which the parser keeps as surrogates, as UTF-8 or else Windows-1252."""
    if not value.isascii():
        data = value.encode("utf-8", "surrogateescape")
        try:
            return data.decode("utf-8")
        except UnicodeDecodeError:
            return data.decode("cp1252", "replace")
    return value


def raw_field(message: EmailMessage, name: str) -> str:
    """The first field of that name as it was sent, unfolded, raw bytes as surrogates; empty where there is none."""
    # `get` would put U+FFFD for every raw byte.
    return unfolded(next((v for k, v in message.raw_items() if k.lower() == name.lower()), ""))


def unfolded(value: object) -> str:
    """A field's value on one line (RFC 5322 section 2.2.3), as far as it is looked at."""
    text = str(value)[:_LONGEST]
    return _FOLD.sub("", text) if "\n" in text else text


def _spaced(value: str) -> str:
    """Encoded words apart from what is glued to them, which RFC 2047 asks for and many programs forget."""
    return re.sub(r"\?=(?==\?)", "?= ", value)


def _chunk(data: bytes | str, charset: str | None) -> str:
    if isinstance(data, str):
        return data
    for name in (charset or "ascii", "utf-8", "cp1252"):
        with suppress(LookupError, UnicodeError, ValueError):
            return data.decode(name)
    return data.decode("latin-1")
