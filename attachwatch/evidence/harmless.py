"""What strangers wrote, as it can be shown. Pure."""

import unicodedata


def shown(text: str) -> str:
    """A stranger's text, with every control and format character (Unicode category C) made visible and harmless."""
    return "".join(
        c.encode("unicode_escape", "surrogatepass").decode() if unicodedata.category(c).startswith("C") else c
        for c in text
    )


def lines(text: str) -> str:
    """The same of a text of many lines, which stay lines."""
    return "\n".join(shown(line) for line in text.replace("\r\n", "\n").split("\n"))
