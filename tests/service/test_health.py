"""The health file: always whole, and never taken for what it is not."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from attachwatch.service import health
from attachwatch.service.health import Counts, Doing, Health, Idle, MailboxHealth


def made(*, minutes_ago: int = 0, failures: int = 0, ended: bool = False) -> Health:
    now = datetime.now(UTC) - timedelta(minutes=minutes_ago)
    mailbox = MailboxHealth("m", Doing.WAITING, Idle.ON, now, now, now, failures, None, None, Counts(polls=1))
    return Health(1, now, now, ended, (mailbox,))


def test_what_is_written_is_read_again_and_nothing_else_is_left(tmp_path: Path) -> None:
    path = tmp_path / "health.json"
    health.write(path, made(failures=1))
    health.write(path, written := made())
    assert health.read(path) == written
    assert [p.name for p in tmp_path.iterdir()] == ["health.json"]
    assert path.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("said", [b"", b"{}", b"[1]", b'{"pid": "x"}', b"\xff"])
def test_another_file_is_no_health(tmp_path: Path, said: bytes) -> None:
    (tmp_path / "health.json").write_bytes(said)
    assert health.read(tmp_path / "health.json") is None
    assert health.read(tmp_path / "none") is None


def test_one_that_is_silent_or_ended_is_not_alive() -> None:
    assert made().is_alive
    assert not made(minutes_ago=5).is_alive
    assert not made(ended=True).is_alive


def test_the_summary_names_what_fails() -> None:
    assert made().summary == "watching 1 mailbox"
    assert made(failures=2).summary == "watching 1 mailbox; failing: m"


def test_a_link_in_the_place_of_the_file_beside_is_not_followed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("attachwatch.service.health.os.getpid", lambda: 7)
    (tmp_path / ".health.json.7").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(OSError):
        health.write(tmp_path / "health.json", made())
    assert not (tmp_path / "elsewhere").exists()
