"""A message as it lies in a file -> its parts with their bytes, however it is packed (RFC 2045, RFC 2046).

What has no end, or a boundary that is never met, is taken apart at what looks like one: others show such files, too.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from email import message_from_bytes
from email.message import Message
from email.policy import compat32
from itertools import islice

from attachwatch.mime.names import file_name
from attachwatch.mime.parts import DEEPEST, MESSAGES, MOST, Leaf, Structure, media_type, sort
from attachwatch.mime.transfer import decoder
from attachwatch.mime.words import decode, raw_field

_ENCODED = ("base64", "quoted-printable")  # which a message must not be (RFC 2046 section 5.2.1), and sometimes is
# A line that begins a part: some boundary, and behind it a field of a part's header.
_MARKER = re.compile(
    r"^--(?P<boundary>[^\s-][^\r\n]{0,200}|-+[^\s-][^\r\n]{0,200})\r?\n(?=content-[a-z-]{2,30}[ \t]*:)",
    re.IGNORECASE | re.MULTILINE,
)
_BINARY = (b"%PDF-", b"PK\x03\x04", b"\xd0\xcf\x11\xe0", b"\x89PNG", b"\xff\xd8\xff", b"\x78\x9f\x3e\x22", b"{\\rtf1")
_START = 8192  # characters of a part, as encoded, by which it is told from text


@dataclass(frozen=True, slots=True)
class Tree:
    """What a message holds: which parts are what, and the bytes of each."""

    structure: Structure
    _parts: dict[str, tuple[Leaf, Message]]

    def content(self, section: str) -> bytes:
        """A part, decoded as far as it can be."""
        leaf, part = self._parts[section]
        return _decoded(part, leaf.encoding)


def read(raw: bytes) -> Tree:
    """Take a message apart; at most MOST of its parts."""
    found: dict[str, tuple[Leaf, Message]] = {}
    try:
        walk = _leaves(message_from_bytes(raw, policy=compat32), "", (), 0)
        found = {leaf.section: (leaf, part) for leaf, part in islice(walk, MOST + 1)}
    except (ValueError, TypeError, LookupError, RecursionError, AttributeError, AssertionError):
        pass
    if all(leaf.media_type.startswith("multipart/") for leaf, _ in found.values()):
        found = _flat(raw) or found
    return Tree(sort([leaf for leaf, _ in found.values()]), found)


def _flat(raw: bytes) -> dict[str, tuple[Leaf, Message]]:
    """The parts of what is nested too deep, or parts where none is declared, one behind the other."""
    pieces = _split(raw.decode("ascii", "surrogateescape"))
    if len(pieces) < 2:
        return {}
    walk = (pair for number, piece in enumerate(pieces, 1) for pair in _leaves(piece, str(number), (), DEEPEST))
    return {leaf.section: (leaf, part) for leaf, part in islice(walk, MOST + 1)}


def _leaves(part: Message, section: str, containers: tuple[str, ...], depth: int) -> Iterator[tuple[Leaf, Message]]:
    declared = media_type(raw_field(part, "Content-Type"))
    children = part.get_payload()
    encoding = raw_field(part, "Content-Transfer-Encoding").strip().lower()
    if declared in MESSAGES and encoding in _ENCODED and isinstance(children, list) and children:
        children = [message_from_bytes(_decoded_text(_text_of(children[0]), encoding), policy=compat32)]
    if isinstance(children, list) and children and declared.startswith("message/") and declared not in MESSAGES:
        return  # a report of a mail system, as fields
    if isinstance(children, str) and declared.startswith("multipart/") and depth < DEEPEST:
        children = _split(children) or children
        declared = declared if isinstance(children, list) else "text/plain"  # as other programs show it
    if isinstance(children, list) and children and depth < DEEPEST:
        if declared in MESSAGES:
            inner = children[0]
            subject = decode(raw_field(inner, "Subject")) if isinstance(inner, Message) else ""
            containers = (*containers, _name(part) or " ".join(subject.split()) or "forwarded message")
        for number, child in enumerate([*children, *_behind_the_end(part)], 1):
            if isinstance(child, Message):
                yield from _leaves(child, f"{section}.{number}".lstrip("."), containers, depth + 1)
        return
    yield _leaf(part, declared, section or "1", containers), part


def _behind_the_end(part: Message) -> list[Message]:
    """Parts behind the last boundary: where a multipart has that of the one around it, its end is taken for both's."""
    boundary = part.get_boundary()
    if not boundary or not isinstance(part.epilogue, str) or boundary not in part.epilogue:
        return []
    return _split(part.epilogue, boundary.rstrip())


def _split(text: str, boundary: str | None = None) -> list[Message]:
    """Parts of a text in which some boundary stands, whatever it was declared to be, or this one."""
    found = (m for m in _MARKER.finditer(text) if boundary is None or m["boundary"].rstrip() == boundary)
    markers = list(islice(found, MOST))
    pieces = []
    for marker, end in zip(markers, [*(m.start() for m in markers[1:]), len(text)], strict=False):
        piece = text[marker.end() : end]
        close = piece.rfind(f"\n--{marker['boundary'].rstrip()}--")
        piece = piece if close < 0 else piece[: close + 1]
        pieces.append(message_from_bytes(piece.encode("utf-8", "surrogateescape"), policy=compat32))
    return pieces


def _leaf(part: Message, declared: str, section: str, containers: tuple[str, ...]) -> Leaf:
    disposition = raw_field(part, "Content-Disposition").split(";")[0].strip().lower()
    encoding = raw_field(part, "Content-Transfer-Encoding").split(";")[0].strip().lower()
    charset = part.get_param("charset", "")
    payload = part.get_payload()
    text = payload if isinstance(payload, str) else ""
    name = _name(part)
    return Leaf(
        section=section,
        media_type=declared,
        parameters={"charset": charset} if isinstance(charset, str) else {},
        disposition=disposition,
        name=name,
        encoding=encoding,
        size=len(text),
        containers=containers,
        is_binary=declared.startswith("text/") and not name and _is_binary(text, encoding),
    )


def _is_binary(text: str, encoding: str) -> bool:
    return _decoded_text(text[:_START], encoding).startswith(_BINARY)


def _name(part: Message) -> str:
    lines = (f"{k}: {v}" for k, v in part.raw_items() if k.lower() in ("content-disposition", "content-type"))
    return file_name("\n".join(lines).encode("utf-8", "surrogateescape") + b"\n\n")


def _decoded(part: Message, encoding: str) -> bytes:
    payload = part.get_payload()
    return _decoded_text(payload, encoding) if isinstance(payload, str) else b""


def _decoded_text(text: str, encoding: str) -> bytes:
    decode = decoder(encoding)
    return decode.feed(text.encode("utf-8", "surrogateescape")) + decode.end()


def _text_of(message: object) -> str:
    """What the parser took for a message and is still encoded: it has no header, so all of it is its body."""
    payload = message.get_payload() if isinstance(message, Message) else ""
    return payload if isinstance(payload, str) else ""
