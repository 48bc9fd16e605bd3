"""Facts that the bytes of a PDF tell by themselves: header, end, cross-reference, and the traces of what changed them.

A trace is a fact and no verdict: whole files bear the same marks now and then.
"""

import re
from dataclasses import dataclass

_TAIL = 1024  # bytes in which a reader looks for %%EOF (ISO 32000-1 Annex H, implementation note 18)
_ZERO_RUN = re.compile(rb"\x00{1024,}")
_OBJECT = re.compile(rb"\d{1,10}[ \t\r\n]+\d{1,5}[ \t\r\n]+obj\b")
_OBJECT_WORD = re.compile(rb"obj\b")  # begins with a literal, which is found many times faster than a digit
_BEFORE_OBJECT = re.compile(rb"(?:^|[^0-9])\d{1,10}[ \t\r\n]+\d{1,5}[ \t\r\n]+$")
_HEADER_WORD = re.compile(rb"%PDF-\d")
_STARTXREF = re.compile(rb"startxref\s*(\d{1,12})")
_FILTER = re.compile(rb"/Filter\s*/(MicrosoftIRMServices|Adobe\.PubSec|Adobe\.APS|EBX_HANDLER|FOPN_fLock|Standard)\b")
_BASE64_HEAD = re.compile(rb"^\s*JVBERi0")
_SOFT_BREAK = re.compile(rb"=\r?\n")
_QUOTED_BYTE = re.compile(rb"=[0-9A-F]{2}")


@dataclass(frozen=True, slots=True)
class Structure:
    """Byte-level facts. Offsets and lengths are in bytes from the start of the file."""

    size: int
    header: int | None  # offset of the first %PDF-
    headers: int  # how many %PDF- begin a line
    objects: int  # how many "n n obj"
    objects_ended: int
    last_eof: int | None  # offset just behind the last %%EOF
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
    encryption_filter: str | None
    is_base64: bool
    is_quoted_printable: bool

    @property
    def ends_properly(self) -> bool:
        return self.last_eof is not None and self.size - self.last_eof <= _TAIL

    @property
    def trailing(self) -> int:
        """Bytes behind the last %%EOF."""
        return self.size - self.last_eof if self.last_eof is not None else 0


def look(data: bytes) -> Structure:
    """Read the facts off `data`; linear in its length."""
    header = data.find(b"%PDF-")
    eof = data.rfind(b"%%EOF")
    starts = _STARTXREF.findall(data, max(0, len(data) - 65536)) or _STARTXREF.findall(data)
    startxref = int(starts[-1]) if starts else None
    zeros = _longest_zeros(data)
    filters = _FILTER.findall(data)
    return Structure(
        size=len(data),
        header=header if header >= 0 else None,
        headers=sum(m.start() == 0 or data[m.start() - 1] in b"\r\n" for m in _HEADER_WORD.finditer(data)),
        objects=sum(bool(_BEFORE_OBJECT.search(_before(data, m.start()))) for m in _OBJECT_WORD.finditer(data)),
        objects_ended=data.count(b"endobj"),
        last_eof=eof + 5 if eof >= 0 else None,
        startxref=startxref,
        xref_is_there=startxref is not None and _points_at_xref(data, startxref, max(header, 0)),
        longest_zeros=zeros,
        zeros_at_end=len(data) - len(data.rstrip(b"\x00")),
        carriage_returns=data.count(b"\r"),
        line_feeds=data.count(b"\n"),
        crlf=data.count(b"\r\n"),
        zeros=data.count(b"\x00"),
        high=len(data) - len(data.translate(None, bytes(range(128, 256)))),
        replacement_characters=data.count(b"\xef\xbf\xbd"),
        c2_c3_pairs=len(re.findall(rb"[\xc2\xc3][\x80-\xbf]", data)),
        question_marks=data.count(b"?"),
        encryption_filter=_encryption(filters),
        is_base64=bool(_BASE64_HEAD.match(data[:200])),
        is_quoted_printable=_is_quoted_printable(data),
    )


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


def _is_quoted_printable(data: bytes) -> bool:
    """Soft line breaks everywhere and hardly a line over 76 characters (RFC 2045 section 6.7)."""
    sample = data[:65536]
    lines = sample.count(b"\n") or 1
    return len(_SOFT_BREAK.findall(sample)) * 4 > lines and len(_QUOTED_BYTE.findall(sample)) > lines
