"""Zip archives (APPNOTE.TXT), alone and as what Office and OpenDocument files are packed in."""

import io
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager

from attachwatch.inspection.formats.findings import (
    damaged,
    opens,
    password,
    too_costly,
    truncated,
    unreadable,
)
from attachwatch.inspection.wording import words
from attachwatch.model import HOLDS_FILES, Finding

TYPES = ("application/zip",)
MOST_FILES = 1000
MOST_BYTES = 200 << 20  # of all files together, unpacked
_ENCRYPTED = 0x1  # general purpose bit flag
_END = b"PK\x05\x06"  # end of central directory record
_PIECE = 1 << 20


def look(data: bytes) -> Iterator[Finding]:
    found = list(faults(data))
    yield from found
    if not found:
        names = [member.filename for member in members(data)]
        if names:
            shown = [words(name) for name in names]
            yield Finding(HOLDS_FILES, f"It holds {len(names)} files.", {"files": shown})
        yield opens()


def faults(data: bytes) -> Iterator[Finding]:
    """The first thing that keeps an archive from being unpacked whole."""
    if _END not in data[-(1 << 16) - 22 :]:
        yield truncated(len(data))
        return
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            inside = archive.infolist()
            if len(inside) > MOST_FILES or sum(member.file_size for member in inside) > MOST_BYTES:
                yield too_costly("It holds more than is unpacked here")
            elif any(member.flag_bits & _ENCRYPTED for member in inside):
                yield password()
            else:
                yield from _first_bad(archive)
    except (zipfile.BadZipFile, ValueError, EOFError, OverflowError) as error:
        yield damaged(words(str(error)))
    except NotImplementedError as error:
        yield too_costly(f"It is packed in a way that is not known here ({words(str(error))})")


def _first_bad(archive: zipfile.ZipFile) -> Iterator[Finding]:
    for member in archive.infolist():
        try:
            with archive.open(member) as file:
                while file.read(_PIECE):
                    pass
        except (zipfile.BadZipFile, zlib.error, EOFError, OSError) as error:
            yield unreadable(words(f"{member.filename}: {error}"))
            return


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
