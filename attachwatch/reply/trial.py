"""Templates of the user's, tried on invented cases before they are needed for a real one. Pure but for reading them."""

from collections.abc import Collection, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from attachwatch.errors import ConfigurationError
from attachwatch.model import (
    Address,
    Annex,
    Attachment,
    Case,
    Cause,
    DraftKind,
    Evidence,
    Finding,
    FollowUp,
    Header,
    Inspection,
    Message,
    MessageKey,
    Notice,
    Problem,
    ReaderReport,
    ReceivedFile,
    Verdict,
)
from attachwatch.reply.compose import worded
from attachwatch.reply.words import LANGUAGES, words

_NOW = datetime(2024, 10, 1, 9, tzinfo=UTC)
_HASH = "ab" * 32


def check_templates(folder: Path, languages: Collection[str] = LANGUAGES) -> None:
    """Raise ConfigurationError, which names the file, where a template in `folder` cannot be used."""
    if not folder.is_dir():
        raise ConfigurationError(f"{folder}: no such folder", "Correct `templates` in [reply], or leave it out.")
    for language in languages:
        case = Case("FOI2024/00001", "foi", ("interior.example",), annexes=(Annex("A", "Annex"),), language=language)
        said = words(language, folder)
        for letter in _letters(case):
            for firm in (False, True):
                worded(letter, said, firm=firm)


def _letters(case: Case) -> Iterator[FollowUp]:
    """Whatever a letter may have to say."""
    every = tuple(_problem(cause) for cause in Cause)
    shared = tuple(_problem(Cause.PASSWORD) for _ in range(3))
    full = FollowUp(
        case=case,
        round=1,
        problems=every,
        missing=case.annexes,
        cured=("A", "B"),
        opened=14,
        emails=(_message(1), _message(2), _message(3)),
        answers=_message(3),
        basis=(1, 2, 3),
        asked=_NOW,
        notices=tuple(_notice(code) for code in ("cloud-link", "download-link", "gateway-notice")),
    )
    none = replace(full, problems=(), missing=(), cured=(), notices=(), opened=0, emails=(), asked=None)
    for number in (0, 1, 2):
        yield replace(full, written=number)
        yield replace(full, written=number, problems=every[:1], missing=(), notices=(), cured=(), emails=(_message(1),))
        yield replace(full, written=number, problems=shared, missing=(), notices=())
    yield replace(full, opened_for_them="It opens for me.")
    yield replace(none, missing=case.annexes, opened=1)
    yield replace(none, notices=full.notices)
    yield replace(full, problems=tuple(_untried(p) for p in every[:2]))
    yield replace(none, problems=(_problem(Cause.PAGES_MISSING, Verdict.DAMAGED, pages=0, pdfium=5, qpdf=8),))
    for reminders in (0, 1):
        reminder = replace(full, kind=DraftKind.REMINDER, reminders=reminders)
        yield from (reminder, replace(reminder, problems=()), replace(reminder, missing=(), asked=None))
    yield from (replace(none, kind=DraftKind.THANKS), replace(full, kind=DraftKind.THANKS))


def _problem(cause: Cause, verdict: Verdict = Verdict.BROKEN, **other: int) -> Problem:
    evidence: Evidence = {
        "instead": "a web page",
        "label": "OFFICIAL",
        "label_date": "2024-09-27T10:00:00Z",
        "pages": [3, 7],
        **other,
    }
    readers = (ReaderReport("qpdf", "12", opened=False), ReaderReport("pdfium", "140", opened=False))
    inspection = Inspection(
        _HASH, 48_213, "application/pdf", verdict, cause, 8, (Finding(cause, "", evidence),), readers
    )
    file = ReceivedFile(_message(1), Attachment("2", "a.pdf", "application/pdf", 48_213, _HASH, ("a.zip",)), inspection)
    return Problem(("B",), file, unchanged=True)


def _untried(problem: Problem) -> Problem:
    """The same of a file that is no PDF, which no reader was given."""
    return replace(problem, file=replace(problem.file, inspection=replace(problem.file.inspection, readers=())))


def _notice(code: str) -> Notice:
    evidence = {"service": "SharePoint", "host": "files.example", "expiry": "expires on 5 October"}
    return Notice(_message(1), Finding(code, "", evidence), ("A",), ("Annex A.pdf",))


def _message(number: int) -> Message:
    sent = _NOW + timedelta(days=number)
    header = Header(f"<{number}@interior.example>", sent, Address("FOI Team", "foi@interior.example"))
    return Message(MessageKey("foi", "INBOX", 1, number), sent, header, id=number)
