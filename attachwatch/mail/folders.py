"""Mail that lies in files: .eml, mbox and Maildir, read as messages of the same kind as a mailbox's."""

import errno
import mailbox
import os
import stat
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO

from attachwatch.mail import header
from attachwatch.mail.interface import BlobStore
from attachwatch.mail.owntext import OwnText
from attachwatch.mime import tree
from attachwatch.model import Attachment, Message, MessageKey

_EML, _MBOX = (".eml", ".emlx"), (".mbox", ".mbx", "")


def is_mail(path: Path) -> bool:
    """Whether `path` is an .eml file, an mbox file or a Maildir. Raises OSError where it cannot be looked into."""
    if path.is_dir():
        return (path / "cur").is_dir() and (path / "new").is_dir()
    if path.suffix.lower() in _EML:
        return True
    if path.suffix.lower() not in _MBOX or not path.is_file():
        return False
    with _opened(path) as file:
        return file.read(5) == b"From "


def _raise(path: Path, reason: str) -> None:
    raise OSError(f"{path}: {reason}")


def messages(path: Path, blobs: BlobStore, unread: Callable[[Path, str], None] = _raise) -> Iterator[Message]:
    """Every message of the file or Maildir at `path`, with its attachments written to `blobs`.

    `unread` hears of what cannot be read, and why: the file, or one message of a Maildir.
    """
    for number, raw in enumerate(_raw_messages(path, unread), 1):
        yield _message(raw, MessageKey(str(path), "", 0, number), blobs)


def _raw_messages(path: Path, unread: Callable[[Path, str], None]) -> Iterator[bytes]:
    is_maildir = path.is_dir()
    read = _whole if is_maildir or path.suffix.lower() in _EML else _each_of_mbox
    for file in _maildir_files(path, unread) if is_maildir else [path]:
        try:
            yield from read(file)
        except (OSError, mailbox.Error) as error:
            unread(file, _reason(error))


def _maildir_files(path: Path, unread: Callable[[Path, str], None]) -> list[Path]:
    """The messages of a Maildir, in the order of their unique names, which begin with the time of arrival."""
    found: list[Path] = []
    for folder in (path / "cur", path / "new"):
        try:
            found += [f for f in folder.iterdir() if not f.name.startswith(".") and not f.is_dir()]
        except OSError as error:
            unread(folder, _reason(error))
    return sorted(found, key=lambda file: file.name)


def _whole(path: Path) -> Iterator[bytes]:
    with _opened(path) as file:
        yield file.read()


def _each_of_mbox(path: Path) -> Iterator[bytes]:
    box = mailbox.mbox(path, factory=None, create=False)
    try:
        for key in box.keys():  # noqa: SIM118 - an mbox iterates over messages
            yield box.get_bytes(key)
    finally:
        box.close()


def _opened(path: Path) -> BinaryIO:
    """A regular file to read; what is none is refused, and never waited for. Raises OSError."""
    file = open(os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0)), "rb")  # noqa: PTH123, SIM115
    if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
        file.close()
        raise OSError(errno.EINVAL, "it is no regular file")
    return file


def _reason(error: Exception) -> str:
    return (getattr(error, "strerror", None) or "no reason given").lower()


def _message(raw: bytes, key: MessageKey, blobs: BlobStore) -> Message:
    head = header.parse(raw.split(b"\r\n\r\n", 1)[0].split(b"\n\n", 1)[0] + b"\n\n")
    received = head.date or datetime.fromtimestamp(0, UTC)
    read = tree.read(raw)
    words, in_text = _text(read, blobs)
    if not read.structure.parts and not read.structure.text:
        # What no parser takes apart is shown to a person as it is.
        whole = _write(raw, blobs)
        return Message(key, received, head, "", (Attachment("0", "", "message/rfc822", len(raw), whole[0]),))
    return Message(
        key=key,
        received=received,
        header=head,
        text=words,
        attachments=(*_attachments(read, blobs), *in_text),
    )


def _text(read: tree.Tree, blobs: BlobStore) -> tuple[str, tuple[Attachment, ...]]:
    """The message's own text, and the files that stand in it."""
    own = read.structure.text
    if own is None:
        return "", ()
    with OwnText(own, blobs) as kept:
        kept.write(read.content(own.section))
        return kept.result()


def _attachments(read: tree.Tree, blobs: BlobStore) -> Iterator[Attachment]:
    for part in read.structure.parts:
        sha256, size = _write(read.content(part.section), blobs)
        yield Attachment(part.section, part.name, part.content_type, size, sha256, part.containers)


def _write(data: bytes, blobs: BlobStore) -> tuple[str, int]:
    with blobs.writer() as writer:
        writer.write(data)
        return writer.commit()
