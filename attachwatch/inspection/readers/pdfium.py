"""PDFium, the engine of Chrome and Edge: what it shows is what a recipient sees. It paints pages, small and gray."""

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

import pypdfium2
from pypdfium2 import raw

from attachwatch.model import ReaderReport

name = "pdfium"
version = str(pypdfium2.PDFIUM_INFO.tag)  # what is behind it says merely who built it

SIZE = struct.Struct("=II")  # of a picture
PICTURE_SIDE = 1000  # pixels of its longest side
_MOST_PAGES = 10  # that are painted
_MOST_PICTURES = 20  # of a page
_LONGEST_SIDE = 200  # pixels
_FILTERS_LEFT_TO_IT = (b"/JPXDecode", b"/JBIG2Decode", b"/CCITTFaxDecode")  # others are decoded in `content`
_TOO_MANY = 10_000
MOST_TEXT = 262_144  # bytes of a letter


def read(data: bytes) -> ReaderReport:
    try:
        document = pypdfium2.PdfDocument(data)
    except pypdfium2.PdfiumError as error:
        code = getattr(error, "err_code", None)
        locked = code in (raw.FPDF_ERR_PASSWORD, raw.FPDF_ERR_SECURITY)
        return ReaderReport(name, version, opened=False, error=str(error), needs_password=locked)
    try:
        pages = len(document)
        ask = any(name in data for name in _FILTERS_LEFT_TO_IT)
        shown = {n + 1: _shown(document, n, ask_for_pictures=ask) for n in spread(pages, _MOST_PAGES)}
    finally:
        document.close()
    failed = [n for n, page in shown.items() if page is None]
    return ReaderReport(
        name,
        version,
        opened=pages > 0,
        pages=pages,
        rendered=len(shown) - len(failed),
        white=tuple(n for n, page in shown.items() if page and page.is_white),
        pictureless=tuple(n for n, page in shown.items() if page and page.lacks_picture),
        error=f"cannot show page {', '.join(map(str, failed))}" if failed else None,
        limited=pages > _TOO_MANY,
    )


def spread(pages: int, most: int) -> list[int]:
    """Indices of the pages to paint: all when few; else the first, the last, and some between."""
    if pages <= most:
        return list(range(pages))
    return sorted({round(n * (pages - 1) / (most - 1)) for n in range(most)})


@dataclass(frozen=True, slots=True)
class _Shown:
    is_white: bool
    lacks_picture: bool


def _shown(document: pypdfium2.PdfDocument, number: int, *, ask_for_pictures: bool) -> _Shown | None:
    try:
        page = document[number]
    except pypdfium2.PdfiumError:
        return None
    try:
        pixels = painted(page, _LONGEST_SIDE)
        return _Shown(pixels.count(b"\xff") == len(pixels), ask_for_pictures and _lacks_picture(page))
    except (pypdfium2.PdfiumError, ValueError):
        return None
    finally:
        page.close()


def painted(page: pypdfium2.PdfPage, longest_side: int) -> bytes:
    """The page's gray values, and what its rows are filled up with. Raises PdfiumError, ValueError."""
    width, height = page.get_size()
    scale = min(longest_side / max(width, height, 1), 1.0)
    bitmap = page.render(scale=scale, grayscale=True, may_draw_forms=False)
    try:
        return bytes(bitmap.buffer)
    finally:
        bitmap.close()


def picture(data: bytes, number: int) -> Iterator[bytes]:
    """Page `number` (from 1) for a person to look at: width and height as two numbers of `SIZE`, then its gray values.

    Raises PdfiumError, ValueError.
    """
    document = pypdfium2.PdfDocument(data)
    page = document[number - 1]
    scale = PICTURE_SIDE / max(*page.get_size(), 1)
    bitmap = page.render(scale=scale, grayscale=True, may_draw_forms=False)
    rows = memoryview(bytes(bitmap.buffer))
    yield SIZE.pack(bitmap.width, bitmap.height)
    yield b"".join(rows[n * bitmap.stride : n * bitmap.stride + bitmap.width] for n in range(bitmap.height))


def text(data: bytes, pages: int) -> Iterator[bytes]:
    """The text of the first `pages`, page by page, as far as `MOST_TEXT` goes. Raises PdfiumError."""
    document = pypdfium2.PdfDocument(data)
    left = MOST_TEXT
    for number in range(min(pages, len(document))):
        said = document[number].get_textpage().get_text_bounded().encode("utf-8", "replace")[: max(0, left - 2)]
        left -= len(said) + 2
        yield said + b"\n\n"
        if left <= 2:
            return


def _lacks_picture(page: pypdfium2.PdfPage) -> bool:
    pictures = page.get_objects(filter=[raw.FPDF_PAGEOBJ_IMAGE], max_depth=3)
    return not all(map(_is_readable, islice(pictures, _MOST_PICTURES)))


def _is_readable(picture: pypdfium2.PdfImage) -> bool:
    try:
        picture.get_bitmap(render=False).close()
    except pypdfium2.PdfiumError:
        return False
    return True
