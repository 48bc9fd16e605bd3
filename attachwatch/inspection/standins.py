"""Pages that stand in for the document: every parser opens them, and nobody can read what they stand for.

Recognised by what the catalog holds, and by the words on the first page only where the catalog agrees or the page
says nothing else.
"""

import re
from collections.abc import Iterator
from typing import Any

import pikepdf
import pypdfium2

from attachwatch.inspection import licence
from attachwatch.inspection.contained import embedded
from attachwatch.inspection.formats.findings import holds
from attachwatch.inspection.wording import words
from attachwatch.mime.notices import files_named, says_a_filter_took_it
from attachwatch.model import Cause, Finding

_LONGEST_NOTICE = 1200  # characters of a page that says nothing but that it stands in
_LONGEST_FILTERS_NOTICE = 700
_LABEL = re.compile(r"MSIP_Label_[0-9a-fA-F-]{36}_(Name|SetDate)")
_LABEL_IN_XMP = re.compile(r"MSIP_Label_[0-9a-fA-F-]{36}_(Name|SetDate)[^>]{0,200}>([^<]{1,200})<|"
                           r"MSIP_Label_[0-9a-fA-F-]{36}_(Name|SetDate)=\"([^\"]{1,200})\"")  # fmt: skip
_PROTECTED = re.compile(
    r"microsoft information protection|file is protected|document (has been|is) protected|"
    r"rights[- ]managed|compatible pdf reader|information rights management",
    re.IGNORECASE,
)
_WAIT = re.compile(
    r"please wait|requires adobe (acrobat )?reader|not eventually replaced|"
    r"may not be able to display this type of document",
    re.IGNORECASE,
)
_PORTFOLIO = re.compile(r"portfolio|pdf package|multiple files are bound|best experience", re.IGNORECASE)
_ENVELOPE = re.compile(
    r"secure envelope|secured? (message|email|document)|encrypted (message|email|attachment)|"
    r"to (see|view|read) (its|the) contents?",
    re.IGNORECASE,
)


def look(pdf: pikepdf.Pdf, data: bytes) -> tuple[Finding, ...]:
    """The stand-ins found in a PDF, given open and as its bytes. At most one is the cause."""
    try:
        pages = len(pdf.pages)
        text = _first_page_words(data) if pages == 1 or (pages <= 3 and _may_stand_in(pdf)) else ""
        found = next(_by_catalog(pdf, pages, text), None)
        is_portfolio = "/Collection" in pdf.Root and (found is None or found.code == Cause.PORTFOLIO)
        label = {} if found else _label(pdf)
        words_of_label = "It bears a sensitivity label, which encrypts nothing."
        labelled = (Finding("labelled", words_of_label, label),) if label else ()
        held = _holds_files(pdf) if is_portfolio else ()
    except (pikepdf.PdfError, pikepdf.PasswordError, ValueError, TypeError, KeyError, AttributeError, RuntimeError):
        return ()
    return (*((found,) if found else ()), *held, *labelled)


def _may_stand_in(pdf: pikepdf.Pdf) -> bool:
    """Whether there is anything behind its pages that they could stand for."""
    return any(key in pdf.Root for key in ("/Collection", "/AF", "/AcroForm")) or len(pdf.attachments) > 0


def _holds_files(pdf: pikepdf.Pdf) -> tuple[Finding, ...]:
    """What a portfolio (ISO 32000-2 section 12.3.5) is a collection of."""
    files = embedded(pdf)
    return (holds(files),) if files else ()


def _by_catalog(pdf: pikepdf.Pdf, pages: int, text: str) -> Iterator[Finding]:
    root: Any = pdf.Root
    if _holds_encrypted_payload(pdf) or _is_wrapper(pdf.trailer.get("/Wrapper")):
        yield Finding(
            Cause.RIGHTS_MANAGED,
            "The page is only a notice: the document itself is rights-protected and embedded encrypted.",
            _label(pdf) | _licence(pdf) | {"page_says": words(text)},
        )
    form = root.get("/AcroForm")
    dynamic = isinstance(form, pikepdf.Dictionary) and "/XFA" in form
    needed = bool(root.get("/NeedsRendering", False))  # ISO 32000-1 table 28; a form may be drawn all the same
    if dynamic and pages == 1 and (_WAIT.search(text) or (needed and len(text) <= _LONGEST_NOTICE)):
        yield Finding(
            Cause.XFA_FORM,
            "The page only asks to wait: the form itself is of a kind (dynamic XFA) that one maker's programs show.",
            {"page_says": words(text)},
        )
    if pages <= 3 and len(text) <= _LONGEST_NOTICE:
        yield from _by_words(pdf, text)


def _by_words(pdf: pikepdf.Pdf, text: str) -> Iterator[Finding]:
    embeds = "/Collection" in pdf.Root or len(pdf.attachments) > 0
    if embeds and _PROTECTED.search(text):
        yield Finding(
            Cause.RIGHTS_MANAGED,
            "The page is only a notice that the document is protected.",
            _label(pdf) | {"page_says": words(text)},
        )
    if embeds and _ENVELOPE.search(text):
        yield Finding(
            Cause.SECURE_ENVELOPE,
            "The page is only the cover of a secure envelope: the document is embedded behind it.",
            {"page_says": words(text)},
        )
    if "/Collection" in pdf.Root and len(pdf.attachments) > 0 and (_PORTFOLIO.search(text) or not text.strip()):
        yield Finding(
            Cause.PORTFOLIO,
            "The page is only the cover of a portfolio: the documents are embedded behind it.",
            {"files": [words(name) for name in list(pdf.attachments)[:50]]},
        )
    if len(pdf.pages) == 1 and _is_filters_notice(text):
        yield Finding(
            Cause.GATEWAY_NOTICE,
            "The page is only the notice of a mail filter that took the document away.",
            {"page_says": words(text), "files": [words(name) for name in files_named(text)]},
        )


def _is_filters_notice(text: str) -> bool:
    return len(text) <= _LONGEST_FILTERS_NOTICE and says_a_filter_took_it(text)


def _holds_encrypted_payload(pdf: pikepdf.Pdf) -> bool:
    """ISO 32000-2 section 7.6.7: an unencrypted wrapper document with an encrypted payload."""
    for candidate in _file_specifications(pdf):
        if candidate.get("/AFRelationship") == pikepdf.Name.EncryptedPayload or "/EP" in candidate:
            return True
    return False


def _file_specifications(pdf: pikepdf.Pdf) -> Iterator[Any]:
    related = pdf.Root.get("/AF")
    if isinstance(related, pikepdf.Array):
        yield from (f for f in list(related)[:100] if isinstance(f, pikepdf.Dictionary))
    for name in list(pdf.attachments)[:100]:
        specification = pdf.attachments[name].obj
        if isinstance(specification, pikepdf.Dictionary):
            yield specification


def _licence(pdf: pikepdf.Pdf) -> dict[str, str]:
    """What the licence inside the encrypted payload says."""
    for specification in _file_specifications(pdf):
        embedded = specification.get("/EF", {})
        file = embedded.get("/F") or embedded.get("/UF")
        if isinstance(file, pikepdf.Stream) and (said := licence.read(file.read_bytes())):
            return said
    return {}


def _is_wrapper(entry: Any) -> bool:
    return isinstance(entry, pikepdf.Dictionary) and entry.get("/Type") == pikepdf.Name.MicrosoftIRMServices


def _label(pdf: pikepdf.Pdf) -> dict[str, str]:
    """Name and date of the sensitivity label, from the document information or the XMP metadata."""
    found: dict[str, str] = {}
    information = pdf.trailer.get("/Info")
    if isinstance(information, pikepdf.Dictionary):
        for key, value in information.items():
            if (match := _LABEL.search(str(key))) and isinstance(value, pikepdf.String):
                found.setdefault(match[1], str(value))
    metadata = pdf.Root.get("/Metadata")
    if isinstance(metadata, pikepdf.Stream):
        xmp = metadata.read_bytes()[: 1 << 20].decode("utf-8", "replace")
        for element, value, attribute, quoted in _LABEL_IN_XMP.findall(xmp):
            found.setdefault(element or attribute, value or quoted)
    names = {"Name": "label", "SetDate": "label_date"}
    return {names[k]: words(v) for k, v in found.items()}


def _first_page_words(data: bytes) -> str:
    try:
        document = pypdfium2.PdfDocument(data)
    except pypdfium2.PdfiumError:
        return ""
    try:
        page = document[0]
        return " ".join(str(page.get_textpage().get_text_bounded()).split())
    except pypdfium2.PdfiumError:
        return ""
    finally:
        document.close()
