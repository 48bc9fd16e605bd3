"""`attachwatch status`: where each case stands, from what is stored; no mailbox is asked."""

from dataclasses import replace
from pathlib import Path

import click

from attachwatch.cli import options, shapes, tables
from attachwatch.cli.output import console, print_json, shown, word
from attachwatch.errors import ExitStatus, UsageError
from attachwatch.service import health, setup
from attachwatch.service.health import Health
from attachwatch.service.overview import Overview, overview


@click.command(name="status")
@click.argument("case", required=False)
@options.common
def command(case: str | None, as_json: bool, config_file: Path | None) -> int:
    """Show annex by annex where each case stands, or one CASE by its reference."""
    settings = options.settings(config_file)
    cases = setup.cases(settings)
    with options.open_ledger(settings) as ledger:
        overviews = {
            m.name: overview(ledger, m.name, [c for c in cases if c.mailbox == m.name], m.trusted_authserv_id)
            for m in settings.mailbox
        }
        polls = ledger.polls()
    watcher = health.read(settings.health_file)
    if case is not None:
        overviews = _only(overviews, case)
    if as_json:
        print_json(shapes.status_document(overviews) | {"watch": health.as_json(watcher)})
    else:
        _print(overviews)
        _print_watcher(watcher)
        for poll in polls:
            said = f"failed: {shown(poll.problem)}" if poll.problem else "went through"
            console().print(f"{poll.mailbox}: last poll {poll.polled.astimezone():%Y-%m-%d %H:%M}, {said}")
    return ExitStatus.ATTENTION if any(o.needs_attention for o in overviews.values()) else ExitStatus.OK


def _only(overviews: dict[str, Overview], reference: str) -> dict[str, Overview]:
    chosen = {
        name: replace(o, progress=tuple(p for p in o.progress if reference in p.case.all_references))
        for name, o in overviews.items()
    }
    kept = {name: o for name, o in chosen.items() if o.progress}
    if not kept:
        known = ", ".join(p.case.reference for o in overviews.values() for p in o.progress) or "none"
        raise UsageError(f"there is no case {reference!r}", f"Known: {known}.")
    return kept


def _print(overviews: dict[str, Overview]) -> None:
    out = console()
    for name, picture in overviews.items():
        for progress in picture.progress:
            out.print(progress.case.reference, "-", word(progress.state), f"- round {progress.round}", style="bold")
            out.print(tables.annexes_table(progress))
            for notice in progress.standing.notices:
                tables.print_notice(out, notice, f"email of {notice.message.received.astimezone():%Y-%m-%d %H:%M}")
            tables.print_told(out, progress.standing)
            out.print()
        tables.print_attention(out, name, picture)


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
