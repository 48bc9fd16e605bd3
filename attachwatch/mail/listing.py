"""FETCH answers of a listing (RFC 9051 section 7.5.2), as imaplib gives them -> what each says, by UID. Pure.

IMAPClient reads answers byte by byte. Nearly all of a listing's are of one plain form, which one expression reads in a
fraction of that time; whatever is not is left to IMAPClient.
"""

import re
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from imapclient.response_parser import parse_fetch_response

Piece = bytes | tuple[bytes, bytes]  # the end of an answer, or what is before a literal, and the literal
Said = dict[bytes, Any]

_ITEM = (
    rb"(?:UID (?P<uid>\d{1,10})|RFC822\.SIZE (?P<size>\d{1,19})"
    rb'|INTERNALDATE "(?P<date>[ 0-3]\d-[A-Za-z]{3}-\d{4} \d\d:\d\d:\d\d [+-]\d{4})"'
    rb"|BODY\[(?P<section>HEADER(?:\.FIELDS \([^()\[\]{}]*\))?)\](?:<0>)? \{\d{1,10}\})"
)
_SEVERAL = re.sub(rb"\?P<\w+>", b"?:", _ITEM)
_PLAIN = re.compile(rb"\d{1,10} \(" + _SEVERAL + rb"(?: " + _SEVERAL + rb"){0,7}\)", re.IGNORECASE)
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_EACH = re.compile(_ITEM, re.IGNORECASE)


def read(pieces: Sequence[Piece | None]) -> dict[int, Said]:
    """What was said of each message. Raises IMAPClient's ProtocolError, or ValueError, where it makes no sense."""
    found: dict[int, Said] = {}
    for answer in _answers(pieces):
        for uid, said in (_plain(answer) or parse_fetch_response(answer, False)).items():
            found.setdefault(uid, {}).update(said)
    return found


def _answers(pieces: Sequence[Piece | None]) -> Iterator[list[Piece]]:
    """The pieces of each message: one that is no pair ends it."""
    answer: list[Piece] = []
    for piece in pieces:
        if piece is None:  # imaplib's word for no answer at all
            continue
        answer.append(piece)
        if isinstance(piece, bytes):
            yield answer
            answer = []
    if answer:
        yield answer


def _instant(text: str) -> datetime:
    """A date-time (RFC 9051 section 9): ` 1-Oct-2024 10:00:00 +0100`."""
    month = _MONTHS.index(text[3:6].title()) + 1
    return datetime.fromisoformat(f"{text[7:11]}-{month:02}-{text[:2].replace(' ', '0')}T{text[12:20]}{text[21:]}")


def _plain(answer: Sequence[Piece]) -> dict[int, Said] | None:
    literals = [piece[1] for piece in answer if isinstance(piece, tuple)]
    line = b"".join(piece[0] if isinstance(piece, tuple) else piece for piece in answer)
    if len(literals) > 1 or not _PLAIN.fullmatch(line):
        return None
    uid, said = 0, Said()
    for item in _EACH.finditer(line):
        if item["uid"]:
            uid = int(item["uid"])
        elif item["size"]:
            said[b"RFC822.SIZE"] = int(item["size"])
        elif item["date"]:
            said[b"INTERNALDATE"] = _instant(item["date"].decode("ascii"))
        elif literals:
            said[b"BODY[HEADER]"] = literals.pop()
    return {uid: said} if uid else None
