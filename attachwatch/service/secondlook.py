"""What came damaged is fetched once more, and compared, before it is held against anybody.

What is to be fetched is derived from the ledger, so a run that was stopped anywhere is completed by the next.
"""

import threading
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import groupby

import structlog

from attachwatch.errors import FolderError
from attachwatch.ledger.ledger import Ledger
from attachwatch.mail.interface import Source
from attachwatch.mime.parts import Part
from attachwatch.model import Attachment, Message, MessageKey
from attachwatch.steps import reached

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class SecondLook:
    """Fetches parts once more, and remembers what came beside the first copy."""

    source: Source
    ledger: Ledger
    largest: int  # bytes of one attachment
    stopping: threading.Event

    def look_at(self, doubts: Iterable[tuple[Message, Sequence[Attachment]]]) -> bool:
        """Whether any other bytes came.

        Raises ServerError where the line breaks for good; a part that does not come waits for the next poll.
        """
        differ = False
        by_folder = sorted(doubts, key=lambda doubt: doubt[0].key.folder)
        for folder, own in groupby(by_folder, key=lambda doubt: doubt[0].key.folder):
            uidvalidity = self._uidvalidity(folder)
            for message, attachments in own:
                if self.stopping.is_set():
                    return differ
                parts = self._parts(message.key) if message.key.uidvalidity == uidvalidity else {}
                for attachment in attachments:
                    differ |= self._compare(message.key, attachment, parts.get(attachment.part))
        return differ

    def _uidvalidity(self, folder: str) -> int:
        """0 where the folder is gone."""
        try:
            return self.source.examine(folder).uidvalidity
        except FolderError:
            return 0

    def _parts(self, key: MessageKey) -> dict[str, Part]:
        listed = self.source.list_messages(key.mailbox, key.folder, key.uidvalidity, [key.uid])
        return {part.section: part for one in listed for part in one.parts}

    def _compare(self, key: MessageKey, attachment: Attachment, part: Part | None) -> bool:
        if part is None:
            self.ledger.set_copies(key, replace(attachment, again=""))
            log.warning("attachment.gone", name=attachment.name, part=attachment.part)
            return False
        copy = self.source.fetch_again(key.uid, part, self.ledger.blobs, self.largest)
        if copy.problem:
            log.warning("attachment.doubted", name=attachment.name, part=attachment.part, problem=copy.problem)
            return False
        reached("fetched-again")
        # The later one counts until both are inspected, and where neither is better.
        later = replace(attachment, sha256=copy.sha256, size=copy.size, again=attachment.sha256)
        self.ledger.set_copies(key, later)
        reached("fetch-compared")
        is_same = copy.sha256 == attachment.sha256
        log.info("attachment.fetched-again", name=attachment.name, part=attachment.part, same=is_same)
        return not is_same
