"""A document as one web page that needs nothing beside it; whatever a stranger wrote is text in it. Pure."""

import base64
from functools import cache

import jinja2

from attachwatch.evidence.blocks import Document
from attachwatch.evidence.harmless import lines, shown


def page(document: Document) -> str:
    return _environment().get_template("page.html").render(document=document)


def templates(package: str) -> jinja2.Environment:
    """The templates of a package; whatever they are given is text in them."""
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader(package),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
    )
    environment.filters["shown"] = shown
    return environment


@cache
def _environment() -> jinja2.Environment:
    environment = templates("attachwatch.evidence")
    environment.filters["lines"] = lines
    environment.filters["kind"] = lambda block: type(block).__name__
    environment.filters["base64"] = lambda data: base64.b64encode(data).decode()
    return environment
