"""Our part of a shared ledger's mailboxes, renewed by a thread of its own for as long as we live.

What we hold is known to be ours only until its time is up; a ledger that does not answer until then leaves us nothing.
"""

import socket
import threading
import time
import uuid
from collections.abc import Callable, Collection
from contextlib import suppress
from pathlib import Path

import structlog

from attachwatch import atomic
from attachwatch.errors import AttachwatchError, StoreError
from attachwatch.ledger.leases import LASTS
from attachwatch.ledger.ledger import Ledger

_EVERY = 5.0  # seconds between two renewals
_SPARE = 5.0  # seconds before its end that a lease counts no more: to let go of a mailbox takes a while, too
log = structlog.get_logger()


class Tenancy:
    """Renews what `renew` takes, given our name; `held` may be asked by any thread."""

    def __init__(self, ledger: Ledger, name: str, renew: Callable[[str], frozenset[str]]) -> None:
        self._ledger = ledger
        self._renew = renew
        self._name = name
        self._held: frozenset[str] = frozenset()
        self._until = 0.0
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run, name="leases", daemon=True)

    def start(self) -> None:
        """Take what there is for us; raises StoreError where the ledger does not answer."""
        self._take()
        self._thread.start()

    def held(self) -> frozenset[str]:
        """The mailboxes that nobody else polls now."""
        return self._held if time.monotonic() < self._until else frozenset()

    def end(self) -> None:
        """Leave all to others, at once where the ledger answers."""
        self._over.set()
        self._until = 0.0
        self._thread.join(_EVERY)
        with suppress(AttachwatchError):
            self._ledger.release_leases(self._name)

    def _take(self) -> None:
        asked = time.monotonic()  # before the database reads its own clock
        held = self._renew(self._name)
        if held != self._held:
            log.info("leases.changed", mailboxes=sorted(held))
        self._held, self._until = held, asked + LASTS - _SPARE

    def _run(self) -> None:
        while not self._over.wait(_EVERY):
            try:
                self._take()
            except AttachwatchError as error:
                log.error("leases.unrenewed", problem=str(error))


def shared(
    ledger: Ledger, store: Path, wanted: Callable[[], Collection[str]], busy: Callable[[], Collection[str]]
) -> Tenancy:
    """Our fair share of the mailboxes that are `wanted`; what is `busy` is not handed over."""
    return Tenancy(ledger, _name(store), lambda name: ledger.renew_leases(name, wanted(), busy()))


def for_once(ledger: Ledger, store: Path, wanted: Collection[str]) -> Tenancy:
    """Whatever of these mailboxes nobody polls."""
    return Tenancy(ledger, _name(store), lambda name: ledger.claim_leases(name, wanted))


def _name(store: Path) -> str:
    """Who watches with this store, which one does at a time: one that was killed finds its mailboxes its own again."""
    place = store / "watcher"
    try:
        if not place.exists():
            atomic.write(place, uuid.uuid4().hex.encode())
        return f"{socket.gethostname()}:{place.read_text()}"
    except (OSError, UnicodeDecodeError) as error:
        raise StoreError(f"{place} cannot be used: {error}", "Check [store] path, or remove that file.") from None
