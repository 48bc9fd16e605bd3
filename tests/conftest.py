"""What all tests share."""

import os
import shutil
import tempfile
import time
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import hypothesis
import pytest

from tests import s3, servers
from tests.servers import Dovecot, Mailbox

if TYPE_CHECKING:  # few tests need a browser
    from playwright.sync_api import Browser

    from tests import postgres


# A program that a test starts has its bytecode, as a user's has, and need not compile itself each time.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)

# What takes how long is measured in benchmarks/; a busy machine breaks no property.
hypothesis.settings.register_profile("untimed", deadline=None)
hypothesis.settings.load_profile("untimed")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--golden", action="store_true", help="write golden files anew, to be read before committing")


def pytest_make_parametrize_id(val: object, argname: str) -> str | None:
    """Bytes name no test: what is made anew, such as an archive, may bear the time in them."""
    return argname if isinstance(val, bytes) else None


@pytest.fixture
def in_utc(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("TZ", "UTC")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


@pytest.fixture(scope="session")
def imap_server() -> Iterator[Dovecot]:
    """One Dovecot for all tests of this worker."""
    if servers.find_dovecot() is None:
        pytest.skip("no Dovecot: apt-get install dovecot-imapd, or have it on PATH")
    with tempfile.TemporaryDirectory(prefix="attachwatch-imap-") as folder:
        Path(folder).chmod(0o755)
        with servers.dovecot(Path(folder)) as server:
            yield server


@pytest.fixture
def mailbox(imap_server: Dovecot, monkeypatch: pytest.MonkeyPatch) -> Mailbox:
    """An account that no other test has."""
    monkeypatch.setenv(servers.PASSWORD_ENV, servers.PASSWORD)
    return Mailbox(imap_server, f"user-{uuid.uuid4().hex}@newsroom.example")


@pytest.fixture(scope="session")
def postgres_server() -> "Iterator[postgres.Server]":
    """One PostgreSQL for all tests of this worker."""
    from tests import postgres

    if postgres.find() is None:
        pytest.skip("NO POSTGRESQL: apt-get install postgresql, or have initdb and postgres on PATH")
    with tempfile.TemporaryDirectory(prefix="attachwatch-sql-") as folder:
        Path(folder).chmod(0o755)
        with postgres.server(Path(folder)) as server:
            yield server


@pytest.fixture
def postgres_url(postgres_server: "postgres.Server") -> Iterator[str]:
    """A database that no other test has."""
    with postgres_server.database() as url:
        yield url


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest) -> str:
    """Of an empty database of each kind, as [store] database takes it: "" is SQLite in the store."""
    return str(request.getfixturevalue("postgres_url")) if request.param == "postgresql" else ""


@pytest.fixture(scope="session")
def s3_server() -> Iterator[s3.Server]:
    """One server that speaks S3 for all tests of this worker."""
    with s3.serving() as server:
        yield server


@pytest.fixture
def aws(s3_server: s3.Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> s3.Server:
    """That one, where AWS's own tools would go, with credentials."""
    s3.known_as(monkeypatch, tmp_path, s3_server.address)
    return s3_server


@pytest.fixture(scope="module")
def chromium() -> "Iterator[Browser]":
    """One browser for the tests of a module, of which a worker cannot have two at a time; one that idles for as long as
    the whole suite takes may be gone."""
    from playwright.sync_api import sync_playwright

    program = shutil.which("chromium") or shutil.which("google-chrome") or shutil.which("chrome")
    if program is None:
        pytest.skip("NO CHROMIUM: apt-get install chromium, or have it on PATH")
    with sync_playwright() as playwright:
        options = ["--no-sandbox"] if os.getuid() == 0 else []
        browser = playwright.chromium.launch(executable_path=program, args=options)
        yield browser
        browser.close()
