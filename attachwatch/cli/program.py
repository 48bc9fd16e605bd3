"""The program: its commands, and what becomes of whatever they raise."""

import contextlib
import gc
import importlib
import io
import os
import platform
import signal
import sys
from typing import NoReturn

import click

from attachwatch import __version__
from attachwatch.cli import COMMANDS, stopping
from attachwatch.errors import AttachwatchError, ExitStatus

_LONG_LIVED = ("watch", "review")  # which hold no more garbage than Python would of itself
_USUAL_GARBAGE = (700, 10, 10)


class _Commands(click.Group):
    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:  # noqa: ARG002
        if name not in COMMANDS:
            return None
        command: click.Command = importlib.import_module(f"attachwatch.cli.{name}").command
        if name in _LONG_LIVED:
            gc.set_threshold(*_USUAL_GARBAGE)
        # The daemon takes SIGTERM as its own once it is under way, and keeps nothing that would have to be tidied up.
        stopping.tidily((signal.SIGINT,) if name == "watch" else stopping.ALL)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


@click.command(
    cls=_Commands,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="Exit status: 0 nothing wrong was found; 1 something does not open, is missing or needs a person; "
    "2 wrong usage or configuration; 3 the server, the store or the machine failed.",
)
@click.option(
    "--version",
    is_flag=True,
    expose_value=False,
    is_eager=True,
    callback=lambda ctx, _parameter, asked: _print_versions(ctx) if asked else None,
    help="Show the version, and those of the readers.",
)
def attachwatch() -> None:
    """Find the attachments that do not open in an authority's answer, and draft the reply that says so.

    attachwatch reads mailboxes and never sends mail.
    """


def _print_versions(ctx: click.Context) -> NoReturn:
    from attachwatch.inspection.readers import READERS  # a tenth of a second, which --help need not wait for

    click.echo(f"attachwatch {__version__}")
    click.echo(f"Python {platform.python_version()}")
    for reader in READERS:
        click.echo(f"{reader.name} {reader.version}")
    ctx.exit()


def run() -> NoReturn:
    """Every failure is one line on stderr and an exit status."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")  # a file name need not be UTF-8
    try:
        status = _call()
    except click.ClickException as error:
        context = error.ctx if isinstance(error, click.UsageError) else None
        command = context.command_path if context else "attachwatch"
        _fail(f"{error.format_message().rstrip('.')}. See {command} --help.", ExitStatus.USAGE)
    except AttachwatchError as error:
        _fail(str(error), error.status)
    except stopping.Stopped:
        with contextlib.suppress(OSError):  # the terminal may be what went
            click.echo(stopping.LINE, err=True)
        _leave_stdout()
        raise
    except (click.Abort, KeyboardInterrupt):
        _fail("stopped", 130)
    except BrokenPipeError:  # the reader of our output, such as `head`, has what it wanted
        _leave_stdout()
        sys.exit(141)
    except OSError as error:  # a full disk, above all
        _leave_stdout()
        where = f": {error.filename!r}" if error.filename else ""
        _fail(f"{error.strerror or error}{where}", ExitStatus.FAILURE)
    sys.exit(status or ExitStatus.OK)


def _call() -> int | None:
    try:
        status: int | None = attachwatch.main(prog_name="attachwatch", standalone_mode=False)
        sys.stdout.flush()
    except BaseException as error:
        if stopped := stopping.behind(error):
            raise stopped from None
        raise
    return status


def _leave_stdout() -> None:
    """Write what is still to be written, if that is possible, and let Python not complain at its end if it is not."""
    try:
        sys.stdout.flush()
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _fail(sentence: str, status: int) -> NoReturn:
    line = " ".join(sentence.split())
    click.echo(f"attachwatch: {line}", err=True)
    sys.exit(status)
