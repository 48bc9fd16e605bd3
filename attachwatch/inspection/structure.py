"""Facts that the bytes of a PDF tell by themselves: header, end, cross-reference, and the traces of what changed them.

A trace is a fact and no verdict: whole files bear the same marks now and then.
"""

import re
from dataclasses import dataclass
from itertools import islice

_TAIL = 1024  # bytes in which a reader looks for %%EOF (ISO 32000-1 Annex H, implementation note 18)
_LENGTH = re.compile(rb"/Length\s+(\d{1,10})(?!\d|\s+\d+\s+R)")
_STREAM = re.compile(rb"(?<!end)stream\r?\n")
_PICTURE = re.compile(rb"/Subtype\s*/Image\b")
_MOST_MARKS = 10_000  # of one kind that are looked at one by one
_MOST_OBJECTS = 500_000  # that are counted
_LONGEST_DICTIONARY = 8192  # bytes between a stream's /Length and its data, and before
_ZERO_RUN = re.compile(rb"\x00{1024,}")
_OBJECT = re.compile(rb"\d{1,10}[ \t\r\n]+\d{1,5}[ \t\r\n]+obj\b")
_OBJECT_WORD = re.compile(rb"obj\b")  # begins with a literal, which is found many times faster than a digit
_BEFORE_OBJECT = re.compile(rb"(?:^|[^0-9])\d{1,10}[ \t\r\n]+\d{1,5}[ \t\r\n]+$")
_HEADER_WORD = re.compile(rb"%PDF-\d")
_BINARY_COMMENT = re.compile(rb"\.\d[\r\n]+%[\x80-\xff]{3}")
_STARTXREF = re.compile(rb"startxref\s*(\d{1,12})")
_END_MARK_DAMAGED = re.compile(rb"startxref\s+\d{1,12}\s+\S{5}\s*$")
_XREF_TABLE = re.compile(rb"(?<!start)xref\s+\d+\s+\d+\s")
_FILTER = re.compile(rb"/Filter\s*/(MicrosoftIRMServices|Adobe\.PubSec|Adobe\.APS|EBX_HANDLER|FOPN_fLock|Standard)\b")
_BASE64_HEAD = re.compile(rb"\s*JVBERi0")  # %PDF-
_UUENCODE_HEAD = re.compile(rb"\s*begin [0-7]{3,4} [^\r\n]{1,255}\r?\n[!-`]\)5!\$1")  # %PDF, behind the line's length
_SOFT_BREAK = re.compile(rb"=\r?\n")
_QUOTED_BYTE = re.compile(rb"=[0-9A-F]{2}")
_QUOTED_MARK = re.compile(
    rb"%PDF-\d\.\d\s+%[^\r\n]{0,4}?(?:=[0-9A-F]{2}){3}"
)  # the binary comment that follows a header
_UTF_16_HEADS = tuple("%PDF-".encode(c) for c in ("utf-16-le", "utf-16-be"))
_CONTROLS = bytes(c for c in range(1, 32) if c not in b"\t\n\f\r")


@dataclass(frozen=True, slots=True)
class Structure:
    """Byte-level facts. Offsets and lengths are in bytes from the start of the file."""

    size: int
    header: int | None  # offset of the first %PDF-
    headers: int  # how many %PDF- begin a document
    objects: int  # how many "n n obj", as far as they are counted
    objects_ended: int
    last_eof: int | None  # offset just behind the last %%EOF
    objects_behind: bool  # whether objects follow the last %%EOF: an update that was cut off
    startxref: int | None  # the last one's value
    xref_is_there: bool  # whether the last startxref points at a cross-reference
    longest_zeros: tuple[int, int]  # offset and length of the longest run of zeros, or (0, 0)
    zeros_at_end: int
    carriage_returns: int
    line_feeds: int
    crlf: int
    zeros: int
    high: int  # bytes from 0x80 on
    replacement_characters: int  # EF BF BD, what UTF-8 has for bytes that were none
    c2_c3_pairs: (
        int  # C2 or C3 and a continuation byte: what a byte from 0x80 on becomes when Latin-1 is taken to UTF-8
    )
    question_marks: int
    controls: int  # bytes below 0x20 that no text has
    encryption_filter: str | None
    transfer_encoding: str | None  # that is still on: "base64", "quoted-printable" or "uuencode"
    is_utf_16: bool
    ends_with_object: bool  # or with what is left of its end mark: whole, but for that
    end_is_shifted: bool  # its end is there, moved by some bits: what one lost character of base64 does
    picture_cut: tuple[int, int]  # offset of the first picture whose data end too soon, and how many bytes; or (0, 0)
    moved_by_line_ends: bool  # the cross-reference stands exactly one byte a line behind where it should

    @property
    def ends_properly(self) -> bool:
        return self.last_eof is not None and self.size - self.last_eof <= _TAIL

    @property
    def is_stub(self) -> bool:
        """Whether there is no room for a document in it."""
        return self.objects == 0 and self.size <= (16 if self.header is None else 64)

    @property
    def trailing(self) -> int:
        """Bytes behind the last %%EOF."""
        return self.size - self.last_eof if self.last_eof is not None else 0


def look(data: bytes) -> Structure:
    """Read the facts off `data`; linear in its length."""
    header = data.find(b"%PDF-")
    eof = data.rfind(b"%%EOF")
    startxref = _startxref(data)
    zeros = _longest_zeros(data)
    filters = _FILTER.findall(data)
    return Structure(
        size=len(data),
        header=header if header >= 0 else None,
        headers=sum(_begins_a_document(data, m) for m in islice(_HEADER_WORD.finditer(data), _MOST_MARKS)),
        objects=_objects(data),
        objects_ended=min(data.count(b"endobj"), _MOST_OBJECTS),
        last_eof=eof + 5 if eof >= 0 else None,
        objects_behind=eof >= 0 and _OBJECT.search(data, eof) is not None,
        startxref=startxref,
        xref_is_there=startxref is not None and _points_at_xref(data, startxref, max(header, 0)),
        longest_zeros=zeros,
        zeros_at_end=len(data) - len(data.rstrip(b"\x00")),
        carriage_returns=data.count(b"\r"),
        line_feeds=data.count(b"\n"),
        crlf=data.count(b"\r\n"),
        zeros=data.count(b"\x00"),
        high=_count(data, bytes(range(128, 256))),
        replacement_characters=data.count(b"\xef\xbf\xbd"),
        c2_c3_pairs=len(re.findall(rb"[\xc2\xc3][\x80-\xbf]", data)),
        question_marks=data.count(b"?"),
        controls=_count(data, _CONTROLS),
        encryption_filter=_encryption(filters),
        transfer_encoding=_transfer_encoding(data),
        is_utf_16=data[:12].removeprefix(b"\xff\xfe").removeprefix(b"\xfe\xff").startswith(_UTF_16_HEADS),
        ends_with_object=data[-64:].rstrip().endswith(b"endobj") or bool(_END_MARK_DAMAGED.search(data[-64:])),
        end_is_shifted=_is_shifted(data[-64:]),
        picture_cut=_picture_cut(data),
        moved_by_line_ends=startxref is not None and _line_ends_before(data) == startxref,
    )


def _startxref(data: bytes) -> int | None:
    place = data.rfind(b"startxref")
    found = _STARTXREF.match(data, place) if place >= 0 else None
    return int(found[1]) if found else None


def _objects(data: bytes) -> int:
    words = islice(_OBJECT_WORD.finditer(data), _MOST_OBJECTS)
    return sum(bool(_BEFORE_OBJECT.search(_before(data, word.start()))) for word in words)


def _begins_a_document(data: bytes, header: re.Match[bytes]) -> bool:
    """Whether it stands at the start of a line, or before the comment that marks a binary file (section 7.5.2)."""
    return (
        header.start() == 0
        or data[header.start() - 1] in b"\r\n"
        or _BINARY_COMMENT.match(data, header.end()) is not None
    )


def _count(data: bytes, values: bytes) -> int:
    return len(data) - len(data.translate(None, values))


def _picture_cut(data: bytes) -> tuple[int, int]:
    """A picture whose stream ends before the length that it gives (ISO 32000-2 section 7.3.8.2): bytes went missing."""
    left = 2 * len(data)  # bytes that may be searched: lengths that lie must not make it more than a few looks
    for picture in islice(_PICTURE.finditer(data), _MOST_MARKS):
        begins = max(data.rfind(b"obj", max(0, picture.start() - _LONGEST_DICTIONARY), picture.start()), 0)
        stream = _STREAM.search(data, picture.end(), picture.end() + _LONGEST_DICTIONARY)
        length = _LENGTH.search(data, begins, stream.start()) if stream else None
        if stream is None or length is None or data.find(b"obj", picture.end(), stream.start()) >= 0:
            continue
        declared = int(length[1])
        left -= min(declared, len(data))
        if left < 0:
            break
        end = data.find(b"endstream", stream.end(), stream.end() + declared)
        if end >= 0 and b"endstream" not in data[stream.end() + declared : stream.end() + declared + 20]:
            return stream.end(), declared - (end - stream.end())
    return 0, 0


def _is_shifted(tail: bytes) -> bool:
    """Whether the way to the cross-reference appears when the bits move by 2, 4 or 6 (RFC 4648 section 4)."""
    bits = int.from_bytes(tail)
    return any(b"startxref" in (bits << places).to_bytes(len(tail) + 1) for places in (2, 4, 6))


def _line_ends_before(data: bytes) -> int | None:
    """Where the last cross-reference table stood before every line feed before it got a carriage return."""
    tables = list(_XREF_TABLE.finditer(data, max(0, len(data) - 65536)))
    if not tables or not (added := data.count(b"\r\n", 0, tables[-1].start())):
        return None
    return tables[-1].start() - added


def _before(data: bytes, place: int) -> bytes:
    return data[max(0, place - 24) : place]


def _longest_zeros(data: bytes) -> tuple[int, int]:
    """Offset and length of the longest run of zeros that is worth a word."""
    if bytes(1024) not in data:
        return 0, 0
    return max(((m.start(), m.end() - m.start()) for m in _ZERO_RUN.finditer(data)), key=lambda run: run[1])


def _encryption(filters: list[bytes]) -> str | None:
    """The security handler (ISO 32000-1 section 7.6.1) that is named, a foreign one before the standard one."""
    names = sorted({f.decode() for f in filters}, key=lambda name: name == "Standard")
    return names[0] if names else None


def _points_at_xref(data: bytes, offset: int, shift: int) -> bool:
    for place in (offset, offset + shift):
        there = data[place : place + 32].lstrip()
        if there.startswith(b"xref") or _OBJECT.match(there):
            return True
    return False


def _transfer_encoding(data: bytes) -> str | None:
    if _BASE64_HEAD.match(data[:200]):
        return "base64"
    if _UUENCODE_HEAD.match(data[:400]):
        return "uuencode"
    return "quoted-printable" if _QUOTED_MARK.match(data[:100]) or _is_quoted_printable(data) else None


def _is_quoted_printable(data: bytes) -> bool:
    """Soft line breaks everywhere and hardly a line over 76 characters (RFC 2045 section 6.7)."""
    sample = data[:65536]
    lines = sample.count(b"\n") or 1
    return len(_SOFT_BREAK.findall(sample)) * 4 > lines and len(_QUOTED_BYTE.findall(sample)) > lines
