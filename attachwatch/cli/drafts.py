"""`attachwatch drafts`: the review queue."""

from pathlib import Path

import click

from attachwatch.cli import completing, options, shapes, tables
from attachwatch.cli.output import console, print_json
from attachwatch.errors import ExitStatus
from attachwatch.model import DraftState
from attachwatch.service import review

_NUMBER = click.argument("number", type=int, metavar="ID", shell_complete=completing.drafts)


def _list(config_file: Path | None, as_json: bool) -> int:
    with options.open_ledger(options.settings(config_file)) as ledger:
        drafts = ledger.drafts()
    if as_json:
        print_json(shapes.drafts_document(drafts))
    elif drafts:
        console().print(tables.drafts_table(drafts))
    else:
        click.echo("No drafts. One is made when a response has ended and something in it does not open.")
    pending = any(d.state is DraftState.PENDING for d in drafts)
    return ExitStatus.ATTENTION if pending else ExitStatus.OK


command = options.group(
    "drafts",
    "Review the replies that were drafted. Nothing is ever sent: approving places a draft in your Drafts folder.",
    "List every draft.",
    _list,
)


@command.command()
@_NUMBER
@options.common
def show(number: int, as_json: bool, config_file: Path | None) -> int:
    """Show a draft's words, and what each file that it names suffers from."""
    with options.open_ledger(options.settings(config_file)) as ledger:
        draft = review.find(ledger, number)
    if as_json:
        print_json(shapes.drafts_document([draft]))
    else:
        tables.print_draft(console(), draft)
    return ExitStatus.OK


@command.command()
@_NUMBER
@options.common
def approve(number: int, as_json: bool, config_file: Path | None) -> int:
    """Place a draft in the mailbox's Drafts folder, threaded, for you to send."""
    settings = options.settings(config_file)
    with options.open_ledger(settings) as ledger:
        folder = review.approve(settings, ledger, number)
        if as_json:
            print_json(shapes.drafts_document([review.find(ledger, number)]))
        else:
            click.echo(f"Draft {number} is in the folder {folder!r}. Read it there once more, and send it yourself.")
    return ExitStatus.OK


@command.command()
@_NUMBER
@options.common
def discard(number: int, as_json: bool, config_file: Path | None) -> int:
    """Put a draft aside; the next one comes when the authority writes again."""
    with options.open_ledger(options.settings(config_file)) as ledger:
        review.discard(ledger, number)
        if as_json:
            print_json(shapes.drafts_document([review.find(ledger, number)]))
        else:
            click.echo(f"Draft {number} is discarded.")
    return ExitStatus.OK


@command.command()
@_NUMBER
@click.argument("file", type=options.PATH)
@options.common
def export(number: int, file: Path, as_json: bool, config_file: Path | None) -> int:
    """Write a draft as an .eml FILE, for a mail program or for the record."""
    with options.open_ledger(options.settings(config_file)) as ledger:
        review.export(ledger, number, file)
        if as_json:
            print_json(shapes.drafts_document([review.find(ledger, number)]))
        else:
            click.echo(f"Draft {number} is written to {file}.")
    return ExitStatus.OK
