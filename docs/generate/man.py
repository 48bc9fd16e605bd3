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
from attachwatch.cli.program import attachwatch
from attachwatch.errors import ExitStatus

_FILES = (
    ("attachwatch.toml", "The configuration, in the working folder or in the user's configuration folder."),
    ("ATTACHWATCH_CONFIG", "The environment variable that names another."),
)
_STATUS = {
    ExitStatus.OK: "nothing wrong was found",
    ExitStatus.ATTENTION: "something does not open, is missing, or needs a person",
    ExitStatus.USAGE: "wrong usage or configuration: one line says what to do",
    ExitStatus.FAILURE: "the server, the store or the machine failed",
}


def page() -> str:
    """The whole page, as troff."""
    settings = get_default_settings(manpage.Writer())
    document = new_document("attachwatch", settings)
    document += nodes.title("", "attachwatch")
    document += nodes.subtitle("", "find the attachments that do not open in an authority's answer")
    document += nodes.docinfo("", *_about())
    root = click.Context(attachwatch, info_name="attachwatch", **attachwatch.context_settings)
    document += _section("SYNOPSIS", _line("attachwatch", "COMMAND [OPTIONS] [ARGUMENTS]"))
    document += _section("DESCRIPTION", *_paragraphs(attachwatch.help))
    document += _section("OPTIONS", _options(root))
    document += _section("COMMANDS", *(_command(c) for c in _commands(root)))
    document += _section("EXIT STATUS", _definitions((str(int(s)), text) for s, text in _STATUS.items()))
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


def _commands(of: click.Context) -> Iterator[click.Context]:
    """Every command that does something by itself, those of a group behind it."""
    group = of.command
    if not isinstance(group, click.Group):
        return
    for name in group.list_commands(of):
        command = group.get_command(of, name)
        if command is not None and not command.hidden:
            context = click.Context(command, info_name=name, parent=of)
            yield context
            yield from _commands(context)


def _command(context: click.Context) -> nodes.section:
    usage = " ".join(context.command.collect_usage_pieces(context))
    path = context.command_path
    return _section(path, _line(path, usage), *_paragraphs(context.command.help), _options(context))


def _options(context: click.Context) -> nodes.Node:
    params = context.command.get_params(context)
    records = (p.get_help_record(context) for p in params if isinstance(p, click.Option))
    return _definitions(record for record in records if record)


def _paragraphs(text: str | None) -> Iterator[nodes.Node]:
    for part in re.split(r"\n\s*\n", text or ""):
        yield nodes.paragraph("", " ".join(part.replace("\b", "").split()))


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
