"""What a PDF's pages are made of: whether it is there, can be read to the end, and whether every page is reached."""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

import pikepdf

from attachwatch.inspection import images, operators
from attachwatch.inspection.judge import NOT_LOOKED_INTO, UNREACHED
from attachwatch.inspection.operators import Drawing, Scan
from attachwatch.inspection.readers.interface import is_limit
from attachwatch.inspection.wording import pages_in_words, said, words
from attachwatch.model import Cause, Evidence, Finding

_MOST_PAGES = 10_000
_MOST_CONTENT = 128 << 20  # bytes of all pages together, decoded; beyond, pages are not looked into
_MOST_IMAGES = 2000
_MOST_IMAGE_DATA = 512 << 20  # bytes of all pictures together, decoded
_MOST_FORMS = 500
_DEEPEST = 4  # forms within forms
_MOST_ANNOTATIONS = 1000  # of a page
_MOST_OBJECTS = 20_000
_MOST_DRAWN = 1 << 20  # bytes of all pages whose instructions are read one by one
_MOST_SCANNED = 1 << 20  # bytes of one page that are looked over for words that are no instruction
_NOT_ANSWERED = (pikepdf.PdfError, pikepdf.PasswordError, ValueError, TypeError, KeyError, AttributeError, RuntimeError)
_CHECKSUM = "incorrect data check"  # zlib's word for data that are all there, with a wrong sum behind them
_AFTER_COMMENTS = re.compile(rb"[\r\n][ \t\f\v]*+[^\s%]")
_OFFSET = re.compile(r"offset (\d{1,12})")
_EMBEDDED = ("/FontFile", "/FontFile2", "/FontFile3")


@dataclass(frozen=True, slots=True)
class _Content:
    """What the content of a page or form is like. `object` is the dictionary of the page, or the form's stream."""

    object: Any
    there: bool
    says_something: bool  # more than blanks and comments, as far as it can be read
    scan: Scan
    scanned_whole: bool
    unreadable: Evidence | None  # the first stream that cannot be read to its end


@dataclass(frozen=True, slots=True)
class _Page:
    """A page by its number, its content, and the forms that are drawn on it (ISO 32000-2 section 8.10)."""

    number: int
    content: _Content
    forms: tuple[_Content, ...]

    @property
    def object(self) -> Any:
        return self.content.object


class _Document:
    """An open document: the pages that are looked at, and those of them that PDFium painted and left white."""

    def __init__(self, pdf: pikepdf.Pdf, white: Sequence[int]) -> None:
        self.pdf = pdf
        self.white = frozenset(white)
        self._forms: dict[tuple[int, int], _Content] = {}
        self._drawings: dict[int, Drawing | None] = {}
        self._left = _MOST_DRAWN
        self._content_left = _MOST_CONTENT
        self.pages = list(self._look_through())

    @property
    def is_whole(self) -> bool:
        """Whether every page is looked into."""
        return len(self.pages) == len(self.pdf.pages)

    def _look_through(self) -> Iterator[_Page]:
        for number, page in enumerate(islice(self.pdf.pages, _MOST_PAGES), 1):
            yield self._page(number, page.obj)
            if self._content_left < 0:
                return

    def drawing(self, content: _Content) -> Drawing | None:
        """What it asks for; None where that is too great a work to find out."""
        if id(content) not in self._drawings:
            self._drawings[id(content)] = self._draw(content)
        return self._drawings[id(content)]

    def _draw(self, content: _Content) -> Drawing | None:
        try:
            self._left -= sum(len(stream.read_bytes()) for stream in _content_streams(content.object))
            return operators.drawing(content.object) if self._left >= 0 else None
        except _NOT_ANSWERED:
            return content.scan.drawing

    def _page(self, number: int, page: Any) -> _Page:
        content = self._read(page)
        return _Page(number, content, tuple(self._drawn_on(content, 1)))

    def _read(self, of: Any) -> _Content:
        content, size = _content(of)
        self._content_left -= size
        return content

    def _drawn_on(self, content: _Content, depth: int) -> Iterator[_Content]:
        """The forms that it draws, and those that they draw."""
        if not content.scan.draws or depth > _DEEPEST:
            return
        for form in _drawn(content):
            if not isinstance(form, pikepdf.Stream) or form.get("/Subtype") != pikepdf.Name.Form:
                continue
            if form.objgen not in self._forms:
                if len(self._forms) >= _MOST_FORMS:
                    return
                self._forms[form.objgen] = self._read(form)
                yield from self._drawn_on(self._forms[form.objgen], depth + 1)
            yield self._forms[form.objgen]


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


def _content(of: Any) -> tuple[_Content, int]:
    """What the content of a page or form is like, and its size in bytes."""
    there = says = False
    unreadable = None
    size = 0
    scanned = b""
    for stream in _content_streams(of):
        there = True
        try:
            data = stream.read_bytes()
        except (pikepdf.PdfError, ValueError, RuntimeError) as error:
            says = True
            if unreadable is None and not is_limit(str(error)) and _CHECKSUM not in str(error):
                unreadable = _place(stream, words(said(error)))
        else:
            says = says or _says_something(data)
            size += len(data)
            scanned += data[: _MOST_SCANNED - len(scanned)] + b"\n"
    return _Content(of, there, says, operators.scan(scanned), size <= _MOST_SCANNED, unreadable), size


def _says_something(data: bytes) -> bool:
    bare = data.lstrip()
    return bool(bare) and (not bare.startswith(b"%") or _AFTER_COMMENTS.search(bare) is not None)


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
    bad: dict[int, Evidence] = {}
    for page in document.pages:
        if found := next((c.unreadable for c in (page.content, *page.forms) if c.unreadable), None):
            bad[page.number] = found
    if bad:
        text = f"The content of {pages_in_words(list(bad))} cannot be read to its end."
        yield Finding(Cause.CONTENT_UNREADABLE, text, {"pages": list(bad), **next(iter(bad.values()))})


def _gone(document: _Document) -> Iterator[Finding]:
    """Pages with fonts or pictures of their own, and with a content that is there and holds nothing.

    A page without any content is left alone, since it may be blank on purpose; a document of several such pages and
    nothing else is not.
    """
    numbers = [page.number for page in document.pages if _is_gone(page.content) or any(map(_is_gone, page.forms))]
    if numbers:
        where = pages_in_words(numbers)
        text = f"The content of {where} is gone: fonts or pictures are there, and nothing is drawn with them."
        yield Finding(Cause.CONTENT_UNREADABLE, text, {"pages": numbers})
        return
    count = len(document.pdf.pages)
    bare = ("/Contents" not in page.object and "/Annots" not in page.object for page in document.pages)
    if count > 1 and document.is_whole and all(bare):
        text = f"None of the {count} pages holds anything."
        yield Finding(Cause.CONTENT_UNREADABLE, text, {"pages": list(range(1, count + 1))})


def _mangled(document: _Document) -> Iterator[Finding]:
    mangled: dict[int, int] = {}
    for page in document.pages:
        suspects = (document.drawing(c) for c in (page.content, *page.forms) if c.scan.may_be_mangled)
        if unknown := sum(drawing.unknown for drawing in suspects if drawing and drawing.is_mangled):
            mangled[page.number] = unknown
    if mangled:
        where = pages_in_words(list(mangled))
        text = f"The content of {where} is mangled: much of it is no instruction that a reader knows."
        evidence: Evidence = {"pages": list(mangled), "unknown_operators": sum(mangled.values())}
        yield Finding(Cause.CONTENT_UNREADABLE, text, evidence)


def _cut_off(document: _Document) -> Iterator[Finding]:
    """Pages whose instructions end within a text."""
    contents = {page.number: page.content for page in document.pages}
    numbers = [n for n, c in contents.items() if c.scan.ends_in_text and c.scanned_whole and not c.unreadable]
    if numbers:
        text = f"The content of {pages_in_words(numbers)} breaks off in the middle of a text."
        yield Finding(Cause.CONTENT_UNREADABLE, text, {"pages": numbers})


def _undrawable(document: _Document) -> Iterator[Finding]:
    """Pages that draw a picture or form which is not there."""
    numbers = [page.number for page in document.pages if any(thing is None for thing in _drawn(page.content))]
    if numbers:
        text = f"A picture or drawing on {pages_in_words(numbers)} is not in the file."
        yield Finding(Cause.CONTENT_UNREADABLE, text, {"pages": numbers})


def _white(document: _Document) -> Iterator[Finding]:
    """Pages that a reader leaves white although they write text, or hold what is no instruction at all."""
    numbers = [
        page.number
        for page in document.pages
        if page.number in document.white
        and (drawing := document.drawing(page.content))
        and (_writes(page.object, drawing) or (drawing.draws_nothing and page.content.says_something))
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
        if page.content.says_something and not _resource(page.object, "/Font") and _uses_fonts(document, page)
    ]
    if len(numbers) > 1 and not any(_uses_fonts(document, p) for p in document.pages if p.number not in numbers):
        text = f"The fonts of {pages_in_words(numbers)} are lost, so the text looks wrong or is missing."
        yield Finding(Cause.CONTENT_UNREADABLE, text, {"pages": numbers})


def _bad_images(document: _Document) -> Iterator[Finding]:
    shown = ((page.number, image) for page in document.pages for image in _images(page.object))
    judged: dict[tuple[int, int], bool] = {}
    numbers: list[int] = []
    left = _MOST_IMAGE_DATA
    for number, image in islice(shown, _MOST_IMAGES):
        if image.objgen not in judged:
            left -= images.size(image)
            judged[image.objgen] = left >= 0 and images.is_unreadable(image)
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


def _not_looked_into(document: _Document) -> Iterator[Finding]:
    """Which pages nothing is said of."""
    if not document.is_whole:
        first, last = len(document.pages) + 1, len(document.pdf.pages)
        text = f"Pages {first:,} to {last:,} were not looked into, since that would be too great a work."
        yield Finding(NOT_LOOKED_INTO, text, {"first": first, "last": last})


QUESTIONS: tuple[Callable[[_Document], Iterator[Finding]], ...] = (
    _unreadable,
    _gone,
    _mangled,
    _cut_off,
    _undrawable,
    _white,
    _fontless,
    _bad_images,
    _unreached,
    _not_looked_into,
)


# --- pages ------------------------------------------------------------------------------------------------------


def _content_streams(page: Any) -> Iterator[Any]:
    if isinstance(page, pikepdf.Stream):  # a form
        yield page
        return
    contents = page.get("/Contents")
    if isinstance(contents, pikepdf.Stream):
        yield contents
    elif isinstance(contents, pikepdf.Array):
        yield from (c for c in list(contents)[:1000] if isinstance(c, pikepdf.Stream))


def _drawn(content: _Content) -> list[Any]:
    """What it draws, None for what is not there."""
    if not content.scan.draws:
        return []
    held = _resource(content.object, "/XObject")
    return [held.get("/" + name.decode("latin-1")) for name in sorted(content.scan.draws)]


def _is_gone(content: _Content) -> bool:
    if content.says_something or not content.there or _has_looks(content.object):
        return False
    return any(_resource(content.object, kind) for kind in ("/Font", "/XObject"))


def _has_looks(page: Any) -> bool:
    """Whether annotations are painted on it (ISO 32000-2 section 12.5.5), so that it may have no other content."""
    annotations = page.get("/Annots")
    return isinstance(annotations, pikepdf.Array) and any(
        isinstance(a, pikepdf.Dictionary) and "/AP" in a and a.get("/Subtype") != pikepdf.Name.Link
        for a in list(annotations)[:_MOST_ANNOTATIONS]
    )


def _uses_fonts(document: _Document, page: _Page) -> bool:
    drawing = document.drawing(page.content)
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
    resources = page.get("/Resources") if isinstance(page, pikepdf.Stream) else pikepdf.Page(page).resources
    held = resources.get(kind) if isinstance(resources, pikepdf.Dictionary) else None
    return held if isinstance(held, pikepdf.Dictionary) else pikepdf.Dictionary()
