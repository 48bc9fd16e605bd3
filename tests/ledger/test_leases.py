"""Leases: each mailbox has one watcher, every mailbox gets one, and none has much more to do than others."""

import random
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy import text

from attachwatch.ledger.leases import LASTS
from attachwatch.ledger.ledger import Ledger

MAILBOXES = frozenset(f"box{n:02}" for n in range(20))
NONE: frozenset[str] = frozenset()


@pytest.fixture
def ledger(tmp_path: Path, postgres_url: str) -> Iterator[Ledger]:
    with Ledger.open(tmp_path / "store", postgres_url) as ledger:
        yield ledger


def pass_time(ledger: Ledger, seconds: float) -> None:
    """As if it were so much later: everything that is remembered lies so much further back."""
    with ledger._database.engine.begin() as connection:
        for table in ("lease", "watcher"):
            connection.execute(text(f"UPDATE {table} SET until = until - make_interval(secs => :s)"), {"s": seconds})


def settled(ledger: Ledger, *watchers: str) -> dict[str, frozenset[str]]:
    """What each holds once all have renewed often enough."""
    for _ in range(6):
        held = {w: ledger.renew_leases(w, MAILBOXES, NONE) for w in watchers}
    return held


def test_one_watcher_alone_has_all(ledger: Ledger) -> None:
    assert ledger.renew_leases("a", MAILBOXES, NONE) == MAILBOXES
    assert ledger.renew_leases("a", MAILBOXES, NONE) == MAILBOXES


def test_several_share_alike_and_no_mailbox_has_two(ledger: Ledger) -> None:
    held = settled(ledger, *"abc")
    assert sorted(map(len, held.values())) == [6, 7, 7]
    assert frozenset().union(*held.values()) == MAILBOXES


def test_who_comes_later_is_handed_a_share_and_never_one_that_is_being_polled(ledger: Ledger) -> None:
    assert ledger.renew_leases("a", MAILBOXES, NONE) == MAILBOXES
    assert ledger.renew_leases("b", MAILBOXES, NONE) == NONE
    busy = frozenset(sorted(MAILBOXES)[:15])
    assert ledger.renew_leases("a", MAILBOXES, busy) >= busy
    given = ledger.renew_leases("b", MAILBOXES, NONE)
    assert not given & busy
    held = settled(ledger, "a", "b")
    assert [len(h) for h in held.values()] == [10, 10]
    assert held["b"] >= given


def test_what_a_killed_watcher_held_is_taken_over_when_its_time_is_up(ledger: Ledger) -> None:
    held = settled(ledger, "a", "b")
    pass_time(ledger, LASTS - 1)
    assert ledger.renew_leases("b", MAILBOXES, NONE) == held["b"]
    pass_time(ledger, 2)
    assert ledger.renew_leases("b", MAILBOXES, NONE) == MAILBOXES


def test_a_watcher_that_slept_finds_that_its_mailboxes_are_others(ledger: Ledger) -> None:
    settled(ledger, "a", "b")
    pass_time(ledger, LASTS + 1)
    assert ledger.renew_leases("b", MAILBOXES, NONE) == MAILBOXES
    assert ledger.renew_leases("a", MAILBOXES, NONE) == NONE
    assert [len(h) for h in settled(ledger, "a", "b").values()] == [10, 10]


def test_what_is_released_is_anothers_at_once(ledger: Ledger) -> None:
    settled(ledger, "a", "b")
    ledger.release_leases("a")
    assert ledger.renew_leases("b", MAILBOXES, NONE) == MAILBOXES


def test_watchers_with_mailboxes_of_their_own_leave_none_unpolled(ledger: Ledger) -> None:
    mine, other = frozenset({"x1", "x2", "x3"}), frozenset({"y1", "y2"})
    for _ in range(2):
        held = ledger.renew_leases("a", mine, NONE), ledger.renew_leases("b", other, NONE)
        pass_time(ledger, 11)
    assert held == (mine, other)
    for _ in range(4):  # and it stays so
        assert (ledger.renew_leases("a", mine, NONE), ledger.renew_leases("b", other, NONE)) == held


def test_a_mailbox_that_is_taken_out_of_the_configuration_is_given_up(ledger: Ledger) -> None:
    ledger.renew_leases("a", MAILBOXES, NONE)
    assert ledger.renew_leases("a", {"box00"}, {"box01"}) == {"box00", "box01"}  # the one is still being polled
    assert ledger.renew_leases("a", {"box00"}, NONE) == {"box00"}
    assert len(ledger.renew_leases("b", MAILBOXES, NONE)) == 10


def test_one_poll_takes_what_is_free_and_nothing_else(ledger: Ledger) -> None:
    settled(ledger, "a", "b")
    ledger.release_leases("b")
    assert len(ledger.claim_leases("once", MAILBOXES)) == 10
    assert ledger.claim_leases("another", MAILBOXES) == NONE
    assert len(ledger.renew_leases("a", MAILBOXES, NONE)) == 10


def test_leases_change_no_picture(ledger: Ledger) -> None:
    before = ledger.version()
    settled(ledger, "a", "b")
    assert ledger.version() == before


def test_many_at_once_never_hold_the_same_and_are_never_stuck(tmp_path: Path, postgres_url: str) -> None:
    def renew(name: str) -> frozenset[str]:
        with Ledger.open(tmp_path / "store", postgres_url) as own:
            for _ in range(12):
                busy = random.Random(name).sample(sorted(MAILBOXES), 3)
                held = own.renew_leases(name, MAILBOXES, busy)
            return held

    names = "abcde"
    with ThreadPoolExecutor() as pool:
        list(pool.map(renew, names))
    with Ledger.open(tmp_path / "store", postgres_url) as ledger:
        held = settled(ledger, *names)
    assert sum(map(len, held.values())) == len(MAILBOXES)
    assert {len(h) for h in held.values()} == {4}
