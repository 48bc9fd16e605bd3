"""A message's own text as it comes: the words that are kept of it, and the files that stand in it, into blobs."""

from contextlib import ExitStack
from typing import Self

from attachwatch.mail import text
from attachwatch.mail.interface import BlobStore, BlobWriter
from attachwatch.mime import intext
from attachwatch.mime.parts import TextPart
from attachwatch.model import Attachment


class OwnText:
    """Takes the decoded bytes of a text. A context manager: leaving it without `result` leaves nothing behind.

    Of plain text all is looked at, since a file in it may be longer than the words that are kept. No file may have more
    than `largest` bytes: one that has is an attachment without a hash.
    """

    def __init__(self, part: TextPart, blobs: BlobStore, largest: int | None = None) -> None:
        self._part = part
        self._blobs = blobs
        self._largest = largest
        self._reader = intext.Reader()
        self._words = bytearray()
        self._stack = ExitStack()
        self._writer: BlobWriter | None = None
        self._file, self._name, self._size = 0, "", 0
        self._attachments: list[Attachment] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        self._stack.close()

    def write(self, data: bytes) -> None:
        if self._part.subtype != "plain":
            self._keep(data)
            return
        for piece in self._reader.feed(data):
            self._take(piece)

    def result(self) -> tuple[str, tuple[Attachment, ...]]:
        """The readable words, and the files, which are durable by then."""
        for piece in self._reader.end():
            self._take(piece)
        self._commit()
        return text.words(self._part, bytes(self._words)), tuple(self._attachments)

    def _take(self, piece: intext.Piece) -> None:
        if not piece.file:
            self._keep(piece.data)
            return
        if piece.file != self._file:
            self._commit()
            self._file, self._size = piece.file, 0
            self._name = piece.name or intext.made_name(self._part.section, piece.file)
            self._writer = self._stack.enter_context(self._blobs.writer())
        self._size += len(piece.data)
        if self._largest is not None and self._size > self._largest:
            self._drop()
        elif self._writer is not None:
            self._writer.write(piece.data)

    def _keep(self, data: bytes) -> None:
        self._words += data[: text.LONGEST - len(self._words)]

    def _commit(self) -> None:
        if not self._file:
            return
        sha256, size = self._writer.commit() if self._writer is not None else ("", self._size)
        self._drop()
        section = f"{self._part.section}/{self._file}"
        self._attachments.append(Attachment(section, self._name, "", size, sha256))
        self._file = 0

    def _drop(self) -> None:
        self._writer = None
        self._stack.close()
