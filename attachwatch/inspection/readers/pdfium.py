"""PDFium, the engine of Chrome and Edge: what it shows is what a recipient sees. It paints pages, small and gray."""

import pypdfium2
from pypdfium2 import raw

from attachwatch.model import ReaderReport

name = "pdfium"
version = str(pypdfium2.PDFIUM_INFO)

_MOST_PAGES = 10  # that are painted
_LONGEST_SIDE = 200  # pixels
_TOO_MANY = 10_000


def read(data: bytes) -> ReaderReport:
    try:
        document = pypdfium2.PdfDocument(data)
    except pypdfium2.PdfiumError as error:
        code = getattr(error, "err_code", None)
        locked = code in (raw.FPDF_ERR_PASSWORD, raw.FPDF_ERR_SECURITY)
        return ReaderReport(name, version, opened=False, error=str(error), needs_password=locked)
    try:
        pages = len(document)
        chosen = _spread(pages)
        failed = [n for n in chosen if not _paints(document, n)]
    finally:
        document.close()
    return ReaderReport(
        name,
        version,
        opened=pages > 0,
        pages=pages,
        rendered=len(chosen) - len(failed),
        error=f"cannot show page {', '.join(str(n + 1) for n in failed)}" if failed else None,
        limited=pages > _TOO_MANY,
    )


def _spread(pages: int) -> list[int]:
    """Indices of the pages to paint: all when few; else the first, the last, and some between."""
    if pages <= _MOST_PAGES:
        return list(range(pages))
    return sorted({round(n * (pages - 1) / (_MOST_PAGES - 1)) for n in range(_MOST_PAGES)})


def _paints(document: pypdfium2.PdfDocument, number: int) -> bool:
    try:
        page = document[number]
    except pypdfium2.PdfiumError:
        return False
    width, height = page.get_size()
    scale = min(_LONGEST_SIDE / max(width, height, 1), 1.0)
    try:
        page.render(scale=scale, grayscale=True, may_draw_forms=False).close()
    except (pypdfium2.PdfiumError, ValueError):
        return False
    finally:
        page.close()
    return True
