"""What `status` tells of each mailbox, as it is kept in the ledger: its page, and its share of the document."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from pydantic import TypeAdapter

from attachwatch.cases.clock import MOST_REMINDERS, local
from attachwatch.cases.progress import Progress, pending_of
from attachwatch.cases.standing import notice_key
from attachwatch.cli import shapes, tables, timeline
from attachwatch.cli.output import as_json, shown, word
from attachwatch.cli.page import Block, Page
from attachwatch.model import CaseState, DraftKind
from attachwatch.service.overview import Overview, questions
from attachwatch.service.pictures import Telling

PAGE: Final = "status"
DOCUMENT: Final = "status --json"
_KINDS = {DraftKind.REPORT: "A reply", DraftKind.REMINDER: "A reminder", DraftKind.THANKS: "A letter of thanks"}
_CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f]")  # none of which JSON has but in place of a line's end


@dataclass(frozen=True, slots=True)
class CaseTold:
    """One case, and whether it or anything beside the cases of its mailbox needs the user."""

    references: tuple[str, ...]
    needs_attention: bool
    page: tuple[Block, ...] = ()
    text: str = ""  # in the document's list of cases


@dataclass(frozen=True, slots=True)
class MailboxTold:
    """The cases of a mailbox, what waits beside them, and whether anything needs the user."""

    needs_attention: bool
    cases: tuple[CaseTold, ...]
    page: tuple[Block, ...] = ()
    lists: Mapping[str, tuple[str, ...]] | None = None  # in the document, by key

    def only(self, reference: str) -> "MailboxTold":
        cases = tuple(c for c in self.cases if reference in c.references)
        return replace(self, cases=cases, needs_attention=any(c.needs_attention for c in cases))


_TOLD = TypeAdapter(MailboxTold)


def read(content: bytes) -> MailboxTold:
    """Raises ValueError for what was not written here."""
    told = _TOLD.validate_json(content)
    if any(_CONTROL.search(c.text) for c in told.cases):
        raise ValueError("a control character")
    return told


# --- the page -------------------------------------------------------------------------------------------------


def page(name: str, picture: Overview, most: int | None = tables.MOST) -> MailboxTold:
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
    lists = {key: tuple(map(_item, items)) for key, items in document.items() if isinstance(items, list)}
    texts = lists.pop("cases")
    cases = tuple(replace(_case(picture, p), text=t) for p, t in zip(picture.progress, texts, strict=True))
    return MailboxTold(picture.needs_attention, cases, lists=lists)


def document(told: Sequence[MailboxTold], **more: object) -> str:
    """The document of several mailboxes, as `shapes.status_document` has it, and `more` behind it."""
    keys = dict.fromkeys(key for t in told for key in t.lists or ())
    lists = {"cases": [c.text for t in told for c in t.cases]}
    lists |= {key: [item for t in told for item in (t.lists or {}).get(key, ())] for key in keys}
    parts = [f'"version": {shapes.VERSION}', *(f'"{key}": {_list(items)}' for key, items in lists.items())]
    parts += [f'"{key}": {_indented(value, 2)}' for key, value in more.items()]
    return "{\n  " + ",\n  ".join(parts) + "\n}"


def _list(items: Sequence[str]) -> str:
    return "[\n    " + ",\n    ".join(items) + "\n  ]" if items else "[]"


def _item(value: object) -> str:
    return _indented(value, 4)


def _indented(value: object, blanks: int) -> str:
    return as_json(value, indent=2).replace("\n", "\n" + " " * blanks)


TELLINGS: Mapping[str, Telling] = {
    PAGE: lambda name, picture: _TOLD.dump_json(page(name, picture)),
    DOCUMENT: lambda name, picture: _TOLD.dump_json(share(name, picture)),
}
