"""A picture -> what `status` tells of it, to be kept."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from attachwatch.cases.clock import MOST_REMINDERS, local
from attachwatch.cases.progress import Progress, pending_of
from attachwatch.cases.standing import notice_key
from attachwatch.cli import shapes, tables, timeline
from attachwatch.cli.output import shown, word
from attachwatch.cli.page import MOST, Page
from attachwatch.cli.told import CaseTold, MailboxTold, indented
from attachwatch.model import CaseState, DraftKind
from attachwatch.service.overview import Overview, questions

_KINDS = {DraftKind.REPORT: "A reply", DraftKind.REMINDER: "A reminder", DraftKind.THANKS: "A letter of thanks"}


def page(name: str, picture: Overview, most: int | None = MOST) -> MailboxTold:
    """What a person reads of a mailbox; of a case's files as many as `most`, or all."""
    beside = Page()
    tables.print_attention(beside, name, picture)
    cases = tuple(
        replace(_case(picture, progress), page=tuple(_page(picture, progress, most).blocks))
        for progress in picture.progress
    )
    return MailboxTold(picture.needs_attention, cases, tuple(beside.blocks))


def _case(picture: Overview, progress: Progress) -> CaseTold:
    alone = replace(picture, progress=(progress,))
    return CaseTold(progress.case.all_references, alone.needs_attention)


def _page(picture: Overview, progress: Progress, most: int | None) -> Page:
    out = Page()
    out.print(progress.case.reference, "-", word(progress.state), f"- round {progress.round}", style="bold")
    if progress.closed:
        out.print(f"closed: {shown(progress.closed)}")
    timeline.print_clock(out, picture.clocks[progress.case.reference])
    for line in _of_replies(picture, progress):
        out.print(line)
    out.blocks.append(tables.annexes(progress, most))
    for notice in progress.standing.notices:
        where = f"email of {local(notice.message.received):%Y-%m-%d %H:%M} (notice {notice_key(notice)})"
        tables.print_notice(out, notice, where)
    tables.print_told(out, progress.standing)
    timeline.print_questions(out, questions(progress))
    return out


def _of_replies(picture: Overview, place: Progress) -> Iterator[str]:
    """What waits for review, and when nothing more is drafted by itself."""
    reference = place.case.reference
    if (pending := pending_of(picture.drafts.get(reference, ()))) and place.state is not CaseState.CLOSED:
        yield f"{_KINDS[pending.kind]} is for you to review: attachwatch drafts show {pending.id}"
    elif place.state is CaseState.REVIEW_DRAFT:
        yield "A reply is for you to review: attachwatch drafts"
    elif place.state is CaseState.WAITING_FOR_RESEND and picture.clocks[reference].reminded >= MOST_REMINDERS:
        yield "They left two reminders unanswered; what is next is yours to choose, such as a review or a complaint"


# --- the document ---------------------------------------------------------------------------------------------


def share(name: str, picture: Overview) -> MailboxTold:
    """What the document says of a mailbox, already as JSON: of a hundred thousand files it takes seconds to make."""
    document: dict[str, Any] = {**shapes.status_document({name: picture})}
    lists = {key: tuple(indented(i, 4) for i in items) for key, items in document.items() if isinstance(items, list)}
    texts = lists.pop("cases")
    cases = tuple(replace(_case(picture, p), text=t) for p, t in zip(picture.progress, texts, strict=True))
    return MailboxTold(picture.needs_attention, cases, lists=lists)
