"""Saved messages as they go over the line, .eml (RFC 5322), and parts of them."""

from collections.abc import Iterator
from functools import partial

from attachwatch.inspection.formats.file import File
from attachwatch.inspection.formats.findings import opens_with
from attachwatch.mime import intext, tree
from attachwatch.model import Finding

TYPES = ("message/rfc822",)


def look(data: bytes) -> Iterator[Finding]:
    yield from opens_with(files(data))


def files(data: bytes) -> list[File]:
    """Its parts that are files, and what stands in its text; those of a message in it stand under its name."""
    read = tree.read(data)
    own = read.structure.text
    blocks = intext.files(read.content(own.section)) if own and own.subtype == "plain" else []
    parts = [File(part.name, partial(_content, read, part.section), part.containers) for part in read.structure.parts]
    return [*parts, *(File.of(name, block) for name, block in blocks)]


def _content(read: tree.Tree, section: str) -> Iterator[bytes]:
    if data := read.content(section):
        yield data
