"""`attachwatch status`: where each case stands, from what is stored; no mailbox is asked."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import click

from attachwatch.cases.clock import MOST_REMINDERS, local
from attachwatch.cases.progress import Progress, pending_of
from attachwatch.cases.standing import notice_key
from attachwatch.cli import completing, options, shapes, tables, timeline
from attachwatch.cli.output import console, print_json, shown, word, write_file
from attachwatch.errors import ExitStatus, UsageError
from attachwatch.model import CaseState, DraftKind
from attachwatch.service import health, setup
from attachwatch.service.health import Health
from attachwatch.service.overview import Overview, overview, questions

_KINDS = {DraftKind.REPORT: "A reply", DraftKind.REMINDER: "A reminder", DraftKind.THANKS: "A letter of thanks"}


@click.command(name="status")
@click.argument("case", required=False, shell_complete=completing.references)
@click.option("--ics", type=options.PATH, metavar="FILE", help="Write the days that count as a calendar (iCalendar).")
@options.common
def command(case: str | None, ics: Path | None, as_json: bool, config_file: Path | None) -> int:
    """Show annex by annex where each case stands; of one CASE, by its reference, also its emails and what became of
    each annex over time."""
    settings = options.settings(config_file)
    cases = setup.cases(settings)
    with options.open_ledger(settings) as ledger:
        overviews = {m.name: overview(ledger, m.name, cases, m.trusted_authserv_id) for m in settings.mailbox}
        polls = ledger.polls()
    watcher = health.read(settings.health_file)
    if case is not None:
        overviews = _only(overviews, case)
    if ics is not None:
        from attachwatch.cli.calendar import calendar

        write_file(ics, calendar(overviews, datetime.now(UTC)), "--ics")
    if as_json:
        print_json(shapes.status_document(overviews) | {"watch": health.as_json(watcher)})
    else:
        _print(overviews, over_time=case is not None)
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


def _print(overviews: dict[str, Overview], *, over_time: bool) -> None:
    out = console()
    for name, picture in overviews.items():
        for progress in picture.progress:
            out.print(progress.case.reference, "-", word(progress.state), f"- round {progress.round}", style="bold")
            if progress.closed:
                out.print(f"closed: {shown(progress.closed)}")
            timeline.print_clock(out, picture.clocks[progress.case.reference])
            for line in _of_replies(picture, progress):
                out.print(line)
            tables.print_annexes(out, progress)
            for notice in progress.standing.notices:
                where = f"email of {local(notice.message.received):%Y-%m-%d %H:%M} (notice {notice_key(notice)})"
                tables.print_notice(out, notice, where)
            tables.print_told(out, progress.standing)
            timeline.print_questions(out, questions(progress))
            if over_time:
                out.print()
                out.print(timeline.emails_table(picture.parts[progress.case.reference]))
                if any(status.history for status in progress.standing.annexes):
                    out.print()
                    out.print(timeline.history_table(progress))
            out.print()
        tables.print_attention(out, name, picture)


def _of_replies(picture: Overview, place: Progress) -> Iterator[str]:
    """What waits for review, and when nothing more is drafted by itself."""
    reference = place.case.reference
    if (pending := pending_of(picture.drafts.get(reference, ()))) and place.state is not CaseState.CLOSED:
        yield f"{_KINDS[pending.kind]} is for you to review: attachwatch drafts show {pending.id}"
    elif place.state is CaseState.REVIEW_DRAFT:
        yield "A reply is for you to review: attachwatch drafts"
    elif place.state is CaseState.WAITING_FOR_RESEND and picture.clocks[reference].reminded >= MOST_REMINDERS:
        yield "They left two reminders unanswered; what is next is yours to choose, such as a review or a complaint"


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
