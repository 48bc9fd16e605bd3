"""`attachwatch store migrate` as a user runs it, and every way in which a database cannot be used."""

import json
import socket
import subprocess
import sys
import time
from contextlib import closing, suppress
from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlalchemy import create_engine, event
from sqlalchemy.engine import make_url

from attachwatch import config
from attachwatch.cli.store import command
from attachwatch.errors import ConfigurationError, StoreError
from attachwatch.ledger.database import database
from attachwatch.ledger.ledger import Ledger
from attachwatch.ledger.sqlite import DATABASE
from tests import postgres
from tests.ledger.test_ledger import NOON, draft
from tests.ledger.test_transfer import ROWS, dump, fill, remembered, rows_in
from tests.program import run

SECRET = "correct-h%rse"
TEXT = """# mine
[store]
path = "store"  # here

[[mailbox]]
name = "foi"
host = "imap.example.org"
username = "foi"
"""


@pytest.fixture
def configuration(tmp_path: Path) -> Path:
    path = tmp_path / "attachwatch.toml"
    path.write_text(TEXT)
    return path


@pytest.fixture
def store(tmp_path: Path) -> Path:
    with Ledger.open(tmp_path / "store") as ledger:
        fill(ledger)
    return tmp_path / "store"


def test_it_prints_what_is_equal_and_the_line_that_is_to_be_put_into_the_configuration(
    configuration: Path, store: Path, postgres_url: str
) -> None:
    done = run("store", "migrate", "--to", postgres_url, "--config", configuration, COLUMNS="100")
    assert (done.returncode, done.stderr) == (0, "")
    rows = [line.split() for line in done.stdout.splitlines() if line.endswith("equal")]
    assert {row[-3]: int(row[-2]) for row in rows} == ROWS
    assert f'  database = "{postgres_url}"' in "".join(done.stdout.splitlines())
    assert str(store / "attachments") in done.stdout.replace("\n", "")
    assert configuration.read_text() == TEXT


def test_with_switch_it_is_written_there_and_the_former_ledger_stays_as_it_was(
    configuration: Path, store: Path, postgres_url: str
) -> None:
    before = dump(store)
    with Ledger.open(store) as former:
        expected = remembered(former)
    done = run("store", "migrate", "--to", postgres_url, "--switch", "--json", "--config", configuration)
    document = json.loads(done.stdout)
    assert (done.returncode, document["equal"], document["copied"], document["switched"]) == (0, True, True, True)
    assert {t["table"]: t["rows"] for t in document["tables"]} == {name: [n, n] for name, n in ROWS.items()}
    settings = config.load(configuration)
    assert settings.store.database == postgres_url
    assert configuration.read_text().startswith('# mine\n[store]\npath = "store"  # here\n')
    assert dump(store) == before
    with Ledger.open(store, settings.store.database) as there:
        assert remembered(there) == expected

    again = run("store", "migrate", "--to", postgres_url, "--config", configuration)
    assert (again.returncode, "is in" in again.stderr) == (2, True)
    (store / DATABASE).rename(store / "former")
    back = run("store", "migrate", "--to", "sqlite", "--switch", "--config", configuration)
    assert back.returncode == 0
    assert config.load(configuration).store.database == ""
    with Ledger.open(store) as home:
        assert remembered(home) == expected


def test_while_a_watcher_holds_the_store_nothing_is_moved(configuration: Path, store: Path, postgres_url: str) -> None:
    with Ledger.open(store) as ledger, ledger.exclusive():
        done = run("store", "migrate", "--to", postgres_url, "--config", configuration)
    assert (done.returncode, "Stop it first" in done.stderr) == (3, True)


def test_a_database_that_holds_another_ledger_is_left_as_it_is(
    configuration: Path, store: Path, postgres_url: str, tmp_path: Path
) -> None:
    with Ledger.open(tmp_path / "other", postgres_url) as other:
        other.add_draft(draft())
    done = run("store", "migrate", "--to", postgres_url, "--switch", "--config", configuration)
    assert one_line(done) == 3
    assert "holds a ledger already" in done.stderr
    assert rows_in(postgres_url) == 1
    assert configuration.read_text() == TEXT
    assert store.is_dir()


def test_what_is_not_equal_is_a_failure_and_is_not_kept(configuration: Path, store: Path, postgres_url: str) -> None:
    with Ledger.open(store, postgres_url):
        pass
    engine = create_engine(postgres_url)
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE RULE lost AS ON INSERT TO letter DO INSTEAD NOTHING")
    engine.dispose()
    done = run("store", "migrate", "--to", postgres_url, "--switch", "--config", configuration)
    assert done.returncode == 3
    assert [line.split()[-1] for line in done.stdout.splitlines() if "letter" in line] == ["EQUAL"]
    assert "NOT EQUAL" in done.stdout
    assert rows_in(postgres_url) == 0
    assert configuration.read_text() == TEXT


# --- databases that cannot be used --------------------------------------------------------------------------


def one_line(done: subprocess.CompletedProcess[str]) -> int:
    """The status of what said one line on stderr, nothing else, and no secret."""
    assert done.stdout == ""
    assert done.stderr.startswith("attachwatch: ")
    assert done.stderr.count("\n") == 1
    for secret in (SECRET, SECRET.replace("%", "%25"), "Traceback"):
        assert secret not in done.stderr
    return done.returncode


def using(configuration: Path, url: str) -> None:
    configuration.write_text(TEXT.replace("[store]", f"[store]\ndatabase = {json.dumps(url)}"))


def both(configuration: Path, url: str) -> tuple[int, str]:
    """What the migration says to such a URL; a command whose configuration has it answers with the same status."""
    moving = run("store", "migrate", "--to", url, "--config", configuration)
    using(configuration, url)
    other = run("drafts", "--config", configuration)
    configuration.write_text(TEXT)
    assert one_line(other) == one_line(moving)
    assert other.stderr.count("--to") == 0
    return moving.returncode, moving.stderr + other.stderr


@pytest.mark.parametrize(
    ("url", "status", "said"),
    [
        ("postgresql://foi@nowhere.invalid/foi", 3, "nowhere.invalid"),
        ("postgresql://foi@127.0.0.1:1/foi", 3, "refused"),
        ("postgresql:///foi?host=/nowhere", 3, "/nowhere"),
        ("mysql://foi@127.0.0.1/foi", 2, "'mysql', which is not known"),
        ("sqlite:///other.sqlite3", 2, "'sqlite', which is not known"),
        ("nonsense://x", 2, "'nonsense'"),
        ("garbage", 2, "is no URL"),
        ("\x1b[31m", 2, "is no URL"),
        ("postgresql://foi@127.0.0.1:port/foi", 2, "is no URL"),
        (f"postgresql://foi:{SECRET}", 2, "is no URL"),
        (f"postgresql://foi:{SECRET}@127.0.0.1:1/foi", 2, "leave the password out"),
        (f"postgresql://foi@127.0.0.1:1/foi?password={SECRET}", 2, "leave the password out"),
        ("postgresql://foi@127.0.0.1:1/foi?nonsense=1", 3, "nonsense"),
        ("postgresql://foi@127.0.0.1:1/foi?connect_timeout=soon", 3, "timeout"),
        ("postgresql://foi@127.0.0.1:1/foi?host=a:1:2&host=b", 3, "cannot be used"),
        (f"postgresql://foi@{'a' * 300}.example/foi", 2, "no URL that psycopg can use"),
        ("postgresql://foi@a..example/foi", 2, "no URL that psycopg can use"),
        ("postgresql://foi@127.0.0.1:1/a%00b", 3, "cannot be used"),
    ],
)
def test_a_url_that_leads_nowhere_is_one_clear_line(configuration: Path, url: str, status: int, said: str) -> None:
    found, told = both(configuration, url)
    assert found == status
    assert said in told


@pytest.fixture
def locked_out(postgres_url: str, tmp_path: Path) -> str:
    """The URL of a role that may connect to that database, and do nothing in it."""
    role = f"reader_{abs(hash(tmp_path))}"
    engine = create_engine(postgres_url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.exec_driver_sql(f"CREATE ROLE {role} LOGIN; REVOKE CREATE ON SCHEMA public FROM PUBLIC")
    engine.dispose()
    return make_url(postgres_url).set(username=role).render_as_string()


def test_a_role_that_may_make_no_tables_is_told_and_nothing_is_made(
    configuration: Path, locked_out: str, postgres_url: str
) -> None:
    status, told = both(configuration, locked_out)
    assert (status, told.count("permission denied")) == (3, 2)
    assert "Make its user the owner" in told
    engine = create_engine(postgres_url)
    with engine.connect() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'").scalar() == 0
    engine.dispose()


def test_a_role_that_may_only_read_is_told(
    configuration: Path, locked_out: str, postgres_url: str, tmp_path: Path
) -> None:
    with Ledger.open(tmp_path / "other", postgres_url):
        pass
    engine = create_engine(postgres_url)
    with engine.begin() as connection:
        connection.exec_driver_sql("GRANT SELECT ON ALL TABLES IN SCHEMA public TO PUBLIC")
    engine.dispose()
    done = run("store", "migrate", "--to", locked_out, "--config", configuration)
    assert (one_line(done), "permission denied" in done.stderr) == (3, True)
    with Ledger.open(tmp_path / "third", locked_out) as readable:
        assert readable.drafts() == []
        with pytest.raises(StoreError, match="permission denied"):
            readable.record_poll("foi", NOON, None)


def test_a_database_that_is_not_there_is_told(configuration: Path, postgres_url: str) -> None:
    status, told = both(configuration, make_url(postgres_url).set(database="nowhere").render_as_string())
    assert (status, told.count("does not exist")) == (3, 2)


def test_a_database_that_is_not_in_unicode_is_refused(configuration: Path, postgres_url: str) -> None:
    engine = create_engine(postgres_url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.exec_driver_sql("CREATE DATABASE latin ENCODING 'LATIN1' LOCALE 'C' TEMPLATE template0")
        status, told = both(configuration, make_url(postgres_url).set(database="latin").render_as_string())
        connection.exec_driver_sql("DROP DATABASE latin WITH (FORCE)")
    engine.dispose()
    assert (status, told.count("ENCODING 'UTF8'")) == (3, 2)


def test_a_wrong_password_is_told_and_not_shown(
    configuration: Path, postgres_server: postgres.Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PGPASSWORD", SECRET)
    with postgres_server.asking_for_passwords() as url:
        status, told = both(configuration, url)
    assert (status, told.count("password authentication failed")) == (3, 2)
    assert "PGPASSWORD" in told


@pytest.mark.parametrize("is_silent", [True, False], ids=["says nothing", "takes no connection"])
def test_a_server_that_does_not_answer_is_given_up(configuration: Path, is_silent: bool) -> None:
    with closing(socket.create_server(("127.0.0.1", 0), backlog=0)) as server, closing(socket.socket()) as first:
        if not is_silent:
            with suppress(OSError):
                first.connect(server.getsockname())
        began = time.monotonic()
        url = f"postgresql://foi@127.0.0.1:{server.getsockname()[1]}/foi?connect_timeout=2"  # psycopg's least
        done = run("store", "migrate", "--to", url, "--config", configuration)
    assert (one_line(done), "timeout" in done.stderr) == (3, True)
    assert time.monotonic() - began < 10


def test_of_itself_it_waits_ten_seconds(tmp_path: Path) -> None:
    told: list[int] = []

    def connect(_dialect: object, _record: object, _args: object, options: dict[str, int]) -> None:
        told.append(options["connect_timeout"])
        raise ConnectionRefusedError

    engine = database(tmp_path, "postgresql://foi@127.0.0.1:1/foi").engine
    event.listen(engine, "do_connect", connect)
    with pytest.raises(ConnectionRefusedError):
        engine.connect()
    assert told == [10]


def test_without_psycopg_it_says_how_to_install_it(configuration: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "psycopg", None)
    words = ["migrate", "--to", "postgresql://foi@127.0.0.1:1/foi", "--config", str(configuration)]
    failure = CliRunner().invoke(command, words, standalone_mode=False).exception
    assert isinstance(failure, ConfigurationError)
    assert failure.remedy == "Install it: pip install 'attachwatch[postgres]'"


# --- versions -----------------------------------------------------------------------------------------------


TORN = {  # by a statement, and how that is told
    "UPDATE alembic_version SET version_num = '9999'": "newer attachwatch (schema 9999)",
    "DROP TABLE alembic_version": "no version",
    "DELETE FROM alembic_version": "no version",
    "DROP TABLE letter": "lacks the table 'letter'",
}


@pytest.mark.parametrize("statement", TORN)
def test_tables_that_no_attachwatch_leaves_so_are_one_clear_line(
    configuration: Path, tmp_path: Path, database_url: str, statement: str
) -> None:
    with Ledger.open(tmp_path / "store", database_url):
        pass
    by_hand(tmp_path, database_url, statement)
    using(configuration, database_url)
    done = run("drafts", "--config", configuration)
    assert (one_line(done), TORN[statement] in done.stderr) == (3, True), done.stderr


def test_a_version_without_tables_is_anothers(configuration: Path, tmp_path: Path, database_url: str) -> None:
    (tmp_path / "store").mkdir(mode=0o700)
    by_hand(
        tmp_path, database_url,
        "CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL)",
        "INSERT INTO alembic_version VALUES ('ae1027a6acf')",
    )  # fmt: skip
    using(configuration, database_url)
    done = run("drafts", "--config", configuration)
    assert (one_line(done), "none of a ledger's tables" in done.stderr) == (3, True), done.stderr


def by_hand(folder: Path, url: str, *statements: str) -> None:
    engine = create_engine(url or f"sqlite:///{folder}/store/{DATABASE}")
    with engine.begin() as connection:
        for statement in statements:
            connection.exec_driver_sql(statement)
    engine.dispose()
