"""A number that is counted up, in the same transaction, whenever what a picture is made of changes.

Not when a poll found nothing new, and not when nothing came of a change: so equal numbers mean equal pictures.
"""

from typing import Any

from sqlalchemy import event, select, update
from sqlalchemy.orm import ORMExecuteState, Session, UOWTransaction

from attachwatch.ledger.schema import FolderRow, LeaseRow, MailboxRow, PictureRow, RevisionRow, WatcherRow, metadata

_ASIDE = {row.__tablename__ for row in (FolderRow, MailboxRow, PictureRow, RevisionRow, LeaseRow, WatcherRow)}
PICTURED = frozenset(metadata.tables) - _ASIDE  # the tables that pictures are made of
_CHANGED = "changed"  # in a session's `info`


class CountingSession(Session):
    """A session whose transaction counts the revision up as its last step, if it changed anything."""


def number(session: Session) -> int:
    return int(session.scalars(select(RevisionRow.number)).one())


@event.listens_for(CountingSession, "after_flush")
def _see_flush(session: Session, _context: UOWTransaction) -> None:
    changed = [*session.new, *session.deleted, *(row for row in session.dirty if session.is_modified(row))]
    if any(row.__tablename__ in PICTURED for row in changed):
        session.info[_CHANGED] = True


@event.listens_for(CountingSession, "do_orm_execute")
def _see_statement(state: ORMExecuteState) -> Any:
    statement: Any = state.statement
    if not (state.is_insert or state.is_update or state.is_delete) or statement.table.name not in PICTURED:
        return None
    result: Any = state.invoke_statement()
    if getattr(result, "rowcount", 1):  # of many rows at once it is not told
        state.session.info[_CHANGED] = True
    return result


@event.listens_for(CountingSession, "before_commit")
def _count(session: Session) -> None:
    session.flush()
    if session.info.pop(_CHANGED, False):
        # Last, so that writers side by side wait for one another's commit alone.
        session.execute(update(RevisionRow).values(number=RevisionRow.number + 1))
