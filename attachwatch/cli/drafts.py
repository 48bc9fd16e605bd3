"""`attachwatch drafts`: the review queue."""

from pathlib import Path

import click

from attachwatch.cli import completing, editing, options, reading, shapes
from attachwatch.cli.output import console, print_json
from attachwatch.errors import ExitStatus
from attachwatch.model import Draft, DraftState
from attachwatch.reply.revision import conflicts
from attachwatch.service import review

_NUMBER = click.argument("number", type=int, metavar="ID", shell_complete=completing.drafts)


def _list(config_file: Path | None, as_json: bool) -> int:
    with options.open_ledger(options.settings(config_file)) as ledger:
        drafts = ledger.drafts()
    if as_json:
        print_json(shapes.drafts_document(drafts))
    elif drafts:
        reading.print_drafts(console(), drafts)
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
@click.option("--changes", "with_changes", is_flag=True, help="Also what changed since the draft before it.")
@options.common
def show(number: int, with_changes: bool, as_json: bool, config_file: Path | None) -> int:
    """Show a draft's words, and beside them what each file that it names suffers from."""
    with options.open_ledger(options.settings(config_file)) as ledger:
        draft = review.find(ledger, number)
        evidence, warnings = review.evidence(ledger, draft), review.warnings(ledger, draft)
        before = review.previous(ledger, draft)
    changes = review.changes(before.body, draft.body) if before else ()
    if as_json:
        print_json(shapes.draft_document(draft, evidence, warnings, changes if with_changes else None))
        return ExitStatus.OK
    out = console()
    reading.print_state(out, draft, warnings)
    reading.print_draft(out, draft)
    reading.print_evidence(out, evidence)
    if with_changes:
        out.print()
        reading.print_changes(out, before, changes)
    reading.print_choices(out, draft)
    return ExitStatus.OK


@command.command()
@_NUMBER
@click.option("--edits", is_flag=True, help="Compare with the words as they were generated instead.")
@options.common
def diff(number: int, edits: bool, as_json: bool, config_file: Path | None) -> int:
    """Show what changed since the draft that this one took the place of, or since the round before."""
    with options.open_ledger(options.settings(config_file)) as ledger:
        draft = review.find(ledger, number)
        before = draft if edits else review.previous(ledger, draft)
    old = (draft.generated or draft.body) if edits else before.body if before else draft.body
    lines = review.changes(old, draft.body)
    if as_json:
        document = {"version": shapes.VERSION, "id": number, "before": before.id if before else None}
        print_json(document | {"changes": list(lines)})
    elif edits:
        click.echo("What you changed:" if lines else f"Draft {number} is as it was generated.")
        reading.print_lines(console(), lines)
    else:
        reading.print_changes(console(), before, lines)
    return ExitStatus.OK


@command.command()
@_NUMBER
@click.option("--file", "file", metavar="FILE", help="Take the words from FILE, or from standard input (-).")
@options.common
def edit(number: int, file: str | None, as_json: bool, config_file: Path | None) -> int:
    """Change a draft's words in your editor ($VISUAL, $EDITOR); what was generated is kept beside them."""
    settings = options.settings(config_file)
    with options.open_ledger(settings) as ledger:
        before = review.pending(ledger, number)
        if file is not None:
            after = review.edit(ledger, number, editing.from_file(file), before.body)
        else:
            with editing.in_editor(settings.store.path / "drafts", before) as words:
                after = review.edit(ledger, number, words, before.body)
    return _is_edited(before, after, as_json)


@command.command()
@_NUMBER
@options.common
def restore(number: int, as_json: bool, config_file: Path | None) -> int:
    """Put a draft's words back as they were generated."""
    with options.open_ledger(options.settings(config_file)) as ledger:
        before = review.pending(ledger, number)
        after = review.restore(ledger, number)
    return _is_edited(before, after, as_json)


def _is_edited(before: Draft, after: Draft, as_json: bool) -> int:
    if as_json:
        print_json(shapes.drafts_document([after]))
    elif before == after:
        click.echo(f"Draft {after.id} has these words already; nothing was changed.")
    else:
        said = "as you edited it" if after.is_edited else "as it was generated"
        left = conflicts(after.body)
        more = f" Look for double brackets: in {left} of its places you have still to choose." if left else ""
        click.echo(f"Draft {after.id} is now {said}.{more}")
    return ExitStatus.OK


@command.command()
@_NUMBER
@click.option("--to-file", is_flag=True, help="Place it in an .eml file of the store, not in the mailbox.")
@options.common
def approve(number: int, to_file: bool, as_json: bool, config_file: Path | None) -> int:
    """Place a draft in the mailbox's Drafts folder, threaded, for you to send."""
    settings = options.settings(config_file)
    with options.open_ledger(settings) as ledger:
        placed = review.approve(settings, ledger, number, to_file=to_file)
        if as_json:
            print_json(shapes.drafts_document([review.find(ledger, number)]))
        else:
            click.echo(_is_placed(number, placed, to_file))
    return ExitStatus.OK


def _is_placed(number: int, placed: review.Placed, was_asked: bool) -> str:
    if placed.folder is not None:
        return f"Draft {number} is in the folder {placed.folder!r}. Read it there once more, and send it yourself."
    why = "" if was_asked else "The mailbox has no folder for drafts (you can name one with drafts_folder), so "
    draft = f"draft {number}" if why else f"Draft {number}"
    return f"{why}{draft} is in the file {placed.file}. Open it with your mail program, and send it yourself."


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
@click.option("--html", is_flag=True, help="With the same words as HTML, too.")
@options.common
def export(number: int, file: Path, html: bool, as_json: bool, config_file: Path | None) -> int:
    """Write a draft as an .eml FILE, for a mail program or for the record."""
    settings = options.settings(config_file)
    with options.open_ledger(settings) as ledger:
        review.export(ledger, number, file, html=html or settings.reply.html)
        if as_json:
            print_json(shapes.drafts_document([review.find(ledger, number)]))
        else:
            click.echo(f"Draft {number} is written to {file}.")
    return ExitStatus.OK
