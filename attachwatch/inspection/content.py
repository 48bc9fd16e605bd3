"""What a PDF's pages are made of: whether it is there, can be read to the end, and whether every page is reached."""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

import pikepdf

from attachwatch.inspection import images, operators
from attachwatch.inspection.judge import UNREACHED
from attachwatch.inspection.operators import Drawing
from attachwatch.inspection.readers.interface import is_limit
from attachwatch.inspection.wording import pages_in_words, said, words
from attachwatch.model import Cause, Evidence, Finding

_MOST_PAGES = 50  # whose streams are read
_MOST_IMAGES = 200
_MOST_OBJECTS = 20_000
_MOST_DRAWN = 1 << 20  # bytes of all pages whose instructions are read one by one
_MOST_SCANNED = 4 << 20  # bytes of one page that are looked over for words that are no instruction
_NOT_ANSWERED = (pikepdf.PdfError, pikepdf.PasswordError, ValueError, TypeError, KeyError, AttributeError, RuntimeError)
_CHECKSUM = "incorrect data check"  # zlib's word for data that are all there, with a wrong sum behind them
_SOMETHING = re.compile(rb"(?:^|[\r\n])[ \t\f\v]*+[^\s%]")  # that is no comment
_OFFSET = re.compile(r"offset (\d{1,12})")
_EMBEDDED = ("/FontFile", "/FontFile2", "/FontFile3")


@dataclass(frozen=True, slots=True)
class _Page:
    """A page's number and dictionary, and what its content streams are like."""

    number: int
    object: Any
    has_content: bool
    says_something: bool  # more than blanks and comments, as far as it can be read
    may_be_mangled: bool
    unreadable: Evidence | None  # the first stream that cannot be read to its end


class _Document:
    """An open document: the pages that are looked at, and those of them that PDFium painted and left white."""

    def __init__(self, pdf: pikepdf.Pdf, white: Sequence[int]) -> None:
        self.pdf = pdf
        self.white = frozenset(white)
        self.pages = [_page(number, page.obj) for number, page in enumerate(islice(pdf.pages, _MOST_PAGES), 1)]
        self._drawings: dict[int, Drawing | None] = {}
        self._left = _MOST_DRAWN

    def drawing(self, page: _Page) -> Drawing | None:
        """What the page's content asks for; None where it cannot be read, or where that is too great a work."""
        if page.number not in self._drawings:
            self._drawings[page.number] = self._draw(page)
        return self._drawings[page.number]

    def _draw(self, page: _Page) -> Drawing | None:
        try:
            self._left -= sum(len(stream.read_bytes()) for stream in _content_streams(page.object))
            return operators.drawing(page.object) if self._left >= 0 else None
        except _NOT_ANSWERED:
            return None


def look(pdf: pikepdf.Pdf, white: Sequence[int] = ()) -> tuple[Finding, ...]:
    """What of the pages is lost. `white` are the numbers of pages that a reader painted and left white."""
    try:
        document = _Document(pdf, white)
    except _NOT_ANSWERED:
        return ()
    return tuple(found for question in QUESTIONS for found in _answers(question, document))


def _answers(question: Callable[[_Document], Iterator[Finding]], document: _Document) -> tuple[Finding, ...]:
    try:
        return tuple(question(document))
    except _NOT_ANSWERED:  # an odd object stands in the way of one question, and not of the next
        return ()


def _page(number: int, page: Any) -> _Page:
    there = says = False
    unreadable = None
    scanned = b""
    for stream in _content_streams(page):
        there = True
        try:
            data = stream.read_bytes()
        except (pikepdf.PdfError, ValueError, RuntimeError) as error:
            says = True
            if unreadable is None and not is_limit(str(error)) and _CHECKSUM not in str(error):
                unreadable = _place(stream, words(said(error)))
        else:
            says = says or _SOMETHING.search(data) is not None
            scanned += data[: _MOST_SCANNED - len(scanned)] + b"\n"
    return _Page(number, page, there, says, operators.may_be_mangled(scanned), unreadable)


def _place(stream: Any, error: str) -> Evidence:
    """Which stream it is, and where qpdf says that it lies."""
    filters = stream.get("/Filter")
    names = list(filters) if isinstance(filters, pikepdf.Array) else [filters]
    offset = _OFFSET.search(error)
    return {
        "error": error,
        "object": "{} {}".format(*stream.objgen),
        "filter": words(" ".join(str(name) for name in names if name is not None)),
        "offset": int(offset[1]) if offset else None,
    }


# --- questions: each yields the findings that answer it ---------------------------------------------------------


def _unreadable(document: _Document) -> Iterator[Finding]:
    bad = {page.number: page.unreadable for page in document.pages if page.unreadable}
    if bad:
        text = f"The content of {pages_in_words(list(bad))} cannot be read to its end."
        yield Finding(Cause.CONTENT_UNREADABLE, text, {"pages": list(bad), **next(iter(bad.values()))})


def _gone(document: _Document) -> Iterator[Finding]:
    """Pages with fonts or pictures of their own, and with a content that is there and holds nothing.

    A page without any content is left alone, since it may be blank on purpose; a document of several such pages and
    nothing else is not.
    """
    numbers = [page.number for page in document.pages if _is_gone(page)]
    if numbers:
        where = pages_in_words(numbers)
        text = f"The content of {where} is gone: fonts or pictures are there, and nothing is drawn with them."
        yield Finding(Cause.CONTENT_UNREADABLE, text, {"pages": numbers})
        return
    count = len(document.pdf.pages)
    bare = ("/Contents" not in page.object and "/Annots" not in page.object for page in document.pages)
    if 1 < count <= _MOST_PAGES and all(bare):
        text = f"None of the {count} pages holds anything."
        yield Finding(Cause.CONTENT_UNREADABLE, text, {"pages": list(range(1, count + 1))})


def _mangled(document: _Document) -> Iterator[Finding]:
    suspects = ((page.number, document.drawing(page)) for page in document.pages if page.may_be_mangled)
    mangled = {number: drawing.unknown for number, drawing in suspects if drawing and drawing.is_mangled}
    if mangled:
        where = pages_in_words(list(mangled))
        text = f"The content of {where} is mangled: much of it is no instruction that a reader knows."
        evidence: Evidence = {"pages": list(mangled), "unknown_operators": sum(mangled.values())}
        yield Finding(Cause.CONTENT_UNREADABLE, text, evidence)


def _white(document: _Document) -> Iterator[Finding]:
    """Pages that a reader leaves white although they write text, or hold what is no instruction at all."""
    numbers = [
        page.number
        for page in document.pages
        if page.number in document.white
        and (drawing := document.drawing(page))
        and (_writes(page.object, drawing) or (drawing.draws_nothing and page.says_something))
    ]
    if numbers:
        verb = "is" if len(numbers) == 1 else "are"
        text = f"{pages_in_words(numbers).capitalize()} {verb} blank, although there is content."
        yield Finding(Cause.CONTENT_UNREADABLE, text, {"pages": numbers})


def _fontless(document: _Document) -> Iterator[Finding]:
    """A document whose pages write in fonts, and have none. For a page alone, a reader's own font mostly does."""
    numbers = [
        page.number
        for page in document.pages
        if page.says_something and not _resource(page.object, "/Font") and _uses_fonts(document, page)
    ]
    if len(numbers) > 1 and not any(_uses_fonts(document, p) for p in document.pages if p.number not in numbers):
        text = f"The fonts of {pages_in_words(numbers)} are lost, so the text looks wrong or is missing."
        yield Finding(Cause.CONTENT_UNREADABLE, text, {"pages": numbers})


def _bad_images(document: _Document) -> Iterator[Finding]:
    shown = ((page.number, image) for page in document.pages for image in _images(page.object))
    judged: dict[tuple[int, int], bool] = {}
    numbers: list[int] = []
    for number, image in islice(shown, _MOST_IMAGES):
        if image.objgen not in judged:
            judged[image.objgen] = images.is_unreadable(image)
        if judged[image.objgen] and number not in numbers:
            numbers.append(number)
    if numbers:
        text = f"A picture on {pages_in_words(numbers)} cannot be read."
        yield Finding(Cause.CONTENT_UNREADABLE, text, {"pages": numbers, "pictures": sum(judged.values())})


def _unreached(document: _Document) -> Iterator[Finding]:
    """Page objects that the page tree does not lead to, and a /Count that promises more pages than there are."""
    pdf = document.pdf
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
        yield Finding(UNREACHED, f"{lost} page objects are not part of the document.", {"objects": lost})


QUESTIONS: tuple[Callable[[_Document], Iterator[Finding]], ...] = (
    _unreadable,
    _gone,
    _mangled,
    _white,
    _fontless,
    _bad_images,
    _unreached,
)


# --- pages ------------------------------------------------------------------------------------------------------


def _content_streams(page: Any) -> Iterator[Any]:
    contents = page.get("/Contents")
    if isinstance(contents, pikepdf.Stream):
        yield contents
    elif isinstance(contents, pikepdf.Array):
        yield from (c for c in list(contents)[:1000] if isinstance(c, pikepdf.Stream))


def _is_gone(page: _Page) -> bool:
    if page.says_something or not page.has_content or "/Annots" in page.object:
        return False
    return any(_resources(page.object, kind) for kind in ("/Font", "/XObject"))


def _uses_fonts(document: _Document, page: _Page) -> bool:
    drawing = document.drawing(page)
    return bool(drawing and drawing.fonts)


def _writes(page: Any, drawing: Drawing) -> bool:
    """Whether it shows text that any reader has a font for, its own or a common one."""
    fonts = _resource(page, "/Font")
    return any(name is None or _can_be_shown(fonts.get(name)) for name in drawing.visible)


def _can_be_shown(font: Any) -> bool:
    if not isinstance(font, pikepdf.Dictionary):
        return True  # a reader takes another for it
    if font.get("/Subtype") == pikepdf.Name.Type3:
        return False  # its glyphs are drawings, which may be empty
    if font.get("/Subtype") != pikepdf.Name.Type0:
        return True
    descendants = font.get("/DescendantFonts")
    descriptor = descendants[0].get("/FontDescriptor") if isinstance(descendants, pikepdf.Array) else None
    return isinstance(descriptor, pikepdf.Dictionary) and any(key in descriptor for key in _EMBEDDED)


def _images(page: Any) -> Iterator[Any]:
    for thing in _resources(page, "/XObject"):
        if isinstance(thing, pikepdf.Stream) and thing.get("/Subtype") == pikepdf.Name.Image:
            yield thing


def _resources(page: Any, kind: str) -> list[Any]:
    return [value for _, value in _resource(page, kind).items()]


def _resource(page: Any, kind: str) -> Any:
    """What the page has of this kind, of its own or from the page tree (ISO 32000-2 sections 7.7.3.4 and 7.8.3)."""
    resources = pikepdf.Page(page).resources
    held = resources.get(kind)
    return held if isinstance(held, pikepdf.Dictionary) else pikepdf.Dictionary()
