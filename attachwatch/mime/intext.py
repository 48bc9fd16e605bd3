"""Files that stand in a text: uuencoded (POSIX.1-2017, uuencode), as before MIME, and what PGP put in its armour."""

import binascii
import re
from collections.abc import Iterator
from dataclasses import dataclass

from attachwatch.mime import parts
from attachwatch.mime.words import decode

MOST = 100  # files in one text; what is behind them is text
_LONGEST_LINE = 1024  # bytes; longer ones are of no file
_BEGIN = re.compile(rb"begin [0-7]{3,4} {1,3}(\S[^\r\n]{0,250})\Z")
_ARMOUR, _ARMOUR_END = b"-----BEGIN PGP MESSAGE-----", b"-----END PGP MESSAGE-----"
_MARKS = re.compile(rb"^(begin [0-7]|-----BEGIN PGP)", re.MULTILINE)
_LINE = re.compile(rb"[^\n]*\n|[^\n]+")
_DATA = bytes(range(0x20, 0x61))
_FULL = b"M"  # begins a line of 45 bytes, as all but the last are
_LACKING = 4  # characters that a shorter line may be short of, since blanks at its end were lost


@dataclass(frozen=True, slots=True)
class Piece:
    """Bytes of the text itself; or of a file in it, numbered `file` from 1, and called `name` if it has one."""

    file: int
    name: str
    data: bytes


class Reader:
    """Takes a text piece by piece, and tells it from the files in it. A file may have no piece but empty ones."""

    def __init__(self) -> None:
        self._rest = b""
        self._is_within_line = False
        self._begun = b""  # the line that may begin a file
        self._files = 0
        self._name: str | None = None  # of the file that is being read
        self._is_armour = False
        self._is_over = False  # its last line came, but not its end

    def feed(self, data: bytes) -> Iterator[Piece]:
        data = self._rest + data
        whole = data.rfind(b"\n") + 1
        if len(data) - whole > _LONGEST_LINE:
            whole = len(data)
        self._rest = data[whole:]
        yield from self._lines(data[:whole])

    def end(self) -> Iterator[Piece]:
        yield from self._lines(self._rest)
        self._rest = b""
        if self._begun:
            yield Piece(0, "", self._begun)
            self._begun = b""

    def _lines(self, data: bytes) -> Iterator[Piece]:
        if not data:
            return
        if self._name is None and not self._begun and (self._files >= MOST or not _MARKS.search(data)):
            self._is_within_line = not data.endswith(b"\n")
            yield Piece(0, "", data)
            return
        for line in _LINE.findall(data):
            starts, self._is_within_line = not self._is_within_line, not line.endswith(b"\n")
            yield from self._line(line, starts=starts)

    def _line(self, line: bytes, *, starts: bool) -> Iterator[Piece]:
        bare = line.rstrip(b"\r\n")
        if self._begun:
            begun, self._begun = self._begun, b""
            if (decoded := _decoded(bare)) is not None:
                self._is_over = not decoded
                yield self._open(_name(begun), decoded)
                return
            yield Piece(0, "", begun)
        if self._name is not None:
            piece = self._armoured(line) if self._is_armour else self._encoded(bare)
            if piece:
                yield piece
                return
        if starts and self._files < MOST:
            if bare.rstrip() == _ARMOUR:
                self._is_armour = True
                yield self._open("", line)
                return
            if _BEGIN.match(bare):
                self._begun = line
                return
        yield Piece(0, "", line)

    def _open(self, name: str, data: bytes) -> Piece:
        self._files += 1
        self._name = name
        return Piece(self._files, name, data)

    def _armoured(self, line: bytes) -> Piece:
        piece = Piece(self._files, self._name or "", line)
        if line.strip() == _ARMOUR_END:
            self._name, self._is_armour = None, False
        return piece

    def _encoded(self, line: bytes) -> Piece | None:
        """The bytes of a line; None for what belongs to no file, which ends where it has no end."""
        name = self._name or ""
        if line.strip() == b"end":
            self._name, self._is_over = None, False
            return Piece(self._files, name, b"")
        decoded = None if self._is_over and line.strip(b" `") else _decoded(line)
        if decoded is None:
            self._name, self._is_over = None, False
            return None
        self._is_over = self._is_over or not decoded
        return Piece(self._files, name, decoded)


def made_name(section: str, number: int) -> str:
    """A name for what has none in a text: PGP's armour."""
    return parts.made_name(f"{section}.{number}", "application/pgp-encrypted")


def files(text: bytes) -> list[tuple[str, bytes]]:
    """Name and bytes of each file in a text."""
    return split(text)[1]


def split(text: bytes) -> tuple[bytes, list[tuple[str, bytes]]]:
    """A text without the files in it, and these, each with its name."""
    reader = Reader()
    own = bytearray()
    found: dict[int, tuple[str, bytearray]] = {}
    for piece in (*reader.feed(text), *reader.end()):
        if piece.file:
            found.setdefault(piece.file, (piece.name, bytearray()))[1].extend(piece.data)
        else:
            own += piece.data
    return bytes(own), [(name, bytes(data)) for name, data in found.values()]


def _name(begin: bytes) -> str:
    found = _BEGIN.match(begin.rstrip(b"\r\n"))
    return decode(found[1].decode("utf-8", "surrogateescape").strip().strip('"')) if found else ""


def _decoded(line: bytes) -> bytes | None:
    """The bytes that a line holds, b"" for the one behind the last; None where it is no line of a file."""
    if not line.strip(b" `"):
        return b""
    size = (line[0] - 0x20) & 0x3F
    length = 1 + (size + 2) // 3 * 4
    fits = len(line) >= length - _LACKING and not line[length + 1 :].strip(b" `")
    if line.translate(None, _DATA) or not size or not (fits or line.startswith(_FULL)):
        return None
    try:
        return binascii.a2b_uu(line[:length])
    except binascii.Error:
        return None
