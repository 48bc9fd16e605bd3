"""A raw header block -> what it says, decoded. Lenient throughout: every field is read by itself, and none can fail."""

import re
from collections.abc import Callable
from datetime import UTC, datetime
from email import message_from_bytes
from email.message import Message as EmailMessage
from email.policy import compat32
from email.utils import getaddresses, parsedate_to_datetime
from typing import TypeVar

from attachwatch.mail import automatic, originator
from attachwatch.mime.words import decode, unfolded, unraw
from attachwatch.model import Address, Header

T = TypeVar("T")

LONGEST = 64 * 1024  # bytes of a header that are read
_MOST_RESULTS, LONGEST_RESULTS = 5, 8192  # fields of Authentication-Results that are kept, and characters of one

_MESSAGE_ID = re.compile(r"<[^<>\s]+>")


def parse(raw: bytes) -> Header:
    """Read the header block `raw` (RFC 5322 section 2.2). What cannot be read is left out; nothing is raised."""
    message = _read(lambda: message_from_bytes(raw, policy=compat32), EmailMessage())
    field = _Fields(message)
    subject = field.text("Subject")
    origin = originator.read(field.all("From"))
    return Header(
        message_id=next(iter(field.identifiers("Message-ID")), None),
        date=field.date("Date"),
        sender=origin.sender,
        doubt="its header is too long to be read whole" if len(raw) >= LONGEST else origin.doubt,
        reply_to=field.addresses("Reply-To"),
        to=field.addresses("To"),
        cc=field.addresses("Cc"),
        subject=subject,
        in_reply_to=field.identifiers("In-Reply-To"),
        references=field.identifiers("References"),
        automatic=automatic.says_header(field.raw, subject, origin.sender),
        authentication=tuple(unraw(f)[:LONGEST_RESULTS] for f in field.all("Authentication-Results")[:_MOST_RESULTS]),
    )


class _Fields:
    """The fields of each name; all but `all` tell of the first."""

    def __init__(self, message: EmailMessage) -> None:
        self._raw: dict[str, list[object]] = {}
        for name, value in message.raw_items():
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
        none: list[tuple[str, str]] = []
        pairs = _read(lambda: getaddresses([raw]), none)
        found = tuple(Address(" ".join(decode(n).split()), decode(a).strip()) for n, a in pairs if a)
        return found or _read(lambda: _bare_address(raw), ())

    def date(self, name: str) -> datetime | None:
        raw = self.raw(name).strip()
        return _read(lambda: _in_the_calendar(parsedate_to_datetime(raw)), None)


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
