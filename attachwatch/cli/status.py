"""`attachwatch status`: where each case stands, from what is stored; no mailbox is asked."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from attachwatch.cli import completing, options, told
from attachwatch.cli.output import console, patiently, shown, write_file
from attachwatch.cli.page import MOST, Page
from attachwatch.cli.told import MailboxTold
from attachwatch.errors import ExitStatus, UsageError
from attachwatch.model import Case
from attachwatch.service import health, setup
from attachwatch.service.health import Health
from attachwatch.service.pictures import Pictures

if TYPE_CHECKING:  # what is kept is told without it
    from attachwatch.service.overview import Overview


@click.command(name="status")
@click.argument("case", required=False, shell_complete=completing.references)
@click.option("--all", "with_all", is_flag=True, help="Show every file of a large case, too.")
@click.option("--ics", type=options.PATH, metavar="FILE", help="Write the days that count as a calendar (iCalendar).")
@options.common
def command(case: str | None, with_all: bool, ics: Path | None, as_json: bool, config_file: Path | None) -> int:
    """Show annex by annex where each case stands; of one CASE, by its reference, also its emails and what became of
    each annex over time."""
    settings = options.settings(config_file)
    cases = setup.cases(settings)
    _refuse_unknown(case, cases)
    with options.open_ledger(settings) as ledger, patiently("Where the cases stand is worked out anew ..."):
        pictures = Pictures(settings, cases, ledger, told.TELLINGS)
        overviews: dict[str, Overview] = {}
        if ics is not None or (not as_json and (with_all or case is not None)):  # for which no short form is kept
            overviews = _only({m.name: pictures.overview(m) for m in settings.mailbox}, case)
        if as_json and overviews:
            from attachwatch.cli import telling

            shares = [telling.share(name, picture) for name, picture in overviews.items()]
        elif as_json:
            shares = _only_of([pictures.told(m, told.DOCUMENT, told.read) for m in settings.mailbox], case)
        elif overviews:
            shares = _pages(overviews, None if with_all else MOST)
        else:
            shares = [pictures.told(m, told.PAGE, told.read) for m in settings.mailbox]
        polls, holders = ledger.polls(), ledger.lease_holders()
    watcher = health.read(settings.health_file)
    if ics is not None:
        from attachwatch.cli.calendar import calendar

        write_file(ics, calendar(overviews, datetime.now(UTC)), "--ics")
    if as_json:
        click.echo(told.document(shares, watch=health.as_json(watcher)))
    else:
        _show(shares, overviews if case is not None else {})
        _print_watcher(watcher)
        for poll in polls:
            said = f"failed: {shown(poll.problem)}" if poll.problem else "went through"
            holder = holders.get(poll.mailbox, "").partition(":")[0]
            where = f"; watched on {shown(holder)}" if holder else ""
            console().print(f"{poll.mailbox}: last poll {poll.polled.astimezone():%Y-%m-%d %H:%M}, {said}{where}")
    return ExitStatus.ATTENTION if any(s.needs_attention for s in shares) else ExitStatus.OK


def _refuse_unknown(reference: str | None, cases: Sequence[Case]) -> None:
    if reference is not None and not any(reference in c.all_references for c in cases):
        known = ", ".join(c.reference for c in cases) or "none"
        raise UsageError(f"there is no case {reference!r}", f"Known: {known}.")


def _only(overviews: dict[str, "Overview"], reference: str | None) -> dict[str, "Overview"]:
    if reference is None:
        return overviews
    chosen = {
        name: replace(o, progress=tuple(p for p in o.progress if reference in p.case.all_references))
        for name, o in overviews.items()
    }
    return {name: o for name, o in chosen.items() if o.progress}


def _only_of(shares: Sequence[MailboxTold], reference: str | None) -> list[MailboxTold]:
    if reference is None:
        return list(shares)
    return [s for share in shares if (s := share.only(reference)).cases]


def _pages(overviews: Mapping[str, "Overview"], most: int | None) -> list[MailboxTold]:
    from attachwatch.cli import telling

    return [telling.page(name, picture, most) for name, picture in overviews.items()]


def _show(shares: Sequence[MailboxTold], over_time: Mapping[str, "Overview"]) -> None:
    """What is told of each mailbox; and of the cases of those that are given, how they came there."""
    out = console()
    of_case = {p.case.reference: (o, p) for o in over_time.values() for p in o.progress}
    for share in shares:
        for case in share.cases:
            Page(list(case.page)).show(out)
            if case.references[0] in of_case:
                from attachwatch.cli import timeline

                picture, progress = of_case[case.references[0]]
                out.print()
                out.print(timeline.emails_table(picture.parts[progress.case.reference]))
                if any(status.history for status in progress.standing.annexes):
                    out.print()
                    out.print(timeline.history_table(progress))
            out.print()
        Page(list(share.page)).show(out)


def _print_watcher(watcher: Health | None) -> None:
    """Whether anybody watches, and what went wrong while it did."""
    out = console()
    if watcher is None or not watcher.is_alive:
        last = f"; last sign of life {watcher.updated.astimezone():%Y-%m-%d %H:%M}" if watcher else ""
        out.print(f"attachwatch watch is not running{last}")
        return
    out.print(f"attachwatch watch is running since {watcher.started.astimezone():%Y-%m-%d %H:%M} (pid {watcher.pid})")
    for mailbox in watcher.mailboxes:
        counts = mailbox.counts
        wrong = {
            "failed": counts.failed,
            "crashed": counts.crashed,
            "cut at the deadline": counts.cut,
            "overlapped": counts.overlapped,
            "missed": counts.missed,
        }
        said = ", ".join(f"{number} {what}" for what, number in wrong.items() if number)
        after = (
            f"; next try {mailbox.next_poll.astimezone():%H:%M:%S}" if mailbox.failures and mailbox.next_poll else ""
        )
        out.print(f"{shown(mailbox.name)}: {mailbox.doing}, idle {mailbox.idle}, {counts.polls} polls", end="")
        out.print(f" ({said}){after}" if said else after)
