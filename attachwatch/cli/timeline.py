"""What a person reads of a case over time: its clock, its emails, each annex's history, and gaps to ask about."""

from collections.abc import Sequence

from rich.table import Table

from attachwatch.annexes.gaps import Gap
from attachwatch.cases.clock import Clock, local
from attachwatch.cases.history import history
from attachwatch.cases.progress import Progress
from attachwatch.cases.rounds import Part
from attachwatch.cli.output import shown, some, table, word
from attachwatch.cli.page import Printer
from attachwatch.evidence.words import clock_lines, note

_MOST = 20  # questions that are shown


def print_clock(console: Printer, clock: Clock) -> None:
    for line in clock_lines(clock):
        console.print(line, style="yellow" if clock.needs_attention else None)


def print_questions(console: Printer, questions: Sequence[Gap]) -> None:
    for gap in questions[:_MOST]:
        console.print(f"To ask: {shown(gap.question)}", style="yellow")
    if len(questions) > _MOST:
        console.print(f"To ask: {len(questions) - _MOST} more like it; see --json", style="yellow")


def emails_table(parts: Sequence[Part]) -> Table:
    """The emails of a case: the round of each, which of how many it says it is, and what it brings."""
    made = table("Email", "Round", "Says", "Brings")
    made.columns[0].ratio, made.columns[3].ratio = None, 1
    for part in parts:
        received = local(part.delivery.message.received)
        again = f"re-sends {some(part.resends)}" if part.resends else ""
        brings = "; ".join(filter(None, (some(part.brings), again)))
        made.add_row(f"{received:%Y-%m-%d %H:%M}", str(part.round or ""), note(part.delivery.note), brings)
    return made


def history_table(progress: Progress) -> Table:
    """Every copy of each annex that came, in the order of the list."""
    made = table("Annex", "Received", "Verdict", "SHA-256", "What it is")
    made.columns[0].ratio, made.columns[4].ratio = None, 1
    for status in progress.standing.annexes:
        for number, attempt in enumerate(history(status)):
            file = attempt.file
            made.add_row(
                "" if number else shown(status.annex.label),
                f"{local(file.message.received):%Y-%m-%d}",
                word(file.inspection.verdict),
                file.attachment.sha256[:12],
                attempt.words,
            )
    return made
