"""What is said of files, cases and decisions, in words. Pure; what strangers wrote is in it as they wrote it."""

from collections.abc import Iterator, Mapping
from pathlib import Path

from attachwatch.cases.clock import Clock, in_words
from attachwatch.model import Decides, Decision, Draft, Finding, Inspection, Notice, ReaderReport, SendingNote, Verdict

_MOST_WARNINGS = 3
PERSONAL = ("owner",)  # evidence that is a person's address: it belongs into the record, and is marked there

VERDICTS = {
    Verdict.OK: "opens, and every page can be read",
    Verdict.DAMAGED: "opens, but part of it is lost",
    Verdict.PLACEHOLDER: "opens, and shows a stand-in in the place of the document",
    Verdict.LOCKED: "needs a password or a certificate that was not given",
    Verdict.BROKEN: "cannot be opened, or is not what its name says",
    Verdict.UNCHECKED: "was not judged: another kind of file, or a limit of the check",
}


def count(number: int, what: str) -> str:
    """`number` of `what`, whose plural ends in an s: "1 file", "2,000 files"."""
    return f"{number:,} {what}{'' if number == 1 else 's'}"


def absent(notice: Notice, where: str = "") -> str:
    """What is told of and is not there; `where` says in which message, if it is in one and that is not plain."""
    return ": ".join(filter(None, ("Not in the mail", where, notice.finding.message)))


# --- one file -----------------------------------------------------------------------------------------------


def cause(inspection: Inspection) -> str:
    """The cause by its code and in a few words; empty where there is none."""
    if not inspection.cause:
        return ""
    from attachwatch.cases.history import CAUSES

    said = CAUSES[inspection.cause]
    return said if said == inspection.cause else f"{inspection.cause}: {said}"


def says(reader: ReaderReport) -> str:
    """One reader's word in one line, behind its version."""
    if reader.opened:
        said = "opens it" + (f": {count(reader.pages, 'page')}" if reader.pages is not None else "")
    else:
        said = "asks for a password" if reader.needs_password else "does not open it"
    if reader.rendered is not None:
        said += f", {reader.rendered} painted"
    if reader.white:
        said += f", blank: {', '.join(map(str, reader.white))}"
    words = [reader.error or "", *reader.warnings[:_MOST_WARNINGS]]
    return "; ".join([f"{reader.version} {said}", *filter(None, words)])


def evidence(finding: Finding) -> str:
    """What a finding rests on, in one line; what is a person's is marked."""
    return ", ".join(
        f"{key.replace('_', ' ')} {_listed(value)}{' (personal data)' if key in PERSONAL else ''}"
        for key, value in finding.evidence.items()
        if value not in (None, [], "")
    )


def _listed(value: object) -> str:
    return " and ".join(map(str, value)) if isinstance(value, list) else str(value)


def why(inspection: Inspection) -> str:
    """One sentence: the cause's finding, or the first one. Of a file that opens, only that it came differently."""
    from attachwatch.service.copies import FETCHES_DIFFER

    if inspection.verdict is Verdict.OK:
        return next((f.message for f in inspection.findings if f.code == FETCHES_DIFFER), "")
    chosen = [f for f in inspection.findings if f.code == inspection.cause] or list(inspection.findings)
    return chosen[0].message if chosen else ""


# --- a case -------------------------------------------------------------------------------------------------


def note(of: SendingNote) -> str:
    """What an email says of the sending it is part of."""
    number = f"email {of.number}" if of.number else ""
    if of.number and of.total:
        number = f"{of.number} of {of.total}"
    return ", ".join(filter(None, (number, "final" if of.final else "")))


def is_missed(clock: Clock) -> bool:
    """Whether the answer came too late, or is."""
    return clock.is_overdue or clock.late > 0


def clock_lines(clock: Clock) -> Iterator[str]:
    """By when an answer was due and whether it came, and when to remind them of ours."""
    if clock.deadline:
        yield f"Answer due by {in_words(clock.deadline.day)}, {clock.deadline.basis}: {how_it_stands(clock)}"
    if clock.replied:
        yield f"Our reply was placed on {in_words(clock.replied)}{_reminder(clock)}"


def _reminder(clock: Clock) -> str:
    """When to remind them of our reply, and when once more."""
    if not clock.chasing or clock.chaser is None:
        return ""
    if not clock.is_chaser_due:
        return f"; remind them on {in_words(clock.chaser)}"
    said = f"; time to remind them{' once more' if clock.is_second else ''}, since {in_words(clock.chaser)}"
    return f"{said}; once more on {in_words(clock.again)}" if clock.again and not clock.is_second else said


def how_it_stands(clock: Clock) -> str:
    """Whether the answer is there, and how late."""
    if clock.is_overdue:
        extension = clock.deadline.extension if clock.deadline else ""
        longer = f"; it may be extended {extension}" if extension else ""
        return f"overdue by {count(-(clock.left or 0), 'working day')}{longer}"
    if clock.left is not None:
        return f"{count(clock.left, 'working day')} left" if clock.left else "today"
    if clock.answered is None:
        return "settled"
    late = f"{count(clock.late, 'working day')} late" if clock.late else "in time"
    return f"answered on {in_words(clock.answered)}, {late}"


def place(draft: Draft) -> str:
    """Where an approved draft was placed. Of a file its name alone: who reads the record need not know the folders."""
    place = Path(draft.placed_in)
    return f"the file {place.name}" if place.is_absolute() else draft.placed_in


def decided(decision: Decision, names: Mapping[str, str]) -> str:
    """The decision as a sentence; `names` are those of files by their SHA-256."""
    subject, value = decision.subject, ", ".join(decision.value.splitlines())
    file = f"{names.get(decision.subject, 'a file')} ({subject[:12]}) is"
    said = {
        Decides.FILE: f"{file} annex {value}" if value else f"{file} no annex",
        Decides.PART: f"{file} a part of annex {value}" if value else f"{file} no annex",
        Decides.ANNEX_CLOSED: f"Annex {subject} is closed: {value}",
        Decides.ANNEX_SUSPENDED: f"Annex {subject} is suspended until {value}",
        Decides.ANNEX_POSTED: f"Annex {subject} is to come by post, and is asked for again from {value}",
        Decides.MESSAGE_ACCEPTED: f"Message {subject} belongs to {decision.case}",
        Decides.MESSAGE_DISMISSED: f"Message {subject} belongs to no case",
        Decides.NOTICE_DISMISSED: f"Nothing is awaited from notice {subject}",
        Decides.CASE_CLOSED: f"{decision.case} is closed: {value}",
        Decides.CASE_REOPENED: f"{decision.case} is open again",
        Decides.UNDONE: f"Decision {subject} is undone",
    }
    return said[decision.kind]
