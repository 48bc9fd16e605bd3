"""Attachments byte for byte, each under its SHA-256. A blob is whole and durable, or it is not there."""

import hashlib
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from attachwatch.errors import StoreError
from attachwatch.steps import reached


class BlobWriter:
    """Takes the bytes of one blob; `commit` makes them durable under their hash."""

    def __init__(self, blobs: "Blobs", file: BinaryIO, name: Path) -> None:
        self._blobs = blobs
        self._file = file
        self._name = name
        self._hash = hashlib.sha256()
        self._size = 0

    def write(self, data: bytes) -> None:
        self._hash.update(data)
        self._size += len(data)
        with _as_store_error():
            self._file.write(data)

    def commit(self) -> tuple[str, int]:
        """Return the SHA-256 (hex) and the size in bytes, once both survive a power cut."""
        with _as_store_error():
            self._file.flush()
            reached("file-written")
            os.fsync(self._file.fileno())
            reached("file-synced")
            sha256 = self._hash.hexdigest()
            place = self._blobs.path(sha256)
            if not place.exists():
                place.parent.mkdir(mode=0o700, exist_ok=True)
                self._name.rename(place)
            reached("file-named")
            # Also of one that is there: another thread may have named it a moment ago.
            _sync_folder(place.parent)
            _sync_folder(place.parent.parent)
            reached("folder-synced")
        return sha256, self._size


@contextmanager
def _as_store_error() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise StoreError(
            f"an attachment cannot be stored: {error.strerror}", "Check free space and permissions of the store."
        ) from None


class Blobs:
    """A folder of blobs: `ab/abcdef...`; what is being written stands in `incoming/`."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._incoming = root / "incoming"
        self._incoming.mkdir(parents=True, mode=0o700, exist_ok=True)

    def path(self, sha256: str) -> Path:
        """Where the bytes with this hash are, or would be."""
        return self._root / sha256[:2] / sha256

    @contextmanager
    def writer(self) -> Iterator[BlobWriter]:
        """A writer for one blob. Leaving without `commit` leaves nothing behind."""
        handle, name = tempfile.mkstemp(dir=self._incoming)  # mode 0600, never follows a link
        try:
            with os.fdopen(handle, "wb") as file:
                yield BlobWriter(self, file, Path(name))
        finally:
            Path(name).unlink(missing_ok=True)

    def sweep(self) -> None:
        """Remove what a crash left half-written. Only for the holder of the store's lock."""
        for leftover in self._incoming.iterdir():
            leftover.unlink(missing_ok=True)


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
