"""The model as rows of the ledger, and rows as the model. Pure."""

import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from pydantic import TypeAdapter

from attachwatch.ledger.schema import AttachmentRow, DraftRow, MessageRow
from attachwatch.model import Attachment, Draft, DraftState, Header, Inspection, Message, MessageKey

HEADERS = TypeAdapter(Header)
INSPECTIONS = TypeAdapter(Inspection)
_DRAFTS = TypeAdapter(Draft)
_MOST_KEPT = 1 << 30  # bytes of what is made of a picture
SEEN, STORED = "seen", "stored"
MESSAGE = (
    *(MessageRow.id, MessageRow.mailbox, MessageRow.folder, MessageRow.uidvalidity, MessageRow.uid),
    *(MessageRow.received, MessageRow.header, MessageRow.text, MessageRow.problem),
)
ATTACHMENT = (
    *(AttachmentRow.message, AttachmentRow.part, AttachmentRow.name, AttachmentRow.content_type, AttachmentRow.size),
    *(AttachmentRow.sha256, AttachmentRow.containers, AttachmentRow.again),
)
# Of what stands in an index, whose rows PostgreSQL bounds; the header has all of it.
_MOST_ID, MOST_ADDRESS, _MOST_NAME = 500, 320, 250  # characters


@dataclass(frozen=True, slots=True)
class Seen:
    """A message that was listed in a mailbox: its header is known, its attachments are not fetched."""

    key: MessageKey
    received: datetime
    size: int
    header: Header


def unpacked(content: bytes) -> bytes | None:
    """None of what is not whole, or is larger than anything that is kept: it is then made anew."""
    reader = zlib.decompressobj()
    try:
        found = reader.decompress(content, _MOST_KEPT)
    except zlib.error:
        return None
    return found if reader.eof else None


def batches(values: Iterable[str]) -> Iterator[list[str]]:
    """Each once, in as many queries as SQLite's bound on the variables of one asks for."""
    wanted = sorted(set(values))
    for start in range(0, len(wanted), 500):
        yield wanted[start : start + 500]


def storable(value: str) -> str:
    """Without lone surrogates, which no database encodes, and NUL, which PostgreSQL refuses."""
    return value.encode("utf-8", "replace").decode("utf-8").replace("\0", "\ufffd")


def key_of(row: Any) -> MessageKey:
    return MessageKey(row.mailbox, row.folder, row.uidvalidity, row.uid)


def values_of(seen: Seen) -> dict[str, Any]:
    """The columns of a message that was listed."""
    key, sender = seen.key, seen.header.sender
    return {
        "mailbox": key.mailbox,
        "folder": key.folder,
        "uidvalidity": key.uidvalidity,
        "uid": key.uid,
        "stage": SEEN,
        "message_id": seen.header.message_id and storable(seen.header.message_id)[:_MOST_ID],
        "sender": sender and storable(sender.address)[:MOST_ADDRESS],
        "sender_name": sender and storable(sender.name)[:_MOST_NAME],
        "received": seen.received,
        "size": seen.size,
        "header": HEADERS.dump_json(seen.header),
        "text": "",
    }


def attachment_row(position: int, attachment: Attachment) -> AttachmentRow:
    return AttachmentRow(
        position=position,
        part=attachment.part,
        name=storable(attachment.name),
        content_type=storable(attachment.content_type),
        size=attachment.size,
        sha256=attachment.sha256,
        containers=[storable(c) for c in attachment.containers],
        again=attachment.again,
    )


def message_of(row: Any, attachments: tuple[Attachment, ...]) -> Message:
    """Of the columns `MESSAGE`."""
    header = HEADERS.validate_json(row.header)
    return Message(key_of(row), row.received, header, row.text, attachments, row.id, unread=row.problem or "")


def draft_of(row: DraftRow) -> Draft:
    draft = _DRAFTS.validate_json(row.draft)
    state = DraftState(row.state)
    return replace(draft, id=row.id, state=state, decided=row.decided, placed_in=row.placed_in or "")


def dumped(draft: Draft) -> bytes:
    """But for what stands in columns of its own."""
    return _DRAFTS.dump_json(replace(draft, id=0, state=DraftState.PENDING, decided=None, placed_in=""))
