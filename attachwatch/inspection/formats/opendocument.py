"""OpenDocument text, spreadsheets and presentations (ISO/IEC 26300)."""

from collections.abc import Iterator
from itertools import chain

from attachwatch.inspection.formats import archive
from attachwatch.inspection.formats.findings import damaged, opens, password, unreadable
from attachwatch.inspection.formats.xml import fault
from attachwatch.inspection.wording import words
from attachwatch.model import Cause, Finding

TYPES = ("application/vnd.oasis.opendocument",)
_MANIFEST = "META-INF/manifest.xml"
_CONTENT = "content.xml"
_STYLES = "styles.xml"  # which alone makes a template


def look(data: bytes) -> Iterator[Finding]:
    found = next(chain(archive.faults(data), _parts(data)), None)
    if found:
        yield found
    if not found or found.code == Cause.CONTENT_UNREADABLE:
        yield opens()


def _parts(data: bytes) -> Iterator[Finding]:
    with archive.opened(data) as package:
        names = set(package.namelist())
        manifest = b"".join(archive.pieces(package, _MANIFEST)) if _MANIFEST in names else b""
        if b"encryption-data" in manifest:
            yield password()
        elif _CONTENT not in names and (b'"content.xml"' in manifest or _STYLES not in names):
            yield damaged("the package has no content")
        elif _CONTENT in names and (said := fault(archive.pieces(package, _CONTENT))):
            yield damaged(words(f"{_CONTENT}: {said}"))
        elif manifest and (said := fault([manifest])):
            yield unreadable(words(f"{_MANIFEST}: {said}"), _MANIFEST)  # offices offer to mend it
