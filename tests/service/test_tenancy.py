"""Watchers that share a ledger: each mailbox is polled by one of them, and by another when that one is gone."""

import signal
import threading
from pathlib import Path

import pytest

from attachwatch.demo import damage, documents, story
from attachwatch.errors import StoreError
from attachwatch.ledger.ledger import Ledger
from attachwatch.model import Draft, DraftState
from attachwatch.service import tenancy
from tests.ledger.test_leases import pass_time
from tests.program import run
from tests.service.test_daemon import Daemon, until, watching
from tests.service.test_pipeline import mail

CUT = damage.truncate(documents.report("Minutes", 2), 0.5)
NAMES = [f"m{n}" for n in range(1, 7)]


@pytest.fixture
def maildirs(tmp_path: Path) -> dict[str, Path]:
    places = {name: tmp_path / "mail" / name for name in NAMES}
    for place in places.values():
        for part in ("cur", "new", "tmp"):
            (place / part).mkdir(parents=True)
    return places


def deliver(place: Path, number: int) -> None:
    """One message with a file of its own that is cut off."""
    own = f"{place.name}-{number}"
    (place / "new" / f"{number}.host").write_bytes(mail(f"R-{place.name}", own, Annex_A=CUT + own.encode()))


def configure(folder: Path, maildirs: dict[str, Path], url: str) -> Path:
    folder.mkdir()
    mailboxes = "".join(
        f'[[mailbox]]\nname = "{name}"\npath = "{place}"\nusername = "me@x.example"\npoll_every = "1s"\n'
        f'[[case]]\nreference = "R-{name}"\nmailbox = "{name}"\nauthority = ["{story.AUTHORITY}"]\n'
        'quiet_period = "1s"\n'
        for name, place in maildirs.items()
    )
    path = folder / "attachwatch.toml"
    path.write_text(f'[store]\npath = "store"\ndatabase = "{url}"\n{mailboxes}')
    return path


def stored(ledger: Ledger) -> dict[str, int]:
    """How many messages of each mailbox are there, each with what was found in its file."""
    found = {}
    for name in NAMES:
        messages = ledger.messages(name)
        known = ledger.inspections(a.sha256 for m in messages for a in m.attachments)
        found[name] = sum(all(a.sha256 in known for a in m.attachments) for m in messages)
    return found


def await_in_each(ledger: Ledger, number: int) -> None:
    until(lambda: stored(ledger) == dict.fromkeys(NAMES, number), 60, lambda: str(stored(ledger)))


def polled_by(daemon: Daemon) -> set[str]:
    return {e["mailbox"] for e in daemon.logged("poll.ended")}


def waiting(ledger: Ledger, name: str) -> list[Draft]:
    return [d for d in ledger.drafts(f"R-{name}") if d.state is not DraftState.SUPERSEDED]


def test_the_mailboxes_of_a_killed_watcher_move_to_another_and_each_message_is_taken_once(
    tmp_path: Path, maildirs: dict[str, Path], postgres_url: str
) -> None:
    one, two = (configure(tmp_path / name, maildirs, postgres_url) for name in ("one", "two"))
    with Ledger.open(tmp_path / "looking", postgres_url) as ledger, watching(one) as first:
        first.wait_for("leases.changed", mailboxes=NAMES)
        with watching(two) as second:
            first.wait_for("leases.changed", 2, seconds=30)
            second.wait_for("leases.changed", seconds=30)
            until(lambda: len(second.logged("leases.changed")[-1]["mailboxes"]) == 3, 30)
            mine = set(second.logged("leases.changed")[-1]["mailboxes"])
            for place in maildirs.values():
                deliver(place, 1)
            await_in_each(ledger, 1)
            until(lambda: polled_by(second) == mine, 20)
            assert len(first.logged("attachment.inspected")) == len(second.logged("attachment.inspected")) == 3
            second.process.send_signal(signal.SIGKILL)
            second.process.wait()
            for place in maildirs.values():
                deliver(place, 2)
            pass_time(ledger, 31)
            first.wait_for("leases.changed", mailboxes=NAMES, number=2, seconds=30)
            await_in_each(ledger, 2)
        assert len(first.logged("attachment.inspected")) == 3 + 6
        pending = [DraftState.PENDING]
        until(lambda: all([d.state for d in waiting(ledger, name)] == pending for name in NAMES), 20)
        first.end()
        assert ledger.renew_leases("another", NAMES, ()) == set(NAMES)  # at once, since it left them


def test_one_poll_leaves_alone_what_another_watches(
    tmp_path: Path, maildirs: dict[str, Path], postgres_url: str
) -> None:
    with Ledger.open(tmp_path / "looking", postgres_url) as ledger:
        ledger.renew_leases("another", NAMES[:2], ())
        for place in maildirs.values():
            deliver(place, 1)
        done = run("watch", "--once", "--config", str(configure(tmp_path / "one", maildirs, postgres_url)))
        assert stored(ledger) == {name: int(name not in NAMES[:2]) for name in NAMES}
        assert done.stderr.count('"mailbox.elsewhere"') == 2
        assert ledger.renew_leases("another", NAMES, ()) == set(NAMES)
        told = run("status", "--config", tmp_path / "one" / "attachwatch.toml").stdout.splitlines()
        assert [line.endswith("went through; watched on another") for line in told if "last poll" in line] == [True] * 4


def test_who_was_killed_finds_its_own_mailboxes_at_its_next_start(tmp_path: Path, postgres_url: str) -> None:
    with Ledger.open(tmp_path / "store", postgres_url) as ledger:
        for _ in range(2):
            ours = tenancy.shared(ledger, tmp_path / "store", lambda: NAMES, tuple)
            ours.start()
            assert ours.held() == set(NAMES)
            ours._over.set()  # as if it were killed: nothing is left to others
        other = tenancy.for_once(ledger, tmp_path, NAMES)
        other.start()
        assert other.held() == frozenset()
        other.end()


def test_who_cannot_renew_lets_go_before_others_may_take(
    tmp_path: Path, postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tenancy, "_EVERY", 0.05)
    monkeypatch.setattr(tenancy, "LASTS", tenancy._SPARE + 2)
    answers = threading.Event()
    answers.set()
    with Ledger.open(tmp_path / "store", postgres_url) as ledger:

        def renew(name: str) -> frozenset[str]:
            if not answers.is_set():
                raise StoreError("the database is gone", "Start it.")
            return ledger.renew_leases(name, NAMES, ())

        ours = tenancy.Tenancy(ledger, "ours", renew)
        ours.start()
        assert ours.held() == set(NAMES)
        answers.clear()
        until(lambda: not ours.held(), 20)
        answers.set()
        until(lambda: ours.held() == set(NAMES), 20)
        ours.end()
        assert not ours.held()
