"""A case of the store -> its record, in each of the forms that it has."""

from datetime import UTC, datetime

from attachwatch import __version__
from attachwatch.cases.progress import Progress
from attachwatch.evidence.harmless import as_json
from attachwatch.evidence.record import Record, gather
from attachwatch.inspection import judge
from attachwatch.ledger.ledger import Ledger
from attachwatch.service.desk import Desk
from attachwatch.service.overview import Overview

FORMATS = ("html", "pdf", "json")


def recorded(desk: Desk, reference: str) -> Record:
    """The record, as of now, of the case with this reference. Raises UsageError, which names those there are."""
    case = desk.case(reference)
    picture = desk.overviews()[case.mailbox]
    progress = next(p for p in picture.progress if p.case.reference == case.reference)
    return record_of(picture, progress, desk.ledger)


def record_of(picture: Overview, progress: Progress, ledger: Ledger) -> Record:
    """The record, as of now, of the case of `progress`, which is one of `picture`."""
    attachments = (a for f in picture.filed[progress.case.reference] for a in f.message.attachments)
    return gather(
        picture,
        progress,
        ledger.decisions(),
        ledger.inspections(a.sha256 for a in attachments),
        made=datetime.now(UTC).replace(microsecond=0),
        version=__version__,
        rules=judge.RULES,
    )


def rendered(record: Record, form: str) -> bytes:
    """`record` in one of FORMATS. Raises UsageError where there is no compiler for a PDF."""
    if form == "json":
        from attachwatch.evidence import shape

        return (as_json(shape.as_json(record), 2) + "\n").encode()
    from attachwatch.evidence.layout import document

    if form == "pdf":
        from attachwatch.evidence.pdf import pdf

        return pdf(document(record), record.made)
    from attachwatch.evidence.page import page

    return page(document(record)).encode()
