"""A mailbox in files on this machine: a Maildir, an mbox file, or a folder of .eml files, which another program fills.
It is only read, but for a draft that is put into a Maildir.

Files have no UIDs (RFC 9051 section 2.3.1.1), so each message's is made from its name.
"""

import hashlib
import mailbox
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import structlog

from attachwatch.config import MailboxSettings
from attachwatch.errors import FolderError, NoDraftsFolderError
from attachwatch.mail import folders, header
from attachwatch.mail.folders import Entry
from attachwatch.mail.interface import BlobStore, Copy, Fetched, FolderState, Listed, Source
from attachwatch.mime.parts import Part
from attachwatch.model import MessageKey

_LONGEST_HEADER = 65536
_UIDVALIDITY = 0  # names are for ever; no server gives 0 (RFC 9051 section 9)
log = structlog.get_logger()


@contextmanager
def opened(settings: MailboxSettings, path: Path) -> Iterator[Source]:
    with ExitStack() as until:
        yield Local(settings, path, until)


class Local:
    """The mailbox at `path`: of a Maildir, INBOX is the folder itself, and others are beside or below it."""

    can_idle = False

    def __init__(self, settings: MailboxSettings, path: Path, until: ExitStack) -> None:
        self._name = settings.name
        self._path = path
        self._until = until
        self._entries: dict[int, Entry] = {}

    def examine(self, folder: str) -> FolderState:
        """Find out which messages are in `folder`; raise FolderError where that cannot be read."""
        try:
            self._entries = {_uid(entry): entry for entry in folders.entries(self._place(folder), self._until)}
        except OSError as error:
            raise FolderError(
                f"mailbox {self._name!r}: the folder {folder!r} cannot be read: {error.strerror or error}",
                "Correct `path` and `folders`, or its permissions.",
            ) from None
        return FolderState(_UIDVALIDITY, None, len(self._entries))

    def uids_from(self, first: int) -> list[int]:  # noqa: ARG002 - they tell nothing of age
        return list(self._entries)

    def list_messages(
        self,
        mailbox: str,
        folder: str,
        uidvalidity: int,
        uids: Sequence[int],
        *,
        structure: bool = True,  # noqa: ARG002
    ) -> Iterator[Listed]:
        """List these messages; one that cannot be read is left out, and looked for again at the next poll."""
        for uid in uids:
            try:
                raw = self._entries[uid].read(_LONGEST_HEADER)
            except (OSError, KeyError) as error:
                log.warning("message.unreadable", mailbox=mailbox, folder=folder, uid=uid, problem=str(error))
                continue
            head = header.parse(raw)
            received = header.received(raw) or head.date or datetime.fromtimestamp(0, UTC)
            yield Listed(MessageKey(mailbox, folder, uidvalidity, uid), received, len(raw), head)

    def fetch(self, messages: Sequence[Listed], blobs: BlobStore, largest: int) -> Iterator[Fetched]:
        for listed in messages:
            try:
                raw = self._entries[listed.key.uid].read(-1)
            except (OSError, KeyError) as error:
                yield Fetched(listed, None, f"it cannot be read: {error}")
                continue
            message = folders.message(raw, listed.key, blobs, largest)
            yield Fetched(listed, replace(message, received=listed.received))

    def fetch_again(self, uid: int, part: Part, blobs: BlobStore, largest: int) -> Copy:  # noqa: ARG002
        return Copy(problem="it lies in a file, and came over no line")

    def idle(self) -> Iterator[None]:
        yield from ()

    def drafts_place(self, folder: str | None) -> str:
        name = folder or "Drafts"
        if not folders.is_maildir(self._place(name)):
            raise (FolderError if folder else NoDraftsFolderError)(
                f"mailbox {self._name!r} has no Maildir {name!r} to put the draft into",
                "Name one with drafts_folder, or have it in a file: `attachwatch drafts approve ID --to-file`.",
            )
        return name

    def place_draft(self, draft: bytes, message_id: str, folder: str | None) -> str:
        """Put `draft` into a Maildir for drafts, unless it is there already; return the folder's name."""
        name = self.drafts_place(folder)
        place = self._place(name)
        try:
            placed = folders.entries(place, self._until)
            if not any(header.parse(e.read(_LONGEST_HEADER)).message_id == message_id for e in placed):
                written = mailbox.MaildirMessage(draft)
                written.set_subdir("cur")
                written.set_flags("DS")
                mailbox.Maildir(place, create=False).add(written)
        except OSError as error:
            raise FolderError(
                f"the draft cannot be put into {place}: {error.strerror or error}",
                "Mend that and approve it once more, or have it in a file: `attachwatch drafts approve ID --to-file`.",
            ) from None
        return name

    def _place(self, folder: str) -> Path:
        """Where a folder is: as Maildir++ has it, or as a folder of that name; INBOX may be the mailbox itself."""
        for place in (self._path / f".{folder}", self._path / folder):
            if place.exists():
                return place
        return self._path if folder.upper() == "INBOX" else self._path / folder


def _uid(entry: Entry) -> int:
    """63 bits, as many as the ledger's column has."""
    digest = hashlib.sha256(entry.name.encode("utf-8", "surrogateescape")).digest()
    return int.from_bytes(digest[:8], "big") >> 1
