"""Many files on Dask distributed: batches go to its workers, rows come back. Dask schedules, retries and restarts.

Each worker inspects as this machine would, in confined processes of its own; what crosses are our functions and plain
values.
"""

import logging
import re
import tempfile
import time
import uuid
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import dask
import structlog
from distributed import (
    CancelledError,
    Client,
    Future,
    KilledWorker,
    LocalCluster,
    Security,
    Status,
    Worker,
    WorkerPlugin,
    as_completed,
    get_worker,
)
from tornado.ioloop import IOLoop, PeriodicCallback

from attachwatch import __version__
from attachwatch.errors import AttachwatchError, ClusterError
from attachwatch.inspection import judge
from attachwatch.inspection.sandbox import Inspector
from attachwatch.service import archive
from attachwatch.service.archive import Row
from attachwatch.service.sources import Source

FILES_A_BATCH = 32  # a second's work or two: many times what a task costs, and soon done again
BYTES_A_BATCH = 64 << 20
_AHEAD = 2  # batches for each thread of the workers: the one that it has, and the next
_COUNTED_EVERY = 5.0  # seconds, since workers come and go
_ANSWERS_WITHIN = 5.0  # seconds
_HAS_WORKERS_WITHIN = 60.0  # seconds
_LOCAL = re.compile(r"local:([1-9]\d{0,2})")
_ADDRESS = re.compile(r"[a-z]+://\S+")
_DEATHS = 1  # of workers at one batch, after which Dask tries no more
# Of a cluster of our own. Dask looks at itself up to a hundred times a second, which takes a tenth of a core.
_SETTINGS = {
    "distributed.scheduler.allowed-failures": _DEATHS,
    "distributed.worker.profile.enabled": False,
    "distributed.worker.memory.monitor-interval": "500ms",
    "distributed.admin.tick.interval": "1s",
    "distributed.admin.tick.limit": "30s",
    "distributed.admin.system-monitor.interval": "2s",
}

Answers = Sequence[tuple[Source, list[Row]]]


def is_address(text: str) -> bool:
    """Whether it is what `connected` takes."""
    return bool(_LOCAL.fullmatch(text) or _ADDRESS.fullmatch(text))


@dataclass(frozen=True, slots=True)
class Cluster:
    """Workers that can inspect, by the name that this run's inspectors have there."""

    client: Client
    inspectors: str

    @property
    def dashboard(self) -> str:
        """The address of Dask's own pages."""
        return str(self.client.dashboard_link)


@contextmanager
def connected(address: str, seconds: float) -> Iterator[Cluster]:
    """The workers of the scheduler at `address`, or with "local:N" N new processes on this machine.

    Their inspectors have `seconds` for a file. Raises ClusterError.
    """
    _silence()
    with ExitStack() as stack:
        local = _LOCAL.fullmatch(address)
        client = stack.enter_context(_local(int(local[1]), stack) if local else _remote(address))
        try:
            client.wait_for_workers(1, timeout=_HAS_WORKERS_WITHIN)
        except TimeoutError:
            raise ClusterError(f"{address} has no workers", f"Start some: dask worker {address}") from None
        name = f"attachwatch-{uuid.uuid4().hex}"  # others may have theirs on the same workers
        if not local:
            _must_be_alike(client)
            stack.callback(_leave, client, name)
        client.register_plugin(Inspectors(seconds), name)
        yield Cluster(client, name)


def _silence() -> None:
    """What ends the work is told by us, once; Dask tells it in tracebacks, by loggers that have levels of their own."""
    if logging.root.level > logging.DEBUG:
        for name in ("distributed", *(n for n in logging.root.manager.loggerDict if n.startswith("distributed."))):
            logging.getLogger(name).setLevel(logging.CRITICAL)


def _local(workers: int, stack: ExitStack) -> Client:
    """Workers of one thread each, whose scheduler and dashboard listen on loopback alone."""
    folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="attachwatch-"))
    stack.enter_context(dask.config.set(_SETTINGS))
    made = LocalCluster(
        n_workers=workers,
        threads_per_worker=1,
        processes=True,
        host="127.0.0.1",
        protocol="tls",
        security=Security.temporary(),  # or whoever has an account here could have the workers run what they like
        dashboard_address="127.0.0.1:0",
        local_directory=folder,
        silence_logs=logging.CRITICAL,
    )
    client = Client(stack.enter_context(made))
    loop = cast("IOLoop", client.loop)
    keeper = PeriodicCallback(lambda: _restore(made, workers), 1000 * _COUNTED_EVERY)
    loop.add_callback(keeper.start)
    stack.callback(loop.add_callback, keeper.stop)
    return client


def _restore(made: LocalCluster, workers: int) -> None:
    """Dask restarts a worker that died, but not one that died while it was starting."""
    for name in [n for n, nanny in made.workers.items() if nanny.status in (Status.closed, Status.failed)]:
        del made.workers[name]
    made.scale(workers)


def _remote(address: str) -> Client:
    try:
        return Client(address, timeout=_ANSWERS_WITHIN)
    except TypeError:  # as Dask has it
        raise ClusterError(
            f"{address} needs certificates", "Name them in Dask's configuration: distributed.comm.tls."
        ) from None
    except (OSError, ValueError) as error:
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise ClusterError(f"no Dask scheduler answers at {address}: {reason}", "Start one: dask scheduler") from None


def _must_be_alike(client: Client) -> None:
    """Raise ClusterError where a worker would judge by other rules than we do, or not at all."""
    try:
        found = client.run(version)
    except ModuleNotFoundError:
        raise ClusterError("the workers lack attachwatch", "Install it where they run.") from None
    if others := {v for v in found.values() if v != version()}:
        said = ", ".join(sorted(f"{number} (rules {rules})" for number, rules in others))
        raise ClusterError(f"workers have attachwatch {said}", f"Install {__version__} where they run.")


def version() -> tuple[str, int]:
    return __version__, judge.RULES


def _leave(client: Client, name: str) -> None:
    if client.status == "running":
        client.unregister_worker_plugin(name)


def inspect_all(of: Cluster, files: Iterable[Source], batch: int = FILES_A_BATCH) -> Iterator[tuple[Source, list[Row]]]:
    """Each file with its rows, as soon as its batch is done. Raises ClusterError where the scheduler goes away.

    A batch at which workers died again and again is done anew, file by file and with nothing beside it, so that only
    the file that is at fault is set aside.
    """
    suspects: list[Source] = []
    ahead = _Ahead(of.client)
    for sent, came in _completed(of, archive.batches(files, batch, BYTES_A_BATCH), ahead):
        if isinstance(came, BaseException):
            suspects += sent
        else:
            yield from came
    for (suspect, *_), came in _completed(of, ((s,) for s in suspects), lambda: 1):
        if isinstance(came, KilledWorker):
            yield suspect, [archive.set_aside(suspect)]
        elif isinstance(came, BaseException):
            yield suspect, [archive.failed(suspect, came)]
        else:
            yield from came


def _completed(
    of: Cluster, batches: Iterator[tuple[Source, ...]], ahead: Callable[[], int]
) -> Iterator[tuple[tuple[Source, ...], Answers | BaseException]]:
    """Each batch with what came of it, `ahead()` of them on their way at a time."""
    sent: dict[Future[Any], tuple[Source, ...]] = {}
    completed = as_completed()
    while True:
        while len(sent) < ahead() and (batch := next(batches, None)):
            future = of.client.submit(inspect_batch, of.inspectors, batch, pure=False)
            sent[future] = batch
            completed.add(future)
        if not sent:
            return
        future = next(completed)
        yield sent.pop(future), _outcome(future)
        future.release()


def _outcome(future: Future[Any]) -> Answers | BaseException:
    try:
        answers: Answers = future.result()
    except (CancelledError, OSError) as error:
        raise ClusterError(
            "the Dask scheduler went away", "Run the same command again: it goes on from here."
        ) from error
    except AttachwatchError:  # of the worker's machine, as when its disk is full
        raise
    except Exception as error:  # noqa: BLE001 - whatever our program fails with at some file
        return error
    return answers


class _Ahead:
    """How many batches may be on their way, by the workers that there are."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._counted = -_COUNTED_EVERY
        self._most = 1

    def __call__(self) -> int:
        now = time.monotonic()
        if now - self._counted >= _COUNTED_EVERY:
            self._counted = now
            self._most = max(1, _AHEAD * sum(self._client.nthreads().values()))
        return self._most


# --- in a worker ------------------------------------------------------------------------------------------------


class Inspectors(WorkerPlugin):
    """A worker's inspectors, one for each thread that inspects at the same time. Each has a warm process of its own."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._idle: deque[tuple[Inspector, Path]] = deque()
        self._all: list[Inspector] = []
        self._folder = Path()

    def setup(self, worker: Worker) -> None:
        if not structlog.is_configured():  # which would print to standard output
            structlog.configure(logger_factory=structlog.stdlib.LoggerFactory())
        self._folder = Path(worker.local_directory)
        self._idle.append(self._made())

    def teardown(self, worker: Worker) -> None:  # noqa: ARG002
        for inspector in self._all:
            inspector.__exit__()

    @contextmanager
    def one(self) -> Iterator[tuple[Inspector, Path]]:
        """An inspector that no other thread has meanwhile, and a folder of its own for what is unpacked."""
        try:
            own = self._idle.pop()
        except IndexError:
            own = self._made()
        try:
            yield own
        finally:
            self._idle.append(own)

    def _made(self) -> tuple[Inspector, Path]:
        inspector = Inspector(jobs=1, seconds=self._seconds, largest_mib=archive.LARGEST_MIB)
        self._all.append(inspector.__enter__())
        return inspector, Path(tempfile.mkdtemp(dir=self._folder))


def inspect_batch(name: str, batch: Sequence[Source]) -> Answers:
    """The task: each file of `batch` with its rows, by the inspectors of that name."""
    inspectors = cast("Inspectors", get_worker().plugins[name])
    with inspectors.one() as (inspector, folder):
        return archive.rows(batch, inspector, folder)
