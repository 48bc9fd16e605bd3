"""Messages that Outlook saved, .msg: compound files whose streams are named by property ([MS-OXMSG])."""

import codecs
import io
import struct
from collections.abc import Iterator, Mapping
from functools import partial

import olefile
from tnefparse.codepage import Codepage

from attachwatch.inspection.formats import ole
from attachwatch.inspection.formats.file import MOST_FILES, File
from attachwatch.inspection.formats.findings import opens_with, truncated
from attachwatch.mime.parts import DEEPEST
from attachwatch.model import Finding

TYPES = ("application/vnd.ms-outlook",)
_ATTACHMENT = "__attach_version1.0_"
_PROPERTIES = "__properties_version1.0"
_DATA = "__substg1.0_37010102"
_OBJECT = "__substg1.0_3701000d"
_NAMES = ("3707", "3704", "3001")  # long, short, displayed
_SUBJECT, _BODY = "0037", "1000"
_CODE_PAGES = (0x3FFD, 0x3FDE)  # of the message, and of its text
_TEXT_TYPES = {"001f": "utf-16-le", "001e": ""}
_PIECE = 1 << 20

Names = Mapping[str, str]  # in small letters, since writers differ -> as they are written
Streams = Mapping[tuple[str, ...], Names]  # by where they are


def look(data: bytes) -> Iterator[Finding]:
    if ole.is_cut(data):
        yield truncated(len(data))
        return
    yield from opens_with(files(data))


def files(data: bytes) -> list[File]:
    """The attachments; those of a message that is attached stand under its name, as it is no file by itself, and where
    it has none, its text does."""
    file = olefile.OleFileIO(io.BytesIO(data))  # as long as its streams are read
    streams: dict[tuple[str, ...], dict[str, str]] = {}
    for path in file.listdir(streams=True, storages=False):
        streams.setdefault(tuple(path[:-1]), {})[path[-1].lower()] = path[-1]
    return _Reader(file, streams, _charset(file, streams.get((), {}))).files((), ())


class _Reader:
    def __init__(self, file: olefile.OleFileIO, streams: Streams, names_in: str) -> None:
        self._file = file
        self._streams = streams
        self._names_in = names_in
        self._storages: dict[tuple[str, ...], dict[str, None]] = {}
        for path in streams:
            for length in range(1, len(path) + 1):
                self._storages.setdefault(path[: length - 1], {})[path[length - 1]] = None

    def files(self, message: tuple[str, ...], folders: tuple[str, ...]) -> list[File]:
        found: list[File] = []
        for storage in sorted(self._storages.get(message, {})):
            if storage.lower().startswith(_ATTACHMENT) and len(found) <= MOST_FILES:
                found += self._attached((*message, storage), folders)
        return found

    def _attached(self, place: tuple[str, ...], folders: tuple[str, ...]) -> list[File]:
        own = self._streams.get(place, {})
        name = next((found for tag in _NAMES if (found := self._text(place, tag))), "")
        if _DATA in own:
            return [File(name, partial(self._pieces, (*place, own[_DATA])), folders)]
        inner = next(((*place, s) for s in self._storages.get(place, {}) if s.lower() == _OBJECT), None)
        if inner and _PROPERTIES in self._streams.get(inner, {}) and len(folders) < DEEPEST:
            subject = self._text(inner, _SUBJECT) or name or "attached message"
            text = File.of(f"{subject}.txt", self._text(inner, _BODY).encode(), folders)
            return self.files(inner, (*folders, subject)) or [text]
        return [File.lost(name, folders)]  # an object of another program, or a file that lies elsewhere

    def _text(self, place: tuple[str, ...], tag: str) -> str:
        own = self._streams.get(place, {})
        for kind, encoding in _TEXT_TYPES.items():
            if (stream := own.get(f"__substg1.0_{tag}{kind}")) is not None:
                data = self._file.openstream([*place, stream]).read(_PIECE)
                text: str = data.decode(encoding or self._names_in, "replace").partition("\x00")[0]
                if text:
                    return text
        return ""

    def _pieces(self, place: tuple[str, ...]) -> Iterator[bytes]:
        stream = self._file.openstream(list(place))
        while piece := stream.read(_PIECE):
            yield piece


def _charset(file: olefile.OleFileIO, streams: Names) -> str:
    """In which 8-bit text of the message is, as its properties of fixed length say ([MS-OXMSG] section 2.4)."""
    if _PROPERTIES not in streams:
        return charset(0)
    stored = file.openstream(streams[_PROPERTIES]).read(_PIECE)[32:]
    pages = {tag: value for _, tag, value, _ in struct.iter_unpack("<HH4xII", stored[: len(stored) // 16 * 16])}
    return charset(next((pages[tag] for tag in _CODE_PAGES if tag in pages), 0))


def charset(code_page: int) -> str:
    """Python's name for a code page of Windows; that of Western Europe where it is unknown."""
    name = Codepage(code_page).codepage()
    try:
        return codecs.lookup(name).name
    except LookupError:
        return "cp1252"
