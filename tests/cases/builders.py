"""Short ways to write down a correspondence."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256

from attachwatch.cases.progress import Progress, progress
from attachwatch.cases.standing import Delivery, counted, stand
from attachwatch.model import (
    Address,
    Annex,
    Attachment,
    Case,
    Cause,
    Draft,
    DraftItem,
    DraftState,
    FollowUp,
    Header,
    Inspection,
    Match,
    Matching,
    Membership,
    Message,
    MessageKey,
    MissingItem,
    ReceivedFile,
    SendingNote,
    Verdict,
)

MORNING = datetime(2024, 10, 1, 9, tzinfo=UTC)
CASE = Case(
    reference="FOI2024/01234",
    mailbox="foi",
    authority=("interior.example",),
    annexes=(Annex("A", "Annex"), Annex("B", "Annex"), Annex("C", "Annex", title="Minutes")),
    sign_off="Yours faithfully,\nA. Requester",
)
OK, BROKEN, LOCKED = Verdict.OK, Verdict.BROKEN, Verdict.LOCKED


def message(number: int, **header: object) -> Message:
    values: dict[str, object] = {
        "message_id": f"<{number}@interior.example>",
        "date": MORNING + timedelta(hours=number),
        "sender": Address("FOI Team", "foi@interior.example"),
        "to": (Address("", "me@newsroom.example"),),
        "subject": "Your request FOI2024/01234",
    }
    text = str(header.pop("text", ""))
    return Message(
        MessageKey("foi", "INBOX", 1, number),
        MORNING + timedelta(hours=number),
        Header(**(values | header)),  # type: ignore[arg-type]
        text,
        id=number,
    )


def delivery(
    number: int,
    *files: tuple[str, Verdict],
    note: SendingNote | None = None,
    membership: Membership = Membership.REFERENCE,
    opened: str = "",
    **header: object,
) -> Delivery:
    """Email `number`, one hour after the one before. A file named "A.pdf" is Annex A; "A.pdf@x" has the bytes x."""
    mail = message(number, **header)
    received = []
    for place, (name, verdict) in enumerate(files):
        shown, _, content = name.partition("@")
        sha256 = content or f"{number}-{place}"
        cause = {Verdict.BROKEN: Cause.TRUNCATED, Verdict.LOCKED: Cause.PASSWORD}.get(verdict)
        attachment = Attachment(str(place), shown, "application/pdf", 1000, sha256)
        kind = "application/zip" if shown.endswith(".zip") else "application/pdf"
        received.append(ReceivedFile(mail, attachment, Inspection(sha256, 1000, kind, verdict, cause, 3)))
    return Delivery(mail, membership, note or SendingNote(), tuple(received), opened=opened)


def where(*deliveries: Delivery, drafts: tuple[Draft, ...] = (), hours_later: float = 1, case: Case = CASE) -> Progress:
    kept = counted(deliveries)
    files = [f for d in kept for f in d.files]
    labels = {a.label: n for n, a in enumerate(case.annexes)}
    matches, unexpected = [], []
    for place, file in enumerate(files):
        stem = file.attachment.name.removesuffix(".pdf")
        wanted = [labels[x] for x in stem.split("+") if x in labels]
        matches += [Match(n, place, f"label {stem} in the file name") for n in wanted]
        unexpected += [] if wanted else [place]
    last = max((d.message.received for d in kept), default=MORNING)
    standing = stand(case, kept, Matching(tuple(matches), tuple(unexpected)))
    return progress(case, standing, drafts, last + timedelta(hours=hours_later))


def drafted(
    follow_up: FollowUp | None, state: DraftState = DraftState.PENDING, decided: datetime | None = None
) -> Draft:
    """The draft that says what `follow_up` demands."""
    assert follow_up is not None
    items = tuple(
        DraftItem(
            p.labels,
            p.file.attachment.name,
            p.file.inspection.verdict,
            p.file.inspection.cause,
            p.file.attachment.size,
            p.file.attachment.sha256,
        )
        for p in follow_up.problems
    )
    missing = tuple(MissingItem(a.label, a.title) for a in follow_up.missing)
    return Draft(
        follow_up.case.reference, follow_up.round, follow_up.basis, f"<d{follow_up.basis}@x>", "me@x", ("foi@y",), (),
        "Re:", None, (), items, missing, "", MORNING, state, decided=decided, kind=follow_up.kind,
    )  # fmt: skip


def named(progress_: Progress) -> list[str]:
    assert progress_.follow_up is not None
    return [p.file.attachment.name for p in progress_.follow_up.problems]


# An answer over three emails, and what was sent again: one opens, one is the very same, one is as locked as before.
THREE = replace(CASE, annexes=tuple(Annex(f"D({n})", "Annex") for n in ("iii", "iv", "vi")), requested=date(2024, 9, 2))
SAME = sha256(b"the very same").hexdigest()
ANSWER = (
    delivery(1, (f"D(iii).pdf@{sha256(b'a').hexdigest()}", BROKEN), note=SendingNote(1)),
    delivery(2, (f"D(iv).pdf@{SAME}", BROKEN), ("Letter.pdf", OK), note=SendingNote(2, 3)),
    delivery(3, (f"D(vi).pdf@{sha256(b'b').hexdigest()}", LOCKED), note=SendingNote(3, 3, final=True)),
)
AGAIN = (
    delivery(240, (f"D(iii).pdf@{sha256(b'c').hexdigest()}", OK), (f"D(iv).pdf@{SAME}", BROKEN)),
    delivery(241, (f"D(vi).pdf@{sha256(b'd').hexdigest()}", LOCKED)),
)
