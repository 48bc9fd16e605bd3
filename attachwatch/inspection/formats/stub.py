"""Web pages and texts that are all that a mail filter left of a file. Of a web page, nothing else is judged."""

from collections.abc import Iterator

from lxml import etree

from attachwatch.inspection.wording import words
from attachwatch.mime import notices
from attachwatch.model import Cause, Evidence, Finding

TYPES = ("text/html",)
_LARGEST = 256 * 1024  # bytes
_UNSEEN = ("script", "style", "title")


def look(data: bytes) -> Iterator[Finding]:
    """The notice that a web page is, if it is one."""
    if len(data) <= _LARGEST:
        tree = etree.fromstring(data, etree.HTMLParser(huge_tree=False, no_network=True))
        yield from in_words("\n".join(filter(None, _lines(tree))))


def look_at_text(data: bytes) -> Iterator[Finding]:
    """The same of plain text."""
    if len(data) <= _LARGEST:
        is_wide = data.startswith((b"\xff\xfe", b"\xfe\xff"))
        yield from in_words(data.decode("utf-16" if is_wide else "utf-8", "replace"))


def in_words(text: str) -> Iterator[Finding]:
    if notices.is_stub(text):
        told: Evidence = {"says": words(text), "files": [words(name) for name in notices.files_named(text)]}
        yield Finding(Cause.GATEWAY_NOTICE, "It holds only the notice of a mail filter that took a file away.", told)


def _lines(tree: "etree._Element") -> Iterator[str]:
    for element in tree.iter():
        if isinstance(element.tag, str) and element.tag not in _UNSEEN:
            yield " ".join((element.text or "").split())
        yield " ".join((element.tail or "").split())
