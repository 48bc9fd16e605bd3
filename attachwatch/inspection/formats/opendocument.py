"""OpenDocument text, spreadsheets and presentations (ISO/IEC 26300)."""

from collections.abc import Iterator
from itertools import chain

from attachwatch.inspection.formats import archive
from attachwatch.inspection.formats.findings import damaged, opens, password
from attachwatch.inspection.formats.xml import fault
from attachwatch.model import Finding

TYPES = ("application/vnd.oasis.opendocument",)
_MANIFEST = "META-INF/manifest.xml"
_CONTENT = "content.xml"


def look(data: bytes) -> Iterator[Finding]:
    yield next(chain(archive.faults(data), _missing_parts(data)), None) or opens()


def _missing_parts(data: bytes) -> Iterator[Finding]:
    with archive.opened(data) as package:
        names = set(package.namelist())
        if _MANIFEST in names and b"encryption-data" in package.read(_MANIFEST):
            yield password()
        elif _CONTENT not in names:
            yield damaged("the package has no content")
        elif said := fault(package.read(_CONTENT)):
            yield damaged(f"{_CONTENT}: {said}")
