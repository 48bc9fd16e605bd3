"""A draft as a person reads it in a terminal: the queue, the words, what they rest on, and what changed in them."""

from collections.abc import Sequence

from rich.console import Console
from rich.text import Text

from attachwatch.cli.output import shown, table, word
from attachwatch.evidence.words import count, says, why
from attachwatch.model import Draft, DraftItem, DraftState, Inspection
from attachwatch.reply.lines import printable
from attachwatch.reply.revision import conflicts

_STYLES = {"+": "green", "-": "red", "@": "cyan"}
_NARROW = 90  # columns
_LONGEST = 300  # characters of what a reader says


def print_drafts(console: Console, drafts: Sequence[Draft]) -> None:
    """The queue; where the terminal is narrow, without the subjects."""
    narrow = console.width < _NARROW
    made = table("Letter", "ID", "Case", "State", "Names", *([] if narrow else ["Subject"]))
    for draft in drafts:
        subject = [] if narrow else [shown(draft.subject)]
        letter = f"{draft.kind} of round {draft.round}"
        made.add_row(letter, str(draft.id), shown(draft.case), _state(draft), ", ".join(_names(draft)), *subject)
    console.print(made)


def _state(draft: Draft) -> Text:
    left = conflicts(draft.body) if draft.state is DraftState.PENDING else 0
    edited = ", edited" if draft.is_edited else ""
    return word(draft.state).append(f"{edited}{f', {left} to choose' if left else ''}")


def _names(draft: Draft) -> list[str]:
    names = f"{len(draft.items)} that {'does' if len(draft.items) == 1 else 'do'} not open" if draft.items else ""
    missing = f"{len(draft.missing)} missing" if draft.missing else ""
    return [name for name in (names, missing) if name]


def print_draft(console: Console, draft: Draft) -> None:
    """The reply as the authority would read it."""
    for name, value in (
        ("From", draft.sender),
        ("To", ", ".join(draft.to)),
        ("Cc", ", ".join(draft.cc)),
        ("Subject", draft.subject),
        ("In-Reply-To", draft.in_reply_to or ""),
    ):
        if value:
            console.print(f"{name}: {shown(value)}", soft_wrap=True)
    console.print()
    for line in draft.body.rstrip().split("\n"):
        console.print(printable(line.expandtabs()), soft_wrap=True)


def print_state(console: Console, draft: Draft, warnings: Sequence[str]) -> None:
    """Which draft it is, what became of it, and what to look at."""
    edited = ", edited by you" if draft.is_edited else ""
    placed = f", in {shown(draft.placed_in)}" if draft.placed_in else ""
    said = f"Draft {draft.id}: {draft.kind} of round {draft.round} in {shown(draft.case)}, {draft.state}"
    console.print(f"{said}{placed}{edited}", style="bold", soft_wrap=True)
    for warning in warnings:
        console.print(shown(warning), style="yellow", soft_wrap=True)
    console.print()


def print_evidence(console: Console, evidence: Sequence[tuple[DraftItem, Inspection | None]]) -> None:
    """What the words of a draft rest on, file by file in the same order."""
    for number, (item, found) in enumerate(evidence, 1):
        labels = f" ({', '.join(map(shown, item.labels))})" if item.labels else ""
        console.print()
        console.print(f"{number}. {shown(item.file)}{labels}", style="bold", soft_wrap=True)
        said = shown(why(found)) if found else item.cause or ""
        console.print("   ", word(item.verdict), f": {said}", sep="", soft_wrap=True)
        pages = f", {count(found.pages, 'page')}" if found and found.pages is not None else ""
        console.print(f"   {item.size:,} bytes{pages}, SHA-256 {shown(item.sha256)}", soft_wrap=True)
        for reader in found.readers if found else ():
            console.print(f"   {reader.name} {shown(says(reader)[:_LONGEST])}", style="bright_black", soft_wrap=True)


def print_choices(console: Console, draft: Draft) -> None:
    """What can be done with a draft that waits."""
    if draft.state is DraftState.PENDING:
        console.print()
        console.print(f"Now: attachwatch drafts approve {draft.id}, or edit {draft.id}, or discard {draft.id}")


def print_changes(console: Console, before: Draft | None, lines: Sequence[str]) -> None:
    """What changed since the draft `before`, line by line."""
    if before is None:
        console.print("There is no draft before it to compare it with.")
        return
    said = f"draft {before.id} ({before.kind} of round {before.round}, {before.state})"
    console.print(f"Since {said}:" if lines else f"The words are those of {said}.")
    print_lines(console, lines)


def print_lines(console: Console, lines: Sequence[str]) -> None:
    for line in lines:
        console.print(shown(line), style=_STYLES.get(line[:1]), soft_wrap=True)
