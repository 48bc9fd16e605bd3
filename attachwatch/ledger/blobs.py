"""Attachments byte for byte, each under its SHA-256. A blob is whole and durable, or it is not there."""

import hashlib
import os
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
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
        with as_store_error():
            self._file.write(data)

    @property
    def sha256(self) -> str:
        """That of what was written so far."""
        return self._hash.hexdigest()

    def commit(self) -> tuple[str, int]:
        """Return the SHA-256 (hex) and the size in bytes, once both survive a power cut."""
        with as_store_error():
            self._file.flush()
            reached("file-written")
            os.fsync(self._file.fileno())
            reached("file-synced")
            sha256 = self.sha256
            place = self._blobs.path(sha256)
            if not place.exists():
                place.parent.mkdir(mode=0o700, exist_ok=True)
                self._name.rename(place)
            reached("file-named")
            # Also of one that is there: another thread may have named it a moment ago.
            sync_folder(place.parent)
            sync_folder(place.parent.parent)
            reached("folder-synced")
        return sha256, self._size


@contextmanager
def as_store_error() -> Iterator[None]:
    """Within, OSError becomes StoreError."""
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

    def files(self) -> Iterator[Path]:
        """All that are there, in no order."""
        return self._root.glob("[0-9a-f][0-9a-f]/*")

    @contextmanager
    def writer(self) -> Iterator[BlobWriter]:
        """A writer for one blob. Leaving without `commit` leaves nothing behind."""
        with as_store_error():
            handle, name = tempfile.mkstemp(dir=self._incoming)  # mode 0600, never follows a link
        try:
            with os.fdopen(handle, "wb") as file:
                yield BlobWriter(self, file, Path(name))
        finally:
            Path(name).unlink(missing_ok=True)

    def sweep(self, untouched: float = 0.0) -> None:
        """Remove what a crash left half-written, if nobody wrote to it for `untouched` seconds.

        Without them only for the holder of the store's lock.
        """
        for leftover in self._incoming.iterdir():
            with suppress(FileNotFoundError):
                if time.time() - leftover.stat().st_mtime >= untouched:
                    leftover.unlink()


def sync_folder(folder: Path) -> None:
    """Make the names in `folder` durable."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
