"""What mail is read into: a place for files, which the ledger or a temporary folder gives."""

from contextlib import AbstractContextManager
from typing import Protocol


class BlobWriter(Protocol):
    """Takes the bytes of one file; `commit` returns their SHA-256 and size once they are durable."""

    def write(self, data: bytes) -> None: ...
    def commit(self) -> tuple[str, int]: ...


class BlobStore(Protocol):
    """Where files go. Leaving the writer without `commit` leaves nothing."""

    def writer(self) -> AbstractContextManager[BlobWriter]: ...
