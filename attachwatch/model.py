"""The words of attachwatch as frozen values. No I/O; imports nothing of ours.

Sizes are bytes, pages are counted from 1, durations are seconds, and every datetime carries its time zone.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum

Scalar = str | int | float | bool | None
Evidence = Mapping[str, Scalar | list[str] | list[int]]

_MADE_NAME = re.compile(r"(part-[\d.]+|image-[\d-]+|content)(\.\w+)?")


# --- inspection -------------------------------------------------------------------------------------------


class Verdict(StrEnum):
    """What a recipient with an ordinary reader meets."""

    OK = "ok"  # opens it and can read every page
    DAMAGED = "damaged"  # opens it, but part is lost
    PLACEHOLDER = "placeholder"  # opens it and sees a stand-in, not the document
    LOCKED = "locked"  # needs a password or certificate that was not given
    BROKEN = "broken"  # cannot open it, or it is no PDF at all
    UNCHECKED = "unchecked"  # not judged: another kind of file, or a limit of ours

    @property
    def accuses(self) -> bool:
        """Whether the reply may name a file with this verdict."""
        return self not in (Verdict.OK, Verdict.UNCHECKED)


class Cause(StrEnum):
    """Why a file does not open: the one finding that the reply is worded from."""

    EMPTY = "empty"
    NOT_A_PDF = "not-a-pdf"
    WRONG_TYPE = "wrong-type"
    TRUNCATED = "truncated"
    ZERO_FILLED = "zero-filled"
    LINE_ENDINGS_CHANGED = "line-endings-changed"
    CHARSET_CHANGED = "charset-changed"
    TRANSFER_ENCODING_LEFT = "transfer-encoding-left"
    BYTES_CHANGED = "bytes-changed"
    LEADING_JUNK = "leading-junk"
    TRAILING_JUNK = "trailing-junk"
    CONCATENATED = "concatenated"
    STRUCTURE_DAMAGED = "structure-damaged"
    PAGES_MISSING = "pages-missing"
    CONTENT_UNREADABLE = "content-unreadable"
    PASSWORD = "password"
    CERTIFICATE = "certificate"
    RIGHTS_MANAGED = "rights-managed"
    ENCRYPTED_MESSAGE = "encrypted-message"
    SECURE_ENVELOPE = "secure-envelope"
    XFA_FORM = "xfa-form"
    PORTFOLIO = "portfolio"
    GATEWAY_NOTICE = "gateway-notice"
    TOO_COSTLY = "too-costly"
    READER_CRASHED = "reader-crashed"


OF_TRANSFER = frozenset(  # causes that bytes which changed on the way may have, on our own line, too
    {
        Cause.EMPTY,
        Cause.NOT_A_PDF,
        Cause.WRONG_TYPE,
        Cause.TRUNCATED,
        Cause.ZERO_FILLED,
        Cause.LINE_ENDINGS_CHANGED,
        Cause.CHARSET_CHANGED,
        Cause.TRANSFER_ENCODING_LEFT,
        Cause.BYTES_CHANGED,
        Cause.LEADING_JUNK,
        Cause.TRAILING_JUNK,
        Cause.CONCATENATED,
        Cause.STRUCTURE_DAMAGED,
        Cause.PAGES_MISSING,
        Cause.CONTENT_UNREADABLE,
    }
)


@dataclass(frozen=True, slots=True)
class Finding:
    """One observed fact: a stable code, a sentence for a person, and evidence (offset, page, reader's words)."""

    code: str
    message: str
    evidence: Evidence = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ReaderReport:
    """What one reader said of one file.

    `opened` means that it opened without a password and found its pages; `rendered` counts the pages that it
    painted without error, and is None for readers that do not paint; `white` are those that nothing was painted on,
    and `pictureless` those with a picture that it could not read. `limited` says that a bound of time, memory or
    depth stopped it, so that its failure tells nothing of the file.
    """

    name: str
    version: str
    opened: bool
    pages: int | None = None
    error: str | None = None
    needs_password: bool = False
    limited: bool = False
    rendered: int | None = None
    white: tuple[int, ...] = ()
    pictureless: tuple[int, ...] = ()
    warnings: tuple[str, ...] = ()
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Inspection:
    """What was found in one file. Depends on its bytes and the rules alone."""

    sha256: str
    size: int
    type: str  # media type by content
    verdict: Verdict
    cause: Cause | None = None
    pages: int | None = None
    findings: tuple[Finding, ...] = ()
    readers: tuple[ReaderReport, ...] = ()
    seconds: float = 0.0
    rules: int = 0  # version of the rules that judged

    @property
    def is_filters_notice(self) -> bool:
        """Whether it is only what a mail filter left of a file, whatever its name makes of it."""
        return any(f.code == Cause.GATEWAY_NOTICE for f in self.findings)


HOLDS_FILES = "holds-files"  # the finding that names what a file holds
CONTAINER_TYPES = (  # media types of what other files are packed in
    "application/zip",
    "application/x-7z-compressed",
    "application/vnd.rar",
    "application/x-rar-compressed",
    "application/gzip",
    "application/x-tar",
    "application/ms-tnef",
    "application/vnd.ms-outlook",
    "application/pkcs7-mime",
    "application/pgp-encrypted",
    "application/x-microsoft-rpmsg-message",
    "message/rfc822",
)


# --- mail ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Address:
    """One mailbox of an address header (RFC 5322 section 3.4), decoded."""

    name: str
    address: str

    @property
    def domain(self) -> str:
        """The part behind the last @, lower case; empty if there is none."""
        return self.address.rpartition("@")[2].lower() if "@" in self.address else ""


@dataclass(frozen=True, slots=True)
class MessageKey:
    """Where a message stands, for ever (RFC 9051 section 2.3.1.1)."""

    mailbox: str
    folder: str
    uidvalidity: int
    uid: int


@dataclass(frozen=True, slots=True)
class Header:
    """What the header of one message says, decoded. Every field is the sender's claim."""

    message_id: str | None = None  # with its angle brackets
    date: datetime | None = None
    sender: Address | None = None  # From
    doubt: str | None = None  # why From may be read in two ways; else None
    reply_to: tuple[Address, ...] = ()
    to: tuple[Address, ...] = ()
    cc: tuple[Address, ...] = ()
    subject: str = ""
    in_reply_to: tuple[str, ...] = ()
    references: tuple[str, ...] = ()
    automatic: str | None = None  # why this is no person's answer: "auto-replied", "bulk", ...; else None
    authentication: tuple[str, ...] | None = None  # Authentication-Results, topmost first; None: not looked for


@dataclass(frozen=True, slots=True)
class Attachment:
    """One file as it left a message.

    `part` is its place: an IMAP section (RFC 9051 section 6.4.5) such as "2.1", unique within the message.
    `name` is as sent, decoded, and may hold anything; it is data and never a path. Where none was sent, it is made.
    `containers` are the names of what it was packed in, outermost first. `again` is the SHA-256 of the other of two
    fetches; None where there was only one, and empty where there can be no other.
    """

    part: str
    name: str
    content_type: str
    size: int
    sha256: str
    containers: tuple[str, ...] = ()
    again: str | None = None

    @property
    def copies(self) -> tuple[str, ...]:
        """The SHA-256 of what was fetched, the one that counts first."""
        return tuple(h for h in dict.fromkeys((self.sha256, self.again)) if h)

    @property
    def is_nameless(self) -> bool:
        """Whether it has no name but one that was made from its place, so that others may bear the same."""
        return not self.name or _MADE_NAME.fullmatch(self.name) is not None


@dataclass(frozen=True, slots=True)
class Message:
    """One message of a mailbox that was fetched and stored."""

    key: MessageKey
    received: datetime  # INTERNALDATE
    header: Header
    text: str = ""  # the readable body, quoted text included
    attachments: tuple[Attachment, ...] = ()
    id: int = 0  # in the ledger
    unread: str = ""  # why not all of it was looked at; else empty


# --- annexes ------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Annex:
    """One item that the authority promised or the user expects.

    `label` is unique in its list: "D(iii)", or "Schedule 1" where the list has the same number under two kinds.
    `kind` is the word that the list uses ("Annex", "Anlage"), or "".
    """

    label: str
    kind: str = ""
    title: str | None = None
    file: str | None = None  # the exact name, where the list gives one
    pages: int | None = None


@dataclass(frozen=True, slots=True)
class EmailText:
    """What an email says of itself, for matching files that their names do not tell."""

    subject: str = ""
    body: str = ""  # quoted text may be in it


@dataclass(frozen=True, slots=True)
class Received:
    """One file to be matched. `email` numbers the email that carried it, in order of arrival."""

    email: int
    name: str
    containers: tuple[str, ...] = ()
    content_type: str = ""  # as declared
    size: int | None = None  # None where it is not known


@dataclass(frozen=True, slots=True)
class Match:
    """File `received` (an index) is annex `annex` (an index); `reason` says why, for a person."""

    annex: int
    received: int
    reason: str
    part: bool = False  # one of several parts that form the annex together


@dataclass(frozen=True, slots=True)
class Matching:
    """How files and annexes belong together. Matches of one annex stand in order of arrival: the last counts,
    or, where they are parts, the latest set of them."""

    matches: tuple[Match, ...] = ()
    unexpected: tuple[int, ...] = ()  # received documents that are no expected annex
    ignored: tuple[int, ...] = ()  # decoration and archive junk
    why: Mapping[int, str] = field(default_factory=dict)  # for a person: why a file is unexpected, where that is known


@dataclass(frozen=True, slots=True)
class SendingNote:
    """What an email says about the sending it is part of: "email 2 of 4", "this is the final email"."""

    number: int | None = None
    total: int | None = None
    final: bool = False


class Fate(StrEnum):
    """What an authority says of an annex that it names."""

    SENT = "sent"  # with this message or another one
    INSIDE = "inside"  # pages of the letter itself
    REFUSED = "refused"
    ELSEWHERE = "elsewhere"  # by post, on a disc, on a website
    EARLIER = "earlier"
    PENDING = "pending"  # not decided, or not ready


@dataclass(frozen=True, slots=True)
class NamedAnnex:
    """An annex that a letter names, in its own numerals, and the sentence that does so. `file` is the letter's name,
    where that came as a file; empty where an email's own text says so."""

    label: str
    kind: str
    title: str | None
    fate: Fate
    sentence: str
    file: str = ""


@dataclass(frozen=True, slots=True)
class Reading:
    """What was read out of one letter or email; proposals, never facts."""

    annexes: tuple[NamedAnnex, ...] = ()
    note: SendingNote = SendingNote()
    deadline: date | None = None  # the authority's own
    references: tuple[str, ...] = ()

    @property
    def promised(self) -> tuple[NamedAnnex, ...]:
        return tuple(a for a in self.annexes if a.fate is Fate.SENT)

    @property
    def inside(self) -> tuple[NamedAnnex, ...]:
        return tuple(a for a in self.annexes if a.fate is Fate.INSIDE)

    @property
    def withheld(self) -> tuple[NamedAnnex, ...]:
        """Named, but no files to be expected: refused, posted, published, sent before, pending."""
        return tuple(a for a in self.annexes if a.fate not in (Fate.SENT, Fate.INSIDE))


# --- cases --------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Case:
    """One request and its correspondence, as the user configured it."""

    reference: str
    mailbox: str
    authority: tuple[str, ...]  # domains (with their subdomains) and addresses, lower case
    other_references: tuple[str, ...] = ()
    annexes: tuple[Annex, ...] = ()
    quiet_period: timedelta = timedelta(days=2)
    sign_off: str = ""
    language: str = "en"
    jurisdiction: str = "GB"  # ISO 3166, with a region or without: "DE-BE"
    requested: date | None = None
    review_requested: date | None = None  # when an internal review was asked for
    chase_after: int = 5  # working days after our reply; 0: never
    chase_again: int = 10  # working days after the first reminder; 0: never
    post_after: int = 10  # working days for what is to come by post
    thanks: bool = True  # whether a letter of thanks is drafted once all is there

    @property
    def all_references(self) -> tuple[str, ...]:
        return (self.reference, *self.other_references)


class Membership(StrEnum):
    """By what a message belongs to its case, strongest first."""

    BY_HAND = "by-hand"
    REFERENCE = "reference"
    THREAD = "thread"
    ONLY_CASE = "only-case"


@dataclass(frozen=True, slots=True)
class Filed:
    """A message that belongs to a case, and by what; and the other cases that it belongs to, too."""

    message: Message
    membership: Membership
    others: tuple[Case, ...] = ()


class CaseState(StrEnum):
    RECEIVING = "receiving"
    REVIEW_DRAFT = "review-draft"
    WAITING_FOR_RESEND = "waiting-for-resend"
    COMPLETE = "complete"
    CLOSED = "closed"  # by the user


MISSING = "missing"  # the state of an annex of which no file has come
CLOSED, SUSPENDED = "closed", "suspended"  # the states of one that the user set aside


@dataclass(frozen=True, slots=True)
class ReceivedFile:
    """An attachment of a case with what inspection found in it."""

    message: Message
    attachment: Attachment
    inspection: Inspection
    unmatched: str = ""  # why it is no annex of the list, where that can be said


@dataclass(frozen=True, slots=True)
class Notice:
    """What a message tells of and does not hold. `labels` are the annexes that it names; none where it may be any."""

    message: Message
    finding: Finding
    labels: tuple[str, ...] = ()
    files: tuple[str, ...] = ()  # the names that it gives
    part: str = ""  # the attachment that says so; empty where the message's text does


@dataclass(frozen=True, slots=True)
class AnnexStatus:
    """Where one annex stands: the files that count now, worst verdict first, and all that came before.

    `aside` is "closed" or "suspended" where the user wants nothing said of it; `reason` then says why.
    """

    annex: Annex
    files: tuple[ReceivedFile, ...] = ()  # several only for an annex in parts
    history: tuple[ReceivedFile, ...] = ()  # every file ever matched, oldest first
    reason: str = ""
    aside: str = ""

    @property
    def file(self) -> ReceivedFile | None:
        return self.files[0] if self.files else None

    @property
    def state(self) -> str:
        """A verdict, "missing", or what it was set aside as."""
        return self.aside or (self.files[0].inspection.verdict.value if self.files else MISSING)

    @property
    def pages(self) -> int | None:
        """Pages of all parts together; None where one of them could not be counted."""
        counts = [f.inspection.pages for f in self.files]
        return sum(c for c in counts if c is not None) if counts and None not in counts else None


@dataclass(frozen=True, slots=True)
class Problem:
    """A file that the reply must name. `labels` is empty for a file that is on no list; `unchanged` says that
    it came again with the very bytes that were complained of."""

    labels: tuple[str, ...]
    file: ReceivedFile
    unchanged: bool = False


class DraftKind(StrEnum):
    REPORT = "report"  # what does not open, and what is missing
    REMINDER = "reminder"  # nothing has come on our reply for long
    THANKS = "thanks"  # all is there and opens


@dataclass(frozen=True, slots=True)
class FollowUp:
    """What the next reply of a case has to say, in the order of the annex list."""

    case: Case
    round: int
    problems: tuple[Problem, ...]
    missing: tuple[Annex, ...]
    cured: tuple[str, ...]  # labels or names asked for before that open now
    opened: int  # files that open, of all that count now
    emails: tuple[Message, ...]  # those of this round that brought files
    answers: Message  # the authority's last message, under which the reply is threaded
    basis: tuple[int, ...]  # ledger ids of all messages taken into account
    kind: DraftKind = DraftKind.REPORT
    written: int = 0  # reports that were approved before
    asked: datetime | None = None  # when our last reply was approved; None before the first
    reminders: int = 0  # approved since that reply
    notices: tuple[Notice, ...] = ()  # links and filters' notices that stand in the place of files
    opened_for_them: str = ""  # the authority's own sentence that the files open there; else empty


# --- decisions ----------------------------------------------------------------------------------------------


class Decides(StrEnum):
    """What a decision is about: its subject, and what its value says of it."""

    FILE = "file"  # a SHA-256; the labels of the annexes that it is, one a line, or nothing where it is none
    PART = "part"  # the same, of a file that forms the annex together with others
    ANNEX_CLOSED = "annex-closed"  # a label; why nothing more is awaited
    ANNEX_SUSPENDED = "annex-suspended"  # a label; until which day (ISO 8601)
    ANNEX_POSTED = "annex-posted"  # the same, of one that is to come by post
    MESSAGE_ACCEPTED = "message-accepted"  # a message's number in the ledger; it belongs to the case
    MESSAGE_DISMISSED = "message-dismissed"  # the same; it belongs to none
    NOTICE_DISMISSED = "notice-dismissed"  # what Standing.notices calls it; nothing is to be awaited from it
    CASE_CLOSED = "case-closed"  # no subject; why
    CASE_REOPENED = "case-reopened"
    UNDONE = "undone"  # the number of another decision, which counts no longer


@dataclass(frozen=True, slots=True)
class Decision:
    """What a person decided, for ever; a later decision on the same may replace it."""

    case: str  # empty where it is about none
    kind: Decides
    subject: str
    value: str
    decided: datetime
    id: int = 0  # in the ledger


# --- drafts -------------------------------------------------------------------------------------------------


class DraftState(StrEnum):
    PENDING = "pending"
    APPROVED = "approved"
    DISCARDED = "discarded"
    SUPERSEDED = "superseded"


@dataclass(frozen=True, slots=True)
class DraftItem:
    """One file that a draft names. `labels` are the annexes that it is, none for a file that is on no list."""

    labels: tuple[str, ...]
    file: str
    verdict: Verdict
    cause: Cause | None
    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class MissingItem:
    label: str
    title: str | None = None


@dataclass(frozen=True, slots=True)
class Draft:
    """One reply generated for review.

    `basis` holds the ledger ids of the messages that it takes into account; `message_id` is fixed when the
    draft is made, so that a second APPEND of the same draft can be recognised. `generated` is the body as it was
    made, from which `body` differs once a person has edited it; it is empty in drafts of old ledgers.
    """

    case: str
    round: int
    basis: tuple[int, ...]
    message_id: str
    sender: str  # the address that the authority wrote to
    to: tuple[str, ...]
    cc: tuple[str, ...]
    subject: str
    in_reply_to: str | None
    references: tuple[str, ...]
    items: tuple[DraftItem, ...]
    missing: tuple[MissingItem, ...]
    body: str
    created: datetime
    state: DraftState = DraftState.PENDING
    id: int = 0  # in the ledger
    decided: datetime | None = None  # when a person approved or discarded it
    kind: DraftKind = DraftKind.REPORT
    generated: str = ""
    placed_in: str = ""  # the folder or the file that an approved one was placed in

    @property
    def is_edited(self) -> bool:
        return bool(self.generated) and self.body != self.generated
