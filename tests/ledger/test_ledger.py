"""The ledger: what it is told once, it tells for ever, and once only."""

import json
import os
import sqlite3
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from pydantic import TypeAdapter
from sqlalchemy import Connection, create_engine, text

from attachwatch.errors import StoreError
from attachwatch.ledger import migrations
from attachwatch.ledger.ledger import Ledger
from attachwatch.ledger.rows import Seen
from attachwatch.ledger.schema import metadata
from attachwatch.ledger.upgrade import versions
from attachwatch.model import (
    Address,
    Attachment,
    Cause,
    Decides,
    Decision,
    Draft,
    DraftItem,
    DraftState,
    Finding,
    Header,
    Inspection,
    Message,
    MessageKey,
    ReaderReport,
    Verdict,
)

SENDER = "foi@interior.example"
NOON = datetime(2024, 10, 1, 12, tzinfo=UTC)
HEADER = Header(message_id="<1@x>", date=NOON, sender=Address("FOI Team", SENDER), subject="Annexes")


INSPECTION = Inspection(
    "aa", 3, "application/pdf", Verdict.BROKEN, Cause.TRUNCATED, None,
    (Finding("truncated", "It ends early.", {"offset": 3, "pages": [1, 2], "said": "x"}),),
    (ReaderReport("qpdf", "12", opened=False, error="no trailer", warnings=("w",)),), 0.1, rules=1,
)  # fmt: skip


def seen(uid: int, uidvalidity: int = 7, header: Header = HEADER) -> Seen:
    return Seen(MessageKey("foi", "INBOX", uidvalidity, uid), NOON, 1000, header)


def draft(**changes: object) -> Draft:
    values: dict[str, object] = {
        "case": "FOI1", "round": 1, "basis": (1, 2), "message_id": "<d1@x>", "sender": "me@x", "to": ("foi@y",),
        "cc": (), "subject": "Re: Annexes", "in_reply_to": "<1@x>", "references": ("<1@x>",),
        "items": (DraftItem(("D(iii)",), "a.pdf", Verdict.BROKEN, Cause.TRUNCATED, 3, "ab"),), "missing": (),
        "body": "Dear", "created": NOON,
    }  # fmt: skip
    return Draft(**(values | changes))  # type: ignore[arg-type]


def migrations_for(connection: Connection) -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(migrations.__file__).parent))
    config.attributes["connection"] = connection
    return config


def test_a_migration_is_named_by_its_version() -> None:
    known = ScriptDirectory(str(Path(migrations.__file__).parent)).walk_revisions()
    assert list(versions()) == [revision.revision for revision in known][::-1]


@pytest.fixture
def ledger(tmp_path: Path, database_url: str) -> Iterator[Ledger]:
    with Ledger.open(tmp_path / "store", database_url) as ledger:
        yield ledger


def test_a_header_of_an_earlier_version_is_read_with_what_it_had(ledger: Ledger) -> None:
    ledger.record_seen("foi", "INBOX", 7, [seen(1, header=replace(HEADER, authentication=("mx; dkim=pass",)))], 2)
    ledger.store(Message(seen(1).key, NOON, HEADER))
    assert ledger.messages("foi")[0].header.authentication == ("mx; dkim=pass",)
    with ledger._database.engine.begin() as connection:
        header = json.loads(connection.execute(text("SELECT header FROM message")).scalar_one())
        earlier = {key: value for key, value in header.items() if key not in ("authentication", "doubt")}
        assert len(earlier) == len(header) - 2
        connection.execute(text("UPDATE message SET header = :h"), {"h": json.dumps(earlier).encode()})
    header = ledger.messages("foi")[0].header
    assert (header.sender, header.authentication, header.doubt) == (HEADER.sender, None, None)


def test_a_new_store_is_closed_to_other_users(tmp_path: Path) -> None:
    old = os.umask(0)
    try:
        Ledger.open(tmp_path / "store")
    finally:
        os.umask(old)
    assert (tmp_path / "store").stat().st_mode & 0o077 == 0
    assert (tmp_path / "store" / "ledger.sqlite3").stat().st_mode & 0o077 == 0


def test_a_store_open_to_others_is_refused(tmp_path: Path) -> None:
    (tmp_path / "store").mkdir()
    (tmp_path / "store").chmod(0o755)
    with pytest.raises(StoreError, match="chmod 700"):
        Ledger.open(tmp_path / "store")


def test_the_migrations_make_the_tables_that_the_schema_describes(ledger: Ledger) -> None:
    with ledger._database.engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []


def test_the_migrations_are_one_line_from_the_first_to_the_last(ledger: Ledger) -> None:
    with ledger._database.engine.connect() as connection:
        script = ScriptDirectory.from_config(migrations_for(connection))
    assert tuple(reversed([r.revision for r in script.walk_revisions()])) == versions()
    assert script.get_heads() == [versions()[-1]]


def test_a_ledger_that_knew_one_copy_of_a_file_learns_of_the_other(tmp_path: Path) -> None:
    key = MessageKey("foi", "INBOX", 7, 1)
    file = Attachment("2", "a.pdf", "application/pdf", 3, "ab")
    with Ledger.open(tmp_path / "store") as ledger:
        ledger.store(Message(key, NOON, HEADER, "Dear", (file,)))
    engine = create_engine(f"sqlite:///{tmp_path}/store/ledger.sqlite3")
    with engine.begin() as connection:
        command.downgrade(migrations_for(connection), "0002")
    engine.dispose()
    with Ledger.open(tmp_path / "store") as ledger:
        ((kept,),) = [m.attachments for m in ledger.messages("foi")]
        assert kept == file
        ledger.set_copies(key, replace(kept, again="ab"))
        test_the_migrations_make_the_tables_that_the_schema_describes(ledger)


def test_the_copy_that_counts_is_exchanged_with_what_was_found_in_the_other(ledger: Ledger) -> None:
    key = MessageKey("foi", "INBOX", 7, 1)
    own = [Attachment(p, "a", "", 3, h) for p, h in (("2", "a1"), ("3", "b1"), ("2/1", "c"), ("3/1", "d"))]
    ledger.store(Message(key, NOON, HEADER, "", tuple(own)))
    ledger.set_copies(key, replace(own[0], sha256="a2", size=4, again="a1"))
    ledger.add_attachments(key, [Attachment("2/1", "a", "", 3, "e")])
    (message,) = ledger.messages("foi")
    found = [(a.part, a.sha256, a.size, a.again) for a in message.attachments]
    assert found == [("2", "a2", 4, "a1"), ("3", "b1", 3, None), ("3/1", "d", 3, None), ("2/1", "e", 3, None)]
    assert set(ledger.uninspected("foi", 1)) == {"a1", "a2", "b1", "d", "e"}


def test_what_a_letter_says_is_kept_as_the_newest_rules_read_it(ledger: Ledger) -> None:
    ledger.add_letter("ab", 1, "Dear \udcff")
    ledger.add_letter("cd", 1, "")
    assert ledger.letters(["ab", "cd", "ef"], 1) == {"ab": "Dear ?", "cd": ""}
    assert ledger.letters(["ab", "cd"], 2) == {}
    ledger.add_letter("ab", 2, "Dear Ms Roe")
    assert ledger.letters(["ab", "cd"], 2) == {"ab": "Dear Ms Roe"}


def test_a_ledger_of_the_first_version_is_brought_up_to_date_with_all_it_holds(tmp_path: Path) -> None:
    root = tmp_path / "store"
    root.mkdir(mode=0o700)
    engine = create_engine(f"sqlite:///{root}/ledger.sqlite3")
    with engine.begin() as connection:
        command.upgrade(migrations_for(connection), "0001")
        connection.execute(
            text(
                "INSERT INTO message"
                " (mailbox, folder, uidvalidity, uid, stage, message_id, received, size, header, text)"
                " VALUES ('foi', 'INBOX', 7, 3, 'seen', '<1@x>', '2024-10-01 12:00:00', 99, :header, '')"
            ),
            {"header": TypeAdapter(Header).dump_json(HEADER)},
        )
    engine.dispose()
    with Ledger.open(root) as ledger:
        assert ledger.senders_seen("foi") == [HEADER.sender]
        assert ledger.unfetched("foi", "INBOX", 7, [SENDER]) == [3]
        assert ledger.decisions() == []


def test_a_ledger_of_a_newer_version_is_left_alone(tmp_path: Path) -> None:
    Ledger.open(tmp_path / "store")
    with sqlite3.connect(tmp_path / "store" / "ledger.sqlite3") as database:
        database.execute("UPDATE alembic_version SET version_num = '9999'")
    database.close()
    with pytest.raises(StoreError, match="newer attachwatch"):
        Ledger.open(tmp_path / "store")


def test_a_damaged_ledger_is_one_clear_error(tmp_path: Path) -> None:
    (tmp_path / "store").mkdir(mode=0o700)
    (tmp_path / "store" / "ledger.sqlite3").write_bytes(b"this is no database, but long enough to look at" * 100)
    with pytest.raises(StoreError, match="not a database"):
        Ledger.open(tmp_path / "store")


def test_two_watchers_never_share_a_store(tmp_path: Path) -> None:
    with Ledger.open(tmp_path / "store") as one, Ledger.open(tmp_path / "store") as two, one.exclusive():
        with pytest.raises(StoreError, match="another attachwatch"), two.exclusive():
            pass


def test_listed_messages_are_remembered_with_how_far_the_folder_was_read(ledger: Ledger) -> None:
    assert ledger.next_uid("foi", "INBOX", 7) == (1, False)
    ledger.record_seen("foi", "INBOX", 7, [seen(3)], 4)
    assert ledger.next_uid("foi", "INBOX", 7) == (4, False)
    assert ledger.unfetched("foi", "INBOX", 7, [SENDER]) == [3]


def test_only_messages_of_the_senders_that_are_asked_for_are_waiting(ledger: Ledger) -> None:
    strangers = replace(HEADER, sender=Address("Strangers", "x@elsewhere.example"))
    ledger.record_seen("foi", "INBOX", 7, [seen(3), seen(4, header=strangers), seen(5, header=strangers)], 6)
    assert ledger.senders_seen("foi") == [HEADER.sender, strangers.sender]
    assert ledger.unfetched("foi", "INBOX", 7, [SENDER]) == [3]
    assert ledger.unfetched("foi", "INBOX", 7, [SENDER, "x@elsewhere.example"]) == [3, 4, 5]
    assert ledger.unfetched("foi", "INBOX", 7, []) == []


def test_listing_a_message_twice_remembers_it_once(ledger: Ledger) -> None:
    ledger.record_seen("foi", "INBOX", 7, [seen(3)], 4)
    ledger.record_seen("foi", "INBOX", 7, [seen(3)], 4)
    assert ledger.unfetched("foi", "INBOX", 7, [SENDER]) == [3]


@pytest.mark.parametrize("header", [HEADER, replace(HEADER, message_id=None)], ids=["with id", "without id"])
def test_a_known_message_is_recognised_after_its_folder_was_renumbered(ledger: Ledger, header: Header) -> None:
    ledger.record_seen("foi", "INBOX", 7, [seen(3, header=header)], 4)
    ledger.store(Message(seen(3).key, NOON, header))
    assert ledger.next_uid("foi", "INBOX", 8) == (1, True)
    ledger.record_seen(
        "foi", "INBOX", 8, [seen(1, 8, header), seen(2, 8, replace(header, subject="new", message_id="<2@x>"))], 3
    )
    assert ledger.unfetched("foi", "INBOX", 8, [SENDER]) == [2]
    assert [m.key for m in ledger.messages("foi")] == [MessageKey("foi", "INBOX", 8, 1)]


def test_a_message_is_stored_once_with_every_field(ledger: Ledger) -> None:
    files = (
        Attachment("2", "a\x00/../\u202egpj.pdf", "application/pdf", 3, "aa", ("outer.zip",)),
        Attachment("3", "", "application/pdf", 3, "aa"),
    )
    message = Message(seen(3).key, NOON, HEADER, "body", files)
    ledger.record_seen("foi", "INBOX", 7, [seen(3)], 4)
    assert ledger.store(message)
    assert not ledger.store(message)
    assert ledger.unfetched("foi", "INBOX", 7, [SENDER]) == []
    # PostgreSQL holds no NUL in a text, nor any file system in a name.
    kept = (replace(files[0], name="a\ufffd/../\u202egpj.pdf"), files[1])
    assert [replace(m, id=0) for m in ledger.messages("foi")] == [replace(message, attachments=kept)]


def test_lone_surrogates_from_a_hostile_header_do_not_stop_storing(ledger: Ledger) -> None:
    ledger.store(Message(seen(3).key, NOON, HEADER, "body\udc80", (Attachment("2", "a\udcff.pdf", "", 1, "aa"),)))
    assert ledger.messages("foi")[0].attachments[0].name == "a?.pdf"


def test_messages_come_in_order_of_arrival_whatever_their_uid(ledger: Ledger) -> None:
    for uid, hours in ((1, 5), (2, 1), (3, 3)):
        ledger.store(Message(seen(uid).key, NOON + timedelta(hours=hours), HEADER))
    assert [m.key.uid for m in ledger.messages("foi")] == [2, 3, 1]


def test_a_message_that_cannot_be_fetched_keeps_its_reason_until_it_is(ledger: Ledger) -> None:
    ledger.record_seen("foi", "INBOX", 7, [seen(3)], 4)
    ledger.set_problem(seen(3).key, "the line was cut")
    assert ledger.problems("foi") == [(HEADER, "the line was cut")]
    ledger.store(Message(seen(3).key, NOON, HEADER))
    assert ledger.problems("foi") == []


def test_a_listed_message_that_is_gone_is_forgotten_and_a_stored_one_never(ledger: Ledger) -> None:
    ledger.record_seen("foi", "INBOX", 7, [seen(3), seen(4)], 5)
    ledger.store(Message(seen(4).key, NOON, HEADER))
    for uid in (3, 4):
        ledger.forget(seen(uid).key)
    assert ledger.unfetched("foi", "INBOX", 7, [SENDER]) == []
    assert [m.key.uid for m in ledger.messages("foi")] == [4]


def test_an_inspection_is_kept_whole_and_renewed_with_the_rules(ledger: Ledger) -> None:
    ledger.store(Message(seen(3).key, NOON, HEADER, "", (Attachment("2", "a.pdf", "", 3, "aa"),)))
    assert ledger.uninspected("foi", rules=1) == ["aa"]
    ledger.add_inspection(INSPECTION)
    assert ledger.uninspected("foi", rules=1) == []
    assert ledger.inspections(["aa", "bb"]) == {"aa": INSPECTION}
    assert ledger.uninspected("foi", rules=2) == ["aa"]
    ledger.add_inspection(replace(INSPECTION, rules=2, verdict=Verdict.OK))
    assert ledger.inspections(["aa"])["aa"].verdict is Verdict.OK


def test_a_file_that_a_limit_kept_out_is_not_waiting_for_inspection(ledger: Ledger) -> None:
    ledger.store(Message(seen(3).key, NOON, HEADER, "", (Attachment("2", "big.pdf", "", 10**9, ""),)))
    assert ledger.uninspected("foi", rules=1) == []


def add(ledger: Ledger, draft: Draft, instead_of: Draft | None = None) -> Draft:
    made = ledger.add_draft(draft, instead_of)
    assert made is not None
    return made


def test_a_case_has_one_pending_draft(ledger: Ledger) -> None:
    first = add(ledger, draft())
    second = add(ledger, draft(message_id="<d2@x>", round=2), first)
    assert [(d.id, d.state) for d in ledger.drafts("FOI1")] == [
        (first.id, DraftState.SUPERSEDED),
        (second.id, DraftState.PENDING),
    ]
    assert ledger.draft(second.id) == second
    assert ledger.drafts("another") == []


def test_a_draft_takes_the_place_of_none_but_the_one_that_was_seen(ledger: Ledger) -> None:
    second = draft(message_id="<d2@x>")
    assert ledger.add_draft(second, instead_of=draft()) is None  # none is pending
    first = add(ledger, draft())
    assert ledger.add_draft(second) is None  # one is
    edited = replace(first, body="Dear all", message_id="<d1.e@x>")
    assert ledger.revise(first, edited)
    assert ledger.add_draft(second, instead_of=first) is None  # and not that one
    assert ledger.drafts() == [edited]
    assert add(ledger, second, edited).id == 2
    assert [(d.body, d.state) for d in ledger.drafts()] == [
        ("Dear all", DraftState.SUPERSEDED),
        ("Dear", DraftState.PENDING),
    ]


def test_a_draft_is_edited_only_as_it_was_seen_and_while_it_is_pending(ledger: Ledger) -> None:
    made = add(ledger, draft())
    first, second = (replace(made, body=body, generated="Dear") for body in ("Dear Ann", "Dear Bob"))
    assert ledger.revise(made, first)
    assert not ledger.revise(made, second)
    assert ledger.draft(made.id) == first
    assert not ledger.decide(made, DraftState.APPROVED, NOON, "Drafts")
    assert ledger.decide(first, DraftState.APPROVED, NOON, "Drafts")
    (approved,) = ledger.drafts()
    assert not ledger.revise(first, second)
    assert not ledger.revise(approved, second)
    assert ledger.drafts() == [approved]


def test_of_many_editors_at_once_each_knows_whether_its_words_stand(tmp_path: Path, database_url: str) -> None:
    with Ledger.open(tmp_path / "store", database_url) as ledger:
        add(ledger, draft(body=""))

    def edit(letter: str) -> int:
        done = 0
        with Ledger.open(tmp_path / "store", database_url) as ledger:
            for _ in range(20):
                seen = ledger.draft(1)
                assert seen is not None
                done += ledger.revise(seen, replace(seen, body=seen.body + letter))
        return done

    with ThreadPoolExecutor() as pool:
        done = dict(zip("abc", pool.map(edit, "abc"), strict=True))
    with Ledger.open(tmp_path / "store", database_url) as ledger:
        assert Counter(ledger.drafts()[0].body) == Counter(done)


def test_a_draft_is_decided_once(ledger: Ledger) -> None:
    made = add(ledger, draft())
    assert ledger.decide(made, DraftState.APPROVED, NOON, "Drafts")
    assert not ledger.decide(made, DraftState.DISCARDED, NOON)
    (decided,) = ledger.drafts(made.case)
    assert (decided.state, decided.decided, decided.placed_in) == (DraftState.APPROVED, NOON, "Drafts")
    assert not ledger.decide(decided, DraftState.DISCARDED, NOON)
    ledger.supersede("FOI1")
    assert [d.state for d in ledger.drafts()] == [DraftState.APPROVED]


def test_the_last_poll_of_each_mailbox_is_told(ledger: Ledger) -> None:
    ledger.record_poll("foi", NOON, "unreachable")
    ledger.record_poll("foi", NOON + timedelta(minutes=5), None)
    assert [(p.mailbox, p.polled, p.problem) for p in ledger.polls()] == [("foi", NOON + timedelta(minutes=5), None)]


# --- decisions --------------------------------------------------------------------------------------------------


def test_decisions_are_kept_in_their_order_and_none_is_ever_replaced(tmp_path: Path, database_url: str) -> None:
    move = Decision("FOI1", Decides.FILE, "ab", "D(iii)", NOON)
    with Ledger.open(tmp_path / "store", database_url) as ledger:
        made = ledger.add_decisions(move, replace(move, value=""))
        made += ledger.add_decisions(Decision("", Decides.UNDONE, "2", "", NOON))
        assert [d.id for d in made] == [1, 2, 3]
    with Ledger.open(tmp_path / "store", database_url) as ledger:
        assert ledger.decisions() == made


# --- what is changed --------------------------------------------------------------------------------------------


def test_whatever_changes_a_picture_counts_the_version_up(ledger: Ledger) -> None:
    key, file = seen(3).key, Attachment("2", "a.pdf", "application/pdf", 3, "ab")
    made = draft()
    changes: list[Callable[[], object]] = [
        lambda: ledger.record_seen("foi", "INBOX", 7, [seen(3)], 4),
        lambda: ledger.set_problem(key, "the server closed the line"),
        lambda: ledger.store(Message(key, NOON, HEADER, "Dear", (file,))),
        lambda: ledger.add_attachments(key, [replace(file, part="2/1")]),
        lambda: ledger.set_copies(key, replace(file, again="cd")),
        lambda: ledger.add_inspection(INSPECTION),
        lambda: ledger.add_letter("ab", 1, "Dear"),
        lambda: ledger.add_draft(made),
        lambda: ledger.revise(ledger.drafts()[0], replace(ledger.drafts()[0], body="Dear all")),
        lambda: ledger.supersede("FOI1"),
        lambda: ledger.add_decisions(Decision("FOI1", Decides.FILE, "ab", "A", NOON)),
    ]
    known = {ledger.version()}
    for number, change in enumerate(changes):
        change()
        assert ledger.version() not in known, number
        known.add(ledger.version())


def test_what_changes_nothing_leaves_the_version(ledger: Ledger) -> None:
    ledger.record_seen("foi", "INBOX", 7, [seen(3)], 4)
    message = Message(seen(3).key, NOON, HEADER, "Dear")
    ledger.store(message)
    before = ledger.version()
    ledger.record_seen("foi", "INBOX", 7, [seen(3)], 9)
    ledger.store(message)
    ledger.forget(message.key)
    ledger.supersede("FOI1")
    ledger.set_problem(seen(4).key, "gone")
    ledger.record_poll("foi", NOON, "unreachable")
    assert ledger.version() == before


def test_a_change_that_is_undone_half_way_counts_nothing(ledger: Ledger) -> None:
    before = ledger.version()
    with pytest.raises(AttributeError):
        ledger.add_decisions(Decision("FOI1", Decides.FILE, "ab", "A", NOON), None)  # type: ignore[arg-type]
    assert (ledger.version(), ledger.decisions()) == (before, [])


def test_headers_of_any_length_are_remembered_and_found_again(ledger: Ledger) -> None:
    address = "x" * 5000 + "@interior.example"
    long = replace(HEADER, message_id=f"<{'9' * 5000}@x>", sender=Address("\0" + "é" * 5000, address))
    ledger.record_seen("foi", "INBOX", 7, [seen(3, header=long)], 4)
    assert ledger.unfetched("foi", "INBOX", 7, [address]) == [3]
    ledger.record_seen("foi", "INBOX", 8, [seen(1, 8, header=long)], 2)  # its UIDVALIDITY changed
    ledger.store(Message(seen(1, 8).key, NOON, long, "Dear"))
    assert [m.header for m in ledger.messages("foi")] == [long]


def test_two_that_draft_for_a_case_at_once_leave_one_draft(tmp_path: Path, database_url: str) -> None:
    def add_one(number: int) -> Draft | None:
        with Ledger.open(tmp_path / "store", database_url) as ledger:
            return ledger.add_draft(draft(message_id=f"<d{number}@x>"))

    with ThreadPoolExecutor() as pool:
        made = [d for d in pool.map(add_one, range(6)) if d]
    with Ledger.open(tmp_path / "store", database_url) as ledger:
        assert ledger.drafts() == made
    assert len(made) == 1


def test_two_that_inspect_the_same_file_at_once_agree(tmp_path: Path, database_url: str) -> None:
    def inspect(_number: int) -> None:
        with Ledger.open(tmp_path / "store", database_url) as ledger:
            for _ in range(10):
                ledger.add_inspection(INSPECTION)
                ledger.add_letter("ab", 1, "Dear")

    with ThreadPoolExecutor() as pool:
        list(pool.map(inspect, range(4)))
    with Ledger.open(tmp_path / "store", database_url) as ledger:
        assert ledger.inspections([INSPECTION.sha256]) == {INSPECTION.sha256: INSPECTION}


def test_many_that_open_a_new_ledger_at_once_all_find_it(tmp_path: Path, database_url: str) -> None:
    def look(_number: int) -> int:
        with Ledger.open(tmp_path / "store", database_url) as ledger:
            return ledger.version()

    with ThreadPoolExecutor() as pool:
        assert set(pool.map(look, range(8))) == {1}


def test_one_at_a_time_places_drafts(tmp_path: Path, database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("attachwatch.ledger.ledger._PATIENCE", 0.1)
    with Ledger.open(tmp_path / "a", database_url) as one, Ledger.open(tmp_path / "a", database_url) as two:
        with one.placing(), pytest.raises(StoreError, match="placing a draft"), two.placing():
            pass
        with two.placing():
            pass
