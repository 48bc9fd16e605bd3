"""One mailbox in the daemon's care: its polls one after another, what became of them, and when the next is due."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import structlog

from attachwatch.config import MailboxSettings
from attachwatch.errors import AttachwatchError
from attachwatch.mail import patience
from attachwatch.mail.line import Line
from attachwatch.service.health import Counts, Doing, Idle, MailboxHealth
from attachwatch.service.pipeline import Pipeline

_LATE = 10.0  # seconds after which a poll that is due, and does not begin, is begun by another way
log = structlog.get_logger()


class Watched:
    """Polled by one thread at a time, asked and told by any.

    Bounds go by the monotonic clock, so that a clock that is set changes nothing.
    """

    def __init__(self, pipeline: Pipeline, mailbox: MailboxSettings) -> None:
        self.mailbox = mailbox
        self.idle: dict[str, Idle] = {}  # by the folder
        self._pipeline = pipeline
        self._lock = threading.Lock()
        self._line: Line | None = None  # of the poll that runs
        self._hinted = False  # while it ran
        self._due = time.monotonic()
        self._counts = Counts()
        self._failures = 0
        self._error: BaseException | None = None
        self._last_started: datetime | None = None
        self._last_success: datetime | None = None

    @property
    def is_running(self) -> bool:
        return self._line is not None

    @property
    def is_well(self) -> bool:
        """Whether the last poll went through."""
        return self._last_success is not None and not self._failures

    def poll(self) -> AttachwatchError | None:
        """Poll once; return what went wrong. What is no failure we know of is raised."""
        with self._lock:
            if self._line is not None:
                return None
            pipeline, mailbox = self._pipeline, self.mailbox
            line = self._line = Line()
            self._hinted, self._last_started = False, datetime.now(UTC)
        try:
            pipeline.poll(mailbox, line)
        except AttachwatchError as failure:
            self._note(failure)
            return failure
        except BaseException as crash:
            self._note(crash)
            raise
        self._note(None)
        return None

    def _note(self, error: BaseException | None) -> None:
        with self._lock:
            counts, known = self._counts, isinstance(error, AttachwatchError)
            self._counts = replace(
                counts,
                polls=counts.polls + 1,
                failed=counts.failed + (error is not None),
                crashed=counts.crashed + (error is not None and not known),
            )
            self._error = error
            self._failures = self._failures + 1 if error else 0
            if error is None:
                self._last_success = datetime.now(UTC)
            self._due = time.monotonic() + self._delay()
            self._line = None

    def _delay(self) -> float:
        if self._error is not None:  # a hint does not shorten it: the server may have asked for it
            return patience.wait(self._failures, self._error)
        return 0.0 if self._hinted else self.mailbox.poll_every.total_seconds()

    @property
    def seconds_left(self) -> float:
        """Until the next poll is due."""
        return max(0.0, self._due - time.monotonic())

    def hint(self) -> bool:
        """Something may be new: whether a poll should begin now. While one runs, another will follow it."""
        with self._lock:
            if self._line is not None:
                self._hinted = True
                return False
            if self._failures:
                return False
            self._due = time.monotonic()
            return True

    def adopt(self, pipeline: Pipeline, mailbox: MailboxSettings) -> None:
        """Go on with another configuration, and without waiting: what failed may have been mended by it."""
        with self._lock:
            self._pipeline, self.mailbox = pipeline, mailbox
            self._failures, self._error = 0, None
            self._hinted, self._due = True, time.monotonic()

    def cut(self) -> None:
        """End what the poll that runs does in the network."""
        if (line := self._line) is not None:
            line.cut()

    def cut_what_is_stuck(self) -> bool:
        """Cut the line of a poll that is over its deadline; whether that was done."""
        line = self._line
        if line is None or line.since is None or line.cut_at is not None:
            return False
        if time.monotonic() - line.since < self.mailbox.deadline.total_seconds():
            return False
        line.cut()
        self._count(cut=1)
        return True

    def is_lost(self, seconds: float) -> bool:
        """Whether a line was cut `seconds` ago, and its thread did not come back."""
        line = self._line
        return bool(line and line.since and line.cut_at and time.monotonic() - line.cut_at > seconds)

    def is_late(self) -> bool:
        """Whether the schedule forgot us, as one by the clock on the wall does when that is set back."""
        if self.is_running or time.monotonic() - self._due < _LATE:
            return False
        self._due = time.monotonic()
        self.count_missed()
        return True

    def count_missed(self) -> None:
        self._count(missed=1)

    def count_overlapped(self) -> None:
        self._count(overlapped=1)

    def _count(self, *, missed: int = 0, overlapped: int = 0, cut: int = 0) -> None:
        with self._lock:
            counts = self._counts
            self._counts = replace(
                counts,
                missed=counts.missed + missed,
                overlapped=counts.overlapped + overlapped,
                cut=counts.cut + cut,
            )

    def health(self) -> MailboxHealth:
        with self._lock:
            error, running = self._error, self._line is not None
            resting = Doing.BACKING_OFF if self._failures else Doing.WAITING
            return MailboxHealth(
                name=self.mailbox.name,
                doing=Doing.POLLING if running else resting,
                idle=_least(list(self.idle.values())),
                last_started=self._last_started,
                last_success=self._last_success,
                next_poll=None if running else datetime.now(UTC) + timedelta(seconds=self.seconds_left),
                failures=self._failures,
                trouble=patience.trouble(error) if error else None,
                problem=_words(error),
                counts=self._counts,
            )


def _least(of_folders: list[Idle]) -> Idle:
    return next((i for i in (Idle.CONNECTING, Idle.UNSUPPORTED, Idle.ON) if i in of_folders), Idle.OFF)


def _words(error: BaseException | None) -> str | None:
    """Of a bug, its kind alone: who knows what its words hold."""
    if error is None:
        return None
    return str(error) if isinstance(error, AttachwatchError) else type(error).__name__


class Listener:
    """Has the server tell of new mail in one folder, on a connection of its own. Only ever a hint: polls go on."""

    def __init__(self, pipeline: Pipeline, watched: Watched, folder: str, hint: "threading.Event") -> None:
        self._pipeline = pipeline
        self._watched = watched
        self._mailbox = watched.mailbox
        self._folder = folder
        self._hint = hint
        self._over = threading.Event()
        self._line = Line()
        self._thread = threading.Thread(target=self._run, name=f"idle-{self._mailbox.name}", daemon=True)

    def start(self) -> None:
        self._watched.idle[self._folder] = Idle.CONNECTING
        self._thread.start()

    def stop(self) -> None:
        self._over.set()
        self._line.cut()

    def _run(self) -> None:
        failures = 0
        while not self._over.is_set():
            if not self._watched.is_well:  # a wrong password, or a server that is not there, is the polls' to find out
                self._over.wait(0.2)
                continue
            started = time.monotonic()
            try:
                if not self._listen():
                    self._watched.idle[self._folder] = Idle.UNSUPPORTED
                    return
                continue
            except AttachwatchError as failure:
                error: Exception = failure
            except Exception as crash:  # noqa: BLE001 - whatever a server says here, polls go on
                error = crash
            if self._over.is_set():
                return
            self._watched.idle[self._folder] = Idle.CONNECTING
            failures = 1 if time.monotonic() - started > 60 else failures + 1
            pause = patience.wait(failures, error)
            log.info("idle.lost", mailbox=self._mailbox.name, problem=str(error), again_in=round(pause, 1))
            self._over.wait(pause)

    def _listen(self) -> bool:
        """Until the line breaks; False where the server has no IDLE."""
        with self._fresh_line(), self._pipeline.connected(self._mailbox) as session:
            if not session.can_idle:
                log.info("idle.unsupported", mailbox=self._mailbox.name)
                return False
            session.examine(self._folder)
            for _ in session.idle():
                if self._over.is_set():
                    break
                self._watched.idle[self._folder] = Idle.ON
                self._hint.set()
        return True

    @contextmanager
    def _fresh_line(self) -> Iterator[None]:
        with Line() as line:
            self._line = line
            if self._over.is_set():
                line.cut()
            yield
