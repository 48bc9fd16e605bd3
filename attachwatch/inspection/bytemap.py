"""A file's bytes at a glance: a line of blocks, and the bytes around a place in hexadecimal. Pure; parses nothing."""

from dataclasses import dataclass

BLOCKS = 64
_TEXT = bytes(range(32, 127)) + b"\t\n\r"
_MARKS = {"zeros": "0", "text": "t", "binary": "#", "empty": " "}
_ROW = 16


@dataclass(frozen=True, slots=True)
class ByteMap:
    """`kinds` names what each block mostly is ("text", "binary", "zeros"), in order; every block is `block` bytes
    long but for the last. `last_object` is the offset behind the last "endobj", `end` behind the last "%%EOF"; None
    where there is none."""

    size: int
    block: int
    kinds: tuple[str, ...]
    last_object: int | None
    end: int | None

    @property
    def line(self) -> str:
        """One character a block: t text, # binary, 0 zeros."""
        return "".join(_MARKS[kind] for kind in self.kinds)

    @property
    def pointers(self) -> str:
        """The line below: ^ under the last good object, $ under the end mark."""
        below = [" "] * len(self.kinds)
        for place, mark in ((self.last_object, "^"), (self.end, "$")):
            if place is not None and below:
                below[min((place - 1) // self.block, len(below) - 1)] = mark
        return "".join(below).rstrip()


def byte_map(data: bytes) -> ByteMap:
    block = max(1, -(-len(data) // BLOCKS))
    kinds = tuple(_kind(data[start : start + block]) for start in range(0, len(data), block))
    return ByteMap(len(data), block, kinds, _behind(data, b"endobj"), _behind(data, b"%%EOF"))


def _kind(piece: bytes) -> str:
    if piece.count(0) * 2 > len(piece):
        return "zeros"
    return "text" if len(piece.translate(None, _TEXT)) * 10 < len(piece) else "binary"


def _behind(data: bytes, word: bytes) -> int | None:
    place = data.rfind(word)
    return None if place < 0 else place + len(word)


def hex_rows(data: bytes, offset: int, rows: int = 5) -> list[str]:
    """Rows of 16 bytes around `offset`: where, in hexadecimal, as characters; ">" marks the row that it is in."""
    middle = min(offset, max(len(data) - 1, 0)) // _ROW * _ROW
    first = max(0, middle - rows // 2 * _ROW)
    shown = []
    for start in range(first, min(first + rows * _ROW, len(data)), _ROW):
        row = data[start : start + _ROW]
        characters = "".join(chr(b) if 32 <= b < 127 else "." for b in row)
        mark = ">" if start == middle else " "
        shown.append(f"{mark}{start:>10,}  {row.hex(' '):<{3 * _ROW - 1}}  {characters}")
    return shown
