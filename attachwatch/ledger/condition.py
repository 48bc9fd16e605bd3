"""How a ledger in SQLite is, looked at from outside: nothing is made, changed or brought up to date."""

import os
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from attachwatch.errors import StoreError
from attachwatch.ledger.sqlite import DATABASE
from attachwatch.ledger.upgrade import VERSION, torn, versions

_STEPS = 100_000  # of SQLite's own machine, between two looks at the clock


@dataclass(frozen=True, slots=True)
class Schema:
    """A ledger's version, "" before the first, and what is wrong between it and the tables that are there."""

    version: str
    torn: str

    @property
    def newest(self) -> str:
        return versions()[-1]

    @property
    def is_known(self) -> bool:
        """Whether this attachwatch knows it."""
        return self.version in ("", *versions())

    @property
    def is_current(self) -> bool:
        return self.version == self.newest and not self.torn


@dataclass(frozen=True, slots=True)
class Condition(Schema):
    """`sound` is None where the time did not suffice to tell."""

    sound: bool | None
    problem: str = ""  # what SQLite says of a ledger that is not sound


def condition(root: Path, seconds: float) -> Condition | None:
    """How the ledger in `root` is; None where there is none. Raises StoreError where it cannot be opened at all."""
    if not (root / DATABASE).exists():
        return None
    with _looking(root) as connection:
        schema = _schema(connection)
        said = _quick_check(connection, seconds)
    return Condition(schema.version, schema.torn, None if said is None else said == "ok", said or "")


def is_current(root: Path) -> bool | None:
    """Whether opening the ledger changes nothing of it; None where there is none. Raises StoreError."""
    if not (root / DATABASE).exists():
        return None
    with _looking(root) as connection:
        return _schema(connection).is_current


@contextmanager
def _looking(root: Path) -> Iterator[sqlite3.Connection]:
    database = root / DATABASE
    try:
        uri = f"{database.absolute().as_uri()}?{_mode(database)}"
        with closing(sqlite3.connect(uri, uri=True, timeout=10)) as connection:
            connection.execute("PRAGMA query_only = ON")
            yield connection
    except sqlite3.DatabaseError as error:
        raise StoreError(
            f"the ledger {database} cannot be read: {error}", "Restore it from a copy, or move the store away."
        ) from None


def _mode(database: Path) -> str:
    """How to open it so that nothing is left behind: SQLite makes two files beside a ledger that nobody has open, and
    takes them away only where it may write; where it may not, nobody of ours writes either."""
    if database.with_name(f"{database.name}-wal").exists():
        return "mode=ro"
    by_whom = os.access in os.supports_effective_ids
    writable = (os.access(place, os.W_OK, effective_ids=by_whom) for place in (database, database.parent))
    return "mode=rw" if all(writable) else "mode=ro&immutable=1"


def _schema(connection: sqlite3.Connection) -> Schema:
    tables = {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    row = connection.execute("SELECT version_num FROM alembic_version").fetchone() if VERSION in tables else None
    version = str(row[0]) if row else ""
    return Schema(version, torn(version, tables))


def _quick_check(connection: sqlite3.Connection, seconds: float) -> str | None:
    """What SQLite says of its pages and indexes, "ok" above all; None where that took over `seconds`."""
    until = time.monotonic() + seconds
    connection.set_progress_handler(lambda: time.monotonic() > until, _STEPS)
    try:
        return str(connection.execute("PRAGMA quick_check(1)").fetchone()[0])
    except sqlite3.OperationalError:
        if time.monotonic() > until:
            return None
        raise
