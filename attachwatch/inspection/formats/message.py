"""Saved messages as they go over the line, .eml (RFC 5322), and parts of them."""

import re
from collections.abc import Iterator
from functools import partial

from attachwatch.inspection.formats.file import File
from attachwatch.inspection.formats.findings import opens_with
from attachwatch.mime import intext, tree
from attachwatch.model import Finding

TYPES = ("message/rfc822",)
_HEAD = 8192  # bytes
_RELATED = re.compile(rb"^content-type:[ \t]*multipart/related", re.IGNORECASE | re.MULTILINE)
_SENT = re.compile(rb"^(to|cc|message-id|received):", re.IGNORECASE | re.MULTILINE)


def look(data: bytes) -> Iterator[Finding]:
    yield from opens_with(files(data))


def files(data: bytes) -> list[File]:
    return [] if _is_page(data) else parts(data)


def parts(data: bytes) -> list[File]:
    """The parts that are files, and what stands in the text; those of a message in it stand under its name."""
    read = tree.read(data)
    own = read.structure.text
    blocks = intext.files(read.content(own.section)) if own and own.subtype == "plain" else []
    found = [File(part.name, partial(_content, read, part.section), part.containers) for part in read.structure.parts]
    return [*found, *(File.of(name, block) for name, block in blocks)]


def _is_page(data: bytes) -> bool:
    """Whether a browser or Word saved it, a page with its pictures (RFC 2557), and nobody sent it."""
    head = data[:_HEAD].replace(b"\r\n", b"\n").lstrip().partition(b"\n\n")[0]
    return bool(_RELATED.search(head)) and not _SENT.search(head)


def _content(read: tree.Tree, section: str) -> Iterator[bytes]:
    if data := read.content(section):
        yield data
