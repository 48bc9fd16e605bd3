"""What a PDF's pages are made of: whether their streams can be read to the end, and whether every page is reached."""

import io
from collections.abc import Iterator
from itertools import islice
from typing import Any

import pikepdf

from attachwatch.inspection.readers.interface import is_limit, words
from attachwatch.model import Cause, Finding

_MOST_PAGES = 50  # whose streams are read
_MOST_OBJECTS = 20_000


def look(data: bytes) -> tuple[Finding, ...]:
    """What of the pages is lost; nothing for a file that does not open, of which others speak."""
    try:
        with pikepdf.open(io.BytesIO(data), suppress_warnings=True) as pdf:
            return tuple(_unreadable(pdf)) + tuple(_unreached(pdf))
    except (pikepdf.PdfError, ValueError, TypeError, KeyError, AttributeError, RuntimeError):
        return ()


def _unreadable(pdf: pikepdf.Pdf) -> Iterator[Finding]:
    bad: dict[int, str] = {}
    for number, page in enumerate(islice(pdf.pages, _MOST_PAGES), 1):
        for stream in _content_streams(page.obj.get("/Contents")):
            try:
                stream.read_bytes()
            except (pikepdf.PdfError, ValueError, RuntimeError) as error:
                if not is_limit(str(error)):
                    bad.setdefault(number, words(str(error)))
    if bad:
        numbers = list(bad)
        shown = f"page {numbers[0]}" if len(numbers) == 1 else f"pages {', '.join(map(str, numbers))}"
        yield Finding(
            Cause.CONTENT_UNREADABLE,
            f"The content of {shown} cannot be read to its end.",
            {"pages": numbers, "error": bad[numbers[0]]},
        )


def _content_streams(contents: Any) -> Iterator[Any]:
    if isinstance(contents, pikepdf.Stream):
        yield contents
    elif isinstance(contents, pikepdf.Array):
        yield from (c for c in list(contents)[:1000] if isinstance(c, pikepdf.Stream))


def _unreached(pdf: pikepdf.Pdf) -> Iterator[Finding]:
    """Page objects that the page tree does not lead to, and a /Count that promises more pages than there are."""
    reached = {page.obj.objgen for page in pdf.pages}
    lost = sum(
        1
        for candidate in islice(pdf.objects, _MOST_OBJECTS)
        if isinstance(candidate, pikepdf.Dictionary)
        and candidate.get("/Type") == pikepdf.Name.Page
        and candidate.objgen not in reached
        and "/Contents" in candidate
    )
    promised = pdf.Root.get("/Pages", pikepdf.Dictionary()).get("/Count")
    if isinstance(promised, int) and len(pdf.pages) < promised <= 100_000:
        yield Finding(
            Cause.PAGES_MISSING,
            f"The file says that it has {promised} pages, and {len(pdf.pages)} are there.",
            {"promised": promised, "there": len(pdf.pages)},
        )
    elif lost:
        yield Finding("unreached-pages", f"{lost} page objects are not part of the document.", {"objects": lost})
