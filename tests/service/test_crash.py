"""The process is killed at every step, and once again begun: nothing is lost, nothing is doubled."""

import hashlib
import json
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import create_engine, func, update

from attachwatch.demo import story
from attachwatch.ledger.schema import LeaseRow
from attachwatch.steps import STEPS
from tests.cli.test_watch import configure
from tests.program import run
from tests.proxy import Change, proxy
from tests.servers import Dovecot, Mailbox
from tests.service.test_letters import pdf
from tests.service.test_pipeline import CUT, HEALTHY, mail
from tests.service.test_responses import LETTER
from tests.service.test_secondlook import SAMPLES, cut

OF_REVIEW = ("draft-to-place", "draft-placed", "draft-decided")
OF_EDITS = ("draft-to-edit", "draft-edited")
OF_COPIES = ("copy-to-choose", "copy-chosen")  # of two that differ
OF_LETTERS = ("letter-read", "letter-recorded")
OF_MOVES = ("rows-copied", "copy-proven", "copy-committed")  # tests/ledger/test_transfer.py
OF_OBJECTS = ("object-to-create", "object-created")  # tests/ledger/test_objects.py
KILLED = -9


def end_state(folder: Path, database: str = "") -> dict[str, object]:
    """What is left, read without attachwatch: messages, files, verdicts, drafts, and what was being written."""
    store = folder / "store"
    engine = create_engine(database or f"sqlite:///{store}/ledger.sqlite3")
    with engine.connect() as ledger:
        if not database:
            assert ledger.exec_driver_sql("PRAGMA integrity_check").fetchall() == [("ok",)]
            assert ledger.exec_driver_sql("PRAGMA foreign_key_check").fetchall() == []
        rows = {
            "messages": "SELECT folder, uid, stage, message_id, problem FROM message ORDER BY uid",
            "attachments": "SELECT m.uid, a.part, a.name, a.size, a.sha256, a.again FROM attachment a JOIN message m "
            "ON m.id = a.message ORDER BY m.uid, a.position",
            "inspections": "SELECT sha256, verdict FROM inspection ORDER BY sha256",
            "letters": "SELECT sha256, rules, text FROM letter ORDER BY sha256",
            "drafts": 'SELECT id, "case", state, message_id, placed_in FROM draft ORDER BY id',
        }
        found: dict[str, object] = {
            name: [tuple(row) for row in ledger.exec_driver_sql(query)] for name, query in rows.items()
        }
    engine.dispose()
    blobs = [p for p in (store / "attachments").rglob("*") if p.is_file() and p.parent.name != "incoming"]
    assert all(hashlib.sha256(p.read_bytes()).hexdigest() == p.name for p in blobs)
    return found | {
        "blobs": sorted(p.name for p in blobs),
        "incoming": list((store / "attachments/incoming").iterdir()),
    }


def once(folder: Path, *command: str, stop_at: str = "") -> int:
    done = run(*command, "--config", folder / "attachwatch.toml", ATTACHWATCH_STOP_AT=stop_at)
    assert "Traceback" not in done.stderr
    return done.returncode


@pytest.fixture(scope="module")
def undisturbed(imap_server: Dovecot, tmp_path_factory: pytest.TempPathFactory) -> dict[str, object]:
    folder = tmp_path_factory.mktemp("undisturbed")
    mailbox = Mailbox(imap_server, f"undisturbed-{folder.name}@newsroom.example")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("ATTACHWATCH_TEST_PASSWORD", "correct-horse")
        begin(mailbox, folder)
        assert once(folder, "watch", "--once") == 1
    return end_state(folder)


def begin(mailbox: Mailbox, folder: Path) -> None:
    for message in story.first_response():
        mailbox.append(message)
    configure(mailbox, folder)


@pytest.mark.parametrize(
    ("step", "which"),
    [(s, 1) for s in STEPS if s not in OF_REVIEW + OF_EDITS + OF_COPIES + OF_LETTERS + OF_MOVES + OF_OBJECTS]
    + [(s, 3) for s in ("file-named", "inspection-recorded")],
)
def test_a_poll_that_is_killed_is_completed_by_the_next(
    mailbox: Mailbox, tmp_path: Path, undisturbed: dict[str, object], step: str, which: int
) -> None:
    begin(mailbox, tmp_path)
    before = mailbox.flags()
    assert once(tmp_path, "watch", "--once", stop_at=f"{step}:{which}") == KILLED
    assert once(tmp_path, "watch", "--once") == 1
    assert end_state(tmp_path) == undisturbed
    assert once(tmp_path, "watch", "--once") == 1
    assert end_state(tmp_path) == undisturbed
    assert mailbox.flags() == before


@pytest.mark.parametrize("step", ["message-recorded", "draft-recorded"])
def test_so_is_one_whose_ledger_is_in_postgresql(
    mailbox: Mailbox, tmp_path: Path, undisturbed: dict[str, object], postgres_url: str, step: str
) -> None:
    begin(mailbox, tmp_path)
    path = tmp_path / "attachwatch.toml"
    path.write_text(path.read_text().replace("[store]", f"[store]\ndatabase = {json.dumps(postgres_url)}"))
    assert once(tmp_path, "watch", "--once", stop_at=step) == KILLED
    engine = create_engine(postgres_url)
    with engine.begin() as connection:  # as if the half minute were over for which the mailbox is nobody else's
        assert connection.execute(update(LeaseRow).values(until=func.now())).rowcount == 1
    engine.dispose()
    for _ in range(2):
        assert once(tmp_path, "watch", "--once") == 1
        assert end_state(tmp_path, postgres_url) == undisturbed
    assert not (tmp_path / "store/ledger.sqlite3").exists()


MANGLED = (SAMPLES / "damaged/content-mangled.pdf").read_bytes()
DAMAGING: dict[str, tuple[bytes, list[Change | None]]] = {  # a file, and what becomes of it on the first connections
    "first": (HEALTHY, [cut(HEALTHY)]),
    "second": (MANGLED, [None, cut(MANGLED)]),
}


@contextmanager
def damaging(mailbox: Mailbox, folder: Path, fetch: str) -> Iterator[None]:
    file, changes = DAMAGING[fetch]
    mailbox.append(mail(body="This is the final email.", Annex_A=file))
    with proxy(mailbox.server.plain) as line:
        line.changes.extend(changes)
        configure(mailbox, folder, host="127.0.0.1", port=line.port, tls="none")
        yield


@pytest.mark.parametrize(
    ("step", "fetch"), [("fetched-again", "first"), ("fetch-compared", "first"), *((s, "second") for s in OF_COPIES)]
)
def test_a_second_fetch_that_is_killed_is_completed_by_the_next_poll(
    mailbox: Mailbox, imap_server: Dovecot, tmp_path: Path, step: str, fetch: str
) -> None:
    for name in ("killed", "undisturbed"):
        (tmp_path / name).mkdir()
    with damaging(Mailbox(imap_server, f"other-{mailbox.username}"), tmp_path / "undisturbed", fetch):
        assert once(tmp_path / "undisturbed", "watch", "--once") == 1
    with damaging(mailbox, tmp_path / "killed", fetch):
        assert once(tmp_path / "killed", "watch", "--once", stop_at=step) == KILLED
        for _ in range(2):
            assert once(tmp_path / "killed", "watch", "--once") == 1
            assert end_state(tmp_path / "killed") == end_state(tmp_path / "undisturbed")


@pytest.mark.parametrize("step", OF_LETTERS)
@pytest.mark.parametrize("which", [1, 2])
def test_the_reading_of_letters_that_is_killed_is_completed_by_the_next_poll(
    mailbox: Mailbox, imap_server: Dovecot, tmp_path: Path, step: str, which: int
) -> None:
    other = Mailbox(imap_server, f"other-{mailbox.username}")
    response = pdf(*LETTER)
    for box, name in ((mailbox, "killed"), (other, "undisturbed")):
        (tmp_path / name).mkdir()
        box.append(mail(body="This is the final email.", Response=response, Statistics=HEALTHY))
        configure(box, tmp_path / name)
    assert once(tmp_path / "undisturbed", "watch", "--once") == 1
    assert once(tmp_path / "killed", "watch", "--once", stop_at=f"{step}:{which}") == KILLED
    for _ in range(2):
        assert once(tmp_path / "killed", "watch", "--once") == 1
        left = end_state(tmp_path / "killed")
        assert left == end_state(tmp_path / "undisturbed")
        assert len(left["letters"]) == 2  # type: ignore[arg-type]


@pytest.mark.parametrize("step", OF_REVIEW)
def test_an_approval_to_a_file_that_is_killed_leaves_one_file(mailbox: Mailbox, tmp_path: Path, step: str) -> None:
    begin(mailbox, tmp_path)
    once(tmp_path, "watch", "--once")
    assert once(tmp_path, "drafts", "approve", "1", "--to-file", stop_at=step) == KILLED
    assert once(tmp_path, "drafts", "approve", "1", "--to-file") == (2 if step == "draft-decided" else 0)
    assert [p.name for p in (tmp_path / "store/drafts").iterdir()] == ["draft-1.eml"]
    assert mailbox.drafts() == []
    assert [state for _, state, _ in drafted(tmp_path)] == ["approved"]


@pytest.mark.parametrize("step", OF_EDITS)
def test_an_edit_that_is_killed_is_whole_or_was_never_made(mailbox: Mailbox, tmp_path: Path, step: str) -> None:
    begin(mailbox, tmp_path)
    once(tmp_path, "watch", "--once")
    (tmp_path / "words.txt").write_text("Dear Ann,\n")
    command = ("drafts", "edit", "1", "--file", str(tmp_path / "words.txt"))
    assert once(tmp_path, *command, stop_at=step) == KILLED
    shown = json.loads(run("drafts", "show", "1", "--json", "--config", tmp_path / "attachwatch.toml").stdout)
    assert (shown["drafts"][0]["body"] == "Dear Ann,\n") == (step == "draft-edited")
    assert once(tmp_path, *command) == 0
    assert once(tmp_path, "drafts", "approve", "1") == 0
    (placed,) = mailbox.drafts()
    assert placed.endswith(b"Dear Ann,\r\n")


@pytest.mark.parametrize("kind", ["reminder", "thanks"])
@pytest.mark.parametrize("step", ["drafted", "draft-recorded"])
def test_a_reminder_or_thanks_whose_making_is_killed_is_there_once(
    mailbox: Mailbox, tmp_path: Path, kind: str, step: str
) -> None:
    configure(mailbox, tmp_path)
    mailbox.append(mail(body="This is the final email.", Annex_D_iii=CUT), datetime.now(UTC) - timedelta(days=60))
    (tmp_path / "annexes.txt").write_text("Annex D(iii)")
    once(tmp_path, "watch", "--once")
    assert once(tmp_path, "drafts", "approve", "1") == 0
    if kind == "thanks":
        mailbox.append(mail(body="Here it is again.", Annex_D_iii=HEALTHY))
    else:
        long_ago = datetime.now(UTC) - timedelta(days=30)
        with sqlite3.connect(tmp_path / "store/ledger.sqlite3") as ledger:
            ledger.execute("UPDATE draft SET decided = ?", (f"{long_ago:%Y-%m-%d %H:%M:%S.%f}",))
    assert once(tmp_path, "watch", "--once", stop_at=step) == KILLED
    for _ in range(2):
        once(tmp_path, "watch", "--once")
        assert drafted(tmp_path) == [("report", "approved", 1), (kind, "pending", 1 + (kind == "thanks"))]


def drafted(folder: Path) -> list[tuple[str, str, int]]:
    listed = run("drafts", "--json", "--config", folder / "attachwatch.toml")
    return [(d["kind"], d["state"], d["round"]) for d in json.loads(listed.stdout)["drafts"]]


@pytest.mark.parametrize("step", OF_REVIEW)
def test_an_approval_that_is_killed_leaves_one_draft(mailbox: Mailbox, tmp_path: Path, step: str) -> None:
    begin(mailbox, tmp_path)
    once(tmp_path, "watch", "--once")
    assert once(tmp_path, "drafts", "approve", "1", stop_at=step) == KILLED
    again = once(tmp_path, "drafts", "approve", "1")
    assert again == (2 if step == "draft-decided" else 0)
    assert len(mailbox.drafts()) == 1
    listed = run("drafts", "--json", "--config", tmp_path / "attachwatch.toml")
    assert [d["state"] for d in json.loads(listed.stdout)["drafts"]] == ["approved"]
