"""Zip archives (APPNOTE.TXT), alone and as what Office and OpenDocument files are packed in."""

import copy
import io
import lzma
import re
import struct
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import partial
from typing import IO

from attachwatch.inspection.formats.file import MOST_BYTES, MOST_FILES, File
from attachwatch.inspection.formats.findings import (
    damaged,
    holds,
    opens,
    password,
    too_costly,
    truncated,
    unreadable,
)
from attachwatch.inspection.wording import words
from attachwatch.model import Cause, Finding

TYPES = ("application/zip",)
_ENCRYPTED = 0x1  # general purpose bit flag
_UTF_8 = 0x800  # of the same: how the name is encoded
_END = b"PK\x05\x06"  # end of central directory record
_START = b"PK\x03\x04"  # local file header
_LOCATOR_64 = b"PK\x06\x07"  # between directory and end, where numbers need more room
_PIECE = 1 << 20
# What Python refuses and other programs unpack: of a name, they read the directory's alone.
_NOT_READ_HERE = re.compile(r"extra field|zip64|span multiple disks|overlap|zip file version", re.IGNORECASE)
_OTHER_NAME = re.compile(r"^File name in directory .* differ", re.DOTALL)


def look(data: bytes) -> Iterator[Finding]:
    found = list(faults(data))
    yield from found
    if not found and (held := files(data)):
        yield holds(held)
    if not found or found[0].code == Cause.CONTENT_UNREADABLE:
        yield opens()


def files(data: bytes) -> list[File]:
    opened = zipfile.ZipFile(io.BytesIO(data))  # as long as its files are read
    return [File.at(_name(member), partial(pieces, opened, member)) for member in members(data)]


def _name(member: zipfile.ZipInfo) -> str:
    """As it was meant: many programs write UTF-8 without saying so."""
    if not member.flag_bits & _UTF_8:
        with suppress(UnicodeError):
            return member.filename.encode("cp437").decode("utf-8")
    return member.filename


def faults(data: bytes, most_files: int = MOST_FILES) -> Iterator[Finding]:
    """The first thing that keeps an archive from being unpacked whole."""
    if _END not in data[-(1 << 16) - 22 :] or _ends_with_another(data):
        yield truncated(len(data))
        return
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            inside = archive.infolist()
            if len(inside) > most_files or sum(member.file_size for member in inside) > MOST_BYTES:
                yield too_costly("It holds more than is unpacked here")
            elif any(member.flag_bits & _ENCRYPTED for member in inside):
                yield password()
            else:
                yield from _first_bad(archive)
    except (zipfile.BadZipFile, ValueError, EOFError, OverflowError) as error:
        yield _limit(str(error)) or damaged(words(str(error)))
    except NotImplementedError as error:
        yield _limit(str(error), always=True) or damaged(words(str(error)))


def _limit(said: str, *, always: bool = False) -> Finding | None:
    if not always and not _NOT_READ_HERE.search(said):
        return None
    return too_costly(f"It is packed in a way that is not known here ({words(said)})")


def _ends_with_another(data: bytes) -> bool:
    """Whether the directory is of an archive that lies unpacked in this one, which was cut off behind it: its places
    count from its own start (APPNOTE.TXT 4.3.16)."""
    end = data.rfind(_END)
    size, offset = struct.unpack_from("<II", data.ljust(end + 22, b"\x00"), end + 12)
    is_64 = 0xFFFFFFFF in (size, offset)
    return data.startswith(_START) and not is_64 and data[end - 20 : end - 16] != _LOCATOR_64 and size + offset < end


def _first_bad(archive: zipfile.ZipFile) -> Iterator[Finding]:
    for member in archive.infolist():
        try:
            for _ in pieces(archive, member):
                pass
        except (zipfile.BadZipFile, zlib.error, lzma.LZMAError, EOFError, OSError) as error:
            said = words(f"{member.filename}: {error}")
            yield _limit(str(error)) or unreadable(said, words(member.filename))
            return


def pieces(archive: zipfile.ZipFile, member: zipfile.ZipInfo | str) -> Iterator[bytes]:
    """The bytes of one file inside, piece by piece."""
    with _open(archive, archive.getinfo(member) if isinstance(member, str) else member) as file:
        while piece := file.read(_PIECE):
            yield piece


def _open(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> IO[bytes]:
    """As other programs do, which do not mind that the name before a file is spelled otherwise in the directory."""
    try:
        return archive.open(member)
    except UnicodeDecodeError:
        pass
    except zipfile.BadZipFile as error:
        if not _OTHER_NAME.match(str(error)):
            raise
    return archive.open(_named_as_before_it(archive, member))


def _named_as_before_it(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> zipfile.ZipInfo:
    """The same with the name of its local header (APPNOTE.TXT 4.3.7), so that Python finds no difference."""
    assert archive.fp is not None  # noqa: S101 - it is open
    archive.fp.seek(member.header_offset + 26)
    length = int.from_bytes(archive.fp.read(2), "little")
    archive.fp.seek(member.header_offset + 30)
    same = copy.copy(member)
    same.flag_bits &= ~_UTF_8
    same.orig_filename = archive.fp.read(length).decode("cp437")
    return same


def members(data: bytes) -> list[zipfile.ZipInfo]:
    """The files that an archive holds, in its order, without folders and what a Macintosh adds."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return [
            m
            for m in archive.infolist()
            if not m.is_dir() and not m.filename.startswith("__MACOSX/") and not m.filename.endswith(".DS_Store")
        ]


@contextmanager
def opened(data: bytes) -> Iterator[zipfile.ZipFile]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        yield archive
