"""The manual page, of the commands themselves: `python -m docs.generate.man > share/man/attachwatch.1`.

docutils writes it, from nodes and not from text, so that nothing in a help text is taken for markup.
"""

import re
from collections.abc import Iterable, Iterator

import click
from docutils import nodes
from docutils.core import publish_from_doctree
from docutils.frontend import get_default_settings
from docutils.utils import new_document
from docutils.writers import manpage

from attachwatch import __version__
from docs.generate import commands

_FILES = (
    ("attachwatch.toml", "The configuration, in the working folder or in the user's configuration folder."),
    ("ATTACHWATCH_CONFIG", "The environment variable that names another."),
)


def page() -> str:
    """The whole page, as troff."""
    settings = get_default_settings(manpage.Writer())
    document = new_document("attachwatch", settings)
    document += nodes.title("", "attachwatch")
    document += nodes.subtitle("", "find the attachments that do not open in an authority's answer")
    document += nodes.docinfo("", *_about())
    root = commands.root()
    document += _section("SYNOPSIS", _line("attachwatch", "COMMAND [OPTIONS] [ARGUMENTS]"))
    document += _section("DESCRIPTION", *_told(root))
    document += _section("OPTIONS", _definitions(commands.options(root)))
    document += _section("COMMANDS", *(_command(c) for c in commands.commands(root)))
    document += _section("EXIT STATUS", _definitions((str(int(s)), text) for s, text in commands.STATUS.items()))
    document += _section("FILES AND ENVIRONMENT", _definitions(_FILES))
    made: bytes = publish_from_doctree(document, writer=manpage.Writer(), settings=settings)
    return _tidied(made.decode())


def _tidied(troff: str) -> str:
    """Without the version of what wrote it, and with words that are not pulled apart to fill the line."""
    body = re.sub(r"\A(\.\\\".*\n)+", "", troff)
    return re.sub(r"^(\.TH .*)$", r"\1\n.ad l", body, count=1, flags=re.MULTILINE)


def _about() -> Iterator[nodes.Node]:
    yield nodes.version("", __version__)
    for name, value in (("manual_section", "1"), ("manual_group", "User Commands")):
        yield nodes.field("", nodes.field_name("", name), nodes.field_body("", nodes.paragraph("", value)))


def _command(context: click.Context) -> nodes.section:
    line = _line(context.command_path, commands.usage(context))
    return _section(context.command_path, line, *_told(context), _definitions(commands.options(context)))


def _told(context: click.Context) -> Iterator[nodes.Node]:
    return (nodes.paragraph("", text) for text in commands.paragraphs(context))


def _line(bold: str, plain: str) -> nodes.paragraph:
    return nodes.paragraph("", "", nodes.strong("", bold), nodes.Text(f" {plain}"))


def _definitions(pairs: Iterable[tuple[str, str]]) -> nodes.Node:
    items = [
        nodes.definition_list_item(
            "", nodes.term("", "", nodes.strong("", term)), nodes.definition("", nodes.paragraph("", text))
        )
        for term, text in pairs
    ]
    return nodes.definition_list("", *items)


def _section(title: str, *children: nodes.Node) -> nodes.section:
    return nodes.section("", nodes.title("", title), *children)


if __name__ == "__main__":
    print(page(), end="")
