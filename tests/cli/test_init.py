"""`attachwatch init`: a configuration that works at once, by options and by questions."""

import json
import os
import re
import socket
import sys
import threading
import time
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pexpect
import pytest
from click.testing import CliRunner

from attachwatch import config
from attachwatch.cli import init
from attachwatch.demo import story
from attachwatch.errors import ServerError
from tests.program import run, start
from tests.servers import PASSWORD, PASSWORD_ENV, Mailbox

EXAMPLE = Path(__file__).parents[2] / "config" / "attachwatch.example.toml"

# A keyring in a file, since a machine that runs tests has none.
KEYRING = """
import json, os, pathlib
from keyring.backend import KeyringBackend

class Keyring(KeyringBackend):
    priority = 5
    place = pathlib.Path(os.environ["TEST_KEYRING"])

    def get_password(self, service, username):
        return json.loads(self.place.read_text()).get(f"{service} {username}") if self.place.exists() else None

    def set_password(self, service, username, password):
        self.place.write_text(json.dumps({f"{service} {username}": password}))
"""


@pytest.fixture(autouse=True)
def no_keyring(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.fail.Keyring")
    monkeypatch.delenv(config.ENVIRONMENT_VARIABLE, raising=False)


@pytest.fixture
def keyring(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "modules").mkdir()
    (tmp_path / "modules" / "inafile.py").write_text(KEYRING)
    monkeypatch.setenv("PYTHONPATH", f"{tmp_path / 'modules'}{os.pathsep}{os.environ.get('PYTHONPATH', '')}")
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "inafile.Keyring")
    monkeypatch.setenv("TEST_KEYRING", str(tmp_path / "keyring.json"))
    return tmp_path / "keyring.json"


def options(mailbox: Mailbox, path: Path, **changes: object) -> list[object]:
    values = {
        "--config": path,
        "--address": mailbox.username,
        "--host": "localhost",
        "--port": mailbox.server.tls,
        "--ca-file": mailbox.server.ca_file,
        "--password-env": PASSWORD_ENV,
        "--authority": story.AUTHORITY,
        "--reference": story.REFERENCE,
        "--annexes": "none",
    }
    changed = values | {f"--{k.replace('_', '-')}": v for k, v in changes.items()}
    return [word for option, value in changed.items() if value is not None for word in (option, value)]


def test_what_it_writes_by_options_alone_works_at_once(mailbox: Mailbox, tmp_path: Path) -> None:
    (tmp_path / "annexes.txt").write_text(story.ANNEXES)
    path = tmp_path / "new" / "attachwatch.toml"
    for message in story.first_response():
        mailbox.append(message)
    before = mailbox.flags()
    done = run("init", *options(mailbox, path, annexes=tmp_path / "annexes.txt"))
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-2:] == [
        f"  attachwatch watch --once --config {path}",
        f"  attachwatch status --config {path}",
    ]
    assert path.stat().st_mode & 0o777 == 0o600
    assert [p.name for p in path.parent.iterdir()] == [path.name]
    assert mailbox.flags() == before

    (settings,) = config.load(path).mailbox
    assert (settings.username, settings.port, settings.password_env) == (
        mailbox.username,
        mailbox.server.tls,
        PASSWORD_ENV,
    )
    assert run("watch", "--once", "--config", path).returncode == 1
    (case,) = json.loads(run("status", "--json", "--config", path).stdout)["cases"]
    assert (case["reference"], case["state"]) == (story.REFERENCE, "review-draft")


def test_its_comments_are_those_of_the_example(mailbox: Mailbox, tmp_path: Path) -> None:
    path = tmp_path / "a.toml"
    assert run("init", *options(mailbox, path), "--no-test").returncode == 0
    example = {(m[1], m[2]) for m in re.finditer(r"(?m)^(?:# )?(\w+) = .*?\s#\s(.*)$", EXAMPLE.read_text())}
    made = re.findall(r"(?m)^(\w+) = .*?\s#\s(.*)$", path.read_text())
    assert len(made) >= 8
    for key, comment in made:
        assert any(key == known and words.startswith(comment) for known, words in example), key


@pytest.mark.parametrize("option", ["--address", "--host", "--authority", "--reference", "--password-env"])
def test_without_a_terminal_what_is_missing_is_one_line_that_names_the_option(
    mailbox: Mailbox, tmp_path: Path, option: str
) -> None:
    path = tmp_path / "a.toml"
    done = run("init", *options(mailbox, path, **{option.strip("-").replace("-", "_"): None}))
    assert (done.returncode, done.stdout, len(done.stderr.splitlines())) == (2, "", 1)
    assert f"attachwatch: {option} is needed" in done.stderr
    assert not path.exists()


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"address": "nobody"}, "--address: 'nobody' is no email address"),
        ({"authority": "not a domain"}, "--authority: write domains or addresses"),
        ({"annexes": "/nowhere/list.txt"}, "--annexes: /nowhere/list.txt: No such file"),
        ({"password_env": "hunter2 secret"}, "--password-env: write the name of an environment variable"),
        ({"host": "imap.example.org", "tls": "none"}, "only for a server on this machine"),
        ({"password_command": "pass"}, "not both"),
        ({"host": None, "address": "a@tuta.com"}, "no IMAP"),
        ({"host": None, "address": "a@outlook.com", "password_env": None}, "--client-id is needed"),
        ({"username": "two\nlines"}, "--username: write one line"),
        ({"ca_file": "/nowhere/ca.pem"}, "/nowhere/ca.pem"),
        ({"reference": "two\nlines"}, "--reference: write one line"),
    ],
)
def test_what_cannot_be_is_refused_and_nothing_is_written(
    mailbox: Mailbox, tmp_path: Path, changes: dict[str, object], says: str
) -> None:
    done = run("init", *options(mailbox, tmp_path / "a.toml", **changes))
    assert (done.returncode, done.stdout) == (2, "")
    assert says in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_is_there_is_kept_unless_forced(mailbox: Mailbox, tmp_path: Path) -> None:
    path = tmp_path / "a.toml"
    path.write_text("mine")
    refused = run("init", *options(mailbox, path))
    assert refused.returncode == 2
    assert "--force" in refused.stderr
    assert path.read_text() == "mine"
    assert run("init", *options(mailbox, path), "--force", "--no-test").returncode == 0
    assert path.stat().st_mode & 0o777 == 0o600
    assert config.load(path).case[0].reference == story.REFERENCE


def test_a_wrong_password_is_told_and_nothing_is_written(
    mailbox: Mailbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(PASSWORD_ENV, "wrong-horse")
    done = run("init", *options(mailbox, tmp_path / "a.toml"))
    assert done.returncode == 3
    assert "wrong-horse" not in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_a_server_that_is_not_there_leads_to_the_options(mailbox: Mailbox, tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        done = run("init", *options(mailbox, tmp_path / "a.toml", port=taken.getsockname()[1]))
    assert done.returncode == 3
    assert "--no-test" in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_microsoft_365_leads_to_signing_in(mailbox: Mailbox, tmp_path: Path) -> None:
    path = tmp_path / "a.toml"
    changes = {"address": "a@outlook.com", "host": None, "port": None, "ca_file": None, "password_env": None}
    done = run("init", *options(mailbox, path, **changes), "--client-id", "0000-11", "--json")
    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout)
    assert said["next"] == [
        f"attachwatch signin foi --config {path}",
        f"attachwatch watch --once --config {path}",
    ]
    assert said["signed_in"] is False
    (settings,) = config.load(path).mailbox
    assert (settings.host, settings.auth, settings.sign_in) == ("outlook.office365.com", "xoauth2", "microsoft365")


def test_gmail_with_an_app_password_needs_no_token(mailbox: Mailbox, tmp_path: Path) -> None:
    path = tmp_path / "a.toml"
    changes = {"address": "a@gmail.com", "host": None, "port": None, "ca_file": None}
    assert run("init", *options(mailbox, path, **changes), "--no-test").returncode == 0
    (settings,) = config.load(path).mailbox
    assert (settings.host, settings.auth, settings.password_env) == ("imap.gmail.com", "password", PASSWORD_ENV)


def test_without_a_terminal_the_keyring_s_password_will_do(mailbox: Mailbox, tmp_path: Path, keyring: Path) -> None:
    path = tmp_path / "a.toml"
    lacking = start("init", *options(mailbox, path, password_env=None))
    assert lacking.returncode == 2
    assert "--password-env" in lacking.stderr
    assert f"keyring set attachwatch {mailbox.username}" in lacking.stderr
    keyring.write_text(json.dumps({f"attachwatch {mailbox.username}": PASSWORD}))
    done = start("init", *options(mailbox, path, password_env=None))
    assert done.returncode == 0, done.stderr
    assert "password_env" not in path.read_text()
    assert start("watch", "--once", "--config", path).returncode == 0


def test_the_file_that_holds_the_list_is_named_as_seen_from_the_configuration(mailbox: Mailbox, tmp_path: Path) -> None:
    (tmp_path / "annexes.txt").write_text(story.ANNEXES)
    for path, seen in (
        (tmp_path / "a.toml", "annexes.txt"),
        (tmp_path / "further" / "a.toml", str(tmp_path / "annexes.txt")),
    ):
        assert run("init", *options(mailbox, path, annexes=tmp_path / "annexes.txt"), "--no-test").returncode == 0
        assert tomllib.loads(path.read_text())["case"][0]["annexes"] == seen


def test_a_server_that_keeps_talking_and_says_nothing_is_left(
    mailbox: Mailbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(init, "_TRY_SECONDS", 1.0)
    with drips() as port:
        words = options(mailbox, tmp_path / "a.toml", host="127.0.0.1", port=port, tls="none", ca_file=None)
        began = time.monotonic()
        done = CliRunner().invoke(init.command, [str(word) for word in words])
    assert isinstance(done.exception, ServerError)
    assert "--no-test" in done.exception.remedy
    assert time.monotonic() - began < 10
    assert not (tmp_path / "a.toml").exists()


@contextmanager
def drips() -> Iterator[int]:
    """A server that sends one byte of its greeting after another, and never the last."""
    ended = threading.Event()

    def drip() -> None:
        with listener.accept()[0] as line, suppress(OSError):
            while not ended.wait(0.1):
                line.send(b"*")

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=drip)
        thread.start()
        yield listener.getsockname()[1]
        ended.set()
        thread.join()


def ask(folder: Path, *words: object) -> "pexpect.spawn[str]":
    arguments = ["-m", "attachwatch", "init", *map(str, words)]
    return pexpect.spawn(sys.executable, arguments, cwd=str(folder), encoding="utf-8", timeout=60)


def test_the_questions_end_with_a_password_in_the_keyring(mailbox: Mailbox, tmp_path: Path, keyring: Path) -> None:
    folder = tmp_path / "here"
    folder.mkdir()
    (folder / "annexes.txt").write_text(story.ANNEXES)
    child = ask(folder, "--ca-file", mailbox.server.ca_file)
    for question, answer in (
        ("Address of the mailbox", "nobody"),
        ("no email address.*Address of the mailbox", mailbox.username),
        ("IMAP server", "localhost"),
        (r"Port \[993\]", str(mailbox.server.tls)),
        ("Password of .*keyring", "wrong-horse"),
        ("Authority", story.AUTHORITY),
        ("reference", story.REFERENCE),
        (r"annexes.*\[none\]", "annexes.txt"),
        ("Signing in.*Password", PASSWORD),
    ):
        child.expect(f"(?s){question}.*: ")
        child.sendline(answer)
    child.expect(pexpect.EOF)
    child.close()
    assert child.exitstatus == 0
    assert "attachwatch watch --once" in str(child.before)
    assert json.loads(keyring.read_text()) == {f"attachwatch {mailbox.username}": PASSWORD}
    text = (folder / "attachwatch.toml").read_text()
    assert PASSWORD not in text
    assert tomllib.loads(text)["case"][0]["annexes"] == "annexes.txt"
    for message in story.first_response():
        mailbox.append(message)
    assert run("watch", "--once", "--config", folder / "attachwatch.toml").returncode == 1


def test_where_there_is_no_keyring_a_variable_is_named(mailbox: Mailbox, tmp_path: Path) -> None:
    child = ask(tmp_path, *options(mailbox, tmp_path / "a.toml", password_env=None))
    child.expect("no keyring.*Its name.*: ")
    child.sendline("MY_OWN")
    child.expect("MY_OWN must hold it later.*: ")
    child.sendline(PASSWORD)
    child.expect(pexpect.EOF)
    child.close()
    assert child.exitstatus == 0
    assert config.load(tmp_path / "a.toml").mailbox[0].password_env == "MY_OWN"
    assert PASSWORD not in (tmp_path / "a.toml").read_text()
