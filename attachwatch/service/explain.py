"""Why a file was judged as it was: its bytes at a glance, the damaged places, and its pages as pictures."""

from dataclasses import dataclass
from pathlib import Path

from attachwatch.inspection.bytemap import ByteMap, byte_map, hex_rows
from attachwatch.inspection.sandbox import Inspector, Picture
from attachwatch.model import Finding
from attachwatch.service.verify import VerifiedFile

_LARGEST = 100 << 20  # bytes of a file that is mapped
_MOST_PICTURES = 10


@dataclass(frozen=True, slots=True)
class Place:
    """A finding that names an offset, and the bytes around it."""

    finding: Finding
    offset: int
    rows: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Explanation:
    file: VerifiedFile
    map: ByteMap | None  # None where the file cannot be read, or is too large
    places: tuple[Place, ...] = ()
    pictures: tuple[tuple[int, Picture], ...] = ()  # page, picture


def explain(file: VerifiedFile, inspector: Inspector | None = None) -> Explanation:
    """The explanation of `file`; with pictures of its pages where there is an `inspector` to paint them."""
    data = _bytes(file.blob) if file.inspection.size <= _LARGEST and file.inspection.sha256 else None
    if data is None:
        return Explanation(file, None)
    return Explanation(file, byte_map(data), _places(file, data), _pictures(file, inspector) if inspector else ())


def _bytes(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except OSError:
        return None


def _places(file: VerifiedFile, data: bytes) -> tuple[Place, ...]:
    found = []
    for finding in file.inspection.findings:
        offset = finding.evidence.get("offset")
        if isinstance(offset, int) and data and 0 <= offset <= len(data):
            found.append(Place(finding, offset, tuple(hex_rows(data, offset))))
    return tuple(found)


def _pictures(file: VerifiedFile, inspector: Inspector) -> tuple[tuple[int, Picture], ...]:
    """The pages that PDFium showed, as far as they are few."""
    reader = next((r for r in file.inspection.readers if r.name == "pdfium"), None)
    if reader is None or not reader.rendered or reader.pages is None:
        return ()
    numbers = range(1, min(reader.pages, _MOST_PICTURES) + 1)
    return tuple((n, made) for n in numbers if (made := inspector.paint(file.blob, n)))
