"""`attachwatch doctor` against a real server, as a user runs it; and its table as it is printed."""

import json
import socket
import sqlite3
import threading
import time
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

import pytest

from attachwatch.cli.doctor import print_checks
from attachwatch.errors import ConfigurationError
from attachwatch.ledger.ledger import Ledger
from attachwatch.ledger.sqlite import DATABASE
from attachwatch.service.checks.check import Check, failed, failure, warning
from tests.cli.test_watch import configure
from tests.program import run
from tests.servers import PASSWORD, PASSWORD_ENV, Mailbox

GOLDEN = Path(__file__).with_name("golden")


@pytest.fixture
def configuration(mailbox: Mailbox, tmp_path: Path) -> Path:
    path = configure(mailbox, tmp_path)
    path.chmod(0o600)
    return path


def examined(configuration: Path, **environment: str) -> tuple[int, dict[str, Any]]:
    done = run("doctor", "--json", "--config", configuration, **environment)
    document = json.loads(done.stdout)
    assert document["version"] == 1
    assert PASSWORD not in done.stdout + done.stderr
    return done.returncode, {check["name"]: check for check in document["checks"]}


def amiss(checks: dict[str, Any]) -> dict[str, str]:
    found = {name: check["outcome"] for name, check in checks.items() if check["outcome"] != "ok"}
    assert all(checks[name]["remedy"] for name in found)
    return found


def with_store(configuration: Path) -> Path:
    root = configuration.parent / "store"
    with Ledger.open(root):
        return root


def changed(configuration: Path, before: str, after: str) -> None:
    text = configuration.read_text()
    assert before in text
    configuration.write_text(text.replace(before, after))


def test_a_good_set_up_is_ok_in_every_line_and_nothing_is_changed_by_looking(
    mailbox: Mailbox, configuration: Path
) -> None:
    mailbox.append(b"From: a@interior.example\r\nSubject: x\r\n\r\nx\r\n")
    before, files = mailbox.flags(), sorted(configuration.parent.rglob("*"))
    status, checks = examined(configuration)
    assert (status, amiss(checks)) == (0, {})
    assert mailbox.flags() == before
    assert sorted(configuration.parent.rglob("*")) == files
    assert {
        "configuration", "foi: connection", "foi: certificate", "foi: sign-in", "foi: folder INBOX", "foi: drafts",
        "store", "free space", "ledger", "watcher", "foi: schedule", "clock", "confinement", "inspection",
        "reader qpdf", "reader pypdf", "reader pdfium",
    } <= set(checks)  # fmt: skip
    assert checks["foi: folder INBOX"]["says"].endswith("1 message")


def test_after_a_poll_the_ledger_and_the_schedule_are_told_of(configuration: Path) -> None:
    run("watch", "--once", "--config", configuration)
    status, checks = examined(configuration)
    assert (status, amiss(checks)) == (0, {})
    assert "newest" in checks["ledger"]["says"]
    assert "went through" in checks["foi: schedule"]["says"]


def test_a_ledger_in_postgresql_is_looked_at_with_its_server(configuration: Path, postgres_url: str) -> None:
    changed(configuration, "[store]", f"[store]\ndatabase = {json.dumps(postgres_url)}")
    run("watch", "--once", "--config", configuration)
    status, checks = examined(configuration)
    assert (status, amiss(checks)) == (0, {})
    assert "PostgreSQL" in checks["ledger's server"]["says"]
    assert {"ledger's rights", "ledger's clock", "ledger's connections"} <= set(checks)
    assert "went through" in checks["foi: schedule"]["says"]


def test_a_wrong_password_is_a_failure_of_the_sign_in_and_is_not_shown(configuration: Path) -> None:
    status, checks = examined(configuration, **{PASSWORD_ENV: "wrong-guess-of-mine"})
    assert (status, amiss(checks)) == (3, {"foi: sign-in": "failure"})
    assert checks["foi: certificate"]["outcome"] == "ok"
    assert "wrong-guess-of-mine" not in json.dumps(checks)


def test_a_certificate_is_seen_after_starttls_too(mailbox: Mailbox, tmp_path: Path) -> None:
    path = configure(mailbox, tmp_path, tls="starttls", port=mailbox.server.plain)
    status, checks = examined(path)
    assert (status, amiss(checks)) == (0, {})
    assert checks["foi: certificate"]["says"].startswith("trusted")


def test_a_password_that_is_nowhere_is_a_matter_of_the_configuration(configuration: Path) -> None:
    changed(configuration, f'password_env = "{PASSWORD_ENV}"', 'password_env = "NOT_SET_ANYWHERE"')
    status, checks = examined(configuration)
    assert (status, amiss(checks)) == (2, {"foi: sign-in": "failure"})


def test_an_authority_that_is_not_trusted_is_a_failure_of_the_certificate(configuration: Path) -> None:
    changed(configuration, "ca_file", "# ca_file")
    status, checks = examined(configuration)
    assert (status, amiss(checks)) == (3, {"foi: certificate": "failure"})
    assert "ca_file" in checks["foi: certificate"]["remedy"]


def test_a_name_that_does_not_resolve_is_said_as_such(configuration: Path) -> None:
    changed(configuration, '"localhost"', '"imap.interior.invalid"')
    status, checks = examined(configuration)
    assert (status, amiss(checks)) == (3, {"foi: connection": "failure"})
    assert "does not resolve" in checks["foi: connection"]["says"]


def test_a_missing_folder_fails_alone(configuration: Path) -> None:
    changed(configuration, 'name = "foi"', 'name = "foi"\nfolders = ["Requests", "INBOX"]\ndrafts_folder = "Outgoing"')
    status, checks = examined(configuration)
    assert (status, amiss(checks)) == (3, {"foi: folder Requests": "failure", "foi: drafts": "failure"})
    assert checks["foi: folder INBOX"]["outcome"] == "ok"


def test_one_mailbox_that_hangs_holds_up_no_other(mailbox: Mailbox, configuration: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        stop = threading.Event()
        threading.Thread(target=_drip, args=(silent, stop), daemon=True).start()
        try:
            slow = {"host": "127.0.0.1", "port": silent.getsockname()[1], "tls": "none", "timeout": "2s"}
            with configuration.open("a") as file:
                values = "\n".join(f"{k} = {json.dumps(v)}" for k, v in slow.items())
                file.write(f'[[mailbox]]\nname = "slow"\nusername = "u"\npassword_env = "{PASSWORD_ENV}"\n{values}\n')
            began = time.monotonic()
            status, checks = examined(configuration)
        finally:
            stop.set()
    assert (status, amiss(checks)) == (3, {"slow: time": "failure"})
    assert time.monotonic() - began < 20
    assert checks["foi: drafts"]["outcome"] == "ok"


def _drip(server: socket.socket, stop: threading.Event) -> None:
    """A server that says one byte of its greeting before each timeout ends."""
    line, _ = server.accept()
    with line, suppress(OSError):  # the other side hangs up
        while not stop.wait(0.5):
            line.sendall(b"*")


def test_a_mailbox_in_files_is_read(configuration: Path, tmp_path: Path) -> None:
    for name in ("cur", "new", "tmp"):
        (tmp_path / "mail" / name).mkdir(parents=True)
    with configuration.open("a") as file:
        file.write('[[mailbox]]\nname = "files"\nusername = "u"\npath = "mail"\n')
        file.write('[[mailbox]]\nname = "gone"\nusername = "u"\npath = "nowhere"\n')
    status, checks = examined(configuration)
    assert checks["files: folder INBOX"]["outcome"] == "ok"
    assert checks["files: drafts"]["outcome"] == "warning"  # `approve` makes files of them
    assert checks["gone: folder INBOX"]["outcome"] == "failure"
    assert status == 3


def test_an_absent_annex_list_names_the_case(configuration: Path) -> None:
    (configuration.parent / "annexes.txt").unlink()
    status, checks = examined(configuration)
    assert (status, list(amiss(checks).values())) == (2, ["failure"])
    assert next(iter(amiss(checks))).startswith("case ")


def test_templates_that_cannot_be_used_are_a_failure(configuration: Path) -> None:
    folder = configuration.parent / "own" / "en"
    folder.mkdir(parents=True)
    (folder / "follow_up.txt").write_text("{{ unclosed")
    changed(configuration, "[[mailbox]]", '[reply]\ntemplates = "own"\n[[mailbox]]')
    status, checks = examined(configuration)
    assert (status, amiss(checks)) == (2, {"templates": "failure"})


def test_a_configuration_that_others_may_write_is_a_warning(configuration: Path) -> None:
    configuration.chmod(0o666)
    status, checks = examined(configuration)
    assert (status, amiss(checks)) == (1, {"configuration": "warning"})


@pytest.mark.parametrize("text", ["[[mailbox]]\nhots = 'x'\n", "not toml", ""])
def test_a_broken_configuration_is_the_one_failure_and_the_machine_is_looked_at_all_the_same(
    tmp_path: Path, text: str
) -> None:
    path = tmp_path / "attachwatch.toml"
    path.write_text(text)
    status, checks = examined(path)
    assert (status, amiss(checks)) == (2, {"configuration": "failure"})
    assert checks["inspection"]["outcome"] == "ok"
    assert "foi: connection" not in checks


def test_without_any_configuration_it_says_where_it_looked(tmp_path: Path) -> None:
    status, checks = examined(tmp_path / "none.toml")
    assert (status, amiss(checks)) == (2, {"configuration": "failure"})


# --- the store ----------------------------------------------------------------------------------------------


def test_a_store_that_is_open_to_others_is_a_failure(configuration: Path) -> None:
    with_store(configuration).chmod(0o755)
    status, checks = examined(configuration)
    assert (status, amiss(checks)) == (3, {"store": "failure"})


def test_an_older_ledger_is_told_of_and_left_as_it_is(configuration: Path) -> None:
    database = with_store(configuration) / DATABASE
    _set_version(database, "0004")
    status, checks = examined(configuration)
    assert (status, amiss(checks)) == (1, {"ledger": "warning"})
    assert _version(database) == "0004"


def test_a_newer_ledger_is_a_failure_and_left_as_it_is(configuration: Path) -> None:
    database = with_store(configuration) / DATABASE
    _set_version(database, "9999")
    status, checks = examined(configuration)
    assert (status, amiss(checks)) == (3, {"ledger": "failure"})
    assert "9999" in checks["ledger"]["says"]
    assert _version(database) == "9999"


def test_a_ledger_that_is_none_is_a_failure(configuration: Path) -> None:
    (with_store(configuration) / DATABASE).write_bytes(b"no database at all" * 1000)
    status, checks = examined(configuration)
    assert (status, amiss(checks)) == (3, {"ledger": "failure"})


def test_a_ledger_with_a_page_overwritten_is_damaged(configuration: Path) -> None:
    database = with_store(configuration) / DATABASE
    with closing(sqlite3.connect(database)) as connection:
        connection.execute("PRAGMA journal_mode = DELETE")
        page = connection.execute("SELECT rootpage FROM sqlite_master WHERE name = 'message'").fetchone()[0]
        size = connection.execute("PRAGMA page_size").fetchone()[0]
    with database.open("r+b") as file:
        file.seek((page - 1) * size)
        file.write(b"\xff" * size)
    status, checks = examined(configuration)
    assert status == 3
    assert set(amiss(checks)) <= {"ledger", "ledger's soundness"}
    assert "failure" in amiss(checks).values()


def test_a_watcher_is_told_of(configuration: Path) -> None:
    root = with_store(configuration)
    with Ledger.open(root) as ledger, ledger.exclusive():
        status, checks = examined(configuration)
    assert status == 0
    assert checks["watcher"]["says"].startswith("one holds the store")


# --- what is printed ----------------------------------------------------------------------------------------

SHOWN = (
    Check("configuration", "/home/foi/attachwatch.toml loads, and nobody else may write it"),
    Check("case FOI2023/04608", "13 annexes in annexes.txt"),
    Check("foi: connection", "imap.example.org:993 answers, with TLSv1.3"),
    warning("foi: certificate", "trusted, 5 days left (until 2024-10-17)", "Have whoever runs the server renew it."),
    failure(
        "foi: folder Requests",
        "mailbox 'foi': the folder 'Requests' cannot be opened: Mailbox doesn't exist: Requests",
        "Correct `folders`; there are: Drafts, INBOX.",
    ),
    Check("ledger's server", "postgresql://foi@db.example.org/attachwatch, PostgreSQL 17.2"),
    warning(
        "ledger's clock",
        "the server's is 120 s behind this machine's",
        "Have both set by NTP: who watches which mailbox goes by the server's, what people read by this one's.",
    ),
    failed("hostile", ConfigurationError("\x1b[31mred\x1b[0m and a \u202e turn", "Nothing of it is obeyed.")),
)


@pytest.mark.parametrize("columns", [60, 100])
def test_the_table_fits_the_terminal(
    columns: int,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    request: pytest.FixtureRequest,
) -> None:
    monkeypatch.setenv("COLUMNS", str(columns))
    print_checks(SHOWN)
    text = "\n".join(line.rstrip() for line in capsys.readouterr().out.splitlines()) + "\n"
    path = GOLDEN / f"doctor-{columns}.txt"
    if request.config.getoption("--golden"):
        path.write_text(text, encoding="utf-8")
    assert text == path.read_text(encoding="utf-8")
    assert max(map(len, text.splitlines())) <= columns


@pytest.mark.parametrize(("no_color", "coloured"), [("", True), ("1", False)])
def test_outcomes_are_coloured_unless_that_is_not_wanted(
    no_color: str, coloured: bool, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("NO_COLOR", no_color)
    print_checks(SHOWN)
    out = capsys.readouterr().out
    assert ("\x1b[31mfailure" in out, "\x1b[33mwarning" in out) == (coloured, coloured)
    assert "\x1b[31mred" not in out


def _set_version(database: Path, version: str) -> None:
    with closing(sqlite3.connect(database)) as connection, connection:
        connection.execute("UPDATE alembic_version SET version_num = ?", (version,))


def _version(database: Path) -> str:
    with closing(sqlite3.connect(database)) as connection:
        return str(connection.execute("SELECT version_num FROM alembic_version").fetchone()[0])
