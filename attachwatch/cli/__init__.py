"""The commands. One file each, loaded only when it is called, so that --help is quick."""

import importlib
import os
import sys
from typing import NoReturn

import click

from attachwatch import __version__
from attachwatch.errors import AttachwatchError, ExitStatus

_COMMANDS = {
    "demo": "replay an authority's answer through the real pipeline",
    "verify": "check files, folders and saved emails",
    "watch": "watch the mailboxes, or poll them once",
    "status": "show where each case stands",
    "drafts": "review the replies that were drafted",
    "completion": "print the completion script for a shell",
}


class _Commands(click.Group):
    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:  # noqa: ARG002
        if name not in _COMMANDS:
            return None
        command: click.Command = importlib.import_module(f"attachwatch.cli.{name}").command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        with formatter.section("Commands"):
            formatter.write_dl(list(_COMMANDS.items()))


@click.command(
    cls=_Commands,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="Exit status: 0 nothing wrong was found; 1 something does not open, is missing or needs a person; "
    "2 wrong usage or configuration; 3 the server, the store or the machine failed.",
)
@click.version_option(__version__, prog_name="attachwatch")
def attachwatch() -> None:
    """Find the attachments that do not open in an authority's answer, and draft the reply that says so.

    attachwatch reads mailboxes and never sends mail.
    """


def main() -> NoReturn:
    """The program: every failure is one line on stderr and an exit status."""
    try:
        status = attachwatch.main(prog_name="attachwatch", standalone_mode=False)
        sys.stdout.flush()
    except click.ClickException as error:
        _fail(f"{error.format_message().rstrip('.')}. See attachwatch --help.", ExitStatus.USAGE)
    except AttachwatchError as error:
        _fail(str(error), error.status)
    except (click.Abort, KeyboardInterrupt):
        sys.exit(130)
    except BrokenPipeError:  # the reader of our output, such as `head`, has what it wanted
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(141)
    sys.exit(status or ExitStatus.OK)


def _fail(sentence: str, status: int) -> NoReturn:
    line = " ".join(sentence.split())
    click.echo(f"attachwatch: {line}", err=True)
    sys.exit(status)
