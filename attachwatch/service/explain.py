"""Why a file was judged as it was: its bytes at a glance, the damaged places, and its pages as pictures."""

from dataclasses import dataclass

from attachwatch.inspection.bytemap import ByteMap, byte_map, hex_rows
from attachwatch.inspection.sandbox import ChangedError, Inspector, Picture, content
from attachwatch.model import Finding, Inspection
from attachwatch.service.verify import VerifiedFile

_LARGEST = 100 << 20  # bytes of a file that is mapped
_SPREAD = 10  # pages that are painted of any document, as far as it has them
_MOST_PICTURES = 12


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
    changed: str = ""  # a sentence, where the file is not what was inspected any more, so that nothing of it is shown


def explain(file: VerifiedFile, inspector: Inspector | None = None) -> Explanation:
    """The explanation of `file`; with pictures of its pages where there is an `inspector` to paint them."""
    if not file.inspection.sha256 or file.inspection.size > _LARGEST:
        return Explanation(file, None)
    try:
        data = content(file.blob, file.inspection.sha256, _LARGEST)
        return Explanation(file, byte_map(data), _places(file, data), _pictures(file, inspector) if inspector else ())
    except ChangedError as error:
        return Explanation(file, None, changed=str(error))


def _places(file: VerifiedFile, data: bytes) -> tuple[Place, ...]:
    found = []
    for finding in file.inspection.findings:
        offset = finding.evidence.get("offset")
        if isinstance(offset, int) and data and 0 <= offset <= len(data):
            found.append(Place(finding, offset, tuple(hex_rows(data, offset))))
    return tuple(found)


def _pictures(file: VerifiedFile, inspector: Inspector) -> tuple[tuple[int, Picture], ...]:
    """Pages that PDFium showed: those that findings name, and as it looks at them itself, as far as they are few."""
    reader = next((r for r in file.inspection.readers if r.name == "pdfium"), None)
    if reader is None or not reader.rendered or reader.pages is None:
        return ()
    numbers = _pages(file.inspection, reader.pages)
    sha256 = file.inspection.sha256
    return tuple((n, made) for n in numbers if (made := inspector.paint(file.blob, sha256, n)))


def _pages(inspection: Inspection, pages: int) -> list[int]:
    from attachwatch.inspection.readers.pdfium import spread  # an engine, loaded only where pages are wanted

    named = [n for f in inspection.findings if isinstance(held := f.evidence.get("pages"), list) for n in held]
    sound = [n for n in named if isinstance(n, int) and 1 <= n <= pages]
    return sorted(list(dict.fromkeys([*sound, *(n + 1 for n in spread(pages, _SPREAD))]))[:_MOST_PICTURES])
