"""What the doctor says of what no test can bring about by itself: full disks, old readers, kernels, clocks."""

import os
import shutil
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from attachwatch.config import MailboxSettings
from attachwatch.errors import ServerError
from attachwatch.inspection.confinement import Confinement
from attachwatch.ledger.condition import condition
from attachwatch.ledger.ledger import Ledger, PollRecord
from attachwatch.ledger.sqlite import DATABASE
from attachwatch.model import ReaderReport
from attachwatch.service import health
from attachwatch.service.checks import machine, mailbox, schedule, store
from attachwatch.service.checks.check import Check, Outcome, guarded
from attachwatch.service.health import Counts, Doing, Health, Idle, MailboxHealth

NOW = datetime.now(UTC)
FOI = MailboxSettings.model_validate({"name": "foi", "host": "imap.example.org", "username": "foi"})
OK, WARNING, FAILURE = Outcome.OK, Outcome.WARNING, Outcome.FAILURE


@pytest.mark.parametrize(
    ("mebibytes", "outcome"), [(0, FAILURE), (99, FAILURE), (100, WARNING), (999, WARNING), (1000, OK)]
)
def test_room_is_measured_by_the_largest_attachment_that_may_come(mebibytes: int, outcome: Outcome) -> None:
    assert store.room(mebibytes << 20, 100).outcome is outcome


@pytest.mark.parametrize(("days", "outcome"), [(0, WARNING), (13, WARNING), (14, OK), (90, OK)])
def test_a_certificate_that_ends_within_two_weeks_is_a_warning(days: int, outcome: Outcome) -> None:
    check = mailbox.certificate("foi: certificate", NOW + timedelta(days=days, minutes=1), NOW)
    assert check.outcome is outcome
    assert f" {days} day" in check.says


def test_a_reader_is_old_by_when_it_was_installed_and_of_no_known_age_without() -> None:
    reader = ReaderReport("qpdf", "12.4.2", opened=True)
    assert machine.age(reader, NOW - timedelta(days=366), NOW).outcome is WARNING
    assert machine.age(reader, NOW - timedelta(days=365), NOW).outcome is OK
    unknown = machine.age(reader, None, NOW)
    assert unknown.outcome is OK
    assert "not known" in unknown.says
    assert machine.age(reader, NOW + timedelta(days=3), NOW).says == unknown.says  # a clock that was set back


def test_what_a_kernel_lacks_is_a_warning_where_somebody_can_see_to_it() -> None:
    assert machine.confinement(Confinement(6, seccomp=True), "linux").outcome is OK
    lacking = machine.confinement(Confinement(0, seccomp=True), "linux")
    assert lacking.outcome is WARNING
    assert "Landlock" in lacking.says
    assert "seccomp" not in lacking.says
    assert machine.confinement(Confinement(), "darwin").outcome is OK


def test_a_clock_before_the_last_poll_is_a_failure() -> None:
    (behind,) = machine.clock(NOW + timedelta(hours=1))
    (right,) = machine.clock(NOW - timedelta(hours=1))
    assert (behind.outcome, right.outcome) == (FAILURE, OK)


def test_a_check_that_crashes_is_a_failure_and_keeps_what_was_found_before() -> None:
    def crashing() -> Iterator[Check]:
        yield Check("first", "fine")
        raise ZeroDivisionError("secret in a traceback")

    first, crashed = guarded("second", crashing)
    assert (first.name, crashed.name, crashed.outcome) == ("first", "second", FAILURE)
    assert "ZeroDivisionError" in crashed.says
    assert "secret" not in crashed.says + crashed.remedy


def test_what_fails_keeps_its_remedy_and_its_status() -> None:
    def failing() -> Iterator[Check]:
        raise ServerError("it is gone", "Bring it back.")
        yield

    (check,) = guarded("server", failing)
    assert (check.says, check.remedy, check.status) == ("it is gone", "Bring it back.", ServerError.status)


# --- the store ----------------------------------------------------------------------------------------------


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that any user may pass through, unlike pytest's own."""
    with tempfile.TemporaryDirectory() as name:
        Path(name).chmod(0o755)
        yield Path(name)


@contextmanager
def as_anybody() -> Iterator[None]:
    """Within, the test is not root, whom no mode holds back."""
    former = os.geteuid()
    if former == 0:
        os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(former)


def test_a_store_that_cannot_be_written_is_a_failure(open_folder: Path) -> None:
    root = open_folder / "store"
    root.mkdir(mode=0o500)
    if os.geteuid() == 0:
        os.chown(root, 65534, 65534)
    with as_anybody():
        found = store._unwritable(root)
    assert found == os.strerror(13)


def test_a_store_is_told_to_be_made_only_where_it_can_be(tmp_path: Path) -> None:
    (can,) = store.checks(tmp_path / "a" / "b")
    (tmp_path / "file").touch()
    (cannot,) = store.checks(tmp_path / "file" / "store")
    assert (can.outcome, cannot.outcome) == (OK, FAILURE)
    assert not (tmp_path / "a").exists()


def test_a_full_disk_is_told_by_its_free_space(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    full = shutil.disk_usage(tmp_path)._replace(free=0)
    monkeypatch.setattr(shutil, "disk_usage", lambda _path: full)
    (check,) = store.space(tmp_path / "not" / "there", 100)
    assert check.outcome is FAILURE


def test_a_watcher_that_holds_the_store_and_shows_no_life_is_a_warning(tmp_path: Path) -> None:
    root = tmp_path / "store"
    with Ledger.open(root) as ledger:
        long_ago = NOW - timedelta(hours=1)
        health.write(root / "health.json", Health(1, long_ago, long_ago, ended=False, mailboxes=()))
        with ledger.exclusive():
            (held,) = store.watcher(root, root / "health.json")
        (free,) = store.watcher(root, root / "health.json")
    assert (held.outcome, free.outcome) == (WARNING, OK)


def test_looking_at_a_ledger_is_bounded_in_time_and_writes_nothing(tmp_path: Path) -> None:
    with Ledger.open(tmp_path / "store"):
        pass
    database = tmp_path / "store" / DATABASE
    before = database.read_bytes(), stat.S_IMODE(database.stat().st_mode), sorted(database.parent.rglob("*"))
    found = condition(tmp_path / "store", 5)
    assert found is not None
    assert (found.is_current, found.is_known, found.sound) == (True, True, True)
    after = database.read_bytes(), stat.S_IMODE(database.stat().st_mode), sorted(database.parent.rglob("*"))
    assert after == before
    assert condition(tmp_path / "nowhere", 5) is None


def test_a_ledger_in_a_store_that_cannot_be_written_is_read_all_the_same(open_folder: Path) -> None:
    root = open_folder / "store"
    with Ledger.open(root):
        pass
    if os.geteuid() == 0:
        os.chown(root, 65534, 65534)
        (root / DATABASE).chmod(0o444)
    root.chmod(0o500)
    with as_anybody():
        found = condition(root, 5)
    assert found is not None
    assert (found.is_current, found.sound) == (True, True)
    assert not list(root.glob("*-wal"))


# --- the schedule -------------------------------------------------------------------------------------------


def watching(*names: str, next_poll: datetime | None = None) -> Health:
    mailboxes = (
        MailboxHealth(name, Doing.WAITING, Idle.OFF, NOW, NOW, next_poll or NOW, 0, None, None, Counts())
        for name in names
    )
    return Health(os.getpid(), NOW, datetime.now(UTC), ended=False, mailboxes=tuple(mailboxes))


@pytest.mark.parametrize(
    ("polls", "watched", "outcome", "said"),
    [
        (None, None, OK, "not known"),
        ([], None, OK, "not polled yet"),
        ([PollRecord("foi", NOW, None)], None, OK, "went through"),
        ([PollRecord("foi", NOW, "the line broke")], None, WARNING, "the line broke"),
        ([PollRecord("foi", NOW - timedelta(days=1), None)], None, OK, "went through"),
        ([PollRecord("foi", NOW - timedelta(days=1), None)], "foi", WARNING, "though a watcher is running"),
        ([PollRecord("foi", NOW, None)], "other", WARNING, "does not know this mailbox"),
    ],
)
def test_the_schedule_is_told(polls: list[PollRecord] | None, watched: str | None, outcome: Outcome, said: str) -> None:
    (check,) = schedule.checks([FOI], polls, watching(watched) if watched else None)
    assert (check.outcome, said in check.says) == (outcome, True), check
    assert check.says.startswith(("every 5 min", "the watcher"))
