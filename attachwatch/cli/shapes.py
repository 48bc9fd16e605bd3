"""The JSON that scripts read: version 1 of each document. Pure."""

from collections import Counter
from collections.abc import Container, Iterable, Sequence
from datetime import date
from typing import TYPE_CHECKING, Any, Final, Literal, cast

from attachwatch.model import (
    AnnexStatus,
    Case,
    Cause,
    Decision,
    Draft,
    DraftItem,
    Inspection,
    NamedAnnex,
    Notice,
    Verdict,
)
from attachwatch.reply.revision import conflicts

if TYPE_CHECKING:  # each document is made without waiting for what the others are of
    from attachwatch.cases.clock import Clock
    from attachwatch.cases.history import Attempt
    from attachwatch.cases.progress import Progress
    from attachwatch.cases.rounds import Part
    from attachwatch.cases.standing import Standing, Told
    from attachwatch.cli import documents
    from attachwatch.ledger.transfer import Moved
    from attachwatch.service import archive
    from attachwatch.service.checks.check import Check
    from attachwatch.service.overview import Overview
    from attachwatch.service.verify import Report, VerifiedFile

VERSION: Final = 1


def verified_file(file: "VerifiedFile", *, with_annex: bool) -> "documents.File":
    """One file of `verify --json`, and one line of `--format jsonl`."""
    inspection = file.inspection
    shape: documents.File = {
        "path": file.path,
        "name": file.name,
        "sha256": inspection.sha256,
        "size": inspection.size,
        "type": inspection.type,
        "verdict": inspection.verdict,
        "cause": inspection.cause,
        "pages": inspection.pages,
        "findings": _findings(inspection),
        "readers": _readers(inspection),
        "seconds": round(inspection.seconds, 4),
    }
    if with_annex:
        shape["annex"] = ", ".join(file.labels) or None
        shape["reason"] = file.reason or None
    return shape


def doctor_document(checks: "Sequence[Check]") -> "documents.Doctor":
    from attachwatch.service.checks.check import Outcome

    counts = Counter(check.outcome for check in checks)
    return {
        "version": VERSION,
        "checks": [{"name": c.name, "outcome": c.outcome, "says": c.says, "remedy": c.remedy or None} for c in checks],
        "summary": cast("documents.Outcomes", {outcome.value: counts[outcome] for outcome in Outcome}),
    }


def migrated_document(moved: "Moved", blobs: str, key: str, *, switched: bool) -> "documents.Migrated":
    return {
        "version": VERSION,
        "source": moved.source,
        "target": moved.target,
        "copied": not moved.was_there,
        "equal": moved.is_equal,
        "tables": [
            {
                "table": t.table,
                "rows": [t.source.rows, t.target.rows],
                "sha256": [t.source.sha256, t.target.sha256],
                "equal": t.is_equal,
            }
            for t in moved.tables
        ],
        "attachments": blobs,
        "key": key,
        "switched": switched,
    }


def verify_document(report: "Report", *, with_annexes: bool) -> "documents.Verify":
    document: documents.Verify = {
        "version": VERSION,
        "files": [verified_file(f, with_annex=with_annexes) for f in report.files],
        "notices": [{**_notice(n), "path": n.message.key.mailbox} for n in report.notices],
        "summary": cast("documents.Summary", summary(report)),
    }
    if with_annexes:
        paths = {f.part: f.path for f in report.files}
        document["annexes"] = [_verified_annex(s, paths) for s in report.standing.annexes]
    if report.letter:
        reading = report.letter.reading
        document["letter"] = {
            "annexes": [_named(a) for a in reading.annexes],
            "email_number": reading.note.number,
            "email_total": reading.note.total,
            "final": reading.note.final,
            "deadline": reading.deadline.isoformat() if reading.deadline else None,
            "references": list(reading.references),
            "not_on_your_list": [t.annex.label for t in report.standing.proposed],
            "not_in_the_letter": [a.label for a in report.unnamed],
        }
    return document


def summary(report: "Report") -> dict[str, int]:
    """How many files of each verdict, and how many annexes are missing."""
    verdicts = [f.inspection.verdict for f in report.files]
    counts = {v.value: verdicts.count(v) for v in Verdict}
    return {"files": len(verdicts), **counts, "missing": len(report.missing)}


def archive_document(found: "archive.Summary", output: str, form: str, inspected: int) -> "documents.Archive":
    from attachwatch.service import archive

    return {
        "version": VERSION,
        "output": output,
        "format": cast("Literal['jsonl', 'parquet']", form),
        "inspected": inspected,
        "unread": found.unread,
        "summary": cast("documents.ArchiveSummary", {"files": found.files, **found.verdicts}),
        "causes": cast("dict[Cause, int]", found.causes),
        "attention": [
            {"path": row["path"], "verdict": row["verdict"], "cause": row["cause"], "message": archive.why(row)}
            for row in found.attention
        ],
        "attention_all": found.attention_all,
    }


def status_document(overviews: "dict[str, Overview]") -> "documents.Status":
    """`overviews` by the name of their mailbox."""
    return {
        "version": VERSION,
        "cases": [_case(p, o) for o in overviews.values() for p in o.progress],
        "held": [
            {
                "mailbox": name,
                "id": h.message.id,
                "message_id": h.message.header.message_id,
                "subject": h.message.header.subject,
                "sender": h.message.header.sender.address if h.message.header.sender else None,
                "held_as": h.held_as,
                "reason": h.reason,
            }
            for name, o in overviews.items()
            for h in o.held
        ],
        "proposed": proposed(overviews),
        "diverted": [
            {"mailbox": name, "sender": sender.address, "reply_to": asked.address}
            for name, o in overviews.items()
            for sender, asked in o.diverted
        ],
        "lookalikes": [
            {"mailbox": name, "sender": sender.address, "name": sender.name, "imitates": imitated}
            for name, o in overviews.items()
            for sender, imitated in o.lookalikes
        ],
        "unfetched": [
            {"mailbox": name, "sender": sender.address, "problem": why}
            for name, o in overviews.items()
            for sender, why in o.unfetched
        ],
    }


def cases_document(overviews: "dict[str, Overview]") -> "documents.Cases":
    """`overviews` by the name of their mailbox."""
    return {
        "version": VERSION,
        "cases": [
            {
                "reference": p.case.reference,
                "other_references": list(p.case.other_references),
                "mailbox": p.case.mailbox,
                "authority": list(p.case.authority),
                "state": p.state,
                "closed": p.closed,
                "annexes": len(p.case.annexes),
                "missing": [a.label for a in p.standing.missing],
            }
            for o in overviews.values()
            for p in o.progress
        ],
        "proposed": proposed(overviews),
    }


def proposed(overviews: "dict[str, Overview]") -> "list[documents.ProposedCase]":
    """The cases that messages name and that there are not."""
    return [
        {
            "mailbox": name,
            "reference": p.reference,
            "authority": list(p.like.authority),
            "messages": [m.id for m in p.messages],
            "annexes": [a.label for a in p.annexes],
        }
        for name, o in overviews.items()
        for p in o.proposed
    ]


def decisions_document(decisions: Iterable[Decision], undone: Container[int] = (), **more: Any) -> dict[str, Any]:
    return {
        "version": VERSION,
        "decisions": [
            {
                "id": d.id,
                "case": d.case or None,
                "kind": d.kind,
                "subject": d.subject,
                "value": d.value,
                "decided": d.decided.isoformat(),
                "counts": d.id not in undone,
            }
            for d in decisions
        ],
    } | more


def drafts_document(drafts: list[Draft]) -> "documents.Drafts":
    return {"version": VERSION, "drafts": [_draft(d) for d in drafts]}


def draft_document(
    draft: Draft,
    evidence: Sequence[tuple[DraftItem, Inspection | None]],
    warnings: Sequence[str],
    changes: Sequence[str] | None,
) -> "documents.Drafts":
    """One draft with what its words rest on; `changes` against the one before it, where they were asked for."""
    shape = _draft(draft) | {"warnings": list(warnings)}
    for item, (_, found) in zip(shape["items"], evidence, strict=True):
        item["pages"] = found.pages if found else None
        item["findings"] = _findings(found) if found else []
        item["readers"] = _readers(found) if found else []
    if changes is not None:
        shape["changes"] = list(changes)
    return {"version": VERSION, "drafts": [shape]}


def _readers(inspection: Inspection) -> "list[documents.Reader]":
    return [
        {
            "name": r.name,
            "version": r.version,
            "opened": r.opened,
            "pages": r.pages,
            "rendered": r.rendered,
            "error": r.error,
            "warnings": list(r.warnings),
            "seconds": round(r.seconds, 4),
        }
        for r in inspection.readers
    ]


def _findings(inspection: Inspection) -> "list[documents.Finding]":
    return [{"code": f.code, "message": f.message, "evidence": dict(f.evidence)} for f in inspection.findings]


def _verified_annex(status: AnnexStatus, paths: dict[str, str]) -> "documents.VerifiedAnnex":
    file = status.file
    return {
        "label": status.annex.label,
        "title": status.annex.title,
        "state": cast("documents.AnnexState", status.state),
        "file": paths[file.attachment.part] if file else None,
        "reason": status.reason or None,
    }


def _case(progress: "Progress", overview: "Overview") -> "documents.Case":
    from attachwatch.service.overview import questions

    case: Case = progress.case
    standing: Standing = progress.standing
    return {
        "reference": case.reference,
        "authority": list(case.authority),
        "state": progress.state,
        "round": progress.round,
        "clock": _clock(overview.clocks[case.reference]),
        "annexes": [_annex(s) for s in standing.annexes],
        "unexpected": [
            {
                "file": f.attachment.name,
                "verdict": f.inspection.verdict,
                "cause": f.inspection.cause,
                "reason": f.unmatched or None,
            }
            for f in standing.unexpected
        ],
        "proposed": [_told(t) for t in standing.proposed],
        "excused": [{**_told(t), "label": label} for label, t in standing.excused.items()],
        "unnamed": [a.label for a in standing.unnamed],
        "notices": [_notice(n) for n in standing.notices],
        "questions": [
            {"before": g.before, "absent": list(g.absent), "after": g.after, "question": g.question}
            for g in questions(progress)
        ],
        "messages": len(standing.deliveries),
        "emails": [_part(p) for p in overview.parts[case.reference]],
    }


def _clock(clock: "Clock") -> "documents.Clock":
    """Days as ISO 8601 dates; `left` and `late` in working days."""
    deadline = clock.deadline
    return {
        "deadline": deadline.day.isoformat() if deadline else None,
        "basis": deadline.basis if deadline else None,
        "source": (deadline.source or None) if deadline else None,
        "extension": (deadline.extension or None) if deadline else None,
        "left": clock.left,
        "overdue": clock.is_overdue,
        "answered": _iso(clock.answered),
        "late": clock.late,
        "replied": _iso(clock.replied),
        "reminded": clock.reminded,
        "chaser": _iso(clock.chaser if clock.chasing else None),
        "chaser_due": clock.is_chaser_due,
        "chaser_again": _iso(clock.again if clock.chasing else None),
    }


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None


def _part(part: "Part") -> "documents.Email":
    """One email of a case: what it says of the sending it is part of, and what it brings."""
    message, note = part.delivery.message, part.delivery.note
    return {
        "message_id": message.header.message_id,
        "received": message.received.isoformat(),
        "subject": message.header.subject,
        "round": part.round,
        "number": note.number,
        "total": note.total,
        "final": note.final,
        "brings": list(part.brings),
        "resends": list(part.resends),
    }


def _attempt(attempt: "Attempt") -> "documents.Attempt":
    """One copy of an annex, and how it differs from those before."""
    file, same = attempt.file, attempt.same_as
    return {
        "received": file.message.received.isoformat(),
        "message_id": file.message.header.message_id,
        "file": file.attachment.name,
        "size": file.attachment.size,
        "sha256": file.attachment.sha256,
        "verdict": file.inspection.verdict,
        "cause": file.inspection.cause,
        "words": attempt.words,
        "same_as": same.message.header.message_id if same else None,
    }


def _told(told: "Told") -> "documents.Told":
    """What a message says of an annex, and which message."""
    return {**_named(told.annex), "message_id": told.message.header.message_id}


def _named(annex: NamedAnnex) -> "documents.Named":
    return {
        "label": annex.label,
        "title": annex.title,
        "fate": annex.fate,
        "sentence": annex.sentence,
        "in": annex.file or None,  # the letter's name; where it is the email's own text, null
    }


def _notice(notice: Notice) -> "documents.Notice":
    """What a message tells of and does not hold, and the annexes that it names."""
    from attachwatch.cases.standing import notice_key

    finding = notice.finding
    return {
        "code": finding.code,
        "message": finding.message,
        "evidence": dict(finding.evidence),
        "annexes": list(notice.labels),
        "message_id": notice.message.header.message_id,
        "key": notice_key(notice),
    }


def _annex(status: AnnexStatus) -> "documents.Annex":
    from attachwatch.cases.history import history

    file = status.file
    return {
        "label": status.annex.label,
        "title": status.annex.title,
        "state": cast("documents.AnnexState", status.state),
        "cause": file.inspection.cause if file else None,
        "findings": [f.code for f in file.inspection.findings] if file else [],
        "file": file.attachment.name if file else None,
        "sha256": file.attachment.sha256 if file else None,
        "pages": status.pages,
        "message_id": file.message.header.message_id if file else None,
        "attempts": len(status.history),
        "history": [_attempt(a) for a in history(status)],
        "reason": status.reason or None,
    }


def _draft(draft: Draft) -> "documents.Draft":
    return {
        "id": draft.id,
        "case": draft.case,
        "round": draft.round,
        "kind": draft.kind,
        "state": draft.state,
        "to": list(draft.to),
        "cc": list(draft.cc),
        "subject": draft.subject,
        "in_reply_to": draft.in_reply_to,
        "references": list(draft.references),
        "message_id": draft.message_id,
        "items": [
            {
                "label": ", ".join(i.labels) or None,
                "file": i.file,
                "verdict": i.verdict,
                "cause": i.cause,
                "size": i.size,
                "sha256": i.sha256,
            }
            for i in draft.items
        ],
        "missing": [{"label": m.label, "title": m.title} for m in draft.missing],
        "body": draft.body,
        "edited": draft.is_edited,
        "generated": draft.generated or draft.body,
        "conflicts": conflicts(draft.body),
        "created": draft.created.isoformat(),
        "decided": draft.decided.isoformat() if draft.decided else None,
        "placed_in": draft.placed_in or None,
    }
