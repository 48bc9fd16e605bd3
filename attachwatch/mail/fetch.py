"""The parts of one message, from the server into blobs: decoded and hashed as they come, never whole in memory."""

from collections.abc import Iterator, Mapping

from attachwatch.mail import text
from attachwatch.mail.interface import BlobStore
from attachwatch.mail.names import file_name
from attachwatch.mail.session import Listed, Session
from attachwatch.mail.structure import Part, TextPart
from attachwatch.mail.transfer import decoder
from attachwatch.model import Attachment, Message

_LONGEST_HEADER = 65536  # bytes of a part's header
_SLICE = 4 * 1024 * 1024  # bytes asked for at a time (RFC 9051 section 6.4.5, partial fetch)


def fetch(session: Session, listed: Listed, blobs: BlobStore, largest: int) -> Message:
    """Read the text and every part of `listed` from the open folder.

    A part over `largest` bytes is not kept: its attachment has an empty `sha256` and the size that was announced.
    Raises ServerError where the line breaks; what was stored by then stays.
    """
    return Message(
        key=listed.key,
        received=listed.received,
        header=listed.header,
        text=_text(session, listed.key.uid, listed.text) if listed.text else "",
        attachments=tuple(_attachment(session, listed.key.uid, part, blobs, largest) for part in listed.parts),
    )


def _attachment(session: Session, uid: int, part: Part, blobs: BlobStore, largest: int) -> Attachment:
    announced = part.size * 3 // 4 if part.encoding == "base64" else part.size
    header, section = f"{part.section}.MIME", part.section
    wanted = [_peek(header, 0, _LONGEST_HEADER), *([_peek(section, 0, _SLICE)] if announced <= largest else [])]
    answer = session.fetch(uid, wanted)
    # The part's own header, since servers mend names on their own and not always well.
    name = file_name(_literal(answer, header)) or part.name
    too_large = Attachment(section, name, part.content_type, announced, "", part.containers)
    if announced > largest:
        return too_large
    decode = decoder(part.encoding)
    with blobs.writer() as writer:
        written = 0
        for piece in _slices(session, uid, section, _literal(answer, section)):
            data = decode.feed(piece)
            written += len(data)
            if written > largest:  # the structure lied about the size
                return too_large
            writer.write(data)
        writer.write(decode.end())
        sha256, size = writer.commit()
    return Attachment(section, name, part.content_type, size, sha256, part.containers)


def _text(session: Session, uid: int, part: TextPart) -> str:
    answer = session.fetch(uid, [_peek(part.section, 0, text.LONGEST)])
    decode = decoder(part.encoding)
    words = text.decode(decode.feed(_literal(answer, part.section)) + decode.end(), part.charset)
    return text.from_html(words) if part.subtype == "html" else words


def _slices(session: Session, uid: int, section: str, first: bytes) -> Iterator[bytes]:
    """The part's bytes until a short answer; the size that the structure gives is not to be relied on."""
    piece, offset = first, 0
    yield piece
    while len(piece) == _SLICE:
        offset += _SLICE
        piece = _literal(session.fetch(uid, [_peek(section, offset, _SLICE)]), section)
        yield piece


def _peek(section: str, offset: int, length: int) -> str:
    return f"BODY.PEEK[{section}]<{offset}.{length}>"


def _literal(answer: Mapping[bytes, object], section: str) -> bytes:
    """What the answer holds of a section, under a key such as `BODY[2.MIME]<0>`; nothing where it is NIL."""
    key = f"BODY[{section}]".encode()
    return next((v for k, v in answer.items() if k.startswith(key) and isinstance(v, bytes)), b"")
