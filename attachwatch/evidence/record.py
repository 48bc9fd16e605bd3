"""All that is known of one case, for others to check: every email, file, reply, decision and deadline. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from attachwatch.cases import decisions as decided
from attachwatch.cases.clock import OWN_DATE, Clock, Deadline, clock, in_words, local
from attachwatch.cases.history import Attempt, history
from attachwatch.cases.progress import Progress
from attachwatch.cases.rounds import Part
from attachwatch.cases.standing import Delivery, place_of
from attachwatch.mail.sender import is_authority
from attachwatch.model import (
    Address,
    AnnexStatus,
    Attachment,
    Case,
    Decision,
    Draft,
    Filed,
    Inspection,
    Notice,
    ReceivedFile,
)
from attachwatch.service.overview import Overview, inspection_of
from attachwatch.service.unpack import unpacked


@dataclass(frozen=True, slots=True)
class File:
    """One attachment. `number` is by what the record calls it: "E3.2" is the second file of the third email."""

    number: str
    file: ReceivedFile
    labels: tuple[str, ...] = ()  # the annexes that it is or was
    role: str = ""  # what it is, where it is no annex
    counts: bool = False  # of several copies this one counts now

    @property
    def attachment(self) -> Attachment:
        return self.file.attachment

    @property
    def inspection(self) -> Inspection:
        return self.file.inspection

    @property
    def is_wrong(self) -> bool:
        """Whether there is something to say of why it does not open."""
        found = self.inspection
        return not self.role.startswith(_ASIDE) and (found.verdict.accuses or bool(found.cause and found.findings))


_ASIDE = ("decoration", "packed")
_DECORATION = "decoration, such as the picture of a signature"
_PACKED = "packed files; what it holds stands for it"


@dataclass(frozen=True, slots=True)
class Email:
    """One message of the case, numbered "E1" and on in order of arrival. `aside` says why it is no part of the answer,
    where it is none."""

    number: str
    filed: Filed
    files: tuple[File, ...]
    part: Part | None = None
    aside: str = ""

    @property
    def delivery(self) -> Delivery | None:
        return self.part.delivery if self.part else None

    @property
    def notices(self) -> tuple[Notice, ...]:
        return self.delivery.notices if self.delivery else ()

    @property
    def own_deadline(self) -> date | None:
        """The day that the authority names in it."""
        return self.delivery.reading.deadline if self.delivery else None


@dataclass(frozen=True, slots=True)
class Copy:
    """One time that an annex came."""

    number: str  # the file's
    email: str
    attempt: Attempt


@dataclass(frozen=True, slots=True)
class AnnexRecord:
    status: AnnexStatus
    copies: tuple[Copy, ...]

    @property
    def current(self) -> tuple[str, ...]:
        """The numbers of the files that count now."""
        places = [place_of(f) for f in self.status.files]
        return tuple(c.number for c in self.copies if place_of(c.attempt.file) in places)


@dataclass(frozen=True, slots=True)
class Decided:
    decision: Decision
    counts: bool  # no later decision took it back


@dataclass(frozen=True, slots=True)
class Record:
    """`due` has a clock for each deadline that there was."""

    progress: Progress
    clock: Clock
    due: tuple[Clock, ...]
    emails: tuple[Email, ...]
    annexes: tuple[AnnexRecord, ...]
    drafts: tuple[Draft, ...]
    decisions: tuple[Decided, ...]
    unfetched: tuple[tuple[Address, str], ...]
    made: datetime
    version: str  # of attachwatch
    rules: int  # by which files were judged

    @property
    def case(self) -> Case:
        return self.progress.case

    @property
    def files(self) -> tuple[File, ...]:
        return tuple(f for e in self.emails for f in e.files)

    @property
    def names(self) -> dict[str, str]:
        """The names of files by their SHA-256."""
        return {sha256: f.attachment.name for f in self.files for sha256 in f.attachment.copies}

    @property
    def readers(self) -> tuple[tuple[str, str], ...]:
        """The programs that looked at the files, with their versions."""
        return tuple(sorted({(r.name, r.version) for f in self.files for r in f.inspection.readers}))


def gather(  # noqa: PLR0913 - what there is to know
    picture: Overview,
    progress: Progress,
    decisions: Sequence[Decision],
    inspections: Mapping[str, Inspection],
    *,
    made: datetime,
    version: str,
    rules: int,
) -> Record:
    """The record of the case of `progress`, which is one of `picture`; `decisions` are those of all cases."""
    case = progress.case
    parts = {p.delivery.message.id: p for p in picture.parts.get(case.reference, ())}
    labels = _labels(progress)
    counting = {place_of(f) for f in progress.standing.files}
    emails = tuple(
        _email(f"E{n}", filed, parts.get(filed.message.id), inspections, labels, counting)
        for n, filed in enumerate(picture.filed.get(case.reference, ()), 1)
    )
    undone = decided.undone(decisions)
    now = picture.clocks[case.reference]
    return Record(
        progress=progress,
        clock=now,
        due=tuple(_due(progress, now, emails)),
        emails=emails,
        annexes=tuple(_annex(s, emails) for s in progress.standing.annexes),
        drafts=picture.drafts.get(case.reference, ()),
        decisions=tuple(Decided(d, d.id not in undone) for d in decided.of_case(case, decisions)),
        unfetched=tuple((sender, why) for sender, why in picture.unfetched if is_authority(sender, case.authority)),
        made=made,
        version=version,
        rules=rules,
    )


_Place = tuple[int, str]


def _labels(progress: Progress) -> dict[_Place, tuple[str, ...]]:
    found: dict[_Place, tuple[str, ...]] = {}
    for status in progress.standing.annexes:
        for file in status.history:
            found[place_of(file)] = (*found.get(place_of(file), ()), status.annex.label)
    return found


def _email(  # noqa: PLR0913, PLR0917 - what there is to know of it
    number: str,
    filed: Filed,
    part: Part | None,
    inspections: Mapping[str, Inspection],
    labels: Mapping[_Place, tuple[str, ...]],
    counting: set[_Place],
) -> Email:
    message = filed.message
    known = {f.attachment.part: f for f in part.delivery.files} if part else {}
    letters = part.delivery.letters if part else ()
    stood_for = unpacked(message.attachments)

    def role(file: ReceivedFile, named: tuple[str, ...]) -> str:
        place = file.attachment.part
        if place in stood_for:
            return _PACKED
        if place in letters:
            return "the authority's letter"
        if place not in known and part:
            return _DECORATION
        return "" if named else "on no list"

    def one(place: int, attachment: Attachment) -> File:
        file = known.get(attachment.part) or ReceivedFile(message, attachment, inspection_of(attachment, inspections))
        named = labels.get(place_of(file), ())
        return File(f"{number}.{place}", file, named, role(file, named), place_of(file) in counting)

    files = tuple(one(n, a) for n, a in enumerate(message.attachments, 1))
    return Email(number, filed, files, part, "" if part else _aside(filed))


def _aside(filed: Filed) -> str:
    """Why a message is no part of the answer."""
    automatic = filed.message.header.automatic
    return f"automatic mail ({automatic}), which is no answer" if automatic else "a second copy of another email"


def _annex(status: AnnexStatus, emails: Sequence[Email]) -> AnnexRecord:
    numbers = {place_of(f.file): (f.number, e.number) for e in emails for f in e.files}
    known = [(numbers[place_of(a.file)], a) for a in history(status) if place_of(a.file) in numbers]
    return AnnexRecord(status, tuple(Copy(*number, attempt) for number, attempt in known))


def _due(progress: Progress, now: Clock, emails: Sequence[Email]) -> Iterator[Clock]:
    """A clock for each deadline: of the request, of the internal review, and the days that the authority named."""
    case = progress.case
    if case.requested:
        yield clock(replace(case, review_requested=None), progress.state, now.today, answered=now.answered)
    if case.review_requested:
        is_later = now.answered is not None and now.answered > case.review_requested
        yield clock(case, progress.state, now.today, answered=now.answered if is_later else None)
    named = {e.own_deadline: e for e in reversed(emails)}  # each by the first that names it
    bare = replace(case, requested=None, review_requested=None)
    for own, email in reversed(named.items()):
        if own:
            kept = clock(bare, progress.state, now.today, answered=_came(progress, now, email), own_deadline=own)
            day = in_words(local(email.filed.message.received).date())
            yield replace(kept, deadline=Deadline(own, f"{OWN_DATE}, named in {email.number} of {day}"))


def _came(progress: Progress, now: Clock, email: Email) -> date | None:
    """When what was to come by a day that `email` names was there: the answer, or files on what was asked since."""
    named = email.filed.message.received
    moments = (d.message.received for d in progress.standing.correspondence if d.files)
    first = min((local(m).date() for m in moments if m > named), default=None)
    if first is None:  # a day that the last email names says nothing of more, unless more was asked for
        return None if now.replied else now.answered
    return now.answered if now.answered and first <= now.answered else first
