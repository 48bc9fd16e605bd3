"""`attachwatch cases`: the cases of the configuration, and where each stands."""

from pathlib import Path

import click

from attachwatch.cases.progress import Progress
from attachwatch.cli import configure, decide, options, shapes, tables
from attachwatch.cli.completing import at_desk
from attachwatch.cli.output import console, print_json, shown, table, word
from attachwatch.errors import ExitStatus
from attachwatch.model import MISSING, CaseState


def _list(config_file: Path | None, as_json: bool) -> int:
    with at_desk(config_file) as desk:
        overviews = desk.overviews()
    if as_json:
        print_json(shapes.cases_document(overviews))
        return ExitStatus.OK
    made = table("Case", "Mailbox", "Authority", "State", "Annexes")
    for name, picture in overviews.items():
        for progress in picture.progress:
            case = progress.case
            state = word(progress.state)
            made.add_row(shown(case.reference), shown(name), ", ".join(case.authority), state, _annexes_of(progress))
    for name, picture in overviews.items():
        for proposal in picture.proposed:
            who = ", ".join(proposal.like.authority)
            made.add_row(shown(proposal.reference), shown(name), who, word("proposed"), "")
    if made.row_count:
        console().print(made)
    else:
        click.echo("No cases. `attachwatch cases add` adds one.")
    if any(picture.proposed for picture in overviews.values()):
        click.echo("`attachwatch cases accept REFERENCE` adds a proposed case to the configuration.")
    return ExitStatus.OK


def _annexes_of(progress: Progress) -> str:
    count, absent = len(progress.case.annexes), len(progress.standing.awaited)
    what = tables.AWAITED if progress.state is CaseState.RECEIVING else MISSING
    return f"{count}, {absent} {what}" if absent else str(count)


command = options.group(
    "cases",
    "Add and close cases, and decide what no rule can. Every decision is kept, and can be undone.",
    "List every case, and where it stands.",
    _list,
)
for each in (*configure.COMMANDS, *decide.COMMANDS):
    command.add_command(each)
