"""The record as JSON, version 1: the facts as they are, names as they were sent. Pure."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from attachwatch.cases.clock import Clock, Deadline
from attachwatch.cases.standing import notice_key
from attachwatch.evidence import words
from attachwatch.evidence.record import AnnexRecord, Decided, Email, File, Record
from attachwatch.model import Address, Draft, Finding, Inspection, Notice, Verdict
from attachwatch.service.overview import questions

VERSION = 1


def as_json(record: Record) -> dict[str, Any]:
    case, progress = record.case, record.progress
    waiting = {notice_key(n) for n in progress.standing.notices}
    names = record.names
    return {
        "version": VERSION,
        "made": record.made.isoformat(),
        "attachwatch": record.version,
        "rules": record.rules,
        "readers": [{"name": name, "version": version} for name, version in record.readers],
        "case": {
            "reference": case.reference,
            "other_references": list(case.other_references),
            "mailbox": case.mailbox,
            "authority": list(case.authority),
            "jurisdiction": case.jurisdiction,
            "requested": _day(case.requested),
            "review_requested": _day(case.review_requested),
            "state": progress.state,
            "closed": progress.closed,
            "round": progress.round,
        },
        "deadlines": [_deadline(c.deadline, c) for c in record.due if c.deadline],
        "replied": _day(record.clock.replied),
        "annexes": [_annex(a) for a in record.annexes],
        "emails": [_email(e, waiting) for e in record.emails],
        "replies": [_draft(d) for d in record.drafts],
        "decisions": [_decided(d, words.decided(d.decision, names)) for d in record.decisions],
        "unfetched": [{"sender": s.address, "problem": why} for s, why in record.unfetched],
        "questions": [g.question for g in questions(progress)],
    }


def _day(day: date | None) -> str | None:
    return day.isoformat() if day else None


def _when(when: datetime | None) -> str | None:
    return when.isoformat() if when else None


def _deadline(deadline: Deadline, clock: Clock) -> dict[str, Any]:
    """Days as ISO 8601 dates; `late` in working days, up to the answer or, while that is awaited, up to now."""
    return {
        "due": deadline.day.isoformat(),
        "basis": deadline.basis,
        "source": deadline.source or None,
        "answered": _day(clock.answered),
        "late": -(clock.left or 0) if clock.is_overdue else clock.late,
        "missed": words.is_missed(clock),
    }


def _annex(annex: AnnexRecord) -> dict[str, Any]:
    status = annex.status
    return {
        "label": status.annex.label,
        "kind": status.annex.kind or None,
        "title": status.annex.title,
        "state": status.state,
        "reason": status.reason or None,
        "pages": status.pages,
        "files": list(annex.current),
        "history": [
            {
                "file": c.number,
                "email": c.email,
                "received": c.attempt.file.message.received.isoformat(),
                "sha256": c.attempt.file.attachment.sha256,
                "verdict": c.attempt.file.inspection.verdict,
                "cause": c.attempt.file.inspection.cause,
                "words": c.attempt.words,
                "same_as": c.attempt.same_as.message.header.message_id if c.attempt.same_as else None,
            }
            for c in annex.copies
        ],
    }


def _email(email: Email, waiting: set[str]) -> dict[str, Any]:
    message, part = email.filed.message, email.part
    header, key = message.header, message.key
    return {
        "number": email.number,
        "received": message.received.isoformat(),
        "date": _when(header.date),
        "from": _address(header.sender),
        "doubt": header.doubt,
        "to": [_address(a) for a in header.to],
        "cc": [_address(a) for a in header.cc],
        "subject": header.subject,
        "message_id": header.message_id,
        "in_reply_to": list(header.in_reply_to),
        "references": list(header.references),
        "folder": key.folder,
        "uidvalidity": key.uidvalidity,
        "uid": key.uid,
        "filed_by": email.filed.membership,
        "no_answer": email.aside or None,
        "unread": message.unread or None,
        "round": part.round if part else None,
        "email_number": part.delivery.note.number if part else None,
        "email_total": part.delivery.note.total if part else None,
        "final": bool(part and part.delivery.note.final),
        "own_deadline": _day(email.own_deadline),
        "resends": list(part.resends) if part else [],
        "notices": [_notice(n, waiting) for n in email.notices],
        "files": [_file(f) for f in email.files],
    }


def _address(address: Address | None) -> dict[str, str] | None:
    return {"name": address.name, "address": address.address} if address else None


def _notice(notice: Notice, waiting: set[str]) -> dict[str, Any]:
    return {
        **_finding(notice.finding),
        "annexes": list(notice.labels),
        "key": notice_key(notice),
        "awaited": notice_key(notice) in waiting,
    }


def _file(file: File) -> dict[str, Any]:
    attachment = file.attachment
    return {
        "number": file.number,
        "part": attachment.part,
        "name": attachment.name,
        "containers": list(attachment.containers),
        "declared_type": attachment.content_type,
        "size": attachment.size,
        "sha256": attachment.sha256,
        "fetched_again": attachment.again or None,
        "annexes": list(file.labels),
        "role": file.role or None,
        "counts": file.counts,
        **_inspection(file.inspection),
    }


def _inspection(inspection: Inspection) -> dict[str, Any]:
    return {
        "type": inspection.type,
        "verdict": inspection.verdict,
        "verdict_in_words": words.VERDICTS[Verdict(inspection.verdict)],
        "cause": inspection.cause,
        "pages": inspection.pages,
        "rules": inspection.rules,
        "findings": [_finding(f) for f in inspection.findings],
        "readers": [
            {
                "name": r.name,
                "version": r.version,
                "opened": r.opened,
                "needs_password": r.needs_password,
                "pages": r.pages,
                "rendered": r.rendered,
                "error": r.error,
                "warnings": list(r.warnings),
            }
            for r in inspection.readers
        ],
    }


def _finding(finding: Finding) -> dict[str, Any]:
    """`personal` names the evidence that is a person's."""
    return {
        "code": finding.code,
        "message": finding.message,
        "evidence": dict(finding.evidence),
        "personal": [key for key in finding.evidence if key in words.PERSONAL],
    }


def _draft(draft: Draft) -> dict[str, Any]:
    return {
        "id": draft.id,
        "kind": draft.kind,
        "round": draft.round,
        "state": draft.state,
        "created": draft.created.isoformat(),
        "decided": _when(draft.decided),
        "placed_in": words.place(draft) or None,
        "edited": draft.is_edited,
        "from": draft.sender,
        "to": list(draft.to),
        "cc": list(draft.cc),
        "subject": draft.subject,
        "message_id": draft.message_id,
        "in_reply_to": draft.in_reply_to,
        "references": list(draft.references),
        "items": _items(draft),
        "missing": [{"label": m.label, "title": m.title} for m in draft.missing],
        "body": draft.body,
    }


def _items(draft: Draft) -> Sequence[dict[str, Any]]:
    return [
        {
            "annexes": list(i.labels),
            "file": i.file,
            "size": i.size,
            "sha256": i.sha256,
            "verdict": i.verdict,
            "cause": i.cause,
        }
        for i in draft.items
    ]


def _decided(decided: Decided, said: str) -> dict[str, Any]:
    decision = decided.decision
    return {
        "id": decision.id,
        "kind": decision.kind,
        "subject": decision.subject,
        "value": decision.value,
        "decided": decision.decided.isoformat(),
        "counts": decided.counts,
        "words": said,
    }
