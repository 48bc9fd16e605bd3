"""Poll, fetch, store: a mailbox's new messages into the ledger. The mailbox is only read."""

import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import structlog

from attachwatch.ledger.ledger import Ledger
from attachwatch.ledger.rows import Seen
from attachwatch.mail.interface import Listed, Source
from attachwatch.mail.sender import imitated_authority, is_authority
from attachwatch.model import Address, Case, Header, Message, MessageKey
from attachwatch.steps import reached

_BATCH = 500  # messages listed in one go
_AT_ONCE = 16  # messages stored in one transaction
log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Intake:
    """Reads the folders of one mailbox for the sake of `cases`."""

    mailbox: str
    cases: Sequence[Case]
    ledger: Ledger
    largest: int  # bytes of one attachment
    stopping: threading.Event

    def read_folder(self, source: Source, folder: str) -> None:
        """List what is new, then fetch whatever is the authority's and not stored yet, however old."""
        uidvalidity = source.examine(folder).uidvalidity
        self._list_new(source, folder, uidvalidity)
        theirs = [a.address for a in self.ledger.senders_seen(self.mailbox) if self._is_theirs(a)]
        wanted = self.ledger.unfetched(self.mailbox, folder, uidvalidity, theirs)
        for batch in _batches(wanted):
            gone = set(batch)
            messages = list(source.list_messages(self.mailbox, folder, uidvalidity, batch))
            gone -= {listed.key.uid for listed in messages}
            self._fetch(source, messages)
            if self.stopping.is_set():
                return
            for uid in gone:  # deleted or moved before it was read; if to a watched folder, it is listed there
                self.ledger.forget(MessageKey(self.mailbox, folder, uidvalidity, uid))

    def _list_new(self, source: Source, folder: str, uidvalidity: int) -> None:
        first, renumbered = self.ledger.next_uid(self.mailbox, folder, uidvalidity)
        if renumbered:
            log.warning("folder.renumbered", mailbox=self.mailbox, folder=folder, uidvalidity=uidvalidity)
        uids = source.uids_from(first)
        for batch in _batches(self.ledger.unknown(self.mailbox, folder, uidvalidity, uids)):
            listed = source.list_messages(self.mailbox, folder, uidvalidity, batch, structure=False)
            seen = [Seen(m.key, m.received, m.size, m.header) for m in listed]
            reached("listed")
            self.ledger.record_seen(self.mailbox, folder, uidvalidity, seen, batch[-1] + 1)
            reached("seen-recorded")
            for message in seen:
                if message.header == Header():
                    log.warning("message.headless", uid=message.key.uid)  # there is none, or it cannot be had
                if imitated := imitated_authority(message.header.sender, self.cases):
                    log.info("sender.lookalike", uid=message.key.uid, imitates=imitated)  # `status` shows it

    def _is_theirs(self, sender: Address) -> bool:
        return any(is_authority(sender, c.authority) for c in self.cases)

    def _fetch(self, source: Source, messages: Sequence[Listed]) -> None:
        """Fetch and store; a few messages in one transaction, since each waits for the disk."""
        whole: list[Message] = []
        try:
            for fetched in source.fetch(messages, self.ledger.blobs, self.largest):
                if fetched.message is None:
                    # One message that the line breaks on keeps no other from being read; a dead server ends the poll.
                    self.ledger.set_problem(fetched.listed.key, fetched.problem)
                    log.warning("message.unfetched", uid=fetched.listed.key.uid, problem=fetched.problem)
                else:
                    whole.append(fetched.message)
                if len(whole) >= _AT_ONCE:
                    self._store(whole)
                    whole.clear()
                if self.stopping.is_set():
                    break
        finally:
            self._store(whole)  # what was fetched before the server died need not come again

    def _store(self, messages: Sequence[Message]) -> None:
        if not messages:
            return
        reached("message-fetched")
        fresh = self.ledger.store(*messages)
        reached("message-recorded")
        for message in fresh:
            header = message.header
            log.info("message.stored", uid=message.key.uid, message_id=header.message_id, subject=header.subject)
            for file in message.attachments:
                log.info("attachment.stored", name=file.name, size=file.size, sha256=file.sha256, part=file.part)


def _batches(uids: Sequence[int]) -> Iterator[Sequence[int]]:
    for start in range(0, len(uids), _BATCH):
        yield uids[start : start + _BATCH]
