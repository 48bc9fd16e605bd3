"""What strangers wrote, as it can be shown. Pure."""

import json
import re
import unicodedata
from typing import Any

_SURROGATE = re.compile("[\ud800-\udfff]")  # a byte of a file name that is not UTF-8


def shown(text: str) -> str:
    """A stranger's text, with every control and format character (Unicode category C) made visible and harmless."""
    return "".join(
        c.encode("unicode_escape", "surrogatepass").decode() if unicodedata.category(c).startswith("C") else c
        for c in text
    )


def lines(text: str) -> str:
    """The same of a text of many lines, which stay lines."""
    return "\n".join(shown(line) for line in text.replace("\r\n", "\n").split("\n"))


def as_json(document: Any, indent: int | None = None) -> str:
    """The document as UTF-8 can hold it: what has no place there is escaped, as JSON allows in every string."""
    text = json.dumps(document, ensure_ascii=False, indent=indent)
    return _SURROGATE.sub(lambda found: f"\\u{ord(found[0]):04x}", text)
