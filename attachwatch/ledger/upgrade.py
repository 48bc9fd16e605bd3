"""The ledger's versions, and how an older one is brought up to date."""

from collections.abc import Collection
from pathlib import Path

from sqlalchemy import Connection, inspect, text
from sqlalchemy.exc import DBAPIError

from attachwatch.errors import StoreError
from attachwatch.ledger.database import Database, unusable
from attachwatch.ledger.schema import metadata

_MIGRATIONS = Path(__file__).with_name("migrations")
_PATIENCE = 300.0  # seconds that another may take to do it
VERSION = "alembic_version"  # the table that has it
ENCODING = "UTF8"  # of a database in PostgreSQL that takes whatever mail holds


def versions() -> tuple[str, ...]:
    """The versions of the schema that are known, oldest first; alembic is not asked, which takes longer to load."""
    return tuple(sorted(path.name.partition("_")[0] for path in (_MIGRATIONS / "versions").glob("[0-9]*.py")))


def look(connection: Connection) -> tuple[str, frozenset[str]]:
    """The version of the ledger that this is a connection to, "" before the first; and the tables that are there."""
    tables = frozenset(inspect(connection).get_table_names())
    found = connection.execute(text("SELECT version_num FROM alembic_version")).scalar() if VERSION in tables else ""
    return str(found or ""), tables


def torn(version: str, tables: Collection[str]) -> str:
    """What no attachwatch leaves so, however it ends; "" where version and tables go together."""
    own = sorted(set(metadata.tables).intersection(tables))
    if version and not own:
        return f"it has a version ({version}) and none of a ledger's tables"
    if own and not version:
        return f"it has a table {own[0]!r} as ledgers do, and no version of one"
    missing = sorted(set(metadata.tables).difference(tables))
    return f"it lacks the table {missing[0]!r}" if missing and version == versions()[-1] else ""


def bring_up_to_date(database: Database) -> None:
    """Make the tables, or change them to the newest version: wholly or not at all, and by one at a time.

    Raises StoreError for a ledger of a newer attachwatch, one that is torn, and a database that cannot be used.
    """
    try:
        _bring_up_to_date(database)
    except DBAPIError as error:
        raise unusable(database, error) from None


def _bring_up_to_date(database: Database) -> None:
    if _is_current(database):
        return
    try:
        with database.locked("upgrade", _PATIENCE):
            if not _is_current(database):  # another may just have done it
                _upgrade(database)
    except TimeoutError:
        raise StoreError("another attachwatch is bringing the ledger up to date", "Wait until it is done.") from None


def _is_current(database: Database) -> bool:
    with database.engine.connect() as connection:
        current, tables = look(connection)
    if problem := torn(current, tables):
        raise StoreError(
            f"the ledger {database.shown} cannot be used: {problem}",
            "Restore it from a copy, or give the ledger an empty place of its own.",
        )
    known = versions()
    if current not in ("", *known):
        problem = f"the ledger is of a newer attachwatch (schema {current})"
        raise StoreError(problem, "Update attachwatch to the version that made it.")
    return current == known[-1]


def _upgrade(database: Database) -> None:
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS))
    with database.alone() as connection:
        if connection.dialect.name == "postgresql":
            _refuse_encoding(database, connection)
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


def _refuse_encoding(database: Database, connection: Connection) -> None:
    encoding = connection.exec_driver_sql("SHOW server_encoding").scalar_one()
    if encoding != ENCODING:
        raise StoreError(
            f"the ledger {database.shown} cannot be used: the database is encoded as {encoding}",
            f"Make one with ENCODING '{ENCODING}' TEMPLATE template0.",
        )
