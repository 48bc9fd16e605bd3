"""`attachwatch report`: the record of one case, to attach to a complaint."""

import os
import sys
from pathlib import Path

import click

from attachwatch import atomic
from attachwatch.cli import completing, options
from attachwatch.cli.completing import at_desk
from attachwatch.cli.output import shown
from attachwatch.errors import ExitStatus, UsageError
from attachwatch.evidence.forms import FORMATS, recorded, rendered


@click.command(name="report")
@click.argument("case", shell_complete=completing.references)
@click.option(
    "--output", type=options.PATH, metavar="FILE", help='Where to: a name in .html, .pdf or .json; "-" is stdout.'
)
@click.option("--format", "form", type=click.Choice(FORMATS), help="Whatever the name's ending.")
@click.option("--force", is_flag=True, help="Write over a file that is there.")
@options.common
def command(
    case: str, output: Path | None, form: str | None, force: bool, as_json: bool, config_file: Path | None
) -> int:
    """Write the record of one CASE: each email and file with its SHA-256 and what is wrong with it, each reply, each
    deadline. Fit to attach to a complaint."""
    to_stdout = output is None or str(output) == "-"
    chosen = _format(None if to_stdout else output, "json" if as_json else form)
    if output is not None and not to_stdout and os.path.lexists(output):
        if not force:
            raise _there_already(output)
        if not output.is_file():
            raise UsageError(f"{output} is no file", "Name another one with --output.")
    if to_stdout and chosen == "pdf" and sys.stdout.isatty():
        raise UsageError("a PDF is nothing for a terminal", "Name a file with --output.")
    with at_desk(config_file) as desk:
        data = rendered(recorded(desk, case), chosen)
    if output is None or to_stdout:
        sys.stdout.flush()
        sys.stdout.buffer.write(data)
        sys.stdout.buffer.flush()
        return ExitStatus.OK
    _write(output, data, force=force)
    click.echo(f"The record of {shown(case)} is in {shown(str(output))}.", err=True)
    return ExitStatus.OK


def _format(output: Path | None, asked: str | None) -> str:
    ending = output.suffix.lower().removeprefix(".") if output else ""
    if asked or not output:
        return asked or "html"
    if ending == "htm":
        return "html"
    if ending not in FORMATS:
        raise UsageError(f"the ending of {output} names no format", "End it in .html, .pdf or .json, or give --format.")
    return ending


def _write(path: Path, data: bytes, *, force: bool) -> None:
    try:
        atomic.write(path, data, new=not force)
    except FileExistsError:
        raise _there_already(path) from None
    except OSError as error:
        raise UsageError(f"{path} cannot be written: {error.strerror}", "Name another file with --output.") from None


def _there_already(path: Path) -> UsageError:
    return UsageError(f"{path} exists already", "Name another file with --output, or overwrite it with --force.")
