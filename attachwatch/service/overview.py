"""Where every case stands, derived anew from what is stored; nothing here writes."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from itertools import chain
from typing import TYPE_CHECKING, overload

from attachwatch.annexes.gaps import Gap, gaps
from attachwatch.annexes.letters import letter
from attachwatch.annexes.letters.opened import opened_for_them
from attachwatch.annexes.matching.listed import listed
from attachwatch.annexes.matching.match import match
from attachwatch.cases import decisions as decided
from attachwatch.cases.clock import Clock, clock, local
from attachwatch.cases.filing import Grounds, Held, HeldAs, Proposal, file_messages, is_elsewhere
from attachwatch.cases.progress import Progress, progress
from attachwatch.cases.reminders import reminded, replied, with_reminder
from attachwatch.cases.rounds import Part, answered_on, parts
from attachwatch.cases.standing import Delivery, Standing, Told, apart, counted, place_of, stand
from attachwatch.inspection import claims
from attachwatch.mail import automatic
from attachwatch.mail.authentication import unverified
from attachwatch.mail.sender import imitated_authority, is_authority
from attachwatch.mime.notices import without_links
from attachwatch.model import (
    Address,
    Annex,
    Attachment,
    Case,
    CaseState,
    Cause,
    Decision,
    Draft,
    EmailText,
    Filed,
    Finding,
    Header,
    Inspection,
    Membership,
    Message,
    Reading,
    Received,
    ReceivedFile,
    SendingNote,
    Verdict,
)
from attachwatch.service.absent import told_of
from attachwatch.service.copies import FETCHES_DIFFER, as_fetched, better, doubted, fetched_part
from attachwatch.service.responses import NO_LETTERS, RULES, Letters, loose, with_responses
from attachwatch.service.unpack import left_packed, unpacked, waiting

if TYPE_CHECKING:  # `verify` has no ledger, and is spared what it takes to load one
    from attachwatch.ledger.ledger import Ledger


_A_DAY = timedelta(days=1)
_NEVER, _EVER = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Overview:
    """The cases of one mailbox, and what waits for a person there."""

    progress: tuple[Progress, ...]
    clocks: Mapping[str, Clock] = field(default_factory=dict)  # by case
    parts: Mapping[str, tuple[Part, ...]] = field(default_factory=dict)  # the messages of each case
    filed: Mapping[str, tuple[Filed, ...]] = field(default_factory=dict)  # these, and those that tell nothing
    drafts: Mapping[str, tuple[Draft, ...]] = field(default_factory=dict)  # of each case, oldest first
    held: tuple[Held, ...] = ()  # messages that no rule files
    proposed: tuple[Proposal, ...] = ()  # cases that these may be about
    diverted: tuple[tuple[Address, Address], ...] = ()  # authority's senders, and the foreign Reply-To of each
    lookalikes: tuple[tuple[Address, str], ...] = ()  # senders, and the authority that each imitates
    unfetched: tuple[tuple[Address, str], ...] = ()  # authority's messages that did not come as they should, and why
    unread: tuple[str, ...] = ()  # the SHA-256 of files that could be letters, and were not read yet
    whole: bool = True  # whether nothing is left to fetch once more, to choose from two copies, or to unpack
    until: datetime = _EVER  # the instant before which nothing of it changes, if nothing comes and nobody decides
    made: datetime = field(default=_NEVER, compare=False)

    @property
    def rests(self) -> bool:
        """Whether a poll that finds nothing new has nothing to do."""
        is_all_here = self.whole and not self.unfetched and not self.unread
        return is_all_here and not any(p.follow_up or p.stale for p in self.progress)

    @property
    def needs_attention(self) -> bool:
        """Whether anything does not open, is missing after all was sent, or waits for a person, as an answer does that
        is overdue, since nobody but the user can ask for it."""
        unsettled = (CaseState.REVIEW_DRAFT, CaseState.WAITING_FOR_RESEND)
        return bool(self.held or self.unfetched) or any(
            p.state in unsettled
            or p.standing.unopened
            or p.standing.notices
            or p.standing.accused
            or any(map(_is_uncertain, p.standing.files))
            or (p.case.reference in self.clocks and self.clocks[p.case.reference].needs_attention)
            for p in self.progress
            if p.state is not CaseState.CLOSED
        )


def _is_uncertain(file: ReceivedFile) -> bool:
    """Whether it came differently each time, and no copy of it opens."""
    found = file.inspection
    return found.verdict is Verdict.UNCHECKED and any(f.code == FETCHES_DIFFER for f in found.findings)


def overview(
    ledger: "Ledger", mailbox: str, cases: Sequence[Case], trusted: Sequence[str] = (), now: datetime | None = None
) -> Overview:
    """What the ledger holds of `mailbox` comes to this for those of `cases` that are in it.

    `trusted` are the authserv-ids of the mailbox's own server, by whose results senders are verified.
    """
    now = now or datetime.now(UTC)
    elsewhere = {r: c.mailbox for c in cases if c.mailbox != mailbox for r in c.all_references}
    cases = [c for c in cases if c.mailbox == mailbox]
    messages = [_known_automatic(m) for m in ledger.messages(mailbox)]
    drafts = {case.reference: ledger.drafts(case.reference) for case in cases}
    drafted = {draft.message_id: reference for reference, own in drafts.items() for draft in own}
    decisions = decided.in_force(ledger.decisions())
    inspections = ledger.inspections(h for m in messages for a in m.attachments for h in a.copies)
    letters = Letters(ledger.letters(inspections, RULES))
    grounds = Grounds(
        from_authority=is_authority,
        unverified=lambda header, authority: unverified(header, authority, trusted),
        drafted=drafted,
        accepted=decided.accepted(decisions),
        own_words=letter.own_text,
        elsewhere=elsewhere,
        letters=lambda message: letters.first_pages(_files(message, inspections)),
    )
    filing = file_messages(messages, cases, grounds)
    said = [decided.of_case(case, decisions) for case in cases]
    standings = apart(
        [
            standing(c, filing.by_case[c.reference], inspections, own, texts=letters, now=now)
            for c, own in zip(cases, said, strict=True)
        ]
    )
    proposed = [_with_promised(p, inspections, letters) for p in filing.proposed]
    unfiled = (f for h in filing.held if h.held_as is HeldAs.UNFILED for f in _files(h.message, inspections))
    suspects = (
        (sender, imitated) for sender in ledger.senders_seen(mailbox) if (imitated := imitated_authority(sender, cases))
    )
    places = tuple(
        progress(case, _with_answers(place, drafts[case.reference]), drafts[case.reference], now, decided.closed(own))
        for case, place, own in zip(cases, standings, said, strict=True)
    )
    clocks = {p.case.reference: _clock(p, drafts[p.case.reference], now) for p in places}
    places = tuple(with_reminder(p, clocks[p.case.reference], drafts[p.case.reference]) for p in places)
    return Overview(
        progress=places,
        clocks=clocks,
        drafts={reference: tuple(own) for reference, own in drafts.items()},
        parts={p.case.reference: parts(p.standing, drafts[p.case.reference], p.round) for p in places},
        filed={c.reference: tuple(filing.by_case[c.reference]) for c in cases},
        held=filing.held,
        proposed=tuple(proposal for proposal, _ in proposed),
        diverted=tuple(
            dict.fromkeys(pair for c in cases for f in filing.by_case[c.reference] for pair in _diverted(f, c))
        ),
        lookalikes=tuple(dict.fromkeys(suspects)),
        unfetched=tuple(
            (h.sender, why) for h, why in _unfetched(ledger.problems(mailbox), messages, inspections) if h.sender
        ),
        unread=tuple(
            dict.fromkeys(letters.unread(chain(unfiled, *map(_loose, standings), *(own for _, own in proposed))))
        ),
        whole=not any(_is_to_complete(m, inspections) for m in messages),
        until=_until(((c, filing.by_case[c.reference]) for c in cases), now),
        made=now,
    )


def _is_to_complete(message: Message, inspections: Mapping[str, Inspection]) -> bool:
    files = message.attachments
    return bool(
        doubted(message, inspections) or waiting(files, inspections) or any(better(a, inspections) for a in files)
    )


def _until(filed: Iterable[tuple[Case, Sequence[Filed]]], now: datetime) -> datetime:
    """The next instant at which what was derived `now` may be another, though nothing comes and nobody decides.

    Time enters by the day, of the user's calendar or of UTC, and by whether a message of a case is as old as its quiet
    period; by nothing else.
    """
    tomorrow = datetime.combine(local(now).date() + _A_DAY, time()).astimezone(UTC)
    tomorrow_in_utc = datetime.combine(now.astimezone(UTC).date() + _A_DAY, time(), UTC)
    ages = ((c.quiet_period, now - f.message.received) for c, messages in filed for f in messages)
    return min(tomorrow, tomorrow_in_utc, *(now + (quiet - age) for quiet, age in ages if age < quiet < age + _A_DAY))


def _with_answers(place: Standing, drafts: Sequence[Draft]) -> Standing:
    """`place` with what the authority says since our last reply of how its files open there."""
    reply = replied(drafts)
    if reply is None:
        return place
    return replace(
        place,
        deliveries=tuple(
            d if d.message.id in reply.basis else replace(d, opened=opened_for_them(d.message.text))
            for d in place.deliveries
        ),
    )


def _with_promised(
    proposal: Proposal, inspections: Mapping[str, Inspection], letters: Letters
) -> tuple[Proposal, list[ReceivedFile]]:
    """A case that messages propose, with what they and their letters promise, each annex once; and their files."""
    case = replace(proposal.like, reference=proposal.reference, other_references=(), annexes=())
    found = [_delivery(Filed(m, Membership.REFERENCE), case, inspections) for m in proposal.messages]
    files = [f for d in found for f in d.files]
    read = (d.reading for d in with_responses(case, found, files, letters, {}))
    promised = {(a.kind, a.label.casefold()): a for reading in read for a in reading.promised}
    annexes = tuple(Annex(a.label, a.kind.capitalize()) for a in promised.values())
    return replace(proposal, annexes=annexes), files


def _reading(message: Message, own_text: str) -> Reading:
    return letter.read(without_links(own_text), message.header.subject, message.received.date())


def questions(place: Progress) -> tuple[Gap, ...]:
    """Gaps in the series of what came, for the user to ask about: a reply claims none of them."""
    came = [s.annex for s in place.standing.annexes if s.files]
    return _gaps((*came, *(f.attachment.name for f in place.standing.unexpected)), place.case.annexes)


@lru_cache(maxsize=8)
def _gaps(came: tuple[Annex | str, ...], listed: tuple[Annex, ...]) -> tuple[Gap, ...]:
    return gaps(came, listed)


def _clock(place: Progress, drafts: Sequence[Draft], now: datetime) -> Clock:
    reply = replied(drafts)
    reminders = (d.decided for d in reminded(place.standing, drafts))
    heard = [d.message.received for d in place.standing.correspondence]
    told = [d.reading.deadline for d in place.standing.deliveries]
    return clock(
        place.case,
        place.state,
        _day(now),
        answered=_day(answered_on(place.case, place.standing, drafts, now)),
        replied=_day(reply.decided) if reply else None,
        heard=_day(max(heard, default=None)),
        reminded=[_day(when) for when in reminders if when],
        resumed=place.standing.resumed,
        own_deadline=next((d for d in reversed(told) if d), None),
    )


@overload
def _day(when: datetime) -> date: ...
@overload
def _day(when: None) -> None: ...
def _day(when: datetime | None) -> date | None:
    """The day on the user's own calendar."""
    return local(when).date() if when else None


def _unfetched(
    problems: Iterable[tuple[Header, str]], messages: Iterable[Message], inspections: Mapping[str, Inspection]
) -> Iterator[tuple[Header, str]]:
    """Messages that did not come, or of which a file came damaged and was not fetched once more, and why."""
    yield from problems
    for message in messages:
        for file in doubted(message, inspections):
            yield message.header, f"{file.name} came damaged, and was not fetched once more yet"


def standing(  # noqa: PLR0913 - what there is to know of a case
    case: Case,
    filed: Sequence[Filed],
    inspections: Mapping[str, Inspection],
    decisions: Sequence[Decision] = (),
    letters: Sequence[Delivery] = (),
    *,
    texts: Letters = NO_LETTERS,
    now: datetime | None = None,
) -> Standing:
    """Match the files of a case's messages, in order of arrival, with its annexes, as far as no person did; `letters`
    came before them, and merely tell of some; `texts` are what files say that could be letters. What they say is to
    come is awaited without end where no time is `now`."""
    deliveries = counted(_delivery(f, case, inspections) for f in filed)
    received = [_received(n, f.attachment) for n, d in enumerate(deliveries) for f in d.files]
    emails = {n: EmailText(d.message.header.subject, without_links(d.message.text)) for n, d in enumerate(deliveries)}
    files = [f for d in deliveries for f in d.files]
    matching = decided.as_put(case, files, match(case.annexes, received, emails), decisions)
    candidates = loose(files, {place_of(files[m.received]) for m in matching.matches})
    others = {f.message.id: [r for c in f.others for r in c.all_references] for f in filed}
    deliveries = with_responses(case, deliveries, candidates, texts, others)
    read = {(d.message.id, part) for d in deliveries for part in d.letters}
    why = {n: "read as the authority's letter" for n, f in enumerate(files) if place_of(f) in read}
    matching = replace(matching, why={**matching.why, **why})
    told = [
        t.by(now, case.quiet_period, d.reading.deadline) if now else t
        for d in (*letters, *deliveries)
        for t in _told(case, d)
    ]
    return stand(case, deliveries, matching, decided.aside(decisions, _day(now or datetime.now(UTC))), told)


def _loose(place: Standing) -> list[ReceivedFile]:
    """The files of a case that its list does not name."""
    matched = {place_of(f) for s in place.annexes for f in s.history}
    return loose((f for d in place.deliveries for f in d.files), matched)


def _told(case: Case, delivery: Delivery) -> Iterator[Told]:
    """What a message says of annexes, and which of the list each is."""
    named = delivery.reading.annexes
    if not named:
        return
    places = listed(case.annexes, named)
    for number, annex in enumerate(named):
        label = case.annexes[places[number]].label if number in places else None
        yield Told(annex, delivery.message, label)


def _received(email: int, file: Attachment) -> Received:
    return Received(email, file.name, file.containers, file.content_type, file.size)


def _known_automatic(message: Message) -> Message:
    """`message`, marked as automatic where its own words say so and it brings no files."""
    if message.header.automatic or message.attachments:
        return message
    says = automatic.says_text(letter.own_text(message.text))
    return replace(message, header=replace(message.header, automatic=says)) if says else message


def _diverted(filed: Filed, case: Case) -> Iterator[tuple[Address, Address]]:
    """Where a message of the authority asks for replies elsewhere; a draft goes to the authority all the same."""
    header = filed.message.header
    foreign = [asked for asked in header.reply_to if not is_authority(asked, case.authority)]
    if header.sender and foreign:
        yield header.sender, foreign[0]


def _delivery(filed: Filed, case: Case, inspections: Mapping[str, Inspection]) -> Delivery:
    message = filed.message
    files = tuple(
        f
        for f in _files(message, inspections)
        if not is_elsewhere(case, filed.others, (f.attachment.name, *f.attachment.containers))
    )
    text = letter.own_text(message.text)
    reading = _reading(message, text)
    note = SendingNote() if filed.others else reading.note  # of which of them it says so is not told
    told = told_of(case, message, text, files)
    return Delivery(message, filed.membership, note, files, told, reading, bool(filed.others))


def _files(message: Message, inspections: Mapping[str, Inspection]) -> tuple[ReceivedFile, ...]:
    """The files of a message; what an archive or a portfolio holds stands for it."""
    stood_for = unpacked(message.attachments)
    fetched = {a.part: a for a in message.attachments}

    def one(file: Attachment) -> ReceivedFile:
        found = left_packed(file, inspection_of(file, inspections), message.attachments)
        return ReceivedFile(message, file, as_fetched(found, fetched.get(fetched_part(file), file)))

    return tuple(one(a) for a in message.attachments if a.part not in stood_for)


def inspection_of(attachment: Attachment, inspections: Mapping[str, Inspection]) -> Inspection:
    """What was found in it under the name that it has; one that says why, where it was not inspected."""
    found = inspections.get(attachment.sha256)
    if found:
        return claims.as_named(found, attachment.name, attachment.content_type)
    why = "It was not inspected yet."
    if not attachment.sha256:
        why = "It is larger than the limit, so it was not fetched."
        if "/" in attachment.part:
            why = "It could not be unpacked whole, or not within the limits, so it was not inspected."
    return Inspection(
        sha256=attachment.sha256,
        size=attachment.size,
        type=attachment.content_type,
        verdict=Verdict.UNCHECKED,
        cause=None if attachment.sha256 else Cause.TOO_COSTLY,
        findings=(Finding("not-inspected" if attachment.sha256 else Cause.TOO_COSTLY, why),),
    )
