"""Which watcher polls which mailbox, where several share one ledger.

A lease is a row with a holder and a time, by the database's own clock, until which it is nobody else's. Its holder
renews it; one that was killed does not, and another takes the mailbox over. None takes more than its share while others
are alive that want the same; who comes later asks for what is others' surplus, and they hand it over between two polls.
"""

from collections import Counter
from collections.abc import Collection
from datetime import timedelta
from typing import Any

from sqlalchemy import ColumnElement, delete, func, or_, select, update
from sqlalchemy.dialects import postgresql
from sqlalchemy.orm import Session

from attachwatch.ledger.schema import LeaseRow, WatcherRow

LASTS = 30.0  # seconds
_LASTS = timedelta(seconds=LASTS)
_UNWANTED = timedelta(seconds=10)  # after which a free mailbox is taken beyond one's share: nobody else wants it


def renew(session: Session, holder: str, wanted: Collection[str], busy: Collection[str]) -> frozenset[str]:
    """Say that `holder` is alive and would poll the mailboxes `wanted`; those that are its own for `LASTS` seconds.

    What others asked for is handed over, but for what is `busy`.
    """
    now = func.now()  # when the transaction began
    _announce(session, holder, wanted)
    mine = LeaseRow.holder == holder
    session.execute(
        update(LeaseRow)
        .where(mine, LeaseRow.asked_by.is_not(None), LeaseRow.mailbox.not_in(busy))
        .values(holder=LeaseRow.asked_by, asked_by=None, until=now + _LASTS)
    )
    session.execute(update(LeaseRow).where(mine, LeaseRow.mailbox.not_in([*wanted, *busy])).values(_FREE))
    session.execute(update(LeaseRow).where(mine, LeaseRow.until >= now).values(until=now + _LASTS))
    held = _held(session, holder)
    share = -(-len(wanted) // session.scalars(select(func.count()).select_from(WatcherRow)).one())
    is_free = or_(LeaseRow.holder.is_(None), LeaseRow.until < now)
    held |= _take(session, holder, wanted, is_free, share - len(held))
    held |= _take(session, holder, wanted, LeaseRow.until < now - _UNWANTED, len(wanted) - len(held))
    _ask(session, holder, wanted, share, share - len(held))
    return frozenset(held)


def claim(session: Session, holder: str, wanted: Collection[str]) -> frozenset[str]:
    """Take all of `wanted` that nobody holds, or renew those that are held already; those that are `holder`'s own."""
    now = func.now()
    _announce(session, holder, wanted)
    session.execute(update(LeaseRow).where(LeaseRow.holder == holder, LeaseRow.until >= now).values(until=now + _LASTS))
    held = _held(session, holder)
    is_free = or_(LeaseRow.holder.is_(None), LeaseRow.until < now)
    return frozenset(held | _take(session, holder, wanted, is_free, len(wanted) - len(held)))


def holders(session: Session) -> dict[str, str]:
    """By whom each mailbox is polled now."""
    live = select(LeaseRow.mailbox, LeaseRow.holder).where(LeaseRow.until >= func.now())
    return {mailbox: holder for mailbox, holder in session.execute(live) if holder}


def release(session: Session, holder: str) -> None:
    """Leave all to others at once."""
    session.execute(update(LeaseRow).where(LeaseRow.holder == holder).values(_FREE))
    session.execute(update(LeaseRow).where(LeaseRow.asked_by == holder).values(asked_by=None))
    session.execute(delete(WatcherRow).where(WatcherRow.name == holder))


_FREE: dict[str, Any] = {"holder": None, "asked_by": None, "until": func.now()}


def _announce(session: Session, holder: str, wanted: Collection[str]) -> None:
    until = func.now() + _LASTS
    watcher = postgresql.insert(WatcherRow).values(name=holder, until=until)
    session.execute(watcher.on_conflict_do_update(index_elements=[WatcherRow.name], set_={"until": until}))
    gone = select(WatcherRow.name).where(WatcherRow.until < func.now()).with_for_update(skip_locked=True)
    session.execute(delete(WatcherRow).where(WatcherRow.name.in_(gone)))
    known = set(session.scalars(select(LeaseRow.mailbox)))
    if fresh := [{"mailbox": mailbox} for mailbox in sorted(wanted) if mailbox not in known]:
        session.execute(postgresql.insert(LeaseRow).values(until=func.now()).on_conflict_do_nothing(), fresh)


def _held(session: Session, holder: str) -> set[str]:
    own = select(LeaseRow.mailbox).where(LeaseRow.holder == holder, LeaseRow.until >= func.now())
    return set(session.scalars(own))


def _take(
    session: Session, holder: str, wanted: Collection[str], condition: ColumnElement[bool], most: int
) -> set[str]:
    """Up to `most` of the mailboxes `wanted` for which `condition` holds, and which nobody else is just taking."""
    if most <= 0:
        return set()
    found = select(LeaseRow.mailbox).where(LeaseRow.mailbox.in_(wanted), condition)
    taken = set(session.scalars(found.order_by(LeaseRow.mailbox).limit(most).with_for_update(skip_locked=True)))
    session.execute(
        update(LeaseRow)
        .where(LeaseRow.mailbox.in_(taken))
        .values(holder=holder, asked_by=None, until=func.now() + _LASTS)
    )
    return taken


def _ask(session: Session, holder: str, wanted: Collection[str], share: int, most: int) -> None:
    """Ask those who hold more than `share` for up to `most` of it, in all."""
    live = LeaseRow.holder.is_not(None), LeaseRow.until >= func.now()
    leases = session.execute(select(LeaseRow.mailbox, LeaseRow.holder, LeaseRow.asked_by).where(*live)).all()
    surplus = Counter(other for _, other, asked_by in leases if asked_by is None)
    surplus.subtract(dict.fromkeys(surplus, share))
    most -= sum(asked_by == holder for _, _, asked_by in leases)
    chosen: list[str] = []
    for mailbox, other, asked_by in leases:
        if len(chosen) < most and mailbox in wanted and asked_by is None and other != holder and surplus[other] > 0:
            chosen.append(mailbox)
            surplus[other] -= 1
    # Whoever waits for nobody is part of no deadlock.
    unlocked = select(LeaseRow.mailbox).where(LeaseRow.mailbox.in_(chosen), LeaseRow.asked_by.is_(None))
    asked = session.scalars(unlocked.with_for_update(skip_locked=True)).all()
    session.execute(update(LeaseRow).where(LeaseRow.mailbox.in_(asked)).values(asked_by=holder))
