"""A real PostgreSQL for the tests: one server a test run, one database a test."""

import os
import pwd
import shutil
import signal
import subprocess
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import create_engine, text
from sqlalchemy.exc import OperationalError


@dataclass(frozen=True, slots=True)
class Server:
    """A running server, on a Unix socket in `folder` and on loopback; `port` is of both."""

    folder: Path
    port: int
    process: "subprocess.Popen[bytes]"

    def url(self, name: str) -> str:
        return f"postgresql+psycopg://postgres@/{name}?host={self.folder}&port={self.port}"

    @contextmanager
    def database(self) -> Iterator[str]:
        """The URL of a database that is empty, and dropped afterwards, whoever is still connected."""
        name = f"test_{uuid.uuid4().hex}"
        engine = create_engine(self.url("postgres"), isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            connection.execute(text(f"CREATE DATABASE {name}"))
            yield self.url(name)
            connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
        engine.dispose()

    @contextmanager
    def asking_for_passwords(self) -> Iterator[str]:
        """The URL of a role whose password nobody knows; all others are let in as before."""
        role = f"asked_{uuid.uuid4().hex}"
        rules = self.folder.parent / "data" / "pg_hba.conf"
        before = rules.read_text()
        engine = create_engine(self.url("postgres"), isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            connection.execute(text(f"CREATE ROLE {role} LOGIN PASSWORD '{uuid.uuid4().hex}'"))
            try:
                rules.write_text(f"local all {role} scram-sha-256\n{before}")
                connection.execute(text("SELECT pg_reload_conf()"))
                yield self.url("postgres").replace("postgres@", f"{role}@")
            finally:
                rules.write_text(before)
                connection.execute(text("SELECT pg_reload_conf()"))
                connection.execute(text(f"DROP ROLE {role}"))
        engine.dispose()


def find() -> Path | None:
    """The folder of PostgreSQL's programs: Debian keeps them out of PATH."""
    if program := shutil.which("initdb"):
        return Path(program).resolve().parent
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda p: int(p.parts[4]))
    return found[-1].parent if found else None


@contextmanager
def server(folder: Path, port: int = 5432) -> Iterator[Server]:
    """Run one with its data in `folder`, which other users must be able to pass through; it is never synced."""
    programs = find()
    assert programs is not None
    user = pwd.getpwnam("postgres").pw_name if os.getuid() == 0 else None  # it refuses to run as root
    data, sockets = folder / "data", folder / "sockets"
    for place in (data, sockets):
        place.mkdir(mode=0o700)
        if user:
            shutil.chown(place, user)
    subprocess.run(
        [programs / "initdb", "-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "-N"],
        check=True, stdout=subprocess.DEVNULL, user=user, cwd="/",
    )  # fmt: skip
    told = {
        "unix_socket_directories": sockets,
        "listen_addresses": "",
        "port": port,
        "fsync": "off",
        "shared_buffers": "16MB",
        "max_connections": 200,
    }
    options = [part for key, value in told.items() for part in ("-c", f"{key}={value}")]
    log = (folder / "log").open("wb")
    with (
        log,
        subprocess.Popen([programs / "postgres", "-D", data, *options], stderr=log, user=user, cwd="/") as process,
    ):
        try:
            yield _answering(Server(sockets, port, process), folder / "log")
        finally:
            process.send_signal(signal.SIGINT)  # waits for nobody who is connected, unlike SIGTERM
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()


def _answering(running: Server, log: Path) -> Server:
    engine = create_engine(running.url("postgres"))
    until = time.monotonic() + 30
    while True:
        try:
            with engine.connect():
                engine.dispose()
                return running
        except OperationalError as error:
            if running.process.poll() is not None or time.monotonic() > until:
                raise RuntimeError(f"PostgreSQL does not answer: {error}\n{log.read_text()}") from error
            time.sleep(0.05)
