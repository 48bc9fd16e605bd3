"""The commands with all their options, as click has them."""

import re
from collections.abc import Iterator

import click

from attachwatch.cli.program import attachwatch
from attachwatch.errors import ExitStatus
from docs.generate.markdown import code, table

STATUS = {
    ExitStatus.OK: "nothing wrong was found",
    ExitStatus.ATTENTION: "something does not open, is missing, or needs a person",
    ExitStatus.USAGE: "wrong usage or configuration: one line says what to do",
    ExitStatus.FAILURE: "the server, the store or the machine failed",
}


def page() -> str:
    """Every command, in the order of `attachwatch --help`."""
    status = table(("exit status", "meaning"), ((str(int(s)), text) for s, text in STATUS.items()))
    return "\n".join([f"{_INTRODUCTION}\n{status}", *(_part(c) for c in (root(), *commands(root())))])


_INTRODUCTION = """\
# Commands

Nothing that a command does sends mail. What it finds goes to stdout, the log to stderr. The same as here is told by
`--help` of each command, and by `man attachwatch`; [a shell can complete all of it](../how-to/scripts.md#completion).
"""


def root() -> click.Context:
    """The program itself."""
    return click.Context(attachwatch, info_name="attachwatch", **attachwatch.context_settings)


def commands(of: click.Context) -> Iterator[click.Context]:
    """Every command below it, those of a group behind the group."""
    group = of.command
    if not isinstance(group, click.Group):
        return
    for name in group.list_commands(of):
        command = group.get_command(of, name)
        if command is not None and not command.hidden:
            context = click.Context(command, info_name=name, parent=of)
            yield context
            yield from commands(context)


def usage(context: click.Context) -> str:
    """What goes behind the name: "[OPTIONS] PATH..."."""
    return " ".join(context.command.collect_usage_pieces(context))


def paragraphs(context: click.Context) -> list[str]:
    """What the command says of itself."""
    return [" ".join(part.split()) for part in re.split(r"\n\s*\n", (context.command.help or "").replace("\b", ""))]


def options(context: click.Context) -> Iterator[tuple[str, str]]:
    """Each option as it is given, and what it does."""
    for parameter in context.command.get_params(context):
        if isinstance(parameter, click.Option) and (record := parameter.get_help_record(context)):
            yield record


def _part(context: click.Context) -> str:
    path = context.command_path
    level = "#" * (path.count(" ") + 2)
    anchor = path.replace(" ", "-")
    rows = ((code(given), says) for given, says in options(context))
    told = "\n\n".join(paragraphs(context))
    return (
        f"{level} {path} {{ #{anchor} }}\n\n```text\n{path} {usage(context)}\n```\n\n{told}\n\n"
        f"{table(('option', 'what it does'), rows)}"
    )
