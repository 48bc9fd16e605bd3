"""What a PDF's pages are made of: whether it is there, can be read to the end, and whether every page is reached."""

import io
from collections.abc import Callable, Iterator
from itertools import islice
from typing import Any

import pikepdf

from attachwatch.inspection import images
from attachwatch.inspection.readers.interface import is_limit, said, words
from attachwatch.model import Cause, Finding

_MOST_PAGES = 50  # whose streams are read
_MOST_IMAGES = 200
_MOST_OBJECTS = 20_000
_NOT_ANSWERED = (pikepdf.PdfError, pikepdf.PasswordError, ValueError, TypeError, KeyError, AttributeError, RuntimeError)


def look(data: bytes) -> tuple[Finding, ...]:
    """What of the pages is lost; nothing for a file that does not open, of which others speak."""
    try:
        with pikepdf.open(io.BytesIO(data), suppress_warnings=True) as pdf:
            return tuple(found for question in _QUESTIONS for found in _answers(question, pdf))
    except _NOT_ANSWERED:
        return ()


def _answers(question: Callable[[pikepdf.Pdf], Iterator[Finding]], pdf: pikepdf.Pdf) -> tuple[Finding, ...]:
    try:
        return tuple(question(pdf))
    except _NOT_ANSWERED:  # an odd object stands in the way of one question, and not of the next
        return ()


def _unreadable(pdf: pikepdf.Pdf) -> Iterator[Finding]:
    bad: dict[int, str] = {}
    for number, page in _each_page(pdf):
        for stream in _content_streams(page):
            try:
                stream.read_bytes()
            except (pikepdf.PdfError, ValueError, RuntimeError) as error:
                if not is_limit(str(error)):
                    bad.setdefault(number, words(said(error)))
    if bad:
        text = f"The content of {_named(list(bad))} cannot be read to its end."
        yield Finding(Cause.CONTENT_UNREADABLE, text, {"pages": list(bad), "error": next(iter(bad.values()))})


def _gone(pdf: pikepdf.Pdf) -> Iterator[Finding]:
    """Pages with fonts or pictures of their own, and with a content that is there and holds nothing.

    A page without any content is left alone: it may be blank on purpose.
    """
    numbers = [n for n, page in _each_page(pdf) if _is_gone(page)]
    if numbers:
        text = f"The content of {_named(numbers)} is gone: fonts or pictures are there, and nothing is drawn with them."
        yield Finding(Cause.CONTENT_UNREADABLE, text, {"pages": numbers})


def _bad_images(pdf: pikepdf.Pdf) -> Iterator[Finding]:
    shown = ((n, image) for n, page in _each_page(pdf) for image in _images(page))
    judged: dict[tuple[int, int], bool] = {}
    numbers: list[int] = []
    for number, image in islice(shown, _MOST_IMAGES):
        if image.objgen not in judged:
            judged[image.objgen] = images.is_unreadable(image)
        if judged[image.objgen] and number not in numbers:
            numbers.append(number)
    if numbers:
        text = f"A picture on {_named(numbers)} cannot be read."
        yield Finding(Cause.CONTENT_UNREADABLE, text, {"pages": numbers, "pictures": sum(judged.values())})


def _each_page(pdf: pikepdf.Pdf) -> Iterator[tuple[int, Any]]:
    """The number and the dictionary of the pages that are looked at."""
    return enumerate((page.obj for page in islice(pdf.pages, _MOST_PAGES)), 1)


def _content_streams(page: Any) -> Iterator[Any]:
    contents = page.get("/Contents")
    if isinstance(contents, pikepdf.Stream):
        yield contents
    elif isinstance(contents, pikepdf.Array):
        yield from (c for c in list(contents)[:1000] if isinstance(c, pikepdf.Stream))


def _is_gone(page: Any) -> bool:
    streams = list(_content_streams(page))
    drawable = any(_resources(page, kind) for kind in ("/Font", "/XObject"))
    return bool(streams) and drawable and "/Annots" not in page and all(map(_is_empty, streams))


def _is_empty(stream: Any) -> bool:
    try:
        return not stream.read_bytes().strip()
    except (pikepdf.PdfError, ValueError, RuntimeError):
        return False  # of which `_unreadable` speaks


def _images(page: Any) -> Iterator[Any]:
    for thing in _resources(page, "/XObject"):
        if isinstance(thing, pikepdf.Stream) and thing.get("/Subtype") == pikepdf.Name.Image:
            yield thing


def _resources(page: Any, kind: str) -> list[Any]:
    """What the page's own resources (ISO 32000-1 section 7.8.3) hold of this kind."""
    resources = page.get("/Resources")
    held = resources.get(kind) if isinstance(resources, pikepdf.Dictionary) else None
    return [value for _, value in held.items()] if isinstance(held, pikepdf.Dictionary) else []


def _named(numbers: list[int]) -> str:
    return f"page {numbers[0]}" if len(numbers) == 1 else f"pages {', '.join(map(str, numbers))}"


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


_QUESTIONS: tuple[Callable[[pikepdf.Pdf], Iterator[Finding]], ...] = (_unreadable, _gone, _bad_images, _unreached)
