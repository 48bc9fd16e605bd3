"""`attachwatch doctor`: try all that `watch` needs, and say what to do where something is amiss."""

import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import click
from rich.table import Table
from rich.text import Text

from attachwatch.cli import options, shapes
from attachwatch.cli.output import console, print_json, shown, word
from attachwatch.errors import ExitStatus
from attachwatch.service import doctor
from attachwatch.service.checks.check import Check, Outcome

_NARROW = 80  # columns, below which the name has a line of its own


@click.command(name="doctor")
@options.common
def command(as_json: bool, config_file: Path | None) -> int:
    """Test configuration, TLS, login, folders, Drafts, store, readers and schedule, each with a remedy.

    Nothing is changed, neither in the mailboxes nor in the store. Exit status: 0 all is well; 1 it works, and something
    should be looked at; 2 the configuration must be corrected; 3 the server, the store or the machine fails.
    """
    with _progress() as show:
        checks = doctor.examine(config_file, show)
    if as_json:
        print_json(shapes.doctor_document(checks))
    else:
        print_checks(checks)
    return max((check.status for check in checks), default=ExitStatus.OK)


def print_checks(checks: Sequence[Check]) -> None:
    """The table, and a line that sums it up."""
    out = console()
    out.print(_table(checks, narrow=out.width < _NARROW))
    counts = Counter(check.outcome for check in checks)
    said = [
        f"{counts[one]} {one}{'' if one is Outcome.OK or counts[one] == 1 else 's'}" for one in Outcome if counts[one]
    ]
    out.print()
    out.print(", ".join(said))


def _table(checks: Sequence[Check], *, narrow: bool) -> Table:
    made = Table(box=None, pad_edge=False, show_header=False)
    made.add_column(no_wrap=True)
    if not narrow:
        made.add_column(overflow="fold", max_width=30)
    made.add_column(overflow="fold", ratio=1)
    for check in checks:
        said = Text(shown(check.says))
        if check.outcome is not Outcome.OK:
            said.append(f"\n-> {shown(check.remedy)}", style="bold")
        if narrow:
            made.add_row(word(check.outcome), Text(shown(check.name), style="bold").append("\n").append(said))
        else:
            made.add_row(word(check.outcome), shown(check.name), said)
    return made


@contextmanager
def _progress() -> Iterator[doctor.Show]:
    """A bar on stderr, where a person is looking."""
    if not sys.stderr.isatty():
        yield lambda _done, _total: None
        return
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

    columns = TextColumn("looking"), BarColumn(), MofNCompleteColumn()
    with Progress(*columns, console=console(stderr=True), transient=True) as bar:
        task = bar.add_task("checks", total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)
