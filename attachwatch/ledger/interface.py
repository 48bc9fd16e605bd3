"""What attachments are kept in, and what objects elsewhere are kept in: one protocol each.

Attachments lie in the store's own folder (`blobs`), or elsewhere (`objects`, in a `folder` or a `bucket`); `places`
chooses.
"""

from collections.abc import Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Protocol


class Writer(Protocol):
    """Takes the bytes of one attachment; `commit` returns their SHA-256 and size once they are durable."""

    def write(self, data: bytes) -> None: ...
    def commit(self) -> tuple[str, int]: ...


class Attachments(Protocol):
    """Attachments byte for byte. Safe to share between threads. Raises StoreError where the place cannot be used."""

    def path(self, sha256: str) -> Path:
        """A file with these bytes, to be opened soon; raise AttachmentError where they are known not to be had."""

    def writer(self) -> AbstractContextManager[Writer]:
        """A writer for one attachment. Leaving without `commit` leaves nothing behind."""

    def sweep(self) -> None:
        """Remove what a crash left half-written. Only for the holder of the store's lock."""


class Place(Protocol):
    """Where objects are; names are ours. Every method raises StoreError where the place cannot be used."""

    @property
    def url(self) -> str:
        """How a person knows it; no secret stands in it."""

    @property
    def folder(self) -> Path | None:
        """The folder of this machine that it writes into, if that is what it does."""

    def create(self, name: str, file: Path) -> bool:
        """Make a durable object of the bytes of `file`; False where one has that name, which stays as it is."""

    def size(self, name: str) -> int | None:
        """The size of an object in bytes; None where there is none."""

    def read(self, name: str) -> Iterator[bytes] | None:
        """An object in pieces; None where there is none."""

    def look(self) -> str:
        """What was tried without changing anything, in words."""

    def tidy(self) -> None:
        """Remove what crashes left, as far as that can be done without harm to others; raises nothing."""
