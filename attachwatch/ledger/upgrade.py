"""The ledger's versions, and how an older one is brought up to date."""

from pathlib import Path
from typing import Any

from sqlalchemy import Connection, inspect, text

from attachwatch.errors import StoreError
from attachwatch.ledger.database import Database

_MIGRATIONS = Path(__file__).with_name("migrations")
_PATIENCE = 300.0  # seconds that another may take to do it


def versions() -> tuple[str, ...]:
    """The versions of the schema that are known, oldest first; alembic is not asked, which takes longer to load."""
    return tuple(sorted(path.name.partition("_")[0] for path in (_MIGRATIONS / "versions").glob("[0-9]*.py")))


def version(connection: Connection) -> str:
    """Of the ledger that this is a connection to; "" before the first."""
    if not inspect(connection).has_table("alembic_version"):
        return ""
    return str(connection.execute(text("SELECT version_num FROM alembic_version")).scalar() or "")


def bring_up_to_date(database: Database) -> None:
    """Make the tables, or change them to the newest version: wholly or not at all, and by one at a time.

    Raises StoreError for a ledger of a newer attachwatch.
    """
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
        current = version(connection)
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
    with database.engine.connect() as connection:
        if connection.dialect.name == "sqlite":
            connection.detach()  # closed at the end, and with it what is set here
            # Of itself Python's module begins no transaction before a table is made, and commits each on its own.
            driver: Any = connection.connection.dbapi_connection
            driver.isolation_level = None
            connection.exec_driver_sql("BEGIN IMMEDIATE")
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
        connection.commit()
