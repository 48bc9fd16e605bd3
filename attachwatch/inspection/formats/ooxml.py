"""Word, Excel and PowerPoint since 2007 (ECMA-376): a package of parts, of which the main one must be well-formed."""

from collections.abc import Iterator
from itertools import chain

from attachwatch.inspection.formats import archive
from attachwatch.inspection.formats.findings import damaged, opens
from attachwatch.inspection.formats.xml import fault
from attachwatch.model import Finding

TYPES = ("application/vnd.openxmlformats-officedocument",)
_CONTENT_TYPES = "[Content_Types].xml"
_MAIN_PARTS = ("word/document.xml", "word/document2.xml", "xl/workbook.xml", "xl/workbook.bin", "ppt/presentation.xml")


def look(data: bytes) -> Iterator[Finding]:
    found = next(chain(archive.faults(data), _missing_parts(data)), None)
    yield found or opens()


def _missing_parts(data: bytes) -> Iterator[Finding]:
    with archive.opened(data) as package:
        names = set(package.namelist())
        main = next((name for name in _MAIN_PARTS if name in names), None)
        if _CONTENT_TYPES not in names or main is None:
            yield damaged("the package has no main part")
            return
        for name in (_CONTENT_TYPES, main):
            if name.endswith(".xml") and (said := fault(package.read(name))):
                yield damaged(f"{name}: {said}")
