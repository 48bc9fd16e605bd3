"""The parent's side of the zygote: runs jobs in confined workers, a few at a time, each with a deadline."""

import contextlib
import os
import selectors
import socket
import struct
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Generic, Protocol, Self, TypeVar

from attachwatch.errors import ReadersError
from attachwatch.inspection.confinement import Confinement
from attachwatch.inspection.protocol import KILL, OUT_OF_MEMORY, REPORT, REQUEST

K = TypeVar("K")

_START_WITHIN = 60.0  # seconds
_KILLED_WITHIN = 5.0  # seconds, after which the zygote itself is stuck
_PIECE = 1 << 16
NEARLY_ALL = 0.8  # of the memory: an engine that came so far may have been refused the rest without saying so


@dataclass(frozen=True, slots=True)
class Bounds:
    """On one job: seconds of wall clock, bytes of address space, bytes of the answer."""

    seconds: float
    memory: int
    answer: int

    def doubled(self) -> "Bounds":
        return Bounds(2 * self.seconds, 2 * self.memory, self.answer)


class Sink(Protocol):
    """What takes the pieces of an answer."""

    def write(self, data: bytes, /) -> object: ...


@dataclass(frozen=True, slots=True)
class Job(Generic[K]):
    """What to do with the document behind `handle`, which is closed when it is done; `into` takes the answer."""

    key: K
    what: bytes
    handle: int
    into: Sink
    bounds: Bounds
    argument: int = 0


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a worker ended. `failure` is None where it came to its end by itself, in its bounds."""

    failure: str | None
    costly: bool = False  # whether a bound of ours ended it
    peak: int = 0  # bytes


@dataclass(slots=True)
class _Running(Generic[K]):
    job: Job[K]
    number: int
    answer: int
    deadline: float
    written: int = 0
    stopped: str | None = None  # why we killed it
    status: int | None = None
    peak: int = 0
    at_end: bool = False


class Workers:
    """Starts the zygote when it is first needed, and a new one when it was lost. To be used by one thread at a time."""

    def __init__(self) -> None:
        self._zygote: _Zygote | None = None
        self._numbers = 0

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.end()

    def start(self) -> None:
        """Have the zygote begin to warm up, for whoever is about to need it."""
        if self._zygote is None:
            self._zygote = _Zygote()

    def end(self) -> None:
        if self._zygote is not None:
            self._zygote.end()
            self._zygote = None

    @property
    def confinement(self) -> Confinement:
        """What the kernel does for us here. Raises ReadersError where no worker can be started."""
        return self._started().confinement

    def run(self, jobs: Iterable[Job[K]], at_once: int) -> Iterator[tuple[Job[K], Outcome]]:
        """Run jobs as they come, and yield each as soon as it ended. Nothing is left running when this is closed."""
        source = iter(jobs)
        running: list[_Running[K]] = []
        more = True
        try:
            while running or more:
                while more and len(running) < at_once:
                    asked = time.monotonic()
                    job = next(source, None)
                    for one in running:  # a file that is slow to come is on nobody's clock
                        one.deadline += time.monotonic() - asked
                    if job is None:
                        more = False
                    else:
                        running.append(self._start(job))
                if running:
                    self._wait(running)
                    for one in [r for r in running if r.at_end and r.status is not None]:
                        running.remove(one)
                        yield one.job, _outcome(one)
        finally:
            if running:  # whoever asked went away
                for one in running:
                    os.close(one.answer)
                self.end()

    def _start(self, job: Job[K]) -> _Running[K]:
        zygote = self._started()
        self._numbers += 1
        reading, writing = os.pipe()
        request = REQUEST.pack(job.what, self._numbers, job.bounds.memory, job.bounds.seconds, job.argument)
        try:
            with contextlib.suppress(OSError):  # it is gone, which the wait for its report tells
                socket.send_fds(zygote.control, [request], [job.handle, writing])
        finally:
            os.close(job.handle)
            os.close(writing)
        return _Running(job, self._numbers, reading, time.monotonic() + job.bounds.seconds)

    def _wait(self, running: list[_Running[K]]) -> None:
        """Until something happens to one of them: a piece of an answer, an end, a deadline."""
        zygote = self._started()
        with selectors.DefaultSelector() as selector:
            selector.register(zygote.control, selectors.EVENT_READ)
            for one in running:
                if not one.at_end:
                    selector.register(one.answer, selectors.EVENT_READ, one)
            soonest = min(one.deadline for one in running)
            for key, _ in selector.select(max(0.0, soonest - time.monotonic())):
                if key.data is not None:
                    self._read(key.data, zygote)
                elif not zygote.read_reports({one.number: one for one in running}):
                    self._lost(running)
        now = time.monotonic()
        for one in (r for r in running if r.deadline <= now):
            if one.stopped:  # and still there
                self._lost(running)
                return
            zygote.kill(one.number)
            one.stopped = "too long"
            one.deadline = now + _KILLED_WITHIN

    def _read(self, one: _Running[K], zygote: "_Zygote") -> None:
        piece = os.read(one.answer, _PIECE)
        one.written += len(piece)
        if not piece:
            one.at_end = True
            os.close(one.answer)
        elif one.written > one.job.bounds.answer:
            if not one.stopped:
                zygote.kill(one.number)
                one.stopped = "too much"
        else:
            one.job.into.write(piece)

    def _started(self) -> "_Zygote":
        self.start()
        assert self._zygote is not None  # noqa: S101 - `start` made it
        try:
            self._zygote.wait_until_warm()
        except ReadersError:
            self.end()
            raise
        return self._zygote

    def _lost(self, running: list[_Running[K]]) -> None:
        """The zygote went, and its workers with it: a new one is started for what is still to come."""
        self.end()
        for one in running:
            if not one.at_end:
                one.at_end = True
                os.close(one.answer)
            one.status = -1 if one.status is None else one.status


def _outcome(one: _Running[K]) -> Outcome:
    status = os.waitstatus_to_exitcode(one.status) if one.status not in (None, -1) else -1
    if one.stopped == "too long" or status == -24:  # SIGXCPU, or SIGKILL by the same bound
        return Outcome(f"took more than {one.job.bounds.seconds:g} s and was stopped", costly=True, peak=one.peak)
    if one.stopped:
        return Outcome("had more to say than is allowed", costly=True, peak=one.peak)
    if status == OUT_OF_MEMORY:
        return Outcome("needed more memory than is allowed", costly=True, peak=one.peak)
    if status < 0:
        # An engine that is refused memory aborts; only how much it held tells that from a fault of its own.
        costly = one.peak > NEARLY_ALL * one.job.bounds.memory
        return Outcome(f"crashed a reader (signal {-status})", costly, one.peak)
    if status:
        return Outcome(f"failed in a reader (exit {status})", peak=one.peak)
    return Outcome(None, peak=one.peak)


@dataclass(slots=True)
class _Zygote:
    """The process behind a socket; its environment holds nothing of ours, and so no password."""

    control: socket.socket = field(init=False)
    confinement: Confinement = field(init=False, default=Confinement())
    _is_warm: bool = field(init=False, default=False)
    _process: "subprocess.Popen[bytes]" = field(init=False)

    def __post_init__(self) -> None:
        self.control, its = socket.socketpair()
        program = f"from attachwatch.inspection.zygote import serve; serve({its.fileno()})"
        with its:
            self._process = subprocess.Popen(  # noqa: S603 - our own program and nothing else
                [sys.executable, "-P", "-c", program],
                pass_fds=[its.fileno()],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                env={"PYTHONPATH": os.pathsep.join(p for p in sys.path if p), "LANG": "C.UTF-8"},
                process_group=0,  # what a terminal signals is for us, who then end it
            )

    def wait_until_warm(self) -> None:
        """Until it takes jobs; its first report says what confines them. Raises ReadersError."""
        if self._is_warm:
            return
        self.control.settimeout(_START_WITHIN)
        try:
            _, status, _ = REPORT.unpack(self.control.recv(REPORT.size, socket.MSG_WAITALL))
        except (OSError, struct.error) as error:
            raise ReadersError("the process that opens files could not be started", "See the lines above.") from error
        self.control.settimeout(_KILLED_WITHIN)
        held = os.waitstatus_to_exitcode(status)
        self.confinement = Confinement(held >> 1, bool(held & 1)) if held > 0 else Confinement()
        self._is_warm = True

    def read_reports(self, running: "dict[int, _Running[K]]") -> bool:
        """Take in the reports that are there; whether the zygote lives."""
        try:
            said = self.control.recv(REPORT.size, socket.MSG_WAITALL)
        except OSError:
            return False
        if len(said) != REPORT.size:
            return False
        number, status, peak = REPORT.unpack(said)
        if one := running.get(number):
            one.status, one.peak = status, peak * (1 if sys.platform == "darwin" else 1024)
        return True

    def kill(self, number: int) -> None:
        with contextlib.suppress(OSError):
            self.control.sendall(REQUEST.pack(KILL, number, 0, 0, 0))

    def end(self) -> None:
        """Ends its workers, too."""
        self.control.close()
        if not self._is_warm:  # so it has no workers
            self._process.kill()
        try:
            self._process.wait(_KILLED_WITHIN)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
