"""How a ledger in PostgreSQL is, looked at from outside: in one transaction that may only read."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError

from attachwatch.ledger.condition import Schema
from attachwatch.ledger.database import database, unusable
from attachwatch.ledger.schema import metadata
from attachwatch.ledger.upgrade import look, torn

_PATIENCE = 10  # seconds for one answer

_RIGHTS = text("""
SELECT privilege || ' on ' || name
FROM unnest(CAST(:tables AS text[])) AS name, unnest(ARRAY['SELECT', 'INSERT', 'UPDATE', 'DELETE']) AS privilege
WHERE NOT has_table_privilege(quote_ident(name), privilege)
ORDER BY name
""")
_OWNED = text("""
SELECT count(*) FROM unnest(CAST(:tables AS text[])) AS name JOIN pg_class ON pg_class.oid = quote_ident(name)::regclass
WHERE NOT pg_has_role(relowner, 'USAGE')
""")
_MAY_CREATE = text("SELECT coalesce(has_schema_privilege(current_schema(), 'CREATE'), false)")
_READ_ONLY = text("SELECT pg_is_in_recovery() OR current_setting('default_transaction_read_only') = 'on'")
_CONNECTIONS = text("""
SELECT current_setting('max_connections')::int, current_setting('superuser_reserved_connections')::int
    + coalesce(current_setting('reserved_connections', true), '0')::int, sum(numbackends)::int FROM pg_stat_database
""")
_IN_CLEAR = text("""
SELECT NOT ssl AND coalesce(NOT inet_server_addr() << '127.0.0.0/8' AND inet_server_addr() <> '::1', false)
FROM pg_stat_ssl WHERE pid = pg_backend_pid()
""")


@dataclass(frozen=True, slots=True)
class Server:
    """The server, as the user that the URL names finds it."""

    shown: str
    version: str  # of PostgreSQL
    encoding: str
    schema: Schema
    is_read_only: bool
    lacking: tuple[str, ...]  # rights that every command needs
    may_upgrade: bool
    ahead: timedelta  # of this machine's clock
    connections: int  # that the server takes
    free: int  # of them, for such a user
    is_in_clear: bool  # what passes between here and there


def server(root: Path, url: str) -> Server:
    """Raises StoreError where it cannot be looked at, ConfigurationError where the URL cannot be used."""
    with _looking(root, url) as (connection, shown):
        version, tables = look(connection)
        own = sorted(tables.intersection(metadata.tables))
        may_create = bool(connection.scalar(_MAY_CREATE))
        lacking = [*connection.scalars(_RIGHTS, {"tables": own})]
        if not own and not may_create:
            lacking.append("CREATE on the schema")
        most, reserved, used = connection.execute(_CONNECTIONS).one()
        return Server(
            shown,
            _setting(connection, "server_version"),
            _setting(connection, "server_encoding"),
            Schema(version, torn(version, tables)),
            bool(connection.scalar(_READ_ONLY)),
            tuple(lacking),
            may_create and not connection.scalar(_OWNED, {"tables": own}),
            _ahead(connection),
            most,
            max(0, most - reserved - used),
            bool(connection.scalar(_IN_CLEAR)),
        )


@contextmanager
def _looking(root: Path, url: str) -> Iterator[tuple[Connection, str]]:
    found = database(root, url)
    engine = found.engine
    try:
        with engine.connect().execution_options(postgresql_readonly=True) as connection:
            connection.execute(text(f"SET LOCAL statement_timeout = '{_PATIENCE}s'"))
            yield connection, found.shown
    except DBAPIError as error:
        raise unusable(found, error) from None
    finally:
        engine.dispose()


def _setting(connection: Connection, name: str) -> str:
    value: Any = connection.scalar(text("SELECT current_setting(:name)"), {"name": name})
    return str(value)


def _ahead(connection: Connection) -> timedelta:
    before = datetime.now(UTC)
    there: Any = connection.scalar(text("SELECT clock_timestamp()"))
    after = datetime.now(UTC)
    difference: timedelta = there - (before + (after - before) / 2)
    return difference
