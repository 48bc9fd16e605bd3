"""Attachments in a place elsewhere, each an object under its SHA-256, of which a bounded part is at hand here.

An object is created once, whole, and is never replaced; what comes back is believed when its hash is right. Only what
is elsewhere counts as durable: the files here are a cache, and may be lost at any time.
"""

import hashlib
import os
import re
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import structlog

from attachwatch.errors import AttachmentError, StoreError
from attachwatch.ledger.blobs import Blobs, BlobWriter, as_store_error
from attachwatch.ledger.interface import Place
from attachwatch.steps import reached

_SHA256 = re.compile("[0-9a-f]{64}")
_IN_USE = 120  # seconds after it was handed out for which a file stays: whoever asked may not have it open yet
_ABANDONED = 3600.0  # seconds after which a file that nobody writes to was left by a crash
log = structlog.get_logger()


class Objects:
    """Attachments in `place`, with up to `most` bytes of them in the folder `cache`, where it may have company."""

    def __init__(self, place: Place, cache: Path, most: int) -> None:
        self._place = place
        self._folder = cache
        self._most = most
        self._lock = threading.Lock()
        self._added = 0  # bytes since the cache was last looked at

    @property
    def _cache(self) -> Blobs:
        """Made anew where somebody removed it meanwhile."""
        with as_store_error():
            return Blobs(self._folder)

    @contextmanager
    def writer(self) -> Iterator["ObjectWriter"]:
        """A writer for one attachment. Leaving without `commit` leaves nothing behind."""
        with self._cache.writer() as local:
            yield ObjectWriter(self, local)

    def path(self, sha256: str) -> Path:
        """A file with these bytes, to be opened within a minute or two, after which it may be taken away.

        Raises AttachmentError where they are not there, or others are; and StoreError.
        """
        if not _SHA256.fullmatch(sha256):
            raise AttachmentError("the ledger names an attachment by what is no SHA-256", "Restore it from a copy.")
        file = self._cache.path(sha256)
        if not _is_whole(file, sha256):
            file.unlink(missing_ok=True)
            size = self._fetch(sha256)
            _mark_in_use(file)
            self._make_room_for(size)
        return file

    def sweep(self) -> None:
        """Remove what a crash left half-written, and what is over the bound."""
        self._cache.sweep(untouched=_ABANDONED)  # `review` may be fetching
        self._trim()
        self._place.tidy()

    def put(self, sha256: str, size: int) -> None:
        """Create the object of a file that is in the cache, unless it is there; it is durable then."""
        file = self._cache.path(sha256)
        reached("object-to-create")
        is_new = self._place.create(_name(sha256), file)
        reached("object-created")
        if not is_new and (found := self._place.size(_name(sha256))) != size:
            how = "it is gone" if found is None else f"it has {found} bytes, not {size}"
            raise StoreError(*self._altered(sha256, how))
        self._make_room_for(size)

    def _fetch(self, sha256: str) -> int:
        """Into the cache; its size in bytes."""
        pieces = self._place.read(_name(sha256))
        if pieces is None:
            raise AttachmentError(*self._altered(sha256, "it is not there"))
        with self._cache.writer() as writer:
            for piece in pieces:
                writer.write(piece)
            if writer.sha256 != sha256:
                raise AttachmentError(*self._altered(sha256, f"its SHA-256 begins with {writer.sha256[:12]}"))
            return writer.commit()[1]

    def _altered(self, sha256: str, how: str) -> tuple[str, str]:
        return (
            f"the attachment {sha256[:12]} in {self._place.url} is not what was stored: {how}",
            "Nothing was changed. Restore that object from a copy or an earlier version.",
        )

    # --- the cache ------------------------------------------------------------------------------------------

    def _make_room_for(self, size: int) -> None:
        """Note that `size` bytes came; whenever they come to an eighth of the bound, see to it that they have room."""
        with self._lock:
            self._added += size
            is_due = self._added > self._most // 8
        if is_due:
            self._trim()

    def _trim(self) -> None:
        """Take away what was longest not asked for, until an eighth of the bound is free; nothing that is in use."""
        with self._lock:
            self._added = 0
        known: list[tuple[float, int, Path]] = []
        for file in self._cache.files():
            with suppress(FileNotFoundError):
                status = file.stat()
                known.append((status.st_atime, status.st_size, file))
        left = sum(size for _, size, _ in known)
        for _, size, file in sorted(known):
            if left <= self._most - self._most // 8:
                return
            with suppress(FileNotFoundError):
                if file.stat().st_atime > time.time():
                    continue
                file.unlink()
            left -= size


class ObjectWriter:
    """Takes the bytes of one attachment; `commit` makes an object of them."""

    def __init__(self, objects: Objects, local: BlobWriter) -> None:
        self._objects = objects
        self._local = local

    def write(self, data: bytes) -> None:
        self._local.write(data)

    def commit(self) -> tuple[str, int]:
        """Return the SHA-256 (hex) and the size in bytes, once the place elsewhere has them. Raises StoreError."""
        sha256, size = self._local.commit()
        self._objects.put(sha256, size)
        return sha256, size


def _name(sha256: str) -> str:
    return f"{sha256[:2]}/{sha256}"


def _mark_in_use(file: Path) -> None:
    """For all processes that share the cache: it was last read in the future. What reads it minds its other times."""
    os.utime(file, ns=(time.time_ns() + _IN_USE * 10**9, file.stat().st_mtime_ns))


def _is_whole(file: Path, sha256: str) -> bool:
    """Whether the file is in the cache as it should be; it is marked as in use before that is found out."""
    try:
        _mark_in_use(file)
        with file.open("rb") as opened:
            found = hashlib.file_digest(opened, "sha256").hexdigest()
    except FileNotFoundError:
        return False
    except OSError as error:
        raise StoreError(
            f"an attachment cannot be read: {error.strerror}", "Check the permissions of the store, and its disk."
        ) from None
    if found != sha256:
        log.warning("cache.altered", sha256=sha256, found=found)
    return found == sha256
