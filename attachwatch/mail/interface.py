"""Where mail comes from, and what it is read into: one protocol each.

A source is IMAP (`session`) or mail that lies in files (`local`); `sources` chooses. Files go to what the ledger or a
temporary folder gives.
"""

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from attachwatch.mime.parts import Part, TextPart
from attachwatch.model import Header, Message, MessageKey


class BlobWriter(Protocol):
    """Takes the bytes of one file; `commit` returns their SHA-256 and size once they are durable."""

    def write(self, data: bytes) -> None: ...
    def commit(self) -> tuple[str, int]: ...


class BlobStore(Protocol):
    """Where files go. Leaving the writer without `commit` leaves nothing."""

    def writer(self) -> AbstractContextManager[BlobWriter]: ...


@dataclass(frozen=True, slots=True)
class FolderState:
    """What a folder says when it is opened; `uidnext` is None where the source does not say."""

    uidvalidity: int
    uidnext: int | None
    exists: int


@dataclass(frozen=True, slots=True)
class Listed:
    """A message as the listing tells it: its header decoded, and its parts that may be fetched."""

    key: MessageKey
    received: datetime
    size: int
    header: Header
    parts: tuple[Part, ...] = ()
    text: TextPart | None = None
    html: TextPart | None = None
    unread: str = ""  # why not all of it was looked at
    is_opaque: bool = False  # the server does not tell what is in it, or not all


@dataclass(frozen=True, slots=True)
class Fetched:
    """What came of one message that was listed: the message, or why it could not be read."""

    listed: Listed
    message: Message | None
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Copy:
    """What came of a part the second time, durable; or why it did not."""

    sha256: str = ""
    size: int = 0
    problem: str = ""


class Source(Protocol):
    """A mailbox that is open. Reading changes nothing in it. Each method raises ServerError where it cannot go on."""

    def examine(self, folder: str) -> FolderState:
        """Open `folder`; raise FolderError where that cannot be."""

    def uids_from(self, first: int) -> list[int]:
        """The UIDs of the open folder from `first` on, in order; all of them where the source gives them no order."""

    def list_messages(
        self, mailbox: str, folder: str, uidvalidity: int, uids: Sequence[int], *, structure: bool = True
    ) -> Iterator[Listed]:
        """List these messages of the open folder, with their parts if `structure` is asked for."""

    def fetch(self, messages: Sequence[Listed], blobs: BlobStore, largest: int) -> Iterator[Fetched]:
        """Read `messages`, and yield each once all its files are durable in `blobs`.

        A file over `largest` bytes is not kept: its attachment has an empty `sha256`.
        """

    def fetch_again(self, uid: int, part: Part, blobs: BlobStore, largest: int) -> Copy:
        """Fetch one part of a message in the open folder by other commands than `fetch`."""

    @property
    def can_idle(self) -> bool:
        """Whether it tells of new mail by itself."""

    def idle(self) -> Iterator[None]:
        """Yield whenever something may be new in the open folder."""

    def drafts_place(self, folder: str | None) -> str:
        """The folder that `place_draft` would put a draft into; nothing is changed. Raises FolderError."""

    def place_draft(self, draft: bytes, message_id: str, folder: str | None) -> str:
        """Put `draft` into the folder for drafts, unless it is there already; return the folder's name."""
