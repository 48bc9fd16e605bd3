"""Lines of plain text: characters that do no harm, lines as long as mail has them, and which of them go on. Pure."""

import re
import textwrap
import unicodedata

WIDTH = 76
_JOINERS = "\u200c\u200d"  # without them words of some scripts, and some pictures, are others
_MARK = re.compile(r"(\d{1,4}[.)]|[-*\u2022])\s")


def printable(text: str) -> str:
    """`text` with each character shown as U+FFFD that ends a line, steers a screen or turns what stands around it."""
    return "".join("\ufffd" if _steers(c) else c for c in text)


def harmless(body: str) -> str:
    """A whole text with its line ends as they are, and without control characters."""
    ended = body.replace("\r\n", "\n").replace("\r", "\n")
    return "".join("\ufffd" if unicodedata.category(c) in ("Cc", "Cs") and c not in "\n\t" else c for c in ended)


def wrapped(text: str, indent: int = 0) -> str:
    """`text` over lines, all but the first `indent` deep; a word that is longer than a line stays whole."""
    lines = textwrap.wrap(text, WIDTH - indent, break_long_words=False, break_on_hyphens=False)
    return ("\n" + " " * indent).join(lines)


def is_full(line: str, following: str) -> bool:
    """Whether `line` ended only because the first word of the `following` one had no room in it."""
    return len(line) <= WIDTH < len(line) + 1 + len(following.split(None, 1)[0])


def goes_on(line: str, following: str) -> bool:
    """The same of two lines of prose. Those of lists never go on: a file's name may stand in them, whole."""
    return is_prose(line) and is_prose(following) and is_full(line, following)


def is_prose(line: str) -> bool:
    """Whether a line is no item of a list, does not belong to one, and is neither empty nor "-- "."""
    return bool(line.strip(" -")) and not line[0].isspace() and not mark(line)


def mark(line: str) -> str:
    """What an item of a list begins with, "1." or "-"; empty where the line begins none."""
    found = _MARK.match(line)
    return found[1] if found else ""


def _steers(c: str) -> bool:
    category = unicodedata.category(c)
    return category in ("Zl", "Zp") or (category.startswith("C") and c not in _JOINERS)
