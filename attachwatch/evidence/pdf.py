"""A document as a PDF, tagged for screen readers and fit for an archive (PDF/UA-1, PDF/A-2a), by a bundled compiler.

The same document always has the same bytes, as long as the fonts that come with the compiler have all its characters;
where they lack some, those of the machine are asked, too. Characters that no font has are written like \\u4e2d.
"""

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import asdict
from datetime import datetime
from importlib.resources import files
from typing import Any

from attachwatch.errors import UsageError
from attachwatch.evidence.blocks import Block, Document, Heading, Picture, Words
from attachwatch.evidence.harmless import lines, shown

STANDARDS = ["ua-1", "a-2a"]
_LACKING = re.compile(r'the text `"(.{1,12}?)"` could not be displayed')
_ESCAPED = re.compile(r"\\u\{([0-9a-f]{1,6})\}")
_SURELY_HAD = "\n\x20-\x7e\xa0-\xac\xae-\u024f\u0391-\u03a9\u03b1-\u03c9\u0410-\u044f"  # by the bundled fonts
_PLAIN = re.compile(f"[{_SURELY_HAD}]")
_PROBE = """\
#set document(title: "x")
#set text(font: ("Libertinus Serif", "DejaVu Sans Mono"), lang: "en")
#for c in json(bytes(sys.inputs.characters)) [#par(c)]
"""


def pdf(document: Document, made: datetime) -> bytes:
    """`made` is when it says that it was made. Raises UsageError where the compiler is not installed."""
    typst = _compiler()
    plain = _plain(document)
    strange = sorted(set(_characters(plain)))
    if not _lacking(typst, strange, ignore_system_fonts=True):
        return _compiled(typst, plain, made, ignore_system_fonts=True)
    lacking = _lacking(typst, strange, ignore_system_fonts=False)
    try:
        return _compiled(typst, _written_out(plain, lacking), made, ignore_system_fonts=False)
    except typst.TypstError:  # a font may have a character alone, and not in company
        return _compiled(typst, _written_out(plain, frozenset(strange)), made, ignore_system_fonts=True)


def _compiled(typst: Any, plain: dict[str, Any], made: datetime, *, ignore_system_fonts: bool) -> bytes:
    data: bytes = typst.compile(
        files("attachwatch.evidence").joinpath("templates", "report.typ").read_bytes(),
        format="pdf",
        ignore_system_fonts=ignore_system_fonts,
        sys_inputs={"document": json.dumps(plain)},
        pdf_standards=STANDARDS,
        timestamp=int(made.timestamp()),
    )
    return data


def _compiler() -> Any:
    try:
        import typst
    except ImportError:
        raise UsageError(
            "no PDF can be written: the package typst is not installed",
            "Install it with `pip install 'attachwatch[pdf]'`, or write .html and print that.",
        ) from None
    return typst


def _plain(document: Document) -> dict[str, Any]:
    """The document as the template takes it, harmless. Pictures are for the page alone."""
    blocks = [_block(b) for b in document.blocks if not isinstance(b, Picture)]
    ids = [b.id for b in document.blocks if isinstance(b, Heading) and b.id]
    return {"title": shown(document.title), "lead": shown(document.lead), "blocks": blocks, "ids": ids}


def _block(block: Block) -> dict[str, Any]:
    found: dict[str, Any] = {"kind": type(block).__name__, **_map(asdict(block), shown)}
    return found | {"text": lines(block.text)} if isinstance(block, Words) else found


def _map(value: Any, change: Callable[[str], str]) -> Any:
    """`value` with each text in it changed."""
    if isinstance(value, str):
        return change(value)
    if isinstance(value, dict):
        return {key: _map(v, change) for key, v in value.items()}
    return [_map(v, change) for v in value] if isinstance(value, list | tuple) else value


def _characters(value: Any) -> Iterator[str]:
    """Those that the bundled fonts may lack."""
    if isinstance(value, str):
        yield from _PLAIN.sub("", value)
    elif isinstance(value, dict):
        for v in value.values():
            yield from _characters(v)
    elif isinstance(value, list | tuple):
        for v in value:
            yield from _characters(v)


def _lacking(typst: Any, characters: list[str], *, ignore_system_fonts: bool) -> frozenset[str]:
    """Those of `characters` that no font has, by what the compiler says of a document that holds each once."""
    lacking: set[str] = set()
    while asked := [c for c in characters if c not in lacking]:
        try:
            typst.compile(
                _PROBE.encode(),
                format="pdf",
                ignore_system_fonts=ignore_system_fonts,
                sys_inputs={"characters": json.dumps(asked)},
                pdf_standards=STANDARDS,
            )
            break
        except typst.TypstError as error:
            named = {c for text in _LACKING.findall(error.diagnostic) for c in _unescaped(text)}
            fresh = named.intersection(asked)
            lacking |= fresh or set(asked)
    return frozenset(lacking)


def _unescaped(text: str) -> str:
    return _ESCAPED.sub(lambda found: chr(int(found[1], 16)), text)


def _written_out(plain: dict[str, Any], lacking: frozenset[str]) -> dict[str, Any]:
    found: dict[str, Any] = _map(
        plain, lambda text: "".join(c.encode("unicode_escape").decode() if c in lacking else c for c in text)
    )
    return found
