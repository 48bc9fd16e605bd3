"""The pipeline's clock: polls each mailbox on its schedule, and at a hint of its server, until told to stop."""

import dataclasses
import os
import queue
import signal
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta

import structlog
from apscheduler.events import EVENT_JOB_ERROR, EVENT_JOB_MAX_INSTANCES, EVENT_JOB_MISSED, JobEvent
from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.jobstores.base import JobLookupError
from apscheduler.schedulers.background import BackgroundScheduler

from attachwatch.config import MailboxSettings, Settings
from attachwatch.errors import AttachwatchError, ConfigurationError
from attachwatch.model import Case
from attachwatch.service import health, systemd, tenancy
from attachwatch.service.health import Health
from attachwatch.service.pipeline import Pipeline
from attachwatch.service.tenancy import Tenancy
from attachwatch.service.watched import Listener, Watched

_POLITE = 1.5  # seconds that a poll has to come to a good place to stop at, before its line is cut
_GRACE = 3.0  # seconds after which we end whatever it does
_LOST = 120.0  # seconds after which a thread that does not come back from a line that was cut is given up
_MOST_THREADS = 64  # mailboxes polled at once; one whose server hangs is cut at its deadline
_MOST_LISTENERS = 4  # folders of one mailbox; servers bound the connections of one user
_NEEDS_RESTART = ("store", "limits", "daemon")
Reload = Callable[[], tuple[Settings, tuple[Case, ...]]]
log = structlog.get_logger()


def poll_once(pipeline: Pipeline) -> list[AttachwatchError]:
    """Poll every mailbox once, side by side; one that fails or hangs keeps no other from being polled."""
    with _tenancy_for_once(pipeline) as ours:
        return _poll_once(pipeline, [Watched(pipeline, m) for m in pipeline.settings.mailbox if m.name in ours])


@contextmanager
def _tenancy_for_once(pipeline: Pipeline) -> Iterator[frozenset[str]]:
    """The mailboxes that no other watcher polls, and, within, none begins to."""
    names = frozenset(m.name for m in pipeline.settings.mailbox)
    if not pipeline.ledger.is_shared:
        yield names
        return
    own = tenancy.for_once(pipeline.ledger, pipeline.settings.store.path, names)
    own.start()
    try:
        ours = own.held()
        for name in sorted(names - ours):
            log.warning("mailbox.elsewhere", mailbox=name)
        yield ours
    finally:
        own.end()


def _poll_once(pipeline: Pipeline, mailboxes: list[Watched]) -> list[AttachwatchError]:
    failures: dict[str, AttachwatchError] = {}
    crashes: list[BaseException] = []

    def poll(one: Watched) -> None:
        try:
            if failure := one.poll():
                failures[one.mailbox.name] = failure
        except BaseException as crash:  # noqa: BLE001 - raised again below, by the thread that is waited for
            crashes.append(crash)

    threads = [threading.Thread(target=poll, args=(m,), daemon=True) for m in mailboxes]
    with _signals(signal.SIGTERM, signal.SIGINT) as signals:
        for thread in threads:
            thread.start()
        while any(t.is_alive() for t in threads):
            if (number := _next(signals, 0.05)) is not None:
                pipeline.stopping.set()
                if not _await_end(mailboxes):
                    os._exit(128 + number)  # every step is durable or will be done again
            _cut_what_is_stuck(mailboxes)
    if crashes:
        raise crashes[0]
    return [failures[m.mailbox.name] for m in mailboxes if m.mailbox.name in failures]


def watch(pipeline: Pipeline, reload: Reload | None = None) -> None:
    """Poll every mailbox until SIGTERM or SIGINT; at SIGHUP go on with what `reload` reads."""
    with _signals(signal.SIGTERM, signal.SIGINT, signal.SIGHUP) as signals:
        if lacking := pipeline.inspector.confinement.lacking:
            log.warning("readers.less-confined", lacking=lacking)  # bounds on memory and time hold all the same
        daemon = _Daemon(pipeline, reload)
        daemon.start()
        while (number := _next(signals, daemon.tick)) in (None, signal.SIGHUP):
            if number is not None:
                daemon.reload()
            daemon.look_after()
        if not daemon.end():
            # Every step is durable or will be done again, so what hangs need not be awaited.
            log.warning("watch.ended", polls="cut short")
            os._exit(0)
    log.info("watch.ended")


class _Daemon:
    """The schedule and what looks after it. All but the polls and the listeners is done by one thread."""

    def __init__(self, pipeline: Pipeline, reload: Reload | None) -> None:
        self._pipeline = pipeline
        self._read = reload
        self._watched: dict[str, Watched] = {}
        self._listeners: dict[str, list[tuple[Listener, threading.Event]]] = {}
        self._tenancy: Tenancy | None = None
        if pipeline.ledger.is_shared:
            store = pipeline.settings.store.path
            self._tenancy = tenancy.shared(pipeline.ledger, store, self._wanted, self._busy)
        self._scheduler = BackgroundScheduler(executors={"default": ThreadPoolExecutor(_MOST_THREADS)})
        self._started = datetime.now(UTC)
        self._written: tuple[float, object] = (0.0, None)
        self._said = ""
        self._pinged = 0.0
        self._ping_every = (systemd.watchdog_seconds() or 0) / 2
        self._close_metrics: Callable[[], None] = lambda: None
        self.tick = min(0.25, self._ping_every / 2) if self._ping_every else 0.25

    def start(self) -> None:
        settings = self._pipeline.settings
        if port := settings.daemon.metrics_port:
            from attachwatch.service import metrics

            self._close_metrics = metrics.serve(port, self.health)
        self._scheduler.add_listener(self._tell_trouble, EVENT_JOB_ERROR | EVENT_JOB_MAX_INSTANCES | EVENT_JOB_MISSED)
        self._scheduler.start()
        if self._tenancy:
            if not settings.store.attachments:
                log.warning("attachments.own", path=str(settings.store.path))
            self._tenancy.start()
        self._take_and_leave()
        log.info("watch.started", mailboxes=[m.name for m in settings.mailbox])
        self.look_after()
        systemd.notify("READY=1", f"STATUS={self.health().summary}")

    # --- mailboxes --------------------------------------------------------------------------------------

    def _wanted(self) -> list[str]:
        return [m.name for m in self._pipeline.settings.mailbox]

    def _busy(self) -> list[str]:
        return [name for name, one in list(self._watched.items()) if one.is_running]

    def _take_and_leave(self) -> None:
        """Begin with the mailboxes that are ours by now, and leave those that are not."""
        ours = self._tenancy.held() if self._tenancy else frozenset(self._wanted())
        for name in set(self._watched) - ours:
            self._remove(name)
        for mailbox in self._pipeline.settings.mailbox:
            if mailbox.name in ours and mailbox.name not in self._watched:
                self._add(mailbox)

    def _add(self, mailbox: MailboxSettings) -> None:
        one = self._watched[mailbox.name] = Watched(self._pipeline, mailbox)
        self._scheduler.add_job(
            self._poll,
            "interval",
            args=(one,),
            seconds=mailbox.poll_every.total_seconds(),
            id=mailbox.name,
            next_run_time=datetime.now().astimezone(),
            misfire_grace_time=None,  # a late poll is still wanted, after a suspend above all
            coalesce=True,
            max_instances=1,
        )
        self._listen(one)

    def _listen(self, one: Watched) -> None:
        name = one.mailbox.name
        one.idle = {}
        folders = one.mailbox.folders[:_MOST_LISTENERS] if one.mailbox.idle else ()
        hints = [(folder, threading.Event()) for folder in folders]
        self._listeners[name] = [(Listener(self._pipeline, one, folder, hint), hint) for folder, hint in hints]
        for listener, _ in self._listeners[name]:
            listener.start()

    def _remove(self, name: str) -> None:
        for listener, _ in self._listeners.pop(name):
            listener.stop()
        with suppress(JobLookupError):
            self._scheduler.remove_job(name)
        self._watched.pop(name).cut()

    def _poll(self, one: Watched) -> None:
        """A job of the schedule. What it raises comes to `_tell_trouble`."""
        try:
            failure = one.poll()
            if failure and not self._pipeline.stopping.is_set():
                again_in = round(one.seconds_left, 1)
                log.error("poll.failed", mailbox=one.mailbox.name, problem=str(failure), again_in=again_in)
        finally:
            self._schedule(one)

    def _schedule(self, one: Watched) -> None:
        if self._watched.get(one.mailbox.name) is one and not self._pipeline.stopping.is_set():
            when = datetime.now().astimezone() + timedelta(seconds=one.seconds_left)
            with suppress(JobLookupError):
                self._scheduler.modify_job(one.mailbox.name, next_run_time=when)

    def _tell_trouble(self, event: JobEvent) -> None:
        one = self._watched.get(event.job_id)
        if event.code == EVENT_JOB_ERROR:
            log.error("poll.crashed", mailbox=event.job_id, problem=repr(event.exception))
        elif event.code == EVENT_JOB_MISSED:
            log.warning("poll.missed", mailbox=event.job_id)
            if one:
                one.count_missed()
        else:
            log.warning("poll.still-running", mailbox=event.job_id)
            if one:
                one.count_overlapped()

    # --- looking after ----------------------------------------------------------------------------------

    def look_after(self) -> None:
        """What is to be done again and again, none of which waits for anything."""
        if self._tenancy:
            self._take_and_leave()
        for name, one in self._watched.items():
            for _, hint in self._listeners[name]:
                if hint.is_set():
                    hint.clear()
                    if one.hint():
                        self._schedule(one)
            if one.is_late():
                log.warning("poll.missed", mailbox=name)
                self._schedule(one)
        _cut_what_is_stuck(self._watched.values())
        self._tell()

    def _tell(self) -> None:
        """Whoever wants to know how we are: the health file, systemd."""
        now, found = time.monotonic(), self.health()
        content = tuple(dataclasses.replace(m, next_poll=None) for m in found.mailboxes), found.ended
        if content != self._written[1] or now - self._written[0] > health.WRITTEN_EVERY:
            self._write(found)
            self._written = (now, content)
        if found.summary != self._said:
            self._said = found.summary
            systemd.notify(f"STATUS={self._said}")
        if self._ping_every and now - self._pinged > self._ping_every and self._is_sound():
            self._pinged = now
            systemd.notify("WATCHDOG=1")

    def _is_sound(self) -> bool:
        """Whether a restart would be no better."""
        return self._scheduler.running and not any(m.is_lost(_LOST) for m in self._watched.values())

    def health(self) -> Health:
        return Health(
            pid=os.getpid(),
            started=self._started,
            updated=datetime.now(UTC),
            ended=self._pipeline.stopping.is_set(),
            mailboxes=tuple(m.health() for m in list(self._watched.values())),
        )

    def _write(self, found: Health) -> None:
        path = self._pipeline.settings.health_file
        try:
            health.write(path, found)
        except OSError as error:  # a full disk is no reason to stop watching
            log.warning("health.unwritten", path=str(path), problem=error.strerror)

    # --- changing and ending ----------------------------------------------------------------------------

    def reload(self) -> None:
        """Go on with what the configuration says now, or with what it said before if that cannot be used."""
        if self._read is None:
            return
        systemd.notify("RELOADING=1", f"MONOTONIC_USEC={time.monotonic_ns() // 1000}")
        try:
            settings, cases = self._read()
            _refuse_what_needs_a_restart(self._pipeline.settings, settings)
        except AttachwatchError as error:
            log.error("configuration.refused", problem=str(error))
        else:
            self._apply(settings, cases)
            log.info("configuration.reloaded", mailboxes=[m.name for m in settings.mailbox])
        systemd.notify("READY=1")

    def _apply(self, settings: Settings, cases: tuple[Case, ...]) -> None:
        self._pipeline = dataclasses.replace(self._pipeline, settings=settings, cases=cases)
        before = dict(self._watched)
        self._take_and_leave()
        for mailbox in settings.mailbox:
            name = mailbox.name
            one = before.get(name)
            if one is None or self._watched.get(name) is not one:
                continue
            is_other = one.mailbox != mailbox
            one.adopt(self._pipeline, mailbox)
            if is_other:
                for listener, _ in self._listeners[name]:
                    listener.stop()
                self._listen(one)
                every = mailbox.poll_every.total_seconds()
                self._scheduler.reschedule_job(name, trigger="interval", seconds=every)
            if not one.is_running:  # else another follows it
                self._schedule(one)

    def end(self) -> bool:
        """Stop; False where something would not, and only the end of the process ends it."""
        log.info("watch.stopping")
        systemd.notify("STOPPING=1", "STATUS=stopping")
        self._pipeline.stopping.set()
        for listeners in self._listeners.values():
            for listener, _ in listeners:
                listener.stop()
        self._scheduler.shutdown(wait=False)
        has_ended = _await_end(self._watched.values())
        if self._tenancy and has_ended:  # else its leases end by themselves, after whatever it still does
            self._tenancy.end()
        self._write(self.health())
        self._close_metrics()
        return has_ended


def _refuse_what_needs_a_restart(old: Settings, new: Settings) -> None:
    for table in _NEEDS_RESTART:
        if getattr(old, table) != getattr(new, table):
            raise ConfigurationError(f"[{table}] was changed, which needs a restart", "Nothing was changed so far.")


def _cut_what_is_stuck(mailboxes: Iterable[Watched]) -> None:
    for one in mailboxes:
        if one.cut_what_is_stuck():
            log.warning("poll.cut", mailbox=one.mailbox.name, deadline=str(one.mailbox.deadline))


def _await_end(mailboxes: Iterable[Watched]) -> bool:
    """Let polls that were told to stop do so, and cut the lines of those that do not; whether all did."""
    started = time.monotonic()
    running = list(mailboxes)
    while running and (waited := time.monotonic() - started) < _GRACE:
        running = [m for m in running if m.is_running]
        if waited > _POLITE:
            for one in running:
                one.cut()
        time.sleep(0.02 if running else 0)
    return not running


@contextmanager
def _signals(*numbers: signal.Signals) -> Iterator["queue.SimpleQueue[int]"]:
    """Within, these signals go into the queue and do nothing else.

    A handler that sets an Event can meet its own thread inside that event's lock, and wait for itself; SimpleQueue is
    made to be put to from anywhere.
    """
    came: queue.SimpleQueue[int] = queue.SimpleQueue()
    former = {n: signal.signal(n, lambda number, _: came.put(number)) for n in numbers}
    try:
        yield came
    finally:
        for number, handler in former.items():
            signal.signal(number, handler)


def _next(signals: "queue.SimpleQueue[int]", seconds: float) -> int | None:
    with suppress(queue.Empty):
        return signals.get(timeout=seconds)
    return None
