"""Inspections in confined workers: no file can hang, kill or take over who asks.

The parent opens files and hashes them, and parses none. A bound that was hit says nothing of the file, so the file is
tried once more alone with twice the bounds, and is then `unchecked`: never an accusation.
"""

import hashlib
import io
import os
import stat
import struct
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import BinaryIO, Generic, Self, TypeVar

from attachwatch.inspection import answer, judge
from attachwatch.inspection.confinement import Confinement
from attachwatch.inspection.workers import NEARLY_ALL, Bounds, Job, Outcome, Sink, Workers
from attachwatch.inspection.zygote import EXTRACT, INSPECT, PAINT
from attachwatch.model import Cause, Finding, Inspection

K = TypeVar("K")

_PIECE = 1 << 20  # bytes read at a time
_SIZE = struct.Struct("=II")
_LONGEST_SIDE = 1100  # pixels


@dataclass(frozen=True, slots=True)
class _Task(Generic[K]):
    """A file on its way: what the caller knows it by, and its bytes as they were read, once."""

    key: K
    path: Path
    sha256: str
    size: int
    started: float
    answer: io.BytesIO


@dataclass(frozen=True, slots=True)
class Picture:
    """A page in gray: `width` times `height` values, row by row."""

    width: int
    height: int
    gray: bytes

    @classmethod
    def read(cls, said: bytes) -> "Picture | None":
        """What a worker says, whose every number is checked."""
        if len(said) < _SIZE.size:
            return None
        width, height = _SIZE.unpack(said[: _SIZE.size])
        gray = said[_SIZE.size :]
        fits = 0 < width <= _LONGEST_SIDE and 0 < height <= _LONGEST_SIDE and len(gray) == width * height
        return cls(width, height, gray) if fits else None


class _NotReadError(Exception):
    """The file is not inspected; holds the inspection that says why."""

    def __init__(self, inspection: Inspection) -> None:
        super().__init__()
        self.inspection = inspection


class Inspector:
    """Inspects files side by side in worker processes. A context manager; to be used by one thread at a time."""

    def __init__(self, *, jobs: int = 2, seconds: float = 9.0, memory_mib: int = 512, largest_mib: int = 100) -> None:
        self._jobs = jobs
        self._bounds = Bounds(seconds, memory_mib << 20, answer.LONGEST)
        self._largest = largest_mib << 20
        self._workers = Workers()

    def __enter__(self) -> Self:
        self._workers.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._workers.end()

    @property
    def confinement(self) -> Confinement:
        """What this system confines workers with, besides their bounds."""
        return self._workers.confinement

    def inspect(self, path: Path) -> Inspection:
        """The inspection of one file; see `inspect_all`."""
        return next(inspection for _, inspection in self.inspect_all([(None, path)]))

    def inspect_all(self, files: Iterable[tuple[K, Path]]) -> Iterator[tuple[K, Inspection]]:
        """Inspect files as they come, and yield each with its key as soon as it is done.

        A file that cannot be read is `unchecked` with the finding "unreadable" or "not-a-file"; nothing is raised for
        the sake of one file.
        """
        again: list[tuple[K, Path]] = []
        for task, inspection in self._run(files, self._bounds, self._jobs):
            if inspection.cause in (Cause.TOO_COSTLY, Cause.READER_CRASHED) and inspection.size <= self._largest:
                again.append((task.key, task.path))
            else:
                yield task.key, inspection
        for task, inspection in self._run(again, self._bounds.doubled(), 1):
            yield task.key, inspection

    def extract(self, path: Path, number: int, into: Sink) -> bool:
        """Write the file inside another, counted from 0, to `into`; whether all of it came."""
        return self._do(EXTRACT, path, number, into)

    def paint(self, path: Path, number: int) -> Picture | None:
        """Page `number`, from 1, as PDFium shows it; None where it shows none."""
        pixels = io.BytesIO()
        if not self._do(PAINT, path, number, pixels):
            return None
        return Picture.read(pixels.getvalue())

    def _do(self, what: bytes, path: Path, number: int, into: Sink) -> bool:
        try:
            handle, _, _ = _read_once(path, self._largest)
        except _NotReadError:
            return False
        job = Job(None, what, handle, into, replace(self._bounds, answer=self._largest), number)
        _, outcome = next(self._workers.run([job], 1))
        return outcome.failure is None

    def _run(
        self, files: Iterable[tuple[K, Path]], bounds: Bounds, at_once: int
    ) -> Iterator[tuple[_Task[K], Inspection]]:
        unread: list[tuple[_Task[K], Inspection]] = []

        def jobs() -> Iterator[Job[_Task[K]]]:
            for key, path in files:
                started = time.perf_counter()
                try:
                    handle, sha256, size = _read_once(path, self._largest)
                except _NotReadError as error:
                    unread.append((_Task(key, path, "", 0, started, io.BytesIO()), error.inspection))
                    continue
                task = _Task(key, path, sha256, size, started, io.BytesIO())
                yield Job(task, INSPECT, handle, task.answer, bounds)

        for job, outcome in self._workers.run(jobs(), at_once):
            yield from unread
            unread.clear()
            yield job.key, _inspection(job, outcome)
        yield from unread


def _inspection(job: "Job[_Task[K]]", outcome: Outcome) -> Inspection:
    """What the worker's facts amount to; without its word that they are all, no judgement."""
    task = job.key
    try:
        facts, complete = answer.read(task.answer.getvalue())
    except answer.AnswerError:
        facts, complete = [], False
    seconds = time.perf_counter() - task.started
    failure = outcome.failure or (None if complete else "failed in a reader")
    evidence = judge.evidence(facts)
    if failure or evidence is None:
        cause = Cause.TOO_COSTLY if outcome.costly else Cause.READER_CRASHED
        finding = Finding(cause, f"Its inspection {failure}.")
        readers = evidence.readers if evidence else ()
        return replace(judge.unchecked(task.sha256, task.size, finding), readers=readers, seconds=seconds)
    found = judge.conclude(evidence, task.sha256, task.size, seconds)
    if found.verdict.accuses and outcome.peak > NEARLY_ALL * job.bounds.memory:
        finding = Finding(Cause.TOO_COSTLY, "Its inspection needed nearly all the memory that is allowed.")
        return replace(judge.unchecked(task.sha256, task.size, finding), readers=found.readers, seconds=seconds)
    return found


def _read_once(path: Path, largest: int) -> tuple[int, str, int]:
    """A handle on a copy of the file's bytes that nobody changes any more, their SHA-256, and how many they are."""
    try:
        # Opening a pipe or a device may wait, or do something.
        if not stat.S_ISREG(path.stat().st_mode):
            raise _NotReadError(judge.unchecked("", 0, Finding("not-a-file", "It is no regular file.")))
        with open(os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0)), "rb", buffering=0) as file:  # noqa: PTH123
            return _copy(file, largest)
    except OSError as error:
        reason = (error.strerror or "no reason given").lower()
        raise _NotReadError(judge.unchecked("", 0, Finding("unreadable", f"It cannot be read: {reason}."))) from None


def _copy(file: BinaryIO, largest: int) -> tuple[int, str, int]:
    digest, size = hashlib.sha256(), 0
    with _in_memory() as copy:
        while piece := file.read(_PIECE):
            digest.update(piece)
            size += len(piece)
            if size <= largest:
                copy.write(piece)
        if size > largest:
            text = f"It is larger than the limit of {largest >> 20} MiB, so it was not inspected."
            raise _NotReadError(judge.unchecked(digest.hexdigest(), size, Finding(Cause.TOO_COSTLY, text)))
        copy.flush()
        copy.seek(0)
        return os.dup(copy.fileno()), digest.hexdigest(), size


def _in_memory() -> BinaryIO:
    if sys.platform == "linux":
        return open(os.memfd_create("attachment", os.MFD_CLOEXEC), "r+b", buffering=0)  # noqa: PTH123
    return tempfile.TemporaryFile()  # without a name
