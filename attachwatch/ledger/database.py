"""Where the ledger's tables are: in SQLite beside the blobs, or in PostgreSQL by its URL; and what the two do apart."""

from contextlib import AbstractContextManager
from pathlib import Path
from typing import Protocol

from sqlalchemy import Engine
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

from attachwatch.errors import ConfigurationError

_EXAMPLE = "Write it as postgresql+psycopg://USER@HOST/DATABASE, or leave it out for SQLite."


class Database(Protocol):
    """One ledger's tables. `shown` names it in errors, without a password."""

    shown: str
    remedy: str  # where it cannot be used

    @property
    def engine(self) -> Engine: ...

    @property
    def is_shared(self) -> bool:
        """Whether watchers with stores of their own may use it side by side."""

    def locked(self, name: str, seconds: float) -> AbstractContextManager[None]:
        """Hold what `name` says, for one at a time; raises TimeoutError where another holds it for so many seconds."""


def database(root: Path, url: str = "") -> Database:
    """The database at `url`, or the one in the store `root`. Nothing is connected to yet.

    Raises ConfigurationError for a URL that names none that is known, or one whose driver is not installed.
    """
    if not url:
        from attachwatch.ledger.sqlite import SQLite

        return SQLite(root)
    try:
        parsed = make_url(url)
    except ArgumentError:  # it is not repeated: what is wrong with it may be its password
        raise ConfigurationError("[store] database is no URL of a database", _EXAMPLE) from None
    if parsed.get_backend_name() == "postgresql":
        from attachwatch.ledger.postgresql import PostgreSQL

        return PostgreSQL(parsed)
    raise ConfigurationError(f"[store] database names {parsed.drivername!r}, which is not known", _EXAMPLE)
