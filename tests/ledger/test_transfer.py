"""A ledger moved into another database: all of it, the same, or nothing."""

import hashlib
import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import create_engine, delete, text

from attachwatch.errors import StoreError, UsageError
from attachwatch.ledger.ledger import Ledger
from attachwatch.ledger.schema import WatcherRow, metadata
from attachwatch.ledger.sqlite import DATABASE
from attachwatch.ledger.transfer import TABLES, Moved
from attachwatch.model import Attachment, Decides, Decision, DraftState, Message
from tests.ledger.test_ledger import HEADER, INSPECTION, NOON, add, draft, seen

ROWS = {
    "message": 3, "attachment": 4, "inspection": 1, "letter": 1, "draft": 2, "decision": 1, "folder": 1, "mailbox": 1,
    "revision": 1,
}  # fmt: skip


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    with Ledger.open(tmp_path / "store") as ledger:
        fill(ledger)
        yield ledger


def fill(ledger: Ledger) -> None:
    files = [Attachment(str(n), name, "application/pdf", n, f"a{n}") for n, name in enumerate(("x" * 5000, "ü", ""))]
    archived = Attachment("3", "a\0\ud800.pdf", "", 2**40, "", ("outer\ud800.zip", "in\0ner.zip"), "b")
    ledger.record_seen("foi", "INBOX", 2**32 - 1, [seen(1), seen(2)], 2**32)
    ledger.store(Message(seen(3).key, NOON.astimezone(timezone(timedelta(hours=14))), HEADER, "", (*files, archived)))
    ledger.set_problem(seen(2).key, "the line was cut")
    ledger.add_inspection(INSPECTION)
    ledger.add_letter("ab", 1, "Dear \udcff")
    first = add(ledger, draft())
    ledger.decide(first, DraftState.APPROVED, NOON, "Drafts")
    add(ledger, draft(case="Ä", message_id="<2@x>"))
    ledger.add_decisions(Decision("FOI1", Decides.CASE_CLOSED, "", "why", NOON))
    ledger.record_poll("foi", NOON.replace(microsecond=1), "gone")


def moved(ledger: Ledger, url: str) -> Moved:
    return ledger.move_to(url, "--to", lambda _done, _total: None)


def dump(root: Path) -> list[str]:
    with closing(sqlite3.connect(root / DATABASE)) as connection:
        return list(connection.iterdump())


def rows_in(url: str) -> int:
    """Of all tables that are moved, but for the revision, which is there from the beginning."""
    engine = create_engine(url)
    with engine.connect() as connection:
        names = [t.name for t in TABLES if t.name != "revision"]
        found = sum(connection.execute(text(f"SELECT count(*) FROM {name}")).scalar_one() for name in names)
    engine.dispose()
    return int(found)


def test_every_table_is_equal_by_count_and_hash_and_reads_the_same(
    ledger: Ledger, tmp_path: Path, postgres_url: str
) -> None:
    before = dump(tmp_path / "store")
    told: list[tuple[int, int]] = []
    found = ledger.move_to(postgres_url, "--to", lambda done, total: told.append((done, total)))
    assert (found.is_equal, found.was_there) == (True, False)
    assert {t.table: t.target.rows for t in found.tables} == ROWS
    assert told[-1] == (3 * sum(ROWS.values()),) * 2
    assert dump(tmp_path / "store") == before
    with Ledger.open(tmp_path / "other", postgres_url) as there:
        assert remembered(there) == remembered(ledger)
        assert there.version() == ledger.version()


def remembered(ledger: Ledger) -> list[object]:
    found: list[object] = [*ledger.messages("foi"), *ledger.drafts(), *ledger.decisions(), *ledger.polls()]
    found += [
        ledger.inspections(["aa"]),
        ledger.letters(["ab"], 1),
        ledger.problems("foi"),
        sorted(ledger.uninspected("foi", 1)),
    ]
    return [*found, ledger.next_uid("foi", "INBOX", 2**32 - 1)]


def test_the_hash_is_what_anybody_can_reckon_from_the_rows(ledger: Ledger, tmp_path: Path, postgres_url: str) -> None:
    with closing(sqlite3.connect(tmp_path / "store" / DATABASE)) as connection:
        (row,) = connection.execute("SELECT * FROM inspection")
    line = json.dumps([*row[:3], row[3].hex()], separators=(",", ":")).encode() + b"\n"
    (one,) = [t for t in moved(ledger, postgres_url).tables if t.table == "inspection"]
    assert one.source.sha256 == one.target.sha256 == hashlib.sha256(line).hexdigest()


def test_what_is_new_afterwards_is_numbered_behind_what_was_moved(
    ledger: Ledger, tmp_path: Path, postgres_url: str
) -> None:
    moved(ledger, postgres_url)
    with Ledger.open(tmp_path / "other", postgres_url) as there:
        assert add(there, draft(case="new", message_id="<3@x>")).id == 3
        assert there.add_decisions(Decision("FOI1", Decides.CASE_CLOSED, "", "", NOON))[0].id == 2
        there.store(Message(seen(9).key, NOON, HEADER, "", (Attachment("1", "a", "", 1, "ab"),)))
        assert max(m.id for m in there.messages("foi")) == 4


def test_an_empty_ledger_is_moved_and_can_be_written(tmp_path: Path, postgres_url: str) -> None:
    with Ledger.open(tmp_path / "store") as ledger:
        assert moved(ledger, postgres_url).is_equal
    with Ledger.open(tmp_path / "store", postgres_url) as there:
        assert add(there, draft()).id == 1


def test_it_comes_back_into_sqlite(ledger: Ledger, tmp_path: Path, postgres_url: str) -> None:
    moved(ledger, postgres_url)
    with Ledger.open(tmp_path / "other", postgres_url) as there:
        back = moved(there, "")
    assert (back.is_equal, {t.table: t.target.rows for t in back.tables}) == (True, ROWS)
    with Ledger.open(tmp_path / "other") as home:
        assert remembered(home) == remembered(ledger)


TEXT = st.text(st.characters(exclude_categories=()), max_size=40)
TIMES = st.datetimes(datetime(1970, 1, 2), datetime(9998, 1, 1), timezones=st.just(UTC)) | st.datetimes(  # noqa: DTZ001
    datetime(1970, 1, 2),  # noqa: DTZ001
    timezones=st.sampled_from([timezone(timedelta(hours=h)) for h in (-12, 5.5, 14)]),
    max_value=datetime(2100, 1, 1),  # noqa: DTZ001
)
FILES = st.builds(
    Attachment,
    part=st.just("1"),
    name=TEXT | st.just("x" * 5000),
    content_type=TEXT,
    size=st.integers(0, 2**62),
    sha256=st.just("ab"),
    containers=st.lists(TEXT, max_size=3).map(tuple),
)


MESSAGES = st.builds(
    Message, st.just(seen(1).key), TIMES, st.just(HEADER), TEXT, st.lists(FILES, max_size=3).map(tuple), unread=TEXT
)


@settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(texts=st.lists(TEXT, min_size=4, max_size=4), message=MESSAGES)
def test_whatever_mail_holds_is_the_same_on_both_sides(
    ledger: Ledger, tmp_path: Path, postgres_url: str, texts: list[str], message: Message
) -> None:
    letter, subject, value, problem = texts
    with Ledger.open(tmp_path / "store", postgres_url) as there:
        for each in (ledger, there):
            with each._database.engine.begin() as connection:
                for table in reversed(TABLES):
                    if table.name != "revision":
                        connection.execute(delete(table))
    ledger.store(message)
    ledger.add_letter("ab", 1, letter)
    ledger.add_decisions(Decision("FOI1", Decides.CASE_CLOSED, subject, value, message.received))
    ledger.record_poll("foi", message.received, problem)
    assert moved(ledger, postgres_url).is_equal


# --- what is refused ----------------------------------------------------------------------------------------


def test_a_database_with_another_ledger_is_refused_and_left_as_it_is(
    ledger: Ledger, tmp_path: Path, postgres_url: str
) -> None:
    with Ledger.open(tmp_path / "other", postgres_url) as there:
        there.add_letter("cd", 1, "another")
    with pytest.raises(StoreError, match="holds a ledger already"):
        moved(ledger, postgres_url)
    assert rows_in(postgres_url) == 1


def test_a_ledger_of_the_same_size_is_another_all_the_same(ledger: Ledger, tmp_path: Path, postgres_url: str) -> None:
    moved(ledger, postgres_url)
    with Ledger.open(tmp_path / "other", postgres_url) as there:
        there.add_letter("ab", 1, "changed")
    with pytest.raises(StoreError, match="holds a ledger already"):
        moved(ledger, postgres_url)


def test_what_was_moved_already_is_proven_once_more(ledger: Ledger, postgres_url: str) -> None:
    first, second = moved(ledger, postgres_url), moved(ledger, postgres_url)
    assert second == replace(first, was_there=True)


def test_its_own_place_is_refused(ledger: Ledger) -> None:
    with pytest.raises(UsageError, match="already"):
        moved(ledger, "")


def test_a_server_that_changes_what_it_is_given_is_found_out_and_keeps_nothing(
    ledger: Ledger, tmp_path: Path, postgres_url: str
) -> None:
    Ledger.open(tmp_path / "other", postgres_url).__exit__()
    engine = create_engine(postgres_url)
    with engine.begin() as connection:
        connection.exec_driver_sql(
            "CREATE FUNCTION change() RETURNS trigger LANGUAGE plpgsql AS"
            " $$BEGIN NEW.name := upper(NEW.name); RETURN NEW; END$$;"
            "CREATE TRIGGER change BEFORE INSERT ON attachment FOR EACH ROW EXECUTE FUNCTION change()"
        )
    engine.dispose()
    found = moved(ledger, postgres_url)
    assert [t.table for t in found.tables if not t.is_equal] == ["attachment"]
    assert rows_in(postgres_url) == 0


def test_what_others_write_meanwhile_has_to_wait(ledger: Ledger, tmp_path: Path, postgres_url: str) -> None:
    refused: list[str] = []

    def write(_done: int, _total: int) -> None:
        with closing(sqlite3.connect(tmp_path / "store" / DATABASE, timeout=0)) as connection:
            try:
                connection.execute("DELETE FROM decision")
            except sqlite3.OperationalError as error:
                refused.append(str(error))

    assert ledger.move_to(postgres_url, "--to", write).is_equal
    assert set(refused) == {"database is locked"}


def test_a_server_that_bounds_idle_transactions_cuts_no_move(ledger: Ledger, postgres_url: str) -> None:
    engine = create_engine(postgres_url)
    with engine.begin() as connection:
        name = connection.exec_driver_sql("SELECT current_database()").scalar()
        connection.exec_driver_sql(f"ALTER DATABASE {name} SET idle_in_transaction_session_timeout = '300ms'")
    engine.dispose()
    assert ledger.move_to(postgres_url, "--to", lambda done, total: time.sleep(0.6 * (done == total))).is_equal


def test_a_ledger_that_other_watchers_share_is_moved_only_once_they_are_gone(
    ledger: Ledger, tmp_path: Path, postgres_url: str
) -> None:
    moved(ledger, postgres_url)
    with Ledger.open(tmp_path / "other", postgres_url) as there:
        with there._database.engine.begin() as connection:
            table = metadata.tables[WatcherRow.__tablename__]
            connection.execute(table.insert().values(name="elsewhere", until=datetime.now(UTC) + timedelta(minutes=1)))
        with pytest.raises(StoreError, match="elsewhere"):
            moved(there, "")
        with there._database.engine.begin() as connection:
            connection.execute(table.update().values(until=datetime.now(UTC) - timedelta(seconds=1)))
        assert moved(there, "").is_equal


# --- killed -------------------------------------------------------------------------------------------------

MOVING = (
    "import sys; from pathlib import Path; from attachwatch.ledger.ledger import Ledger\n"
    "with Ledger.open(Path(sys.argv[1])) as ledger: ledger.move_to(sys.argv[2], '--to', lambda *_: None)"
)


@pytest.mark.parametrize("step", ["rows-copied:5", "copy-proven", "copy-committed"])
def test_killed_at_any_moment_it_has_moved_all_or_nothing(
    ledger: Ledger, tmp_path: Path, postgres_url: str, step: str
) -> None:
    before = dump(tmp_path / "store")
    done = subprocess.run(
        [sys.executable, "-c", MOVING, tmp_path / "store", postgres_url],
        env=os.environ | {"ATTACHWATCH_STOP_AT": step}, check=False,
    )  # fmt: skip
    assert done.returncode == -signal.SIGKILL
    assert dump(tmp_path / "store") == before
    is_whole = step == "copy-committed"
    assert rows_in(postgres_url) == (sum(ROWS.values()) - 1 if is_whole else 0)
    again = moved(ledger, postgres_url)
    assert (again.is_equal, again.was_there) == (True, is_whole)
