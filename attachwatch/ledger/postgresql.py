"""The ledger in PostgreSQL, which watchers on several machines share."""

import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property

from sqlalchemy import URL, Engine, create_engine, text
from sqlalchemy.exc import NoSuchModuleError, OperationalError

from attachwatch.errors import ConfigurationError

_CONNECT = 10  # seconds
_LOCK_NOT_AVAILABLE = "55P03"  # PostgreSQL, appendix A: error codes
# A connection whose other end is gone without a word is given up by either side within half a minute.
_ALIVE = {"keepalives_idle": 10, "keepalives_interval": 5, "keepalives_count": 3}
_SERVER = "-c tcp_keepalives_idle=10 -c tcp_keepalives_interval=5 -c tcp_keepalives_count=3 -c timezone=UTC"


class PostgreSQL:
    """The database at `url`, by psycopg, whatever driver it names."""

    is_shared = True
    remedy = "Check [store] database: host, name and user; the password may be in PGPASSWORD or ~/.pgpass."

    def __init__(self, url: URL) -> None:
        self._url = url.set(drivername="postgresql+psycopg")
        self.shown = self._url.set(drivername="postgresql").render_as_string(hide_password=True)

    @cached_property
    def engine(self) -> Engine:
        """Raises ConfigurationError where psycopg is not installed."""
        own = {"connect_timeout": _CONNECT, "options": _SERVER, "application_name": "attachwatch", **_ALIVE}
        told = {key: value for key, value in own.items() if key not in self._url.query}
        try:
            return create_engine(self._url, connect_args=told, pool_pre_ping=True, pool_size=4, max_overflow=60)
        except (ModuleNotFoundError, NoSuchModuleError):
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
