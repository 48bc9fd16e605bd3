"""Where the ledger's tables are: in SQLite beside the blobs, or in PostgreSQL by its URL; and what the two do apart."""

from contextlib import AbstractContextManager
from pathlib import Path
from typing import Protocol

from sqlalchemy import Connection, Engine
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, DatabaseError, DBAPIError, InternalError, OperationalError

from attachwatch.errors import ConfigurationError, StoreError

KEY = "[store] database"  # where a URL is told
FORBIDDEN = "42501"  # PostgreSQL, appendix A: error codes
_EXAMPLE = "Write it as postgresql+psycopg://USER@HOST/DATABASE, or leave it out for SQLite."


class Database(Protocol):
    """One ledger's tables. `shown` names it in errors, without a password."""

    shown: str
    remedy: str  # where it cannot be used

    def remedy_for(self, error: DBAPIError) -> str:
        """What to do where it could not be used because of that."""

    @property
    def engine(self) -> Engine: ...

    @property
    def is_shared(self) -> bool:
        """Whether watchers with stores of their own may use it side by side."""

    def locked(self, name: str, seconds: float) -> AbstractContextManager[None]:
        """Hold what `name` says, for one at a time; raises TimeoutError where another holds it for so many seconds."""

    def alone(self, *tables: str) -> AbstractContextManager[Connection]:
        """A transaction in which nobody else writes into these tables; it is committed at the end, if all went well."""


def database(root: Path, url: str = "", key: str = KEY) -> Database:
    """The database at `url`, which `key` told, or the one in the store `root`. Nothing is connected to yet.

    Raises ConfigurationError for a URL that names none that is known, or one whose driver is not installed.
    """
    if not url:
        from attachwatch.ledger.sqlite import SQLite

        return SQLite(root)
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError):  # it is not repeated: what is wrong with it may be its password
        raise ConfigurationError(f"{key} is no URL of a database", _EXAMPLE) from None
    if parsed.get_backend_name() in ("postgresql", "postgres"):
        from attachwatch.ledger.postgresql import PostgreSQL

        return PostgreSQL(parsed, key)
    raise ConfigurationError(f"{key} names {parsed.drivername!r}, which is not known", _EXAMPLE)


def unusable(found: Database, error: DBAPIError) -> StoreError:
    """What to tell of a database that did not do what it was asked for."""
    return StoreError(f"the ledger {found.shown} cannot be used: {said(error)}", found.remedy_for(error))


def said(error: DBAPIError) -> str:
    """The database's own words, in one line."""
    return " ".join(str(error.orig).split())


def is_outside(error: DBAPIError) -> bool:
    """Whether the machine, the server or a person is at fault, and not what was asked."""
    kinds = (OperationalError, InternalError)  # the latter, too, of a server that may only be read
    forbidden = getattr(error.orig, "sqlstate", None) == FORBIDDEN
    return isinstance(error, kinds) or type(error) is DatabaseError or forbidden
