"""Whether XML is well-formed. Nothing is resolved, fetched or expanded."""

from lxml import etree

from attachwatch.inspection.wording import words


def fault(data: bytes) -> str | None:
    """What the parser says of it, if it is not."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=True)
    try:
        etree.fromstring(data, parser)
    except etree.XMLSyntaxError as error:
        return words(str(error))
    return None
