"""Where every case stands, derived anew from what is stored; nothing here writes."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from attachwatch.annexes import letter
from attachwatch.annexes.listed import listed
from attachwatch.annexes.match import match
from attachwatch.cases.filing import Held, file_messages
from attachwatch.cases.progress import Progress, progress
from attachwatch.cases.standing import Delivery, Standing, Told, counted, stand
from attachwatch.inspection import judge
from attachwatch.mail import automatic
from attachwatch.mail.authentication import unverified
from attachwatch.mail.sender import imitated_authority, is_authority
from attachwatch.mime.notices import without_links
from attachwatch.model import (
    Address,
    Attachment,
    Case,
    CaseState,
    Cause,
    EmailText,
    Filed,
    Finding,
    Header,
    Inspection,
    Message,
    Received,
    ReceivedFile,
    Verdict,
)
from attachwatch.service.absent import told_of
from attachwatch.service.copies import FETCHES_DIFFER, as_fetched, doubted, fetched_part
from attachwatch.service.unpack import unpacked

if TYPE_CHECKING:  # `verify` has no ledger, and is spared what it takes to load one
    from attachwatch.ledger.ledger import Ledger


@dataclass(frozen=True, slots=True)
class Overview:
    """The cases of one mailbox, and what waits for a person there."""

    progress: tuple[Progress, ...]
    held: tuple[Held, ...] = ()  # messages that no rule files
    diverted: tuple[tuple[Address, Address], ...] = ()  # authority's senders, and the foreign Reply-To of each
    lookalikes: tuple[tuple[Address, str], ...] = ()  # senders, and the authority that each imitates
    unfetched: tuple[tuple[Address, str], ...] = ()  # authority's messages that did not come as they should, and why

    @property
    def needs_attention(self) -> bool:
        """Whether anything does not open, is missing after all was sent, or waits for a person."""
        unsettled = (CaseState.REVIEW_DRAFT, CaseState.WAITING_FOR_RESEND)
        return bool(self.held or self.unfetched) or any(
            p.state in unsettled
            or p.standing.unopened
            or p.standing.notices
            or p.standing.accused
            or any(map(_is_uncertain, p.standing.files))
            for p in self.progress
        )


def _is_uncertain(file: ReceivedFile) -> bool:
    """Whether it came differently each time, and no copy of it opens."""
    found = file.inspection
    return found.verdict is Verdict.UNCHECKED and any(f.code == FETCHES_DIFFER for f in found.findings)


def overview(ledger: "Ledger", mailbox: str, cases: Sequence[Case], trusted: Sequence[str] = ()) -> Overview:
    """What the ledger holds of `mailbox` comes to this for its `cases`.

    `trusted` are the authserv-ids of the mailbox's own server, by whose results senders are verified.
    """
    messages = [_known_automatic(m) for m in ledger.messages(mailbox)]
    drafts = {case.reference: ledger.drafts(case.reference) for case in cases}
    drafted = {draft.message_id: reference for reference, own in drafts.items() for draft in own}
    filing = file_messages(
        messages, cases, drafted, is_authority, lambda header, authority: unverified(header, authority, trusted)
    )
    inspections = ledger.inspections(a.sha256 for m in messages for a in m.attachments)
    now = datetime.now(UTC)
    suspects = (
        (sender, imitated) for sender in ledger.senders_seen(mailbox) if (imitated := imitated_authority(sender, cases))
    )
    return Overview(
        progress=tuple(
            progress(case, standing(case, filing.by_case[case.reference], inspections), drafts[case.reference], now)
            for case in cases
        ),
        held=filing.held,
        diverted=tuple(
            dict.fromkeys(pair for c in cases for f in filing.by_case[c.reference] for pair in _diverted(f, c))
        ),
        lookalikes=tuple(dict.fromkeys(suspects)),
        unfetched=tuple(
            (h.sender, why) for h, why in _unfetched(ledger.problems(mailbox), messages, inspections) if h.sender
        ),
    )


def _unfetched(
    problems: Iterable[tuple[Header, str]], messages: Iterable[Message], inspections: Mapping[str, Inspection]
) -> Iterator[tuple[Header, str]]:
    """Messages that did not come, or of which a file came damaged and was not fetched once more, and why."""
    yield from problems
    for message in messages:
        for file in doubted(message, inspections):
            yield message.header, f"{file.name} came damaged, and was not fetched once more yet"


def standing(
    case: Case, filed: Sequence[Filed], inspections: Mapping[str, Inspection], letters: Sequence[Delivery] = ()
) -> Standing:
    """Match the files of a case's messages, in order of arrival, with its annexes; `letters` came before them, and
    merely tell of some."""
    deliveries = counted(_delivery(f, case, inspections) for f in filed)
    received = [_received(n, f.attachment) for n, d in enumerate(deliveries) for f in d.files]
    emails = {n: EmailText(d.message.header.subject, without_links(d.message.text)) for n, d in enumerate(deliveries)}
    told = [t for d in (*letters, *deliveries) for t in _told(case, d)]
    return stand(case, deliveries, match(case.annexes, received, emails), told)


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
    # What an archive or a portfolio holds stands for it.
    stood_for = unpacked(message.attachments)
    loose = [a for a in message.attachments if a.part not in stood_for]
    fetched = {a.part: a for a in message.attachments}
    files = tuple(
        ReceivedFile(message, a, as_fetched(_inspection(a, inspections), fetched.get(fetched_part(a), a)))
        for a in loose
    )
    text = letter.own_text(message.text)
    header = message.header
    reading = letter.read(without_links(text), header.subject, message.received.date())
    return Delivery(message, filed.membership, reading.note, files, told_of(case, message, text, files), reading)


def _inspection(attachment: Attachment, inspections: Mapping[str, Inspection]) -> Inspection:
    found = inspections.get(attachment.sha256)
    if found:
        return judge.as_named(found, attachment.name, attachment.content_type)
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
