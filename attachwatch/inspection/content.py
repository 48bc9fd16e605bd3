"""What a PDF's pages are made of: whether it is there, can be read to the end, and whether every page is reached."""

import io
import re
from collections.abc import Callable, Iterator
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
_MOST_CONTENT = 1 << 20  # bytes of all pages whose instructions are read
_NOT_ANSWERED = (pikepdf.PdfError, pikepdf.PasswordError, ValueError, TypeError, KeyError, AttributeError, RuntimeError)
_CHECKSUM = "incorrect data check"  # zlib's word for data that are all there, with a wrong sum behind them
_OFFSET = re.compile(r"offset (\d{1,12})")
_EMBEDDED = ("/FontFile", "/FontFile2", "/FontFile3")


@dataclass(frozen=True, slots=True)
class _Document:
    """An open document, and the numbers of the pages that PDFium painted and left white."""

    pdf: pikepdf.Pdf
    white: frozenset[int]
    drawings: dict[int, Drawing]

    def pages(self) -> Iterator[tuple[int, Any]]:
        """The number and the dictionary of the pages that are looked at."""
        return enumerate((page.obj for page in islice(self.pdf.pages, _MOST_PAGES)), 1)

    def drawn(self) -> Iterator[tuple[int, Any, Drawing]]:
        """Of these, those whose instructions could be read."""
        return ((n, page, self.drawings[n]) for n, page in self.pages() if n in self.drawings)


def look(data: bytes, white: tuple[int, ...] = ()) -> tuple[Finding, ...]:
    """What of the pages is lost; nothing for a file that does not open, of which others speak.

    `white` are the numbers of pages that a reader painted and left white.
    """
    try:
        with pikepdf.open(io.BytesIO(data), suppress_warnings=True) as pdf:
            document = _Document(pdf, frozenset(white), _drawings(pdf))
            return tuple(found for question in QUESTIONS for found in _answers(question, document))
    except _NOT_ANSWERED:
        return ()


def _answers(question: Callable[[_Document], Iterator[Finding]], document: _Document) -> tuple[Finding, ...]:
    try:
        return tuple(question(document))
    except _NOT_ANSWERED:  # an odd object stands in the way of one question, and not of the next
        return ()


def _drawings(pdf: pikepdf.Pdf) -> dict[int, Drawing]:
    """What each page's content asks for, as far as it can be read, and as long as that is no great work."""
    found: dict[int, Drawing] = {}
    left = _MOST_CONTENT
    for number, page in enumerate(islice(pdf.pages, _MOST_PAGES), 1):
        try:
            left -= sum(len(stream.read_bytes()) for stream in _content_streams(page.obj))
            if left < 0:
                break
            found[number] = operators.drawing(page.obj)
        except _NOT_ANSWERED:
            continue
    return found


# --- questions: each yields the findings that answer it ---------------------------------------------------------


def _unreadable(document: _Document) -> Iterator[Finding]:
    bad: dict[int, Evidence] = {}
    for number, page in document.pages():
        for stream in _content_streams(page):
            try:
                stream.read_bytes()
            except (pikepdf.PdfError, ValueError, RuntimeError) as error:
                if not is_limit(str(error)) and _CHECKSUM not in str(error):
                    bad.setdefault(number, _place(stream, words(said(error))))
    if bad:
        text = f"The content of {pages_in_words(list(bad))} cannot be read to its end."
        yield Finding(Cause.CONTENT_UNREADABLE, text, {"pages": list(bad), **next(iter(bad.values()))})


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


def _gone(document: _Document) -> Iterator[Finding]:
    """Pages with fonts or pictures of their own, and with a content that is there and holds nothing.

    A page without any content is left alone, since it may be blank on purpose; a document of several such pages and
    nothing else is not.
    """
    numbers = [n for n, page in document.pages() if _is_gone(page)]
    if numbers:
        where = pages_in_words(numbers)
        text = f"The content of {where} is gone: fonts or pictures are there, and nothing is drawn with them."
        yield Finding(Cause.CONTENT_UNREADABLE, text, {"pages": numbers})
        return
    count = len(document.pdf.pages)
    if 1 < count <= _MOST_PAGES and all("/Contents" not in p and "/Annots" not in p for _, p in document.pages()):
        text = f"None of the {count} pages holds anything."
        yield Finding(Cause.CONTENT_UNREADABLE, text, {"pages": list(range(1, count + 1))})


def _mangled(document: _Document) -> Iterator[Finding]:
    numbers = [n for n, _, drawing in document.drawn() if drawing.is_mangled]
    if numbers:
        text = f"The content of {pages_in_words(numbers)} is mangled: much of it is no instruction that a reader knows."
        unknown = sum(document.drawings[n].unknown for n in numbers)
        yield Finding(Cause.CONTENT_UNREADABLE, text, {"pages": numbers, "unknown_operators": unknown})


def _white(document: _Document) -> Iterator[Finding]:
    """Pages that a reader leaves white although they write text, or hold what is no instruction at all."""
    numbers = [
        n
        for n, page, drawing in document.drawn()
        if n in document.white
        and (_writes(page, drawing) or (drawing.draws_nothing and any(map(_says_something, _content_streams(page)))))
    ]
    if numbers:
        verb = "is" if len(numbers) == 1 else "are"
        text = f"{pages_in_words(numbers).capitalize()} {verb} blank, although there is content."
        yield Finding(Cause.CONTENT_UNREADABLE, text, {"pages": numbers})


def _fontless(document: _Document) -> Iterator[Finding]:
    """A document whose pages write in fonts, and have none. For a page alone, a reader's own font mostly does."""
    writing = [(n, page) for n, page, drawing in document.drawn() if drawing.fonts]
    numbers = [n for n, page in writing if not _resource(page, "/Font")]
    if len(numbers) > 1 and len(numbers) == len(writing):
        text = f"The fonts of {pages_in_words(numbers)} are lost, so the text looks wrong or is missing."
        yield Finding(Cause.CONTENT_UNREADABLE, text, {"pages": numbers})


def _bad_images(document: _Document) -> Iterator[Finding]:
    shown = ((n, image) for n, page in document.pages() for image in _images(page))
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


def _is_gone(page: Any) -> bool:
    streams = list(_content_streams(page))
    drawable = any(_resources(page, kind) for kind in ("/Font", "/XObject"))
    return bool(streams) and drawable and "/Annots" not in page and not any(map(_says_something, streams))


def _says_something(stream: Any) -> bool:
    """Whether it holds more than blanks and comments."""
    try:
        lines = stream.read_bytes().splitlines()
    except (pikepdf.PdfError, ValueError, RuntimeError):
        return True  # of which `_unreadable` speaks
    return any(line.strip() and not line.lstrip().startswith(b"%") for line in lines)


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
