"""Records that are made by hand, so that nothing in them depends on the day or the readers' versions."""

from dataclasses import replace
from datetime import UTC, date, datetime

from attachwatch.cases.clock import clock
from attachwatch.cases.progress import Progress
from attachwatch.cases.rounds import parts
from attachwatch.cases.standing import Delivery
from attachwatch.evidence.record import Record, gather
from attachwatch.model import (
    Address,
    Case,
    Decides,
    Decision,
    Draft,
    DraftState,
    Filed,
    Finding,
    Inspection,
    Membership,
    Message,
    ReaderReport,
)
from attachwatch.service.overview import Overview
from tests.cases.builders import (
    AGAIN,
    ANSWER,
    MORNING,
    THREE,
    drafted,
    message,
    where,
)

MADE = datetime(2024, 10, 12, 12, tzinfo=UTC)
LICENCE = Finding("rights-managed", "It is protected.", {"label": "OFFICIAL", "owner": "clerk@interior.example"})
READERS = (
    ReaderReport("pdfium", "159.0", opened=False, error="Data format error"),
    ReaderReport("qpdf", "12.4.2", opened=True, pages=3, warnings=("file is damaged",)),
)
AUTOMATIC = message(0, automatic="auto-replied", subject="Automatic reply")


def inspected(given: Delivery, *findings: Finding) -> Delivery:
    """The delivery with what readers said of each file that does not open; the files stand in their message, too."""
    files = []
    for file in given.files:
        inspection = file.inspection
        if inspection.verdict.accuses:
            found = (Finding(inspection.cause or "x", "It ends before its end mark.", {"offset": 1000}), *findings)
            inspection = replace(inspection, readers=READERS, findings=found)
        files.append(replace(file, inspection=inspection))
    mail = replace(given.message, attachments=tuple(f.attachment for f in files))
    return replace(given, message=mail, files=tuple(replace(f, message=mail) for f in files))


def record(
    *deliveries: Delivery,
    case: Case = THREE,
    drafts: tuple[Draft, ...] = (),
    decisions: tuple[Decision, ...] = (),
    besides: tuple[Message, ...] = (),
    unfetched: tuple[tuple[Address, str], ...] = (),
    inspections: dict[str, Inspection] | None = None,
    replied: date | None = None,
) -> Record:
    """`besides` are messages of the case that tell nothing."""
    progress: Progress = where(*deliveries, drafts=drafts, case=case)
    filed = [Filed(m, Membership.REFERENCE) for m in (*besides, *(d.message for d in deliveries))]
    answered = max((d.message.received.date() for d in deliveries if d.note.final), default=None)
    picture = Overview(
        (progress,),
        clocks={case.reference: clock(case, progress.state, MADE.date(), answered=answered, replied=replied)},
        parts={case.reference: parts(progress.standing, drafts, progress.round)},
        filed={case.reference: tuple(sorted(filed, key=lambda f: f.message.received))},
        drafts={case.reference: drafts},
        unfetched=unfetched,
    )
    return gather(picture, progress, decisions, inspections or {}, made=MADE, version="0.0.0", rules=9)


def story() -> Record:
    """An answer in three emails, one report of what does not open, and two emails that bring it again."""
    answer, again = [inspected(d) for d in ANSWER], [inspected(d, LICENCE) for d in AGAIN]
    first = replace(
        drafted(where(*answer, case=THREE).follow_up, DraftState.APPROVED),
        id=1,
        decided=MORNING.replace(day=2),
        body="Dear FOI Team,\n\nThank you for your emails.\n\n1. D(iii).pdf\n",
        generated="Dear FOI Team,\n",
        placed_in="Drafts",
    )
    decisions = (
        Decision(THREE.reference, Decides.ANNEX_CLOSED, "D(vi)", "on paper", MORNING.replace(day=11), id=1),
        Decision(THREE.reference, Decides.UNDONE, "1", "", MORNING.replace(day=11, hour=10), id=2),
    )
    return record(*answer, *again, drafts=(first,), decisions=decisions, besides=(AUTOMATIC,))
