"""Word, Excel and PowerPoint since 2007 (ECMA-376): a package of parts (part 2, OPC), which refer to one another.

The main part must be there and well-formed; where one that it refers to is not, the program mends the file without it.
"""

import posixpath
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain
from urllib.parse import unquote

from lxml import etree

from attachwatch.inspection import filetype
from attachwatch.inspection.filetype import OPC
from attachwatch.inspection.formats import archive
from attachwatch.inspection.formats.findings import damaged, opens, unreadable
from attachwatch.inspection.formats.xml import fault
from attachwatch.inspection.wording import words
from attachwatch.model import Cause, Finding

TYPES = ("application/vnd.openxmlformats-officedocument", OPC)
_MOST_PARTS = 10_000  # long presentations have thousands
_CONTENT_TYPES = "[content_types].xml"
_PACKAGE_RELATIONSHIPS = "_rels/.rels"
_MAIN_TYPE = re.compile(r"\.main(\+xml)?$")  # of the content types of part 1; in those with macros, too
_ADDRESS = re.compile(r"[a-z]+:", re.IGNORECASE)  # of what is elsewhere, whatever its mode says
_MAIN_PARTS = ("word/document.xml", "xl/workbook.xml", "xl/workbook.bin", "ppt/presentation.xml")
# The last segment of a relationship's type (part 1, section 15 and others) where a reader would see that it is gone.
# Of others, such as pictures and settings, programs put up with the loss, and some write references to nothing.
_SEEN = frozenset(
    ("worksheet", "chartsheet", "sharedStrings", "slide", "header", "footer", "footnotes", "endnotes", "comments")
)
_FOREIGN = frozenset(("customXml", "attachedTemplate"))  # what others put in, and the program does not need


@dataclass(frozen=True, slots=True)
class _Reference:
    """A relationship to a part inside the package."""

    kind: str  # the last segment of its type
    part: str  # normalized


def look(data: bytes) -> Iterator[Finding]:
    """Of a package of another program no more is known than whether it unpacks."""
    is_office = filetype.identify(data).media_type != OPC
    found = next(chain(archive.faults(data, _MOST_PARTS), _faults(data) if is_office else ()), None)
    if found:
        yield found
    if is_office and (not found or found.code == Cause.CONTENT_UNREADABLE):
        yield opens()


def _faults(data: bytes) -> Iterator[Finding]:
    with archive.opened(data) as package:
        parts = {_normalized(name): name for name in reversed(package.namelist())}
        types = parts.get(_CONTENT_TYPES)
        if types is None:
            yield damaged("the package has no list of types")
            return
        if said := fault(archive.pieces(package, types)):
            yield damaged(words(f"{types}: {said}"))
            return
        main = _main_part(package, parts)
        if main is None:
            yield damaged("the package has no main part")
        elif _is_xml(main) and (said := fault(archive.pieces(package, parts[main]))):
            yield damaged(words(f"{parts[main]}: {said}"))
        else:
            yield from _faults_of_others(package, parts, main)


def _faults_of_others(package: zipfile.ZipFile, parts: dict[str, str], main: str) -> Iterator[Finding]:
    relationships = posixpath.join(posixpath.dirname(main), "_rels", f"{posixpath.basename(main)}.rels")
    if (name := parts.get(relationships)) is None:
        return
    if said := fault(archive.pieces(package, name)):
        yield unreadable(words(f"{name}: {said}"), words(name))
        return
    for reference in dict.fromkeys(_references(b"".join(archive.pieces(package, name)), main)):
        stored = parts.get(reference.part)
        if stored is None:
            if reference.kind in _SEEN:
                yield unreadable(words(f"{reference.part} is not in the package"), words(reference.part))
        elif reference.kind not in _FOREIGN and _is_xml(stored) and (said := fault(archive.pieces(package, stored))):
            yield unreadable(words(f"{stored}: {said}"), words(stored))


def _main_part(package: zipfile.ZipFile, parts: dict[str, str]) -> str | None:
    """The part that the package refers to as its document, or has the type of one, or lies where one usually does."""
    found: list[str] = []
    if (name := parts.get(_PACKAGE_RELATIONSHIPS)) and not fault(archive.pieces(package, name)):
        found += [
            r.part for r in _references(b"".join(archive.pieces(package, name)), "") if r.kind == "officeDocument"
        ]
    found += _of_main_type(b"".join(archive.pieces(package, parts[_CONTENT_TYPES])))
    return next((part for part in (*found, *_MAIN_PARTS) if part in parts), None)


def _of_main_type(types: bytes) -> list[str]:
    overrides = _root(types).iterfind("{*}Override")
    return [_normalized(o.get("PartName", "")) for o in overrides if _MAIN_TYPE.search(o.get("ContentType", ""))]


def _references(relationships: bytes, source: str) -> Iterator[_Reference]:
    """What the part `source` refers to inside the package; not what lies outside, or is a place in itself."""
    for found in _root(relationships).iterfind("{*}Relationship"):
        target = found.get("Target", "").partition("#")[0]
        if found.get("TargetMode", "").lower() == "external" or not target or _ADDRESS.match(target):
            continue
        path = posixpath.join("/", posixpath.dirname(source), target.replace("\\", "/"))
        yield _Reference(found.get("Type", "").rpartition("/")[2], _normalized(posixpath.normpath(path)))


def _root(xml: bytes) -> etree._Element:
    """Of what has been found to be well-formed. Entities stay as they are."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, recover=True)
    root = etree.fromstring(xml, parser)
    return etree.Element("nothing") if root is None else root


def _normalized(name: str) -> str:
    """A part's name as programs compare it: case does not count (OPC section 6.2.2), nor how it is escaped."""
    return unquote(name).replace("\\", "/").lstrip("/").lower()


def _is_xml(part: str) -> bool:
    return part.lower().endswith(".xml")
