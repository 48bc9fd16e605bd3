"""Content-Transfer-Encoding (RFC 2045 section 6), decoded piece by piece as it comes off the line."""

import binascii
import quopri
from contextlib import suppress
from string import ascii_letters, digits
from typing import Protocol

import pybase64

from attachwatch.mime.intext import Piece, Reader

_LONGEST_BEFORE = 1 << 16  # bytes in front of a uuencoded file
_NOT_BASE64 = bytes(set(range(256)) - {ord(c) for c in f"{ascii_letters}{digits}+/="})


class Decoder(Protocol):
    def feed(self, data: bytes) -> bytes: ...
    def end(self) -> bytes: ...


def decoder(encoding: str) -> Decoder:
    """The decoder for an encoding; an unknown one is taken as it is."""
    match encoding.strip().lower():
        case "base64":
            return _Base64()
        case "quoted-printable":
            return _QuotedPrintable()
        case "x-uuencode" | "uuencode" | "x-uue" | "uue":
            return _Uuencoded()
    return _Identity()


class _Identity:
    def feed(self, data: bytes) -> bytes:
        return data

    def end(self) -> bytes:
        return b""


class _Base64:
    """Lenient: what is no base64 is passed over, and what is left of a cut group is kept."""

    def __init__(self) -> None:
        self._rest = b""

    def feed(self, data: bytes) -> bytes:
        lines, rest = self._whole_lines(data)
        if lines:
            with suppress(binascii.Error):
                decoded = pybase64.b64decode(lines)
                self._rest = rest
                return decoded
        return self._feed_leniently(data)

    def _whole_lines(self, data: bytes) -> tuple[bytes, bytes]:
        """Lines of whole groups and what is behind them, where it is as plain as nearly all base64; else nothing."""
        end = data.rfind(b"\n") + 1
        groups = len(self._rest) + end - _line_ends(data, end)
        if not end or groups % 4 or b"=" in self._rest or data.find(b"=", 0, end) >= 0:
            return b"", b""
        rest = data[end:].translate(None, _NOT_BASE64)
        return (self._rest + data[:end], rest) if b"=" not in rest else (b"", b"")

    def _feed_leniently(self, data: bytes) -> bytes:
        # Padding ends a group; some programs encode a file in several pieces, each with its own.
        *ended, last = (self._rest + data.translate(None, _NOT_BASE64)).split(b"=")
        whole = len(last) // 4 * 4
        self._rest = last[whole:]
        return b"".join(map(_groups, ended)) + binascii.a2b_base64(last[:whole])

    def end(self) -> bytes:
        return _groups(self._rest)


def _line_ends(data: bytes, end: int) -> int:
    """How many bytes before `end` are line ends; where all lines but the first are equally long, without a search."""
    first = data.find(b"\n", 0, end) + 1
    length = data.find(b"\n", first, end) + 1 - first
    lines, rest = divmod(end - first, length) if length > 2 else (0, 1)
    if not rest and data[first + length - 1 : end : length] == b"\n" * lines:
        if data[first - 2 : end : length] == b"\r" * (lines + 1):
            return 2 * (lines + 1)
        if b"\r" not in data[:first] and data[first + length - 2 : end : length].count(b"\r") == 0:
            return lines + 1
    return data.count(b"\n", 0, end) + data.count(b"\r", 0, end)


def _groups(data: bytes) -> bytes:
    """Decode groups of four of which the last may be cut."""
    cut = len(data) % 4
    if cut == 1:
        data = data[:-1]
    return binascii.a2b_base64(data + b"=" * (-len(data) % 4))


class _QuotedPrintable:
    def __init__(self) -> None:
        self._rest = b""

    def feed(self, data: bytes) -> bytes:
        lines = self._rest + data
        whole = lines.rfind(b"\n") + 1
        self._rest = lines[whole:]
        return quopri.decodestring(lines[:whole])

    def end(self) -> bytes:
        return quopri.decodestring(self._rest)


class _Uuencoded:
    """What mail used before base64, and some still do; a text in which no such file begins is taken as it is."""

    def __init__(self) -> None:
        self._reader = Reader()
        self._before = b""
        self._is_file = False
        self._is_text = False

    def feed(self, data: bytes) -> bytes:
        return b"".join(map(self._take, self._reader.feed(data)))

    def end(self) -> bytes:
        rest = b"".join(map(self._take, self._reader.end()))
        return rest if self._is_file else self._before + rest

    def _take(self, piece: Piece) -> bytes:
        if self._is_text:
            return piece.data
        if piece.file == 1:
            self._is_file = True
            return piece.data
        if not self._is_file:
            self._before += piece.data
        if len(self._before) <= _LONGEST_BEFORE:
            return b""
        self._is_text, before, self._before = True, self._before, b""
        return before
