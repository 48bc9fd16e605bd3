"""Literals from the socket into sinks, several commands in flight: no part is ever whole in memory.

IMAPClient reads a literal whole and parses what it read; here each goes piece by piece to whoever asked for it. Only
answers to one command are read here, `UID FETCH n (UID BODY.PEEK[section]...)` (RFC 9051 section 6.4.5).
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

_UNBOUNDED = (1 << 32) - 1  # bytes; no protocol element is longer (RFC 9051 section 9)
_PIECE = 1 << 18  # bytes handed on at a time
_LONGEST_LINE = 1 << 16  # bytes of an answer between two literals
_LONGEST_UNASKED = 1 << 20  # bytes of a literal that is passed over
_LITERAL = re.compile(rb"BODY\[([^\]\s]*)\](?:<(\d+)>)? \{(\d{1,19})\}\r\n$", re.IGNORECASE)
_ANY_LITERAL = re.compile(rb"\{(\d{1,19})\}\r\n$")
_QUOTED = re.compile(rb'BODY\[([^\]\s]*)\](?:<(\d+)>)? "((?:[^"\\\r\n]|\\.)*)"', re.IGNORECASE)
_UID = re.compile(rb"\bUID (\d{1,10})\b", re.IGNORECASE)
_FETCH = re.compile(rb"\* \d{1,10} FETCH \(", re.IGNORECASE)


class Sink(Protocol):
    """Takes one section as it comes. `taken` counts the bytes, so that a section which was cut can be gone on with."""

    @property
    def taken(self) -> int: ...
    def write(self, data: bytes, /) -> object: ...


@dataclass(eq=False, slots=True)
class Wanted:
    """Sections of one message, each with its sink; `most` bytes of each, where that is bounded."""

    uid: int
    sinks: dict[str, Sink]
    most: dict[str, int] = field(default_factory=dict)
    attempts: int = 0
    exists: bool = False  # whether the server said anything of the message
    refused: str = ""  # what it said instead
    _answered: set[str] = field(default_factory=set)
    _origins: dict[str, int] = field(default_factory=dict)

    def command(self) -> str:
        """What to ask for: the sections that did not come yet, each from where it broke off."""
        left = [s for s in self.sinks if s not in self._answered]
        self._origins = {s: self.sinks[s].taken for s in left}
        return f"UID FETCH {self.uid} (UID {' '.join(f'BODY.PEEK[{s}]{self._span(s)}' for s in left)})"

    def _span(self, section: str) -> str:
        origin, most = self._origins[section], self.most.get(section)
        if not origin and most is None:
            return ""
        return f"<{origin}.{(most or _UNBOUNDED) - origin}>"

    def awaits(self, section: str, origin: int) -> bool:
        """Whether this was asked for, and has not come."""
        return self._origins.get(section) == origin and section not in self._answered

    def room(self, section: str) -> int:
        """The bytes that were asked for at most."""
        return self.most.get(section, _UNBOUNDED) - self._origins[section]

    def has(self, section: str) -> bool:
        """Whether it came, be it empty."""
        return section in self._answered

    def take(self, section: str, pieces: Iterator[bytes]) -> None:
        for piece in pieces:
            self.sinks[section].write(piece)
        self._answered.add(section)


class StreamError(OSError):
    """What came is no answer to what was asked; the connection is out of step and must be thrown away."""


def fetch(connection: Any, wanted: Iterable[Wanted], in_flight: int) -> Iterator[Wanted]:
    """Ask for `wanted` over an imaplib connection, `in_flight` commands ahead; yield each when it was answered wholly.

    Raises StreamError, OSError and imaplib's `abort` where the line breaks: those not yielded are to be asked for on
    another connection.
    """
    source = iter(wanted)
    waiting: dict[bytes, Wanted] = {}
    more = True
    while more or waiting:
        while more and len(waiting) < in_flight:
            one = next(source, None)
            if one is None:
                more = False
            else:
                waiting[_ask(connection, one)] = one
        if waiting:
            yield waiting.pop(_read_until_one_ends(connection, waiting))


def _ask(connection: Any, one: Wanted) -> bytes:
    tag: bytes = connection._new_tag()
    connection.tagged_commands.pop(tag, None)  # imaplib would wait for its answer
    connection.send(tag + b" " + one.command().encode("ascii") + b"\r\n")
    return tag


def _read_until_one_ends(connection: Any, waiting: Mapping[bytes, Wanted]) -> bytes:
    """Read answers, of whichever command a server works on, up to the tag that ends one of them."""
    while True:
        line = _line(connection)
        tag, _, status = line.partition(b" ")
        if _FETCH.match(line):
            _take_answer(connection, line, list(waiting.values()))
        elif tag in waiting:
            if not status.upper().startswith(b"OK"):
                waiting[tag].refused = _shown(status)
            return tag
        elif line.upper().startswith(b"* BYE"):
            raise StreamError(f"the server hangs up: {_shown(line)}")
        elif tag == b"*":
            _pass_over(connection, line)
        else:
            raise StreamError(f"the server says what is no answer: {_shown(line)}")


def _take_answer(connection: Any, line: bytes, waiting: Sequence[Wanted]) -> None:
    """One FETCH answer. Where its UID does not come first, it is taken for that of the command which waits longest."""
    uid: int | None = None
    while True:
        if said := _UID.search(_QUOTED.sub(b"", line)):
            uid = int(said[1])
            for one in waiting:
                one.exists = one.exists or one.uid == uid
        for quoted in _QUOTED.finditer(line):
            data = re.sub(rb"\\(.)", rb"\1", quoted[3])
            _give(waiting, uid, quoted, len(data), iter((data,)))
        if literal := _LITERAL.search(line):
            _give(waiting, uid, literal, int(literal[3]), _pieces(connection, int(literal[3])))
        elif _ANY_LITERAL.search(line):
            raise StreamError("the server sends what was not asked for")
        else:
            return
        line = _line(connection)


def _give(
    waiting: Sequence[Wanted], uid: int | None, item: re.Match[bytes], size: int, pieces: Iterator[bytes]
) -> None:
    section, origin = item[1].decode("ascii", "replace").upper(), int(item[2] or 0)
    candidates = (one for one in waiting if uid in (None, one.uid))
    one = next((c for c in candidates if c.awaits(section, origin)), None)
    if one is None:
        raise StreamError("the server sends what was not asked for")
    if size > one.room(section):
        raise StreamError("the server sends more than was asked for")
    one.take(section, pieces)


def _pieces(connection: Any, size: int) -> Iterator[bytes]:
    left = size
    while left:
        piece = connection.file.read(min(left, _PIECE))
        if not piece:
            raise StreamError("the line was cut in the middle of a file")
        left -= len(piece)
        yield piece


def _line(connection: Any) -> bytes:
    line = bytes(connection.file.readline(_LONGEST_LINE))
    if not line.endswith(b"\n"):
        raise StreamError("the line was cut" if len(line) < _LONGEST_LINE else "the server sends a line without an end")
    return line


def _pass_over(connection: Any, line: bytes) -> None:
    """What the server says unasked, such as EXISTS; a literal in it is read and dropped."""
    while literal := _ANY_LITERAL.search(line):
        if int(literal[1]) > _LONGEST_UNASKED:
            raise StreamError("the server sends what was not asked for")
        for _ in _pieces(connection, int(literal[1])):
            pass
        line = _line(connection)


def _shown(line: bytes) -> str:
    return line[:200].decode("ascii", "replace").strip()
