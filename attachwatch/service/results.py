"""A folder of results in chunks, each there whole or not at all, so that a stopped run can be gone on with."""

import json
import re
from collections.abc import Callable, Container, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from filelock import FileLock, Timeout

from attachwatch import atomic
from attachwatch.errors import StoreError, UsageError
from attachwatch.service.archive import Done, Row, key

_CHUNK = re.compile(r"part-(\d{6,})\.(jsonl|parquet)")
_LOCK = ".lock"


@dataclass(frozen=True, slots=True)
class Form:
    """How a chunk's rows are written and read again. What does not read as rows raises ValueError or KeyError."""

    name: str  # and the ending of its files
    pack: Callable[[Sequence[Row]], bytes]
    unpack: Callable[[Path], Iterator[Row]]


def _pack_lines(rows: Sequence[Row]) -> bytes:
    return "".join(json.dumps(row) + "\n" for row in rows).encode()  # ASCII, whatever a file is called


def _unpack_lines(path: Path) -> Iterator[Row]:
    with path.open("rb") as file:
        for line in file:
            yield json.loads(line)


def _pack_parquet(rows: Sequence[Row]) -> bytes:
    import pyarrow as pa
    from pyarrow import parquet

    text, number = pa.string(), pa.int64()
    finding = pa.struct([("code", text), ("message", text), ("evidence", text)])
    columns = [
        *((name, text) for name in ("path", "source", "name", "sha256")),
        *(("size", number), ("type", text), ("verdict", text), ("cause", text), ("pages", number)),
        *(("labels", pa.list_(text)), ("findings", pa.list_(finding)), ("attention", pa.bool_())),
        *(("seconds", pa.float64()), ("rules", number), ("stamp", text)),
    ]
    out = pa.BufferOutputStream()
    table = pa.Table.from_pylist([_for_parquet(row) for row in rows], pa.schema(columns))
    parquet.write_table(table, out, compression="zstd")
    return bytes(out.getvalue().to_pybytes())


def _for_parquet(row: Row) -> Any:
    """Texts as UTF-8 can hold them; evidence, whose keys are many, as JSON."""
    findings = [f | {"evidence": json.dumps(f["evidence"])} for f in row["findings"]]
    return _each_text(row | {"findings": findings})


def _each_text(value: Any) -> Any:
    if isinstance(value, str):
        return value.encode("utf-8", "backslashreplace").decode()
    if isinstance(value, dict):
        return {key: _each_text(each) for key, each in value.items()}
    return [_each_text(each) for each in value] if isinstance(value, list) else value


def _unpack_parquet(path: Path) -> Iterator[Row]:
    from pyarrow import parquet

    for row in parquet.read_table(path).to_pylist():
        row["findings"] = [f | {"evidence": json.loads(f["evidence"])} for f in row["findings"]]
        yield row


FORMS: Mapping[str, Form] = {
    "jsonl": Form("jsonl", _pack_lines, _unpack_lines),
    "parquet": Form("parquet", _pack_parquet, _unpack_parquet),
}


class Results:
    """The results in `folder`, for one run at a time; `done` knows those that were there.

    A context manager: what has come is written when it is left, also for a failure. Raises UsageError for a folder that
    cannot take them, StoreError where it takes no more.
    """

    def __init__(self, folder: Path, form: Form, files_a_chunk: int) -> None:
        self._folder = folder
        self._form = form
        self._most = files_a_chunk
        self._waiting: list[Row] = []
        self._files = 0  # that these rows are of
        self._lock = FileLock(folder / _LOCK, timeout=0)
        self.done = Done()

    def __enter__(self) -> Self:
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            self._lock.acquire()
        except Timeout:
            raise StoreError(
                f"another run writes to {self._folder}", "Wait for its end, or name another folder."
            ) from None
        except OSError as error:
            raise UsageError(f"{self._folder}: {error.strerror}", "Name another folder with --output.") from None
        try:
            self._look_through()
        except BaseException:
            self._lock.release()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        try:
            self.flush()
        finally:
            self._lock.release()

    def add(self, rows: Sequence[Row]) -> None:
        """All rows of one file."""
        self._waiting += rows
        self._files += 1
        if self._files >= self._most:
            self.flush()

    def flush(self) -> None:
        """Make what has come durable. Former results of the same files are left out before the new ones are there."""
        if not self._waiting:
            return
        rows, self._waiting, self._files = self._waiting, [], 0
        try:
            for chunk, outdated in self.done.replaced(rows).items():
                self._leave_out(chunk, outdated)
            atomic.write(self._path(self._next), self._form.pack(rows))
        except OSError as error:
            raise StoreError(f"results cannot be written: {error.strerror}", "Check the space for --output.") from None
        self._next += 1

    def rows(self) -> Iterator[Row]:
        """All that stand in the folder, chunk by chunk."""
        for _, path in self._chunks():
            yield from self._read(path)

    def _look_through(self) -> None:
        for other in (f for f in FORMS.values() if f is not self._form):
            if any(self._folder.glob(f"part-*.{other.name}")):
                raise UsageError(
                    f"the results in {self._folder} are {other.name}", f"Go on with --format {other.name}."
                )
        for leftover in self._folder.glob(".part-*"):  # of a run that was killed
            leftover.unlink()
        number = 0
        for number, path in self._chunks():
            for row in self._read(path):
                self.done.add(row, number)
        self._next = number + 1

    def _chunks(self) -> list[tuple[int, Path]]:
        named = ((_CHUNK.fullmatch(path.name), path) for path in self._folder.iterdir())
        return sorted((int(found[1]), path) for found, path in named if found)

    def _path(self, number: int) -> Path:
        return self._folder / f"part-{number:06}.{self._form.name}"

    def _read(self, path: Path) -> Iterator[Row]:
        try:
            yield from self._form.unpack(path)
        except (ValueError, KeyError, TypeError) as error:
            problem = f"{path} is not as it was written ({type(error).__name__})"
            raise StoreError(problem, "Remove it: its files are then inspected again.") from None

    def _leave_out(self, number: int, outdated: Container[bytes]) -> None:
        path = self._path(number)
        kept = [row for row in self._read(path) if key(row) not in outdated]
        if kept:
            atomic.write(path, self._form.pack(kept))
        else:
            path.unlink()
