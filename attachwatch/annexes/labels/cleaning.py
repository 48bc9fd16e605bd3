"""Names as a person would read them: decoded, in plain characters, without extension and copy marks. Pure."""

import re
import unicodedata
from contextlib import suppress
from email.errors import HeaderParseError
from email.header import decode_header
from functools import lru_cache
from html import unescape
from urllib.parse import unquote

_NO_WORD = re.compile(r"[\W_]+")
_LONGEST = 512  # characters of a name that are read
_EXTENSION = re.compile(
    r"(\.(pdf|docx?|xlsx?|pptx?|odt|ods|txt|rtf|csv|zip|msg|eml|tiff?|jpe?g|png|html?))+\s*$", re.IGNORECASE
)
_COPY_OF = re.compile(r"(copy of|kopie von|copie de)\s+", re.IGNORECASE)
_COPY = re.compile(r"(?<!\w)(copy|kopie|copie)( ?\(\d{1,3}\))?$|~\d{1,3}$", re.IGNORECASE)
_MOST_COPIES = 5
_LONGEST_MARK = 16  # characters


class _Plain(dict[int, str]):
    """Every dash as "-", every space as " ", and nothing of what only tells how to show a text."""

    def __missing__(self, code: int) -> str:
        character = chr(code)
        category = unicodedata.category(character)
        plain = "-" if category == "Pd" else " " if character.isspace() else "" if category == "Cf" else character
        if len(self) < _LONGEST:
            self[code] = plain
        return plain


_PLAIN = _Plain()


@lru_cache(maxsize=8192)
def clean(name: str) -> str:
    """A name as a person would read it: decoded, in plain characters, without extension and copy marks."""
    text = name[: 4 * _LONGEST]
    if text.startswith("=?"):
        with suppress(ValueError, LookupError, HeaderParseError):  # then it is a name that begins so
            text = "".join(
                d.decode(c or "utf-8", "replace") if isinstance(d, bytes) else d for d, c in decode_header(text)
            )
    if re.search(r"%[0-9A-Fa-f]{2}", text):
        text = unquote(text)
    text = unescape(text) if "&" in text and ";" in text else text
    text = unicodedata.normalize("NFKC", text.replace("\u00ba", "\u00b0"))  # "n.\u00ba 2" is no "n.o 2"
    text = text.translate(_PLAIN)
    text = _EXTENSION.sub("", text[:_LONGEST].strip()).replace("P.J.", "PJ")
    if copy := _COPY_OF.match(text):
        text = text[copy.end() :]
    for _ in range(_MOST_COPIES):
        if copy := _COPY.search(text, max(0, len(text) - _LONGEST_MARK)):
            text = text[: copy.start()].rstrip(" -")
    return text.strip()


@lru_cache(maxsize=8192)
def plain(name: str) -> str:
    """A name by its letters and digits, as web pages show it: `D(iii)` and `D iii` are the same."""
    return _NO_WORD.sub("", clean(name).casefold())
