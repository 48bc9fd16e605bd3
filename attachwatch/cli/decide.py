"""`attachwatch cases`: what a person decides about cases. Every decision is kept, and can be undone."""

from collections.abc import Sequence
from datetime import date
from pathlib import Path

import click

from attachwatch.cases import decisions as decided
from attachwatch.cli import completing, options, shapes
from attachwatch.cli.completing import at_desk
from attachwatch.cli.output import console, print_json, shown, table
from attachwatch.errors import ExitStatus
from attachwatch.evidence.words import decided as in_words
from attachwatch.model import Decision
from attachwatch.service.desk import Desk, tell_watcher

_REFERENCE = click.argument("reference", shell_complete=completing.references)
_ANNEXES = click.argument("annexes", nargs=-1, required=True, metavar="ANNEX...", shell_complete=completing.labels)
CASE = click.option(
    "--case", metavar="REFERENCE", shell_complete=completing.references, help="Needed where there are several."
)


@click.command()
@_REFERENCE
@click.option("--reason", default="closed by hand", show_default=True, help="Shown with the case.")
@options.common
def close(reference: str, reason: str, as_json: bool, config_file: Path | None) -> int:
    """Close a case: nothing more is drafted."""
    with at_desk(config_file) as desk:
        return tell(desk, desk.close(desk.case(reference), reason), as_json)


@click.command()
@_REFERENCE
@options.common
def reopen(reference: str, as_json: bool, config_file: Path | None) -> int:
    """Open a closed case again."""
    with at_desk(config_file) as desk:
        return tell(desk, desk.reopen(desk.case(reference)), as_json)


@click.command()
@click.argument("what", metavar="MESSAGE|NOTICE", shell_complete=completing.waiting)
@options.common
def dismiss(what: str, as_json: bool, config_file: Path | None) -> int:
    """Be done with a message or a notice.

    The message belongs to no case; from the notice of what is elsewhere nothing is awaited. The
    number of a message dismisses all its notices. What a dismissed notice may be of is then called missing.
    """
    with at_desk(config_file) as desk:
        return tell(desk, desk.dismiss(what), as_json)


@click.command()
@click.argument("file")
@_ANNEXES
@click.option("--part", is_flag=True, help="The file is one of several that form the annex together.")
@CASE
@options.common
def move(
    file: str,
    annexes: tuple[str, ...],
    part: bool,
    case: str | None,
    as_json: bool,
    config_file: Path | None,
) -> int:
    """Say which annex a file is.

    The FILE is named by its name, or by the beginning of its SHA-256. It may be several annexes, or none: "none".
    """
    with at_desk(config_file) as desk:
        return tell(desk, desk.move(file, annexes, desk.case(case), part=part), as_json)


@click.command()
@_ANNEXES
@click.option("--how", required=True, metavar="TEXT", help='Such as "on paper", or "no longer wanted".')
@CASE
@options.common
def received(
    annexes: tuple[str, ...],
    how: str,
    case: str | None,
    as_json: bool,
    config_file: Path | None,
) -> int:
    """Close annexes that are awaited no more.

    They are then neither missing nor complained of.
    """
    with at_desk(config_file) as desk:
        return tell(desk, desk.receive(annexes, desk.case(case), how), as_json)


@click.command()
@_ANNEXES
@options.day("--until", "They are awaited again from that day.")
@click.option(
    "--by-post", is_flag=True, help="They are to come by post, within `post_after` working days if no day is given."
)
@CASE
@options.common
def suspend(
    annexes: tuple[str, ...],
    until: date | None,
    by_post: bool,
    case: str | None,
    as_json: bool,
    config_file: Path | None,
) -> int:
    """Say nothing of annexes for a while.

    With --by-post, for those that the authority offered to post: if they do not come, they are asked for again.
    """
    with at_desk(config_file) as desk:
        return tell(desk, desk.suspend(annexes, desk.case(case), until, by_post=by_post), as_json)


@click.command()
@click.argument("reference", required=False, shell_complete=completing.references)
@options.common
def decisions(reference: str | None, as_json: bool, config_file: Path | None) -> int:
    """List what was decided, of one case or of all."""
    with at_desk(config_file) as desk:
        everything = desk.ledger.decisions()
        chosen = decided.of_case(desk.case(reference), everything) if reference else everything
        names = desk.file_names()
    undone = decided.undone(everything)
    if as_json:
        print_json(shapes.decisions_document(chosen, undone))
        return ExitStatus.OK
    made = table("Decision", "ID", "Case", "Day", "Counts")
    for decision in chosen:
        counts = "undone" if decision.id in undone else "yes"
        day = f"{decision.decided.astimezone():%Y-%m-%d}"
        made.add_row(shown(in_words(decision, names)), str(decision.id), shown(decision.case), day, counts)
    if chosen:
        console().print(made)
    else:
        click.echo("No decisions.")
    return ExitStatus.OK


@click.command()
@click.argument("number", type=int, shell_complete=completing.decisions)
@options.common
def undo(number: int, as_json: bool, config_file: Path | None) -> int:
    """Take back a decision by its number.

    What it had replaced counts again.
    """
    with at_desk(config_file) as desk:
        return tell(desk, desk.undo(number), as_json)


def tell(desk: Desk, made: Sequence[Decision], as_json: bool) -> int:
    """What was decided, how it is taken back, and from when it counts."""
    is_watching = tell_watcher(desk.settings, desk.ledger)
    if as_json:
        print_json(shapes.decisions_document(made, watcher_told=is_watching))
        return ExitStatus.OK
    names = desk.file_names()
    for decision in made:
        click.echo(f"{shown(in_words(decision, names))}. `attachwatch cases undo {decision.id}` takes it back.")
    if not is_watching:
        click.echo("Drafts follow with the next poll: attachwatch watch --once.")
    return ExitStatus.OK


COMMANDS = (close, reopen, dismiss, move, received, suspend, decisions, undo)
