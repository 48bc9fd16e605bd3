"""How soon commands tell of a large case: `python -m benchmarks.large_case [--files 100000] [--annexes 1000]
[--database URL] [--folder FOLDER]` fills a ledger, once a folder, and times each command in a process of its own.

What came is made up, and only its rows are stored: no command here reads an attachment's bytes.
"""

import argparse
import hashlib
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from pydantic import TypeAdapter
from sqlalchemy import insert

from attachwatch import config
from attachwatch.cli import options
from attachwatch.inspection import judge
from attachwatch.ledger.ledger import Ledger
from attachwatch.ledger.rows import Seen
from attachwatch.ledger.schema import InspectionRow, LetterRow, metadata
from attachwatch.model import (
    Address,
    Attachment,
    Cause,
    Decides,
    Decision,
    Finding,
    Header,
    Inspection,
    Message,
    MessageKey,
    ReaderReport,
    Verdict,
)
from attachwatch.service import responses, setup
from attachwatch.service.pipeline import Pipeline

_REFERENCE, _AUTHORITY = "FOI2024/01234", "interior.example"
_AN_EMAIL = 50  # files
_AT_ONCE = 5_000  # rows
_RUNS = 3
_BROKEN = (Cause.TRUNCATED, Cause.BYTES_CHANGED, Cause.PASSWORD, Cause.EMPTY, Cause.LINE_ENDINGS_CHANGED)
_INSPECTIONS = TypeAdapter(Inspection)
_COMMANDS = (
    ("--help",),
    ("status",),
    ("status", "--json"),
    ("status", _REFERENCE),
    ("drafts",),
    ("drafts", "--json"),
    ("drafts", "show", "1"),
    ("cases",),
)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--files", type=int, default=100_000)
    parser.add_argument("--annexes", type=int, default=1_000, help="on the list; the first files bear their labels")
    parser.add_argument("--database", help="the URL of a database, empty; by default SQLite in the folder")
    parser.add_argument("--folder", type=Path, help="where the store is, to be used again; by default a temporary one")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = asked.folder or Path(temporary)
        place = folder / config.FILE_NAME
        if not place.exists():
            folder.mkdir(parents=True, exist_ok=True)
            _configure(place, asked.annexes, asked.database)
            _timed("filled", lambda: _fill(place, asked.files, asked.annexes))
        _measure(place)


def _configure(place: Path, annexes: int, database: str | None) -> None:
    lines = (f"Annex {n} Case Handling Training Guide of team {n}\n" for n in range(1, annexes + 1))
    place.with_name("annexes.txt").write_text("".join(lines))
    listed = '"annexes.txt"' if annexes else "[]"
    place.write_text(
        '[store]\npath = "store"\n'
        + (f'database = "{database}"\n' if database else "")
        + '[[mailbox]]\nname = "foi"\nhost = "imap.example.org"\nusername = "me@newsroom.example"\n'
        + f'[[case]]\nreference = "{_REFERENCE}"\nmailbox = "foi"\nauthority = ["{_AUTHORITY}"]\nannexes = {listed}\n'
    )


# --- what came --------------------------------------------------------------------------------------------------


def _fill(place: Path, files: int, annexes: int) -> None:
    settings = options.settings(place)
    with options.open_ledger(settings) as ledger:
        messages = list(_messages(files, annexes))
        seen = [Seen(m.key, m.received, 0, m.header) for m in messages]
        ledger.record_seen("foi", "INBOX", 1, seen, len(seen) + 1)
        for start in range(0, len(messages), 100):
            ledger.store(*messages[start : start + 100])
        found = {a.sha256: _inspection(n, a) for n, a in enumerate(a for m in messages for a in m.attachments)}
        _remember(ledger, list(found.values()))
        decided = datetime.now(UTC) - timedelta(days=1)
        if annexes:
            ledger.add_decisions(Decision(_REFERENCE, Decides.ANNEX_CLOSED, "7", "read in the library", decided))
        with setup.inspector(settings.limits) as inspector:
            drafts = Pipeline(settings, setup.cases(settings), ledger, inspector).settle(settings.mailbox[0])
    count = sum(len(m.attachments) for m in messages)
    print(f"{len(messages):,} messages, {count:,} attachments, {len(drafts)} draft(s)")


def _messages(files: int, annexes: int) -> Iterator[Message]:
    """The first sending, file by file, and once more every thousandth file."""
    numbers = [*range(1, files - files // 1000 + 1), *range(1, files, 1000)][:files]
    groups = [numbers[start : start + _AN_EMAIL] for start in range(0, files, _AN_EMAIL)]
    first = datetime.now(UTC) - timedelta(days=30)
    for uid, group in enumerate(groups, 1):
        yield Message(
            key=MessageKey("foi", "INBOX", 1, uid),
            received=first + timedelta(minutes=10 * uid),
            header=Header(
                message_id=f"<{uid}@{_AUTHORITY}>",
                date=first + timedelta(minutes=10 * uid),
                sender=Address("Information Rights", f"foi@{_AUTHORITY}"),
                to=(Address("", "me@newsroom.example"),),
                subject=f"{_REFERENCE} - response",
            ),
            text=_text(uid, len(groups)),
            attachments=tuple(_attachment(n, number, _hash(uid, number), annexes) for n, number in enumerate(group, 2)),
        )


def _attachment(section: int, number: int, sha256: str, annexes: int) -> Attachment:
    """One that came the same when it was fetched once more, as what does not open is."""
    name, size = _name(number, annexes), 40_000 + number
    return Attachment(f"{section}", name, "application/pdf", size, sha256, again=sha256)


def _text(number: int, total: int) -> str:
    end = "This is the final email." if number == total else "More emails will follow in due course."
    return (
        f"Dear requester,\n\nThis is email {number} of {total} in response to your request of 3 June. Some personal\n"
        f"data was redacted under section 40(2) of the Act. {end}\n\nYours sincerely,\nInformation Rights\n\n"
        "> I ask for all guidance that caseworkers were given on the matter, and for the emails\n"
        "> in which it was discussed.\n"
    )


def _name(number: int, annexes: int) -> str:
    if number <= annexes:
        return f"Annex {number} OFF SEN Case Handling Training Guide v{number % 7} REDACTED.pdf"
    return f"HO-{number:06d} email chain re caseworking backlog {number % 97} REDACTED.pdf"


def _hash(uid: int, number: int) -> str:
    return hashlib.sha256(f"{uid} {number}".encode()).hexdigest()


def _inspection(n: int, file: Attachment) -> Inspection:
    """One in a hundred does not open."""
    cause = _BROKEN[n // 100 % len(_BROKEN)] if n % 100 == 5 else None
    verdict = (Verdict.LOCKED if cause is Cause.PASSWORD else Verdict.BROKEN) if cause else Verdict.OK
    pages = None if cause else n % 40 + 1
    readers = tuple(
        ReaderReport(
            name,
            version,
            opened=cause is None,
            pages=pages,
            error="it has no end" if cause else None,
            rendered=pages if name == "PDFium" else None,
            seconds=0.0123,
        )
        for name, version in (("qpdf", "11.9.1"), ("pypdf", "6.0.0"), ("PDFium", "140.0.7269"))
    )
    said = (Finding(cause, f"It does not open: {cause}.", {"offset": file.size}),) if cause else ()
    return Inspection(
        file.sha256, file.size, "application/pdf", verdict, cause, pages, said, readers, 0.05, judge.RULES
    )


def _remember(ledger: Ledger, found: Sequence[Inspection]) -> None:
    """The rows that `add_inspection` and `add_letter` make, many at once: no file here is a letter."""
    with ledger._transaction() as session:
        for start in range(0, len(found), _AT_ONCE):
            some = found[start : start + _AT_ONCE]
            rows = [
                {"sha256": i.sha256, "rules": i.rules, "verdict": i.verdict, "inspection": _INSPECTIONS.dump_json(i)}
                for i in some
            ]
            session.execute(insert(metadata.tables[InspectionRow.__tablename__]), rows)
            letters = [{"sha256": i.sha256, "rules": responses.RULES, "text": ""} for i in some if i.pages]
            session.execute(insert(metadata.tables[LetterRow.__tablename__]), letters)


# --- how soon it is told ----------------------------------------------------------------------------------------


def _measure(place: Path) -> None:
    environment = os.environ | {config.ENVIRONMENT_VARIABLE: str(place)}
    for command in _COMMANDS:
        times = []
        for _ in range(_RUNS):
            started, before = time.perf_counter(), _cpu()
            done = subprocess.run(
                [sys.executable, "-m", "attachwatch", *command], env=environment, capture_output=True, check=False
            )
            times.append((time.perf_counter() - started, _cpu() - before))
        first, *again = times
        said = f"{len(done.stdout):>12,} bytes" + (f", exit status {done.returncode}" if done.returncode > 1 else "")
        (wall, cpu), (wall_again, cpu_again) = first, min(again)
        figures = f"first {wall:7.2f} s (CPU {cpu:6.2f}), then {wall_again:6.2f} s (CPU {cpu_again:5.2f})"
        print(f"{' '.join(command):28} {figures} {said}", flush=True)


def _cpu() -> float:
    """Seconds of all processes that we waited for."""
    spent = os.times()
    return spent.children_user + spent.children_system


def _timed(what: str, do: Callable[[], None]) -> None:
    started = time.perf_counter()
    do()
    print(f"{what} in {time.perf_counter() - started:.1f} s", flush=True)


if __name__ == "__main__":
    main()
