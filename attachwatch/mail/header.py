"""A raw header block -> what it says, decoded. Lenient throughout: every field is read by itself, and none can fail."""

import re
import unicodedata
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from email import message_from_bytes
from email.header import decode_header
from email.message import Message as EmailMessage
from email.policy import compat32
from email.utils import getaddresses, parsedate_to_datetime
from typing import TypeVar

from attachwatch.model import Address, Header

T = TypeVar("T")

_LONGEST = 64 * 1024  # bytes of one field that are looked at
_FOLD = re.compile(r"\r?\n(?=[ \t])")
_MESSAGE_ID = re.compile(r"<[^<>\s]+>")
_AUTOMATIC_PRECEDENCE = ("bulk", "list", "junk", "auto_reply")
_AUTOMATIC_SUBJECT = re.compile(
    r"\s*(automatic reply|auto(matic)?[- ]?(reply|response|answer)|out of (the )?office|undeliverable|"
    r"delivery status notification|automatische antwort|abwesenheitsnotiz|r\u00e9ponse automatique)\b",
    re.IGNORECASE,
)


def parse(raw: bytes) -> Header:
    """Read the header block `raw` (RFC 5322 section 2.2). What cannot be read is left out; nothing is raised."""
    message = _read(lambda: message_from_bytes(raw, policy=compat32), EmailMessage())
    field = _Fields(message)
    subject = field.text("Subject")
    return Header(
        message_id=next(iter(field.identifiers("Message-ID")), None),
        date=field.date("Date"),
        sender=next(iter(field.addresses("From")), None),
        reply_to=field.addresses("Reply-To"),
        to=field.addresses("To"),
        cc=field.addresses("Cc"),
        subject=subject,
        in_reply_to=field.identifiers("In-Reply-To"),
        references=field.identifiers("References"),
        automatic=_automatic(field, subject),
    )


def decode(value: str) -> str:
    """Decode encoded words (RFC 2047) and raw 8-bit text in a header value; what is neither stays as it is."""
    value = unraw(value)
    if "=?" in value:
        # Some senders put an encoded word between quotes, or glue it to its neighbours.
        value = _read(lambda: "".join(_chunk(*pair) for pair in decode_header(_spaced(value))), value)
    return unicodedata.normalize("NFC", value.encode("utf-8", "replace").decode("utf-8"))


def unraw(value: str) -> str:
    """Raw 8-bit bytes of a header, which the parser keeps as surrogates, as UTF-8 or else Windows-1252."""
    try:
        value.encode("ascii")
    except UnicodeEncodeError:
        data = value.encode("utf-8", "surrogateescape")
        try:
            return data.decode("utf-8")
        except UnicodeDecodeError:
            return data.decode("cp1252", "replace")
    return value


def raw_field(message: EmailMessage, name: str) -> str:
    """The first field of that name as it was sent, unfolded, raw bytes as surrogates; empty where there is none."""
    # `get` would put U+FFFD for every raw byte.
    return _unfolded(next((v for k, v in message.raw_items() if k.lower() == name.lower()), ""))


def _unfolded(value: object) -> str:
    return _FOLD.sub("", str(value)[:_LONGEST])


class _Fields:
    """The first field of each name."""

    def __init__(self, message: EmailMessage) -> None:
        self._raw: dict[str, object] = {}
        for name, value in message.raw_items():
            self._raw.setdefault(name.lower(), value)

    def raw(self, name: str) -> str:
        return _unfolded(self._raw.get(name.lower(), ""))

    def text(self, name: str) -> str:
        return " ".join(decode(self.raw(name)).split())

    def identifiers(self, name: str) -> tuple[str, ...]:
        return tuple(dict.fromkeys(_MESSAGE_ID.findall(unraw(self.raw(name)))))[:1000]

    def addresses(self, name: str) -> tuple[Address, ...]:
        raw = unraw(self.raw(name))
        none: list[tuple[str, str]] = []
        pairs = _read(lambda: getaddresses([raw]), none)
        found = tuple(Address(" ".join(decode(n).split()), decode(a).strip()) for n, a in pairs if a)
        return found or _read(lambda: _bare_address(raw), ())

    def date(self, name: str) -> datetime | None:
        raw = self.raw(name).strip()
        return _read(lambda: _in_the_calendar(parsedate_to_datetime(raw)), None)


def _bare_address(raw: str) -> tuple[Address, ...]:
    found = re.search(r"[^\s<>\"(),;:]+@[^\s<>\"(),;:]+", raw)
    return (Address("", found.group()),) if found else ()


def _in_the_calendar(date: datetime) -> datetime:
    """With a zone; raise OverflowError for an offset that leads out of the calendar."""
    date = date if date.tzinfo else date.replace(tzinfo=UTC)
    date.astimezone(UTC)
    return date


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


def _automatic(field: _Fields, subject: str) -> str | None:
    """Why no person wrote this as an answer: RFC 3834 and the usual forms; None if one may have."""
    submitted = field.raw("Auto-Submitted").strip().lower().split(";")[0].strip()
    if submitted and submitted != "no":
        return submitted
    if field.raw("Return-Path").strip() == "<>" or field.raw("Content-Type").lower().startswith("multipart/report"):
        return "bounce"
    if field.raw("X-Autoreply") or field.raw("X-Autorespond") or field.raw("X-Auto-Reply-From"):
        return "auto-replied"
    if _AUTOMATIC_SUBJECT.match(subject):
        return "auto-replied"
    if field.raw("List-Id") or field.raw("List-Unsubscribe"):
        return "bulk"
    precedence = field.raw("Precedence").strip().lower()
    return precedence if precedence in _AUTOMATIC_PRECEDENCE else None


def _read(read: Callable[[], T], otherwise: T) -> T:
    """What `read` gives. The standard library raises almost anything on hostile headers."""
    try:
        return read()
    except (Exception, RecursionError):  # noqa: BLE001
        return otherwise
