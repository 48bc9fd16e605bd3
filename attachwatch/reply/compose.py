"""Where a case stands -> the words of the reply. Pure but for reading templates; sends nothing.

Everything that comes from a message is data here: it is shown with control characters replaced, and never taken for
a template or a header.
"""

import hashlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from attachwatch.mime.notices import CLOUD_LINK, DOWNLOAD_LINK, GATEWAY_NOTICE
from attachwatch.model import (
    Annex,
    Attachment,
    Cause,
    Draft,
    DraftItem,
    DraftKind,
    Finding,
    FollowUp,
    Inspection,
    Message,
    MissingItem,
    Notice,
    Problem,
    Verdict,
)
from attachwatch.reply.addressee import salutation
from attachwatch.reply.envelope import Envelope, envelope
from attachwatch.reply.lines import printable
from attachwatch.reply.words import CauseWords, Words, words

_LETTERS = {DraftKind.REPORT: "follow_up.txt", DraftKind.REMINDER: "reminder.txt", DraftKind.THANKS: "thanks.txt"}
_SHARED_BY = 3  # files of one cause, of which it is told once
_NOTICES = {CLOUD_LINK: "link", DOWNLOAD_LINK: "link", GATEWAY_NOTICE: "filter"}
_MOST_NAMED = 20  # files of one notice
_LONGEST_QUOTE = 300  # characters of a sentence of theirs


@dataclass(frozen=True, slots=True)
class Style:
    """How the user wants their letters: by templates of their own, and whether the law may be named."""

    templates: Path | None = None
    firm: bool = False


def compose(follow_up: FollowUp, account: str, reply_to: Sequence[str], now: datetime, style: Style = Style()) -> Draft:
    """Write the draft for `follow_up`.

    `account` is the user's own address; `reply_to` the authority's addresses that the reply goes to. Raise
    ConfigurationError where a template of the user's cannot be used.
    """
    items = tuple(_item(p) for p in follow_up.problems)
    missing = tuple(MissingItem(a.label, a.title) for a in follow_up.missing)
    body = compose_body(follow_up, style)
    head: Envelope = envelope(follow_up.answers, follow_up.case, account, reply_to)
    return Draft(
        case=follow_up.case.reference,
        round=follow_up.round,
        basis=follow_up.basis,
        message_id=_message_id(follow_up, items, missing, head.sender),
        sender=head.sender,
        to=head.to,
        cc=head.cc,
        subject=head.subject,
        in_reply_to=head.in_reply_to,
        references=head.references,
        items=items,
        missing=missing,
        body=body,
        created=now,
        kind=follow_up.kind,
        generated=body,
    )


def _item(problem: Problem) -> DraftItem:
    attachment, inspection = problem.file.attachment, problem.file.inspection
    return DraftItem(
        problem.labels, attachment.name, inspection.verdict, inspection.cause, attachment.size, attachment.sha256
    )


def _message_id(follow_up: FollowUp, items: object, missing: object, sender: str) -> str:
    """The same for the same draft, so that a second APPEND can be recognised (RFC 5322 section 3.6.4)."""
    said = repr((follow_up.case.reference, follow_up.round, follow_up.basis, items, missing)).encode()
    if follow_up.kind is not DraftKind.REPORT:
        said += repr((follow_up.kind.value, follow_up.reminders)).encode()
    domain = sender.rpartition("@")[2]
    return f"<attachwatch.{hashlib.sha256(said).hexdigest()[:32]}@{domain or 'localhost'}>"


def compose_body(follow_up: FollowUp, style: Style = Style()) -> str:
    """The words alone."""
    return worded(follow_up, words(follow_up.case.language, style.templates), firm=style.firm)


def worded(follow_up: FollowUp, said: Words, *, firm: bool) -> str:
    """The same in words that were read before."""
    return said.letter(_LETTERS[follow_up.kind], _facts(follow_up, said, firm=firm))


def _facts(follow_up: FollowUp, said: Words, *, firm: bool) -> dict[str, object]:
    """What a template may speak of."""
    case, problems = follow_up.case, follow_up.problems
    asks = _asks(problems, follow_up.written + 1, said)
    told_once = {number for ask in asks if ask["what"] for number in _numbers(ask)}
    names = Counter(_name(p.file.attachment, said) for p in problems)
    notices = [_notice(n, follow_up) for n in follow_up.notices if n.finding.code in _NOTICES]
    return {
        "salutation": salutation(sender.name) if (sender := follow_up.answers.header.sender) else "",
        "reference": printable(case.reference),
        "report": follow_up.written + 1,
        "emails": len(follow_up.emails),
        "dates": _days(follow_up),
        "cured": [_named(follow_up, label) for label in follow_up.cured],
        "items": [
            _told(
                follow_up,
                problem,
                said,
                is_told=number in told_once,
                is_ambiguous=problem.file.attachment.is_nameless or names[_name(problem.file.attachment, said)] > 1,
            )
            for number, problem in enumerate(problems, 1)
        ],
        "extent": _extent(problems),
        "asks": asks,
        "missing": [_missing(a) for a in follow_up.missing],
        "notices": notices,
        "links": any(n["kind"] == "link" for n in notices),
        "filtered": any(n["kind"] == "filter" for n in notices),
        "opened": follow_up.opened,
        "theirs": printable(" ".join(follow_up.opened_for_them.split()))[:_LONGEST_QUOTE],
        "readers": _readers(problems, said),
        "tried": all(p.file.inspection.readers for p in problems),
        "asked": follow_up.asked and follow_up.asked.date(),
        "reminders": follow_up.reminders,
        "firm": firm,
        "jurisdiction": case.jurisdiction,
        "sign_off": case.sign_off,
    }


def _told(
    follow_up: FollowUp, problem: Problem, said: Words, *, is_told: bool, is_ambiguous: bool
) -> dict[str, object]:
    """One file of the list. Where its cause `is_told` with the request, it is not told again; where its name
    `is_ambiguous`, its day is told."""
    file, inspection = problem.file.attachment, problem.file.inspection
    shows = _cause(inspection, said).shows
    return {
        "name": _name(file, said),
        "label": said.listed(_unsaid_labels(follow_up, problem)),
        "what": "" if is_told else _what(inspection, said, with_day=True),
        "inside": " > ".join(map(printable, file.containers)),
        "day": _sent(problem.file.message) if is_ambiguous else None,
        "pages": _pages(inspection) if shows == "pages" else [],
        "counts": _counts(inspection) if shows == "pages" else [],
        "shows_size": shows == "size",
        "size": file.size,
        "sha256": printable(file.sha256),
        "unchanged": problem.unchanged,
    }


def _asks(problems: Sequence[Problem], report: int, said: Words) -> list[dict[str, object]]:
    """Each request once, with the numbers of the files that it is for; and with their cause where many share it."""
    groups: dict[str, dict[int, Problem]] = {}
    for number, problem in enumerate(problems, 1):
        groups.setdefault(_cause(problem.file.inspection, said).ask, {})[number] = problem
    return [
        {
            "numbers": list(group),
            "what": _shared([_what(p.file.inspection, said, with_day=False) for p in group.values()]),
            "text": said.ask(name, report, len(group)),
        }
        for name, group in groups.items()
    ]


def _shared(causes: Sequence[str]) -> str:
    return causes[0] if len(causes) >= _SHARED_BY and len(set(causes)) == 1 else ""


def _numbers(ask: dict[str, object]) -> Sequence[int]:
    numbers = ask["numbers"]
    return numbers if isinstance(numbers, list) else ()


def _cause(inspection: Inspection, said: Words) -> CauseWords:
    """The words for a cause. That a mail filter took the file away is worth more than what the rest of it is not."""
    return said.cause((Cause.GATEWAY_NOTICE if inspection.is_filters_notice else inspection.cause) or "")


def _what(inspection: Inspection, said: Words, *, with_day: bool) -> str:
    finding = _finding(inspection)
    other, label = (_short(finding, key) for key in ("instead", "label"))
    day = _day(_short(finding, "label_date")) if with_day else None
    dated = said.clause("dated", said.day(day) if day else "")
    clauses = {"other": said.clause("other", said.kind(other)), "label": said.clause("label", label, dated=dated)}
    return said.filled(_cause(inspection, said).what, clauses)


def _day(said: str) -> date | None:
    """The day of a time as a file gives it (ISO 8601)."""
    try:
        return date.fromisoformat(said[:10])
    except ValueError:
        return None


def _finding(inspection: Inspection) -> Finding | None:
    return next((f for f in inspection.findings if f.code == inspection.cause), None)


def _short(finding: Finding | None, key: str) -> str:
    value = finding.evidence.get(key) if finding else None
    return printable(value)[:_LONGEST_QUOTE] if isinstance(value, str) else ""


def _pages(inspection: Inspection) -> list[int]:
    finding = _finding(inspection)
    pages = finding.evidence.get("pages") if finding else None
    return [p for p in pages if isinstance(p, int)] if isinstance(pages, list) else []


def _counts(inspection: Inspection) -> list[int]:
    """How many pages are seen, and of how many, where readers count them differently."""
    finding = _finding(inspection)
    counts = [finding.evidence.get(name) for name in ("pdfium", "qpdf")] if finding else []
    known = sorted(n for n in counts if isinstance(n, int))
    return known if len(set(known)) == 2 else []


def _readers(problems: Sequence[Problem], said: Words) -> list[str]:
    """The programs that the files were tried with, each once."""
    tried = dict.fromkeys((r.name, r.version) for p in problems for r in p.file.inspection.readers)
    return [said.reader(*reader) for reader in tried]


def _notice(notice: Notice, follow_up: FollowUp) -> dict[str, object]:
    return {
        "kind": _NOTICES[notice.finding.code],
        "where": _short(notice.finding, "service") or _short(notice.finding, "host"),
        "day": _sent(notice.message),
        "expiry": _short(notice.finding, "expiry"),
        "files": [printable(name) for name in notice.files[:_MOST_NAMED]],
        "labels": [_named(follow_up, label) for label in notice.labels],
    }


def _name(file: Attachment, said: Words) -> str:
    return said.phrases.nameless if file.is_nameless else printable(file.name)


def _extent(problems: Sequence[Problem]) -> str:
    damaged = Counter(p.file.inspection.verdict is Verdict.DAMAGED for p in problems)
    return "whole" if not damaged[True] else "some" if damaged[False] else "part"


def _named(follow_up: FollowUp, label: str) -> str:
    kinds = {a.label: a.kind for a in follow_up.case.annexes}
    return printable(_with_kind(label, kinds.get(label, "")))


def _missing(annex: Annex) -> str:
    name = _with_kind(annex.label, annex.kind)
    return printable(f"{name} ({annex.title})" if annex.title and annex.title != name else name)


def _with_kind(label: str, kind: str) -> str:
    return label if not kind or label.startswith(kind) else f"{kind} {label}"


def _unsaid_labels(follow_up: FollowUp, problem: Problem) -> list[str]:
    """Which annex a file is, where its name does not say so."""
    name = _letters(problem.file.attachment.name)
    return [_named(follow_up, label) for label in problem.labels if _letters(label) not in name]


def _letters(text: str) -> str:
    return "".join(filter(str.isalnum, text.casefold()))


def _days(follow_up: FollowUp) -> list[date]:
    messages = follow_up.emails or (follow_up.answers,)
    return [_sent(m) for m in messages]


def _sent(message: Message) -> date:
    return (message.header.date or message.received).date()
