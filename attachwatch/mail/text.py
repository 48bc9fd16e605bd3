"""A part's bytes -> text that a person reads. Bounded; the charset is a claim."""

from contextlib import suppress
from typing import Any

from attachwatch.mime.links import targets
from attachwatch.mime.parts import TextPart

LONGEST = 256 * 1024  # bytes of a message's text that are read
_ALIKE = 0.8  # of the words of one text are in another that says the same
_LONGEST_LINK = 8192
_LINE_ENDERS = ("p", "div", "br", "tr", "li", "h1", "h2", "h3", "h4", "h5", "h6", "table", "blockquote")


def words(part: TextPart, data: bytes) -> str:
    """What a text part says, of its decoded bytes."""
    read = decode(data[:LONGEST], part.charset)
    return from_html(read) if part.subtype == "html" else read


def with_its_links(plain: str, html: str) -> str:
    """`plain`, or the same as `html` where that has links which are not in it; both where they are not the same."""
    if plain and set(targets(html)) <= set(targets(plain)):
        return plain
    said, own = set(html.split()), plain.split()
    is_same = sum(word in said for word in own) >= _ALIKE * len(own)
    return html if is_same else f"{plain}\n{html}"


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
    """The readable text of an HTML body, a line for each block; scripts, styles and hidden heads left out.

    What a link leads to stands in angle brackets behind its words; a line that quotes another message begins with >.
    """
    from lxml import etree
    from lxml import html as lxml_html

    try:
        tree = lxml_html.document_fromstring(html.replace("\x00", ""), parser=lxml_html.HTMLParser(huge_tree=False))
    except (etree.LxmlError, ValueError, AssertionError):
        return ""
    for element in list(tree.iter("script", "style", "head", "title")):
        element.drop_tree()
    for element in tree.iter("a"):
        _show_target(element)
    for element in tree.iter("blockquote"):
        if element.get("type", "").lower() == "cite" or "gmail_quote" in element.get("class", ""):
            element.text = "\n> " + (element.text or "").lstrip()
    for element in tree.iter(*_LINE_ENDERS):
        element.tail = "\n" + (element.tail or "")
    lines = (" ".join(line.split()) for line in str(tree.text_content()).splitlines())
    return "\n".join(line for line in lines if line)


def _show_target(link: Any) -> None:
    target = "".join(str(link.get("href", "")).split())
    is_web = target.lower().startswith(("http://", "https://"))
    if not is_web or len(target) > _LONGEST_LINK or set(target) & {"<", ">"}:
        return
    said = " ".join(link.text_content().split())
    if target.rstrip("/") == said.rstrip("/"):
        return
    pictured = "" if said else " ".join(str(picture.get("alt", "")) for picture in link.iter("img"))
    shown = f" {pictured.strip()} <{target}> "
    if len(link):
        link[-1].tail = (link[-1].tail or "") + shown
    else:
        link.text = (link.text or "") + shown
