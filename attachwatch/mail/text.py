"""A part's bytes -> text that a person reads. Bounded; the charset is a claim."""

from contextlib import suppress

LONGEST = 256 * 1024  # bytes of a message's text that are read
_LINE_ENDERS = ("p", "div", "br", "tr", "li", "h1", "h2", "h3", "h4", "h5", "h6", "table", "blockquote")


def decode(data: bytes, charset: str) -> str:
    """`data` by its declared charset, else UTF-8, else Windows-1252; line ends as LF; no lone surrogates."""
    for name in (charset or "utf-8", "utf-8", "cp1252"):
        with suppress(LookupError, ValueError):
            text = data.decode(name)
            break
    else:
        text = data.decode("latin-1")
    return text.replace("\r\n", "\n").encode("utf-8", "replace").decode("utf-8")


def from_html(html: str) -> str:
    """The readable text of an HTML body, a line for each block; scripts, styles and hidden heads left out."""
    from lxml import etree
    from lxml import html as lxml_html

    try:
        tree = lxml_html.document_fromstring(html.replace("\x00", ""), parser=lxml_html.HTMLParser(huge_tree=False))
    except (etree.LxmlError, ValueError, AssertionError):
        return ""
    for element in list(tree.iter("script", "style", "head", "title")):
        element.drop_tree()
    for element in tree.iter(*_LINE_ENDERS):
        element.tail = "\n" + (element.tail or "")
    lines = (" ".join(line.split()) for line in str(tree.text_content()).splitlines())
    return "\n".join(line for line in lines if line)
