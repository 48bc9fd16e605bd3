"""Whether XML is well-formed, by expat: it keeps and fetches nothing, so that a large sheet costs no memory, knows no
limit of depth, and bounds what entities may amount to.
"""

import re
from collections.abc import Iterable
from xml.parsers import expat

# What keeps expat from reading on and is no fault of the file.
_LIMITS = frozenset(
    getattr(expat.errors, name)
    for name in (
        "XML_ERROR_NO_MEMORY",
        "XML_ERROR_UNKNOWN_ENCODING",
        "XML_ERROR_AMPLIFICATION_LIMIT_BREACH",
        "XML_ERROR_NO_BUFFER",
    )
    if hasattr(expat.errors, name)  # some are newer than the Python that may run this
)
_MORE_LIMITS = re.compile(r"amplification|unknown encoding|multi-byte encodings", re.IGNORECASE)


class LimitError(Exception):
    """The parser came to a bound of its own: a limit reached, not a fault found."""


def fault(pieces: Iterable[bytes]) -> str | None:
    """What the parser says of XML that comes in `pieces`, if it is not well-formed. Raises LimitError."""
    parser = expat.ParserCreate()
    try:
        for piece in pieces:
            parser.Parse(piece, False)
        parser.Parse(b"", True)
    except expat.ExpatError as error:
        said = str(error)
        if expat.ErrorString(error.code) in _LIMITS or _MORE_LIMITS.search(said):
            raise LimitError(f"limit reached: {said}") from None
        return said
    except (LookupError, ValueError) as error:  # an encoding that Python does not know, or not as one byte a character
        raise LimitError(f"limit reached: {error}") from None
    return None
