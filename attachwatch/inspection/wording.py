"""What engines and files say, in words that may be shown: bounded, on one line, without control characters."""

import re
import unicodedata
from collections.abc import Sequence

_STREAM = re.compile(r"^stream <_io\.BytesIO object at 0x[0-9a-f]+>:?\s*")
_LONGEST = 300  # characters


def said(by: object) -> str:
    """What qpdf says, without the address of what it read from, which differs from run to run."""
    return _STREAM.sub("", str(by))


def words(text: str) -> str:
    """An engine's words, which may quote the file, on one line, bounded and without control characters."""
    clean = "".join(" " if unicodedata.category(c).startswith("C") else c for c in text[: 4 * _LONGEST])
    return " ".join(clean.split())[:_LONGEST]


def pages_in_words(numbers: Sequence[int]) -> str:
    """ "page 3", or "pages 3, 4 and 7"."""
    if len(numbers) == 1:
        return f"page {numbers[0]}"
    return f"pages {', '.join(map(str, numbers[:-1]))} and {numbers[-1]}"
