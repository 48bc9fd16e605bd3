"""A raw header block -> what it says, decoded. Lenient throughout: every field is read by itself, and none can fail."""

import re
from collections.abc import Callable
from datetime import UTC, datetime
from email.utils import getaddresses, parsedate_to_datetime
from typing import TypeVar

from attachwatch.mail import automatic, originator
from attachwatch.mime.words import decode, unfolded, unraw
from attachwatch.model import Address, Header

T = TypeVar("T")

LONGEST = 64 * 1024  # bytes of a header that are read
_MOST_RESULTS, LONGEST_RESULTS = 5, 8192  # fields of Authentication-Results that are kept, and characters of one

# A field with its folded lines (RFC 5322 section 2.2). The standard library's parser takes five times as long, and a
# first listing is made of little else.
_FIELD = re.compile(r"^([!-9;-~]{1,80})[ \t]*:[ \t]*(.*(?:\n[ \t].*)*)", re.MULTILINE)

_MESSAGE_ID = re.compile(r"<[^<>\s]+>")
_PLAIN = re.compile(
    r'(?:(?:"(?P<quoted>[\w .,\'-]*)"|(?P<words>[\w ]*)) ?<(?P<address>[\w+.-]+@[\w.-]+)>|(?P<bare>[\w+.-]+@[\w.-]+))',
    re.ASCII,
)


def parse(raw: bytes) -> Header:
    """Read the header block `raw` (RFC 5322 section 2.2). What cannot be read is left out; nothing is raised."""
    field = _Fields(raw)
    subject = field.text("Subject")
    origin = originator.read(field.all("From"))
    return Header(
        message_id=next(iter(field.identifiers("Message-ID")), None),
        date=field.date("Date"),
        sender=origin.sender,
        doubt="its header is too long to be read whole" if field.are_cut_off else origin.doubt,
        reply_to=field.addresses("Reply-To"),
        to=field.addresses("To"),
        cc=field.addresses("Cc"),
        subject=subject,
        in_reply_to=field.identifiers("In-Reply-To"),
        references=field.identifiers("References"),
        automatic=automatic.says_header(field.raw, subject, origin.sender),
        authentication=tuple(unraw(f)[:LONGEST_RESULTS] for f in field.all("Authentication-Results")[:_MOST_RESULTS]),
    )


def received(raw: bytes) -> datetime | None:
    """When the last server on its way took the message in, which its topmost Received field says (RFC 5321 section
    4.4), as INTERNALDATE does; None where no server says it."""
    return _Fields(raw).date("Received", behind=";")


class _Fields:
    """The fields of each name; all but `all` tell of the first."""

    def __init__(self, raw: bytes) -> None:
        self._raw: dict[str, list[str]] = {}
        lines = raw.decode("ascii", "surrogateescape").replace("\r\n", "\n")
        header, end, _ = lines.partition("\n\n")  # what a body quotes is no field
        self.are_cut_off = not end and len(raw) >= LONGEST
        for name, value in _FIELD.findall(header.replace("\r", "\n")):
            self._raw.setdefault(name.lower(), []).append(value)

    def all(self, name: str) -> list[str]:
        return [unfolded(value) for value in self._raw.get(name.lower(), ())]

    def raw(self, name: str) -> str:
        return unfolded(values[0]) if (values := self._raw.get(name.lower())) else ""

    def text(self, name: str) -> str:
        return " ".join(decode(self.raw(name)).split())

    def identifiers(self, name: str) -> tuple[str, ...]:
        return tuple(dict.fromkeys(_MESSAGE_ID.findall(unraw(self.raw(name)))))[:1000]

    def addresses(self, name: str) -> tuple[Address, ...]:
        raw = unraw(self.raw(name))
        if not raw:
            return ()
        none: list[tuple[str, str]] = []
        pairs = _plain_address(raw) or _read(lambda: getaddresses([raw]), none)
        found = tuple(Address(" ".join(decode(n).split()), decode(a).strip()) for n, a in pairs if a)
        return found or _read(lambda: _bare_address(raw), ())

    def date(self, name: str, behind: str = "") -> datetime | None:
        raw = self.raw(name)
        raw = (raw.rpartition(behind)[2] if behind else raw).strip()
        return _read(lambda: _in_the_calendar(parsedate_to_datetime(raw)), None)


def _plain_address(raw: str) -> list[tuple[str, str]]:
    """The name and address of a field that is as nearly all are; none where the standard library must look at it, which
    goes letter by letter."""
    plain = _PLAIN.fullmatch(raw)
    return [(plain["quoted"] or plain["words"] or "", plain["address"] or plain["bare"])] if plain else []


def _bare_address(raw: str) -> tuple[Address, ...]:
    found = re.search(r"(?<![^\s<>\"(),;:])[^\s<>\"(),;:]+@[^\s<>\"(),;:]+", raw)
    return (Address("", found.group()),) if found else ()


def _in_the_calendar(date: datetime) -> datetime:
    """With a zone; raise OverflowError for an offset that leads out of the calendar."""
    date = date if date.tzinfo else date.replace(tzinfo=UTC)
    date.astimezone(UTC)
    return date


def _read(read: Callable[[], T], otherwise: T) -> T:
    """What `read` gives. The standard library raises almost anything on hostile headers."""
    try:
        return read()
    except (Exception, RecursionError):  # noqa: BLE001
        return otherwise
