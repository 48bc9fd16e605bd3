"""The ledger's version; and the server that it is on, if it is in PostgreSQL. Nothing is changed there."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

from attachwatch.errors import AttachwatchError
from attachwatch.ledger.condition import Schema
from attachwatch.ledger.server import Server, server
from attachwatch.ledger.upgrade import ENCODING
from attachwatch.service.checks.check import Check, failure, warning

_APART = timedelta(seconds=10)  # of two clocks that people take for the same
_FEW = 5  # connections, which one watcher may have


def schema(found: Schema, copying: str) -> Check:
    """What the ledger's version is to this attachwatch; `copying` tells what keeps the way back open."""
    if found.torn:
        return failure(
            "ledger", f"it is torn: {found.torn}", "Restore it from a copy, or give the ledger an empty place."
        )
    if not found.is_known:
        return failure(
            "ledger",
            f"it is of a newer attachwatch (schema {found.version}; this one knows {found.newest})",
            "Update attachwatch to the version that made it.",
        )
    if not found.version:
        return Check("ledger", "there is none yet; the first `attachwatch watch` makes it")
    if not found.is_current:
        return warning(
            "ledger",
            f"it is of an older attachwatch (schema {found.version}, now {found.newest})",
            f"The next command that opens it brings it up to date; {copying} first if you may want to go back.",
        )
    return Check("ledger", f"schema {found.version}, the newest")


def ask(root: Path, url: str) -> Server | AttachwatchError:
    """The server at `url`, or why it is not to be had; asked once, for one that does not answer takes its time."""
    try:
        return server(root, url)
    except AttachwatchError as error:
        return error


def checks(found: Server | AttachwatchError) -> Iterator[Check]:
    """What is to be said of such a server, and the ledger there."""
    if isinstance(found, AttachwatchError):
        raise found
    yield schema(found.schema, "pg_dump it")
    yield _server(found)
    yield _rights(found)
    yield _clock(found.ahead)
    yield _connections(found)


def _server(found: Server) -> Check:
    name, says = "ledger's server", f"{found.shown}, PostgreSQL {found.version}"
    if found.encoding != ENCODING:
        return failure(
            name,
            f"{says}; the database is encoded as {found.encoding}, which holds not all that mail does",
            f"Make one with ENCODING '{ENCODING}' TEMPLATE template0.",
        )
    if found.is_read_only:
        return failure(name, f"{says}; it can only be read", "Name the server that it follows in [store] database.")
    if found.is_in_clear:
        return warning(
            name,
            f"{says}; whoever is on the line reads what passes",
            "Have the server use TLS, and add ?sslmode=verify-full to [store] database.",
        )
    return Check(name, says)


def _rights(found: Server) -> Check:
    name = "ledger's rights"
    if found.lacking:
        more = f" and {len(found.lacking) - 3} more" if len(found.lacking) > 3 else ""
        return failure(
            name,
            f"the user may not do what every command does: {', '.join(found.lacking[:3])}{more}",
            "Make the user the owner of the database, or GRANT it that.",
        )
    if not found.may_upgrade:
        return warning(
            name,
            "the user reads and writes all tables, and could not bring them up to date",
            "Make the user the owner of the tables, and let it CREATE in their schema.",
        )
    return Check(name, "the user may make, read and write all tables")


def _clock(ahead: timedelta) -> Check:
    name, seconds = "ledger's clock", abs(ahead.total_seconds())
    if abs(ahead) < _APART:
        return Check(name, f"the server's and this machine's are {seconds:.1f} s apart")
    return warning(
        name,
        f"the server's is {seconds:,.0f} s {'ahead of' if ahead > timedelta() else 'behind'} this machine's",
        "Have both set by NTP: who watches which mailbox goes by the server's, what people read by this one's.",
    )


def _connections(found: Server) -> Check:
    name, says = "ledger's connections", f"{found.free} of the server's {found.connections} are free"
    if found.free < _FEW:
        return warning(name, f"{says}; a watcher may need {_FEW}", "Raise max_connections, or close what holds others.")
    return Check(name, says)
