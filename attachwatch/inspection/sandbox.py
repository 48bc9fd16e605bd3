"""Worker processes for inspections, with bounds on time and memory: no file can hang or kill who asks.

A bound that was hit says nothing of the file, so the file is tried once more alone with twice the bounds, and is then
`unchecked`: never an accusation.
"""

import contextlib
import hashlib
import logging
import multiprocessing
import os
import signal
import stat
import sys
from collections.abc import Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, wait
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Self, TypeVar

if sys.platform != "win32":
    import fcntl

from pebble import ProcessExpired, ProcessPool

from attachwatch.inspection.judge import RULES
from attachwatch.model import Cause, Finding, Inspection, Verdict

K = TypeVar("K")

_FILES_OF_A_WORKER = 500  # before it is renewed, so that no engine's leak adds up
_LARGEST_WRITTEN = 16 << 20  # bytes of a file, which is more than a worker has reason to write
_PRELOADED = ["attachwatch.inspection.examination"]


@dataclass(frozen=True, slots=True)
class Bounds:
    """On one inspection: seconds of wall clock, bytes of address space, bytes of the file."""

    seconds: float
    memory: int
    largest: int

    def doubled(self) -> "Bounds":
        return replace(self, seconds=2 * self.seconds, memory=2 * self.memory)


class Inspector:
    """Inspects files side by side in worker processes. A context manager; to be used by one thread at a time."""

    def __init__(self, *, jobs: int = 2, seconds: float = 20.0, memory_mib: int = 1024, largest_mib: int = 100) -> None:
        self._jobs = jobs
        self._bounds = Bounds(seconds, memory_mib << 20, largest_mib << 20)
        self._pool: ProcessPool | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._pool is not None:
            self._pool.stop()
            self._pool.join()
            self._pool = None

    def inspect(self, path: Path) -> Inspection:
        """The inspection of one file; see `inspect_all`."""
        return next(inspection for _, inspection in self.inspect_all([(None, path)]))

    def inspect_all(self, files: Iterable[tuple[K, Path]]) -> Iterator[tuple[K, Inspection]]:
        """Inspect files as they come, and yield each with its key as soon as it is done.

        A file that cannot be read is `unchecked` with the finding "unreadable" or "not-a-file"; nothing is raised for
        the sake of one file.
        """
        again: list[tuple[K, Path, Inspection]] = []
        if self._pool is None:
            self._pool = _pool(self._jobs, self._bounds)
        for key, path, inspection in _run(self._pool, self._jobs, files, self._bounds):
            if inspection.cause in (Cause.TOO_COSTLY, Cause.READER_CRASHED) and inspection.size <= self._bounds.largest:
                again.append((key, path, inspection))
            else:
                yield key, inspection
        if again:
            yield from self._once_more([(key, path) for key, path, _ in again])

    def _once_more(self, files: list[tuple[K, Path]]) -> Iterator[tuple[K, Inspection]]:
        bounds = self._bounds.doubled()
        with _pool(1, bounds) as pool:
            for key, _, inspection in _run(pool, 1, files, bounds):
                yield key, inspection
            pool.stop()


def _pool(jobs: int, bounds: Bounds) -> ProcessPool:
    # A fresh process each, for the daemon has threads; the engines are imported once, in the server that forks.
    context = multiprocessing.get_context("forkserver" if sys.platform != "win32" else "spawn")
    if sys.platform != "win32":
        context.set_forkserver_preload(_PRELOADED)
    return ProcessPool(
        max_workers=jobs,
        max_tasks=_FILES_OF_A_WORKER,
        initializer=_confine,
        initargs=(bounds.memory,),
        context=context,
    )


def _run(
    pool: ProcessPool, jobs: int, files: Iterable[tuple[K, Path]], bounds: Bounds
) -> Iterator[tuple[K, Path, Inspection]]:
    waiting: dict[Future[Inspection], tuple[K, Path]] = {}
    source = iter(files)
    exhausted = False
    while waiting or not exhausted:
        while not exhausted and len(waiting) < 2 * jobs:
            item = next(source, None)
            if item is None:
                exhausted = True
                break
            future = pool.schedule(_inspect, args=(str(item[1]), bounds.largest), timeout=bounds.seconds)
            waiting[future] = item
        done, _ = wait(waiting, return_when=FIRST_COMPLETED)
        for future in done:
            key, path = waiting.pop(future)
            yield key, path, _result(future, path, bounds)


def _result(future: "Future[Inspection]", path: Path, bounds: Bounds) -> Inspection:
    try:
        return future.result()
    except TimeoutError:
        text = f"Its inspection took more than {bounds.seconds:g} s and was stopped."
        return _unjudged(path, Cause.TOO_COSTLY, text)
    except MemoryError:
        return _unjudged(path, Cause.TOO_COSTLY, "Its inspection needed more memory than is allowed.")
    except ProcessExpired as error:
        text = f"A reader crashed on it (exit {error.exitcode})."
        return _unjudged(path, Cause.READER_CRASHED, text)
    except Exception as error:  # noqa: BLE001 - a fault of ours in the worker is no fault of the file
        text = f"Its inspection failed: {type(error).__name__}."
        return _unjudged(path, Cause.READER_CRASHED, text)


def _unjudged(path: Path, cause: Cause, text: str) -> Inspection:
    try:
        with path.open("rb") as file:
            sha256 = hashlib.file_digest(file, "sha256").hexdigest()
            size = file.tell()
    except OSError:
        sha256, size = "", 0
    return _unchecked(sha256, size, Finding(cause, text), cause)


def _unchecked(sha256: str, size: int, finding: Finding, cause: Cause | None = None) -> Inspection:
    return Inspection(
        sha256=sha256,
        size=size,
        type="application/octet-stream",
        verdict=Verdict.UNCHECKED,
        cause=cause,
        findings=(finding,),
        rules=RULES,
    )


# --- in the worker --------------------------------------------------------------------------------------------


def _confine(memory: int) -> None:
    """Bound what this process may take, and let it die with the one that it works for."""
    logging.disable(logging.CRITICAL)  # what an engine has to say stands in its report
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the parent, which then ends its workers
    signal.signal(signal.SIGTERM, signal.SIG_DFL)  # at once, where a handler would wait for the engine to return
    if sys.platform != "win32":
        _die_with_parent()
        import resource

        bounds = {
            resource.RLIMIT_CORE: 0,
            resource.RLIMIT_FSIZE: _LARGEST_WRITTEN,
            resource.RLIMIT_AS: memory,
        }
        for limit, value in bounds.items():
            with contextlib.suppress(ValueError, OSError):  # macOS does not know all of them
                resource.setrlimit(limit, (value, value))


def _die_with_parent() -> None:
    """Let the kernel end this process when the parent goes, whatever engine it is in by then.

    The parent holds the other end of a pipe for as long as it lives; its closing raises SIGIO, which ends a process
    that does not handle it. A death signal of the kernel would follow the fork server, which outlives the parent.
    """
    parent = multiprocessing.parent_process()
    if parent is None:
        return
    fcntl.fcntl(parent.sentinel, fcntl.F_SETOWN, os.getpid())
    fcntl.fcntl(parent.sentinel, fcntl.F_SETFL, fcntl.fcntl(parent.sentinel, fcntl.F_GETFL) | os.O_ASYNC)
    if not parent.is_alive():
        os._exit(1)


def _inspect(name: str, largest: int) -> Inspection:
    from attachwatch.inspection.examination import examine

    try:
        if not stat.S_ISREG(Path(name).stat().st_mode):  # opening a pipe or a device may wait, or do something
            return _unchecked("", 0, Finding("not-a-file", "It is no regular file."))
        handle = os.open(name, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0))
    except OSError as error:
        return _unchecked("", 0, Finding("unreadable", f"It cannot be read: {error.strerror}."))
    with os.fdopen(handle, "rb") as file:
        status = os.fstat(handle)
        if status.st_size > largest:
            sha256 = hashlib.file_digest(file, "sha256").hexdigest()
            text = f"It is larger than the limit of {largest >> 20} MiB, so it was not inspected."
            return _unchecked(sha256, status.st_size, Finding(Cause.TOO_COSTLY, text), Cause.TOO_COSTLY)
        return examine(file.read())
