"""All rows of a ledger into another database, and the proof that they are the same there, by count and hash."""

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, Row, String, Table, collate, delete, exists, func, insert, select
from sqlalchemy.exc import DBAPIError

from attachwatch.errors import StoreError, UsageError
from attachwatch.ledger.database import Database, unusable
from attachwatch.ledger.schema import LeaseRow, PictureRow, RevisionRow, WatcherRow, metadata
from attachwatch.ledger.upgrade import bring_up_to_date
from attachwatch.steps import reached

_REVISION = RevisionRow.__tablename__
# What watchers hold while they run, and what is told of pictures, which names where the ledger is, goes nowhere.
_LEFT = {row.__tablename__ for row in (LeaseRow, WatcherRow, PictureRow)}
TABLES: tuple[Table, ...] = tuple(t for t in metadata.sorted_tables if t.name not in _LEFT)
_AT_ONCE = 200  # rows in memory
_PASSES = 3  # over all rows: copied, and read back from both

Show = Callable[[int, int], None]
"""Is told how many rows are done, and of how many."""


@dataclass(frozen=True, slots=True)
class Contents:
    """How many rows a table has, and the SHA-256 of all of them.

    Hashed is, by primary key and each with a line feed behind it, every row as a JSON array of its columns in the
    schema's order: in ASCII, without blanks; bytes in hexadecimal, times in UTC as ISO 8601 writes them.
    """

    rows: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Compared:
    """One table in both databases."""

    table: str
    source: Contents
    target: Contents

    @property
    def is_equal(self) -> bool:
        return self.source == self.target


@dataclass(frozen=True, slots=True)
class Moved:
    """What was found in both; `was_there` where an earlier move had come to its end, and nothing was written."""

    source: str
    target: str
    tables: tuple[Compared, ...]
    was_there: bool

    @property
    def is_equal(self) -> bool:
        return all(table.is_equal for table in self.tables)


def move(source: Database, target: Database, show: Show) -> Moved:
    """Copy all rows from `source`, which is up to date, into `target`: all of them, proven equal, or none.

    Both are held meanwhile, so that nobody writes. Raises StoreError where either cannot be used, where `target` holds
    another ledger, or where watchers on other machines share `source`; UsageError where it is the same.
    """
    if source.shown == target.shown:
        raise UsageError(f"the ledger is in {source.shown} already", "Name another database.")
    engine = target.engine
    try:
        bring_up_to_date(target)
        return _moved(source, target, show)
    finally:
        engine.dispose()


def _moved(source: Database, target: Database, show: Show) -> Moved:
    with _held(source) as here, _held(target) as there:
        _refuse_watchers(here)
        counts = here.counts()
        was_there = there.is_used()
        if was_there and there.counts() != counts:
            raise _in_use(target)
        progress = _Progress(show, sum(counts.values()) * (_PASSES - was_there))
        if not was_there:
            _copy(here, there, progress)
        compared = tuple(Compared(t.name, here.contents(t, progress), there.contents(t, progress)) for t in TABLES)
        moved = Moved(source.shown, target.shown, compared, was_there)
        if was_there and not moved.is_equal:
            raise _in_use(target)
        if not moved.is_equal:
            there.connection.rollback()
        reached("copy-proven")
    reached("copy-committed")
    return moved


def _in_use(target: Database) -> StoreError:
    return StoreError(
        f"{target.shown} holds a ledger already",
        "Name an empty database, or move that one away; nothing was written into it.",
    )


def _refuse_watchers(here: "_Side") -> None:
    """Of those that share a ledger each has a store of its own, which tells nothing of the others."""
    with here.telling():
        alive = select(WatcherRow.name).where(WatcherRow.until > func.now())
        if here.database.is_shared and (name := here.connection.scalar(alive)):
            raise StoreError(f"the watcher {name} uses the ledger", "Stop all watchers first; one is forgotten soon.")


def _copy(here: "_Side", there: "_Side", progress: "_Progress") -> None:
    there.clear()
    for table in TABLES:
        for rows in here.rows(table):
            there.add(table, [row._asdict() for row in rows])
            progress.add(len(rows))
            reached("rows-copied")
    there.count_on()


@dataclass(frozen=True, slots=True)
class _Side:
    """One of the two databases, in a transaction in which nobody else writes."""

    database: Database
    connection: Connection

    @contextmanager
    def telling(self) -> Iterator[None]:
        """Within, what fails is told as this database's failure."""
        try:
            yield
        except DBAPIError as error:
            raise unusable(self.database, error) from error

    def counts(self) -> dict[str, int]:
        with self.telling():
            return {t.name: self.connection.scalar(select(func.count()).select_from(t)) or 0 for t in TABLES}

    def is_used(self) -> bool:
        """Whether it holds anything but the revision that every ledger is made with."""
        with self.telling():
            used = (self.connection.scalar(select(exists().select_from(t))) for t in TABLES if t.name != _REVISION)
            return any(used)

    def rows(self, table: Table) -> Iterator[Sequence[Row[Any]]]:
        """All rows by primary key, some at a time; texts are ordered by their bytes, as SQLite does of itself."""
        by_bytes = "C" if self.connection.dialect.name == "postgresql" else "BINARY"
        order = [collate(c, by_bytes) if isinstance(c.type, String) else c for c in table.primary_key]
        query = select(table).order_by(*order).execution_options(yield_per=_AT_ONCE)
        with self.telling(), self.connection.execute(query) as found:
            yield from found.partitions()

    def contents(self, table: Table, progress: "_Progress") -> Contents:
        number, digest = 0, hashlib.sha256()
        for rows in self.rows(table):
            digest.update(b"".join(map(_canonical, rows)))
            number += len(rows)
            progress.add(len(rows))
        return Contents(number, digest.hexdigest())

    def clear(self) -> None:
        with self.telling():
            self.connection.execute(delete(metadata.tables[_REVISION]))

    def add(self, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
        with self.telling():
            self.connection.execute(insert(table), rows)

    def count_on(self) -> None:
        """Have the numbers of new rows begin behind those that are there, as SQLite does of itself."""
        if self.connection.dialect.name != "postgresql":
            return
        numbered = [(t, t.autoincrement_column) for t in TABLES if t.autoincrement_column is not None]
        with self.telling():
            for table, column in numbered:
                counter = func.pg_get_serial_sequence(table.name, column.name)
                self.connection.execute(select(func.setval(counter, func.max(column))).having(func.count() > 0))


@contextmanager
def _held(database: Database) -> Iterator[_Side]:
    with ExitStack() as stack:
        try:
            side = _Side(database, stack.enter_context(database.alone(*(t.name for t in TABLES))))
        except DBAPIError as error:
            raise unusable(database, error) from error
        yield side
        with side.telling():
            stack.close()


def _canonical(row: Row[Any]) -> bytes:
    return json.dumps(tuple(row), separators=(",", ":"), default=_in_json).encode() + b"\n"


def _in_json(value: object) -> str:
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    raise TypeError(type(value))


class _Progress:
    def __init__(self, show: Show, total: int) -> None:
        self._show, self._total, self._done = show, total, 0

    def add(self, rows: int) -> None:
        self._done += rows
        self._show(self._done, self._total)
