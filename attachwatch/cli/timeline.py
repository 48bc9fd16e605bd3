"""What a person reads of a case over time: its clock, its emails, each annex's history, and gaps to ask about."""

from collections.abc import Iterator, Sequence

from rich.console import Console
from rich.table import Table

from attachwatch.annexes.gaps import Gap
from attachwatch.cases.clock import Clock, in_words, local
from attachwatch.cases.history import history
from attachwatch.cases.progress import Progress
from attachwatch.cases.rounds import Part
from attachwatch.cli.output import shown, some, table, word
from attachwatch.model import SendingNote

_MOST = 20  # questions that are shown


def print_clock(console: Console, clock: Clock) -> None:
    for line in clock_lines(clock):
        console.print(line, style="yellow" if clock.needs_attention else None)


def clock_lines(clock: Clock) -> Iterator[str]:
    """By when an answer was due and whether it came, and when to remind them of ours."""
    if clock.deadline:
        due = f"Answer due by {in_words(clock.deadline.day)}, {clock.deadline.basis}"
        yield f"{due}: {_how_it_stands(clock)}"
    if clock.replied:
        said = f"Our reply was placed on {in_words(clock.replied)}"
        yield f"{said}{_reminder(clock)}"


def _reminder(clock: Clock) -> str:
    """When to remind them of our reply, and when once more."""
    if not clock.chasing or clock.chaser is None:
        return ""
    if not clock.is_chaser_due:
        return f"; remind them on {in_words(clock.chaser)}"
    said = f"; time to remind them{' once more' if clock.is_second else ''}, since {in_words(clock.chaser)}"
    return f"{said}; once more on {in_words(clock.again)}" if clock.again and not clock.is_second else said


def _how_it_stands(clock: Clock) -> str:
    if clock.is_overdue:
        longer = (
            f"; it may be extended {clock.deadline.extension}" if clock.deadline and clock.deadline.extension else ""
        )
        return f"overdue by {_days(-(clock.left or 0))}{longer}"
    if clock.left is not None:
        return f"{_days(clock.left)} left" if clock.left else "today"
    if clock.answered is None:
        return "settled"
    return f"answered on {in_words(clock.answered)}, {f'{_days(clock.late)} late' if clock.late else 'in time'}"


def _days(count: int) -> str:
    return f"{count} working day{'' if count == 1 else 's'}"


def print_questions(console: Console, questions: Sequence[Gap]) -> None:
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
        made.add_row(f"{received:%Y-%m-%d %H:%M}", str(part.round or ""), _says(part.delivery.note), brings)
    return made


def _says(note: SendingNote) -> str:
    number = f"email {note.number}" if note.number else ""
    if note.number and note.total:
        number = f"{note.number} of {note.total}"
    return ", ".join(filter(None, (number, "final" if note.final else "")))


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
