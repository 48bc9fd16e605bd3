"""Everything that attachwatch needs, tried: the checks in their order, and mailboxes side by side."""

import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from attachwatch import config
from attachwatch.config import LimitSettings, MailboxSettings, Settings
from attachwatch.errors import AttachwatchError, ConfigurationError, StoreError
from attachwatch.ledger import condition
from attachwatch.ledger.ledger import LOCK, Ledger, PollRecord
from attachwatch.ledger.places import as_configured
from attachwatch.ledger.server import Server
from attachwatch.mail.line import Line
from attachwatch.service import health
from attachwatch.service.checks import configuration, database, machine, mailbox, schedule, store
from attachwatch.service.checks.check import Check, failed, guarded

_AT_ONCE = 16  # mailboxes
_STEPS = 3  # of the network, that all checks of a mailbox together may take the whole `timeout` for

Show = Callable[[int, int], None]
"""Is told how many parts of the work are done, and of how many."""


def examine(config_file: Path | None, show: Show) -> tuple[Check, ...]:
    """Whatever can be checked, in the order in which a person should read it; nothing is changed, none raised."""
    try:
        path = config.locate(config_file)
        settings = config.load(path)
    except ConfigurationError as error:
        looks = _of_the_machine(LimitSettings(), None)
        return (failed("configuration", error), *_done(looks, show, len(looks)))
    url = settings.store.database
    server = database.ask(settings.store.path, url) if url else None
    polls = _polls(settings, server)
    before = [
        ("configuration", partial(configuration.file, path)),
        ("cases", partial(configuration.cases, settings)),
        ("templates", partial(configuration.templates, settings)),
        ("notice", partial(configuration.notice, settings)),
    ]
    after = [*_of_the_store(settings, server, polls), *_of_the_machine(settings.limits, polls)]
    total = len(before) + len(settings.mailbox) + len(after)
    return (
        *_done(before, show, total),
        *_of_mailboxes(settings, lambda done: show(len(before) + done, total)),
        *_done(after, lambda done, _: show(total - len(after) + done, total), total),
    )


_Look = tuple[str, Callable[[], Iterable[Check]]]


def _of_the_store(
    settings: Settings, server: Server | AttachwatchError | None, polls: Sequence[PollRecord] | None
) -> list[_Look]:
    root = settings.store.path
    watcher = health.read(settings.health_file)
    return [
        ("store", partial(store.checks, root)),
        ("free space", partial(store.space, root, settings.limits.attachment)),
        ("attachments", partial(store.attachments, settings.store)),
        ("ledger", partial(database.checks, server) if server else partial(store.ledger, root)),
        ("watcher", partial(store.watcher, root, settings.health_file)),
        ("schedule", partial(schedule.checks, settings.mailbox, polls, watcher)),
    ]


def _of_the_machine(limits: LimitSettings, polls: Sequence[PollRecord] | None) -> list[_Look]:
    last = max((poll.polled for poll in polls or ()), default=None)
    return [
        ("python", machine.python),
        ("clock", partial(machine.clock, last)),
        ("inspection", partial(machine.inspection, limits)),
    ]


def _done(looks: Sequence[_Look], show: Show, total: int) -> Iterator[Check]:
    for number, (name, look) in enumerate(looks, 1):
        yield from guarded(name, look)
        show(number, total)


def _polls(settings: Settings, server: Server | AttachwatchError | None) -> list[PollRecord] | None:
    """The last poll of each mailbox; None where the ledger cannot tell, or opening it would change it."""
    root, url = settings.store.path, settings.store.database
    try:
        if isinstance(server, AttachwatchError):
            return None
        current = server.schema.is_current if server else condition.is_current(root)
        if current is None or (server and not server.schema.version):
            return []
        if not current or (server and not (root / LOCK).exists()):  # a store that no watcher had is not yet made
            return None
        with Ledger.open(root, url, attachments=as_configured(settings.store)) as ledger:
            return ledger.polls()
    except (StoreError, ConfigurationError, OSError):  # which the store's own checks tell
        return None


# --- mailboxes ----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Patient:
    """A mailbox whose checks are under way in a thread of their own."""

    settings: MailboxSettings
    thread: threading.Thread
    line: Line
    found: list[Check]

    @property
    def patience(self) -> float:
        return _STEPS * self.settings.timeout.total_seconds()


def _of_mailboxes(settings: Settings, done: Callable[[int], None]) -> Iterator[Check]:
    """The checks of all mailboxes in their order, some side by side. One that hangs is given up, and waits for nobody:
    no timeout bounds what a server sends byte by byte, or the look-up of a name."""
    number = 0
    for some in _batches(settings.mailbox):
        began = time.monotonic()
        for one in [_begun(mailbox_settings, settings.store.path) for mailbox_settings in some]:
            one.thread.join(max(0.0, began + one.patience - time.monotonic()))
            yield from one.found.copy()
            if one.thread.is_alive():
                yield mailbox.unreached(one.settings, one.patience)
                one.line.cut()
            number += 1
            done(number)


def _begun(settings: MailboxSettings, root: Path) -> _Patient:
    line, found = Line(), list[Check]()

    def look() -> None:
        with line:
            for check in guarded(settings.name, partial(mailbox.checks, settings, root)):
                found.append(check)  # at once, for who does not wait for the last

    thread = threading.Thread(target=look, name=f"doctor {settings.name}", daemon=True)
    thread.start()
    return _Patient(settings, thread, line, found)


def _batches(mailboxes: Sequence[MailboxSettings]) -> Iterator[Sequence[MailboxSettings]]:
    for start in range(0, len(mailboxes), _AT_ONCE):
        yield mailboxes[start : start + _AT_ONCE]
