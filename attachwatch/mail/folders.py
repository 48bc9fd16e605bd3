"""Mail that lies in files: .eml, mbox and Maildir, read as messages of the same kind as a mailbox's."""

import errno
import hashlib
import mailbox
import os
import re
import stat
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import BinaryIO

from attachwatch.mail import header, text
from attachwatch.mail.interface import BlobStore
from attachwatch.mail.owntext import OwnText
from attachwatch.mime import tree
from attachwatch.model import Attachment, Message, MessageKey

_EML, _MBOX = (".eml", ".emlx"), (".mbox", ".mbx", "")
_SETTLED = 10.0  # seconds without a change after which nobody is writing to a file any more
_LONGEST_HEADER = 65536
_FLAGS = re.compile(r"[:;!]2,[^/]*$")  # behind the unique name of a Maildir's file
_STATUS = re.compile(rb"^(?:X-)?(?:Status|Keywords|UID|IMAP\w*)[ \t]*:.*\n", re.IGNORECASE | re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Entry:
    """One message of a mailbox in files. `name` stays its own when the message is read or flagged; `read` gives its
    first bytes, all of them for -1, and raises OSError."""

    name: str
    read: Callable[[int], bytes]


def entries(path: Path, open_until: ExitStack) -> Iterator[Entry]:
    """The messages of a Maildir, an mbox file, or a folder of .eml files, which can be read until `open_until` is left.
    Raises OSError.

    What may still be being written is left out: a file changed a moment ago, or the last message of such an mbox.
    """
    if is_maildir(path):
        for file in _maildir_files(path, _raise):
            name = _FLAGS.sub("", file.name)
            yield Entry(name, partial(_read_of_maildir, path, name, file))
    elif path.is_dir():
        for file in sorted(path.rglob("*")):
            if file.suffix.lower() in _EML and file.is_file() and _is_settled(file):
                yield Entry(str(file.relative_to(path)), partial(_read, file))
    else:
        yield from _entries_of_mbox(path, open_until)


def is_maildir(path: Path) -> bool:
    return (path / "cur").is_dir() and (path / "new").is_dir()


def _is_settled(file: Path) -> bool:
    return not 0 <= time.time() - file.stat().st_mtime < _SETTLED


def _read(file: Path, most: int) -> bytes:
    with _opened(file) as opened:
        return opened.read(most)


def _read_of_maildir(folder: Path, name: str, file: Path, most: int) -> bytes:
    """Wherever another program moved it meanwhile."""
    try:
        return _read(file, most)
    except FileNotFoundError:
        moved = (f for f in _maildir_files(folder, _raise) if _FLAGS.sub("", f.name) == name)
        if found := next(moved, None):
            return _read(found, most)
        raise


def _entries_of_mbox(path: Path, open_until: ExitStack) -> Iterator[Entry]:
    """Known by their headers, since an mbox has no names; without the fields that mail programs change in it."""
    with _opened(path):
        pass
    box = mailbox.mbox(path, factory=None, create=False)
    open_until.callback(box.close)
    keys = box.keys()
    for key in keys if _is_settled(path) else keys[:-1]:
        read = partial(_read_of_mbox, box, key)
        yield Entry(hashlib.sha256(_STATUS.sub(b"", _head(read(_LONGEST_HEADER)))).hexdigest(), read)


def _read_of_mbox(box: mailbox.mbox, key: str, most: int) -> bytes:
    with box.get_file(key) as file:
        return bytes(file.read(most))


def _head(raw: bytes) -> bytes:
    return raw.split(b"\r\n\r\n", 1)[0].split(b"\n\n", 1)[0] + b"\n"


def is_mail(path: Path) -> bool:
    """Whether `path` is an .eml file, an mbox file or a Maildir. Raises OSError where it cannot be looked into."""
    if path.is_dir():
        return is_maildir(path)
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
        yield message(raw, MessageKey(str(path), "", 0, number), blobs)


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


def message(raw: bytes, key: MessageKey, blobs: BlobStore, largest: int | None = None) -> Message:
    """A message with its attachments written to `blobs`; of those over `largest` bytes, none, and no `sha256`."""
    head = header.parse(_head(raw))
    received = head.date or datetime.fromtimestamp(0, UTC)
    read = tree.read(raw)
    words, in_text = _text(read, blobs, largest)
    if not read.structure.parts and not read.structure.text:
        # What no parser takes apart is shown to a person as it is.
        whole = _write(raw, blobs)
        return Message(key, received, head, "", (Attachment("0", "", "message/rfc822", len(raw), whole[0]),))
    return Message(
        key=key,
        received=received,
        header=head,
        text=words,
        attachments=(*_attachments(read, blobs, largest), *in_text),
        unread=read.structure.unread,
    )


def _text(read: tree.Tree, blobs: BlobStore, largest: int | None) -> tuple[str, tuple[Attachment, ...]]:
    """The message's own text, and the files that stand in it."""
    own, html = read.structure.text, read.structure.html
    words, in_text = "", tuple[Attachment, ...]()
    if own:
        with OwnText(own, blobs, largest) as kept:
            kept.write(read.content(own.section))
            words, in_text = kept.result()
    return text.with_its_links(words, text.words(html, read.content(html.section))) if html else words, in_text


def _attachments(read: tree.Tree, blobs: BlobStore, largest: int | None) -> Iterator[Attachment]:
    for part in read.structure.parts:
        data = read.content(part.section)
        is_too_large = largest is not None and len(data) > largest
        sha256, size = ("", len(data)) if is_too_large else _write(data, blobs)
        yield Attachment(part.section, part.name, part.content_type, size, sha256, part.containers)


def _write(data: bytes, blobs: BlobStore) -> tuple[str, int]:
    with blobs.writer() as writer:
        writer.write(data)
        return writer.commit()
