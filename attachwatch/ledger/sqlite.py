"""The ledger in one file of SQLite, for one watcher at a time."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from functools import cached_property
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout
from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.exc import DBAPIError

DATABASE = "ledger.sqlite3"  # in the store
_PATIENCE = 60.0  # seconds


class SQLite:
    """The database in the store `root`, which is there."""

    is_shared = False
    remedy = "Restore it from a copy, or move the store away."

    def __init__(self, root: Path) -> None:
        self._root = root
        self.shown = str(root / DATABASE)

    def remedy_for(self, error: DBAPIError) -> str:
        is_busy = getattr(error.orig, "sqlite_errorcode", None) == sqlite3.SQLITE_BUSY
        return "Stop whatever else writes into it, and try again." if is_busy else self.remedy

    @cached_property
    def engine(self) -> Engine:
        """Raises OSError where the file cannot be made."""
        place = self._root / DATABASE
        place.touch(mode=0o600)
        if not place.stat().st_size:
            # Whoever finds a journal of another kind changes it, and waits for nobody who does the same.
            with self.locked("upgrade", _PATIENCE), closing(sqlite3.connect(place)) as connection:
                try:
                    connection.execute("PRAGMA journal_mode = WAL")
                except sqlite3.OperationalError as error:
                    raise OSError(error.sqlite_errorcode, str(error)) from None
        engine = create_engine(f"sqlite:///{place}", connect_args={"timeout": 30})
        event.listen(engine, "connect", _set_pragmas)
        return engine

    @contextmanager
    def locked(self, name: str, seconds: float) -> Iterator[None]:
        lock = FileLock(self._root / f"{name}.lock", mode=0o600)
        try:
            lock.acquire(timeout=seconds)
        except Timeout:
            raise TimeoutError(name) from None
        try:
            yield
        finally:
            lock.release()

    @contextmanager
    def alone(self, *_tables: str) -> Iterator[Connection]:
        with self.engine.connect() as connection:
            connection.detach()  # closed at the end, and with it what is set here
            # Of itself Python's module begins no transaction before a table is made, and commits each on its own.
            driver: Any = connection.connection.dbapi_connection
            driver.isolation_level = None
            connection.exec_driver_sql("BEGIN IMMEDIATE")
            yield connection
            connection.commit()


def _set_pragmas(connection: Any, _record: object) -> None:
    cursor = connection.cursor()
    for pragma in ("journal_mode = WAL", "synchronous = FULL", "foreign_keys = ON"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()
