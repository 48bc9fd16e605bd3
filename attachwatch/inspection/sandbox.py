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
from attachwatch.inspection.filetype import UNKNOWN, FileType
from attachwatch.inspection.protocol import EXTRACT, FRAME, INSPECT, LOST, PAINT, PIECE, TEXT, WHOLE
from attachwatch.inspection.workers import NEARLY_ALL, Bounds, Job, Outcome, Sink, Workers
from attachwatch.model import Cause, Finding, Inspection

K = TypeVar("K")

_PIECE = 1 << 20  # bytes read at a time
_SIZE = struct.Struct("=II")
_LONGEST_SIDE = 1100  # pixels
MOST_UNPACKED = 200 << 20  # bytes, as `formats.archive.MOST_BYTES`, which takes long to load
_LETTER_PAGES = 20
_LETTER_TEXT = 262_144  # bytes
_FRAMING = 1 << 20  # bytes, many times what an honest worker needs


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


class ChangedError(Exception):
    """A file is no more what was inspected; holds a sentence that says so."""


class _FramingError(ValueError):
    """What no honest worker writes."""


@dataclass(frozen=True, slots=True)
class _Member:
    """A file inside another, as it lies in what a worker wrote: the places of its pieces, and their lengths."""

    whole: bool
    places: tuple[tuple[int, int], ...]

    @property
    def size(self) -> int:
        return sum(length for _, length in self.places)


class _NotReadError(Exception):
    """The file is not inspected; holds the inspection that says why."""

    def __init__(self, inspection: Inspection) -> None:
        super().__init__()
        self.inspection = inspection


class Inspector:
    """Inspects files side by side in worker processes; `workers` may have been started before. A context manager; to be
    used by one thread at a time."""

    def __init__(
        self,
        *,
        jobs: int = 2,
        seconds: float = 8.0,
        memory_mib: int = 512,
        largest_mib: int = 100,
        workers: Workers | None = None,
    ) -> None:
        self._jobs = jobs
        self._bounds = Bounds(seconds, memory_mib << 20, answer.LONGEST)
        self._largest = largest_mib << 20
        self._workers = workers or Workers()

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

        A file that cannot be read is `unchecked` with the finding "unreadable", "not-a-file" or "changed"; nothing is
        raised for the sake of one file.
        """
        again: list[tuple[K, Path]] = []
        for task, inspection in self._run(files, self._bounds, self._jobs):
            if inspection.cause in (Cause.TOO_COSTLY, Cause.READER_CRASHED) and inspection.size <= self._largest:
                again.append((task.key, task.path))
            else:
                yield task.key, inspection
        for task, inspection in self._run(again, self._bounds.doubled(), 1):
            yield task.key, inspection

    def extract(self, path: Path, sha256: str, count: int) -> Iterator[tuple[int, Iterator[bytes]]]:
        """Those of the `count` files inside another that come whole: number (from 0) and pieces, to be taken in turn.

        One larger than the limit does not, since it would not be inspected either. All of them together are bounded as
        one file is. Where one ends the worker, it is tried once more with twice the bounds, without that one if it is
        at fault. Raises ChangedError where the file is not `sha256` any more.
        """
        first, left = 0, MOST_UNPACKED + _FRAMING
        for bounds in (self._bounds, self._bounds.doubled()):
            with tempfile.TemporaryFile() as answer_file:  # the disk's slowness is not on the worker's clock
                outcome = self._do(EXTRACT, path, sha256, first, answer_file, replace(bounds, answer=left))
                left -= answer_file.tell()
                try:
                    members = _members(answer_file, count - first)
                except _FramingError:
                    return
                for number, member in enumerate(members, first):
                    if member.whole and member.size <= self._largest:
                        yield number, _pieces(answer_file, member)
            first += len(members) + (0 if outcome.costly else 1)
            if outcome.failure is None or first >= count:
                return

    def paint(self, path: Path, sha256: str, number: int) -> Picture | None:
        """Page `number`, from 1, as PDFium shows it; None where it shows none.

        Raises ChangedError where the file is not `sha256` any more.
        """
        pixels = io.BytesIO()
        outcome = self._do(PAINT, path, sha256, number, pixels, replace(self._bounds, answer=self._largest))
        return None if outcome.failure else Picture.read(pixels.getvalue())

    def text(self, path: Path) -> str:
        """The text of a PDF's first pages, bounded; "" where it has none or could not be read.

        Raises ChangedError where the file cannot be read.
        """
        try:
            handle, _, _ = _read_once(path, self._largest)
        except _NotReadError as error:
            raise ChangedError(error.inspection.findings[0].message) from None
        said = io.BytesIO()
        job = Job(None, TEXT, handle, said, replace(self._bounds, answer=_LETTER_TEXT), _LETTER_PAGES)
        next(self._workers.run([job], 1))
        return said.getvalue()[:_LETTER_TEXT].decode("utf-8", "replace").replace("\r\n", "\n")

    def _do(self, what: bytes, path: Path, sha256: str, number: int, into: Sink, bounds: Bounds) -> Outcome:  # noqa: PLR0913, PLR0917
        handle = _reopen(path, sha256, self._largest)
        _, outcome = next(self._workers.run([Job(None, what, handle, into, bounds, number)], 1))
        return outcome

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
        # What others are packed in is known for that, though nobody could look into it.
        kind = next((f.media_type for f in facts if isinstance(f, FileType)), UNKNOWN)
        return replace(judge.unchecked(task.sha256, task.size, finding), type=kind, readers=readers, seconds=seconds)
    found = judge.conclude(evidence, task.sha256, task.size, seconds)
    if found.verdict.accuses and outcome.peak > NEARLY_ALL * job.bounds.memory:
        finding = Finding(Cause.TOO_COSTLY, "Its inspection needed nearly all the memory that is allowed.")
        return replace(judge.unchecked(task.sha256, task.size, finding), readers=found.readers, seconds=seconds)
    return found


def _members(file: BinaryIO, most: int) -> list[_Member]:
    """The files inside another, as a worker wrote them, without one that was cut off. Raises _FramingError."""
    size = file.seek(0, os.SEEK_END)
    at, members, places = 0, list[_Member](), list[tuple[int, int]]()
    while at + FRAME.size <= size:
        file.seek(at)
        kind, length = FRAME.unpack(file.read(FRAME.size))
        at += FRAME.size
        if kind == PIECE and length:
            places.append((at, length))
            at += length
        elif kind in (WHOLE, LOST) and not length and len(members) < most:
            members.append(_Member(kind == WHOLE, tuple(places)))
            places.clear()
        else:
            raise _FramingError
    return members


def _pieces(file: BinaryIO, member: _Member) -> Iterator[bytes]:
    for place, length in member.places:
        for start in range(place, place + length, _PIECE):
            file.seek(start)
            yield file.read(min(_PIECE, place + length - start))


def content(path: Path, sha256: str, largest: int) -> bytes:
    """The bytes that were inspected under `sha256`. Raises ChangedError where they are there no more."""
    with open(_reopen(path, sha256, largest), "rb") as file:
        return file.read()


def _reopen(path: Path, sha256: str, largest: int) -> int:
    """A handle on a copy of the file that was inspected under `sha256`. Raises ChangedError."""
    try:
        handle, found, _ = _read_once(path, largest)
    except _NotReadError as error:
        raise ChangedError(error.inspection.findings[0].message) from None
    if found != sha256:
        os.close(handle)
        raise ChangedError("It changed after it was inspected.")
    return handle


def _read_once(path: Path, largest: int) -> tuple[int, str, int]:
    """A handle on a copy of the file's bytes that nobody changes any more, their SHA-256, and how many they are."""
    try:
        for _ in range(2):  # who was just writing it may be done
            if copied := _read(path, largest):
                return copied
    except OSError as error:
        reason = (error.strerror or "no reason given").lower()
        raise _not_read("unreadable", f"It cannot be read: {reason}.") from None
    raise _not_read("changed", "It changed while it was read.")


def _read(path: Path, largest: int) -> tuple[int, str, int] | None:
    """As `_read_once`; None where somebody wrote to the file meanwhile, so that the copy is of no state it was in."""
    # Opening a pipe or a device may wait, or do something; what takes its place after this does not make us wait.
    _must_be_regular(path.stat())
    with open(os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0)), "rb", buffering=0) as file:  # noqa: PTH123
        before = os.fstat(file.fileno())
        _must_be_regular(before)
        if before.st_size > largest:
            raise _too_large(before.st_size, largest)
        handle, sha256, size = _copy(file, largest)
        after = os.fstat(file.fileno())
    if _state(before) != _state(after):
        os.close(handle)
        return None
    if size > largest:  # what has no size of its own, as in /proc
        os.close(handle)
        raise _too_large(size, largest)
    return handle, sha256, size


def _copy(file: BinaryIO, largest: int) -> tuple[int, str, int]:
    """A handle on a copy, its SHA-256 and size; of a file larger than `largest`, one byte more than that."""
    digest, size = hashlib.sha256(), 0
    with _in_memory() as copy:
        while piece := file.read(min(_PIECE, largest + 1 - size)):
            digest.update(piece)
            size += len(piece)
            copy.write(piece)
        copy.flush()
        copy.seek(0)
        return os.dup(copy.fileno()), digest.hexdigest(), size


def _state(known: os.stat_result) -> tuple[int, int, int]:
    return known.st_ino, known.st_size, known.st_mtime_ns


def _must_be_regular(known: os.stat_result) -> None:
    if not stat.S_ISREG(known.st_mode):
        raise _not_read("not-a-file", "It is no regular file.")


def _not_read(code: str, sentence: str, size: int = 0) -> _NotReadError:
    return _NotReadError(judge.unchecked("", size, Finding(code, sentence)))


def _too_large(size: int, largest: int) -> _NotReadError:
    text = f"It is larger than the limit of {largest >> 20} MiB, so it was not inspected."
    return _not_read(Cause.TOO_COSTLY, text, size)


def _in_memory() -> BinaryIO:
    if sys.platform == "linux":
        return open(os.memfd_create("attachment", os.MFD_CLOEXEC), "r+b", buffering=0)  # noqa: PTH123
    return tempfile.TemporaryFile()  # without a name
