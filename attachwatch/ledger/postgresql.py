"""The ledger in PostgreSQL, which watchers on several machines share."""

import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property

from sqlalchemy import URL, Connection, Engine, create_engine, text
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError, OperationalError

from attachwatch.errors import ConfigurationError
from attachwatch.ledger.database import FORBIDDEN, KEY

_CONNECT = 10  # seconds
_PATIENCE = 60  # seconds that others may hold tables
_SHOWN = ("host", "port", "service")  # of a URL's query, which may hold secrets
_LOCK_NOT_AVAILABLE = "55P03"  # PostgreSQL, appendix A: error codes
# A connection whose other end is gone without a word is given up by either side within half a minute.
_ALIVE = {"keepalives_idle": 10, "keepalives_interval": 5, "keepalives_count": 3}
_SERVER = "-c tcp_keepalives_idle=10 -c tcp_keepalives_interval=5 -c tcp_keepalives_count=3 -c timezone=UTC"


class PostgreSQL:
    """The database at `url`, by psycopg, whatever driver it names."""

    is_shared = True

    def __init__(self, url: URL, key: str = KEY) -> None:
        self._url = url.set(drivername="postgresql+psycopg")
        self._key = key
        query = {name: value for name, value in url.query.items() if name in _SHOWN}
        self.shown = url.set(drivername="postgresql", query=query).render_as_string(hide_password=True)
        self.remedy = f"Check {key}: host, name and user; the password may be in PGPASSWORD or ~/.pgpass."

    def remedy_for(self, error: DBAPIError) -> str:
        match getattr(error.orig, "sqlstate", None):
            case _ if error.connection_invalidated:
                return "Check that the server runs, and try again."
            case code if code == FORBIDDEN:
                return "Make its user the owner of the database, or let it do that."
            case code if code == _LOCK_NOT_AVAILABLE:
                return "Stop whatever else writes into it, and try again."
        return self.remedy

    @cached_property
    def engine(self) -> Engine:
        """Raises ConfigurationError where psycopg is not installed."""
        own = {"connect_timeout": _CONNECT, "options": _SERVER, "application_name": "attachwatch", **_ALIVE}
        told = {key: value for key, value in own.items() if key not in self._url.query}
        try:
            (self._url.host or "").encode("idna")  # which psycopg does without a thought for names that are none
            return create_engine(self._url, connect_args=told, pool_pre_ping=True, pool_size=4, max_overflow=60)
        except (ArgumentError, ValueError, TypeError):
            raise ConfigurationError(f"{self._key} is no URL that psycopg can use", self.remedy) from None
        except (ImportError, NoSuchModuleError):
            raise ConfigurationError(
                "a ledger in PostgreSQL needs psycopg, which is not installed",
                "Install it: pip install 'attachwatch[postgres]'",
            ) from None

    @contextmanager
    def locked(self, name: str, seconds: float) -> Iterator[None]:
        # Held by the session, so that the server releases it however its holder ends.
        key = {"key": zlib.crc32(f"attachwatch.{name}".encode())}
        with self.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text(f"SET lock_timeout = {max(1, round(seconds * 1000))}"))
            try:
                connection.execute(text("SELECT pg_advisory_lock(:key)"), key)
            except OperationalError as error:
                if getattr(error.orig, "sqlstate", None) != _LOCK_NOT_AVAILABLE:
                    raise
                raise TimeoutError(name) from None
            try:
                yield
            finally:
                connection.invalidate()  # it is closed, and not handed to another with what was set

    @contextmanager
    def alone(self, *tables: str) -> Iterator[Connection]:
        with self.engine.connect() as connection:
            # Whoever runs the server may bound what takes as long as one request; this takes as long as the ledger is.
            for name in ("statement_timeout", "idle_in_transaction_session_timeout"):
                connection.exec_driver_sql(f"SET LOCAL {name} = 0")
            if tables:
                connection.exec_driver_sql(f"SET LOCAL lock_timeout = '{_PATIENCE}s'")
                named = ", ".join(map(connection.dialect.identifier_preparer.quote, tables))
                connection.exec_driver_sql(f"LOCK TABLE {named} IN SHARE ROW EXCLUSIVE MODE")
            yield connection
            connection.commit()
