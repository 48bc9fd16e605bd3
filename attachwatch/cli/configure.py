"""`attachwatch cases`: what changes the configuration. It is checked first, and keeps its comments."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, TypeVar

import click

from attachwatch import config
from attachwatch.annexes import expected
from attachwatch.cases.standing import name_key
from attachwatch.cli import completing, options, shapes
from attachwatch.cli.completing import at_desk
from attachwatch.cli.decide import CASE, tell
from attachwatch.cli.output import print_json, shown
from attachwatch.config_file import add_case, change_case, replace
from attachwatch.errors import AttachwatchError, ExitStatus, UsageError
from attachwatch.model import Annex, Case
from attachwatch.service import setup
from attachwatch.service.desk import tell_watcher

F = TypeVar("F", bound=Callable[..., Any])


def _of_a_case(function: F) -> F:
    """Add what can be said of a case; those that stand in the configuration as they are given come as `plain`."""
    given = (
        click.option("--annexes", "list_file", type=options.PATH, metavar="FILE", help="The list of what you expect."),
        click.option("--other-reference", "others", multiple=True, metavar="REFERENCE", help="May be repeated."),
        click.option("--quiet-period", metavar="DURATION", help='Such as "2d".'),
        click.option("--sign-off", metavar="TEXT"),
        click.option("--jurisdiction", metavar="CODE", help='By whose law days are counted: "GB", "DE-BE".'),
        options.day("--requested", "Of your request, such as 2024-12-31."),
        options.day("--review-requested", "Of your asking for an internal review."),
        options.common,
    )
    for option in reversed(given):
        function = option(function)
    return function


@click.command()
@click.argument("reference")
@click.option("--mailbox", shell_complete=completing.mailboxes, help="Needed where there are several.")
@click.option("--authority", "authorities", multiple=True, required=True, metavar="DOMAIN", help="May be repeated.")
@click.option("--annex", "annexes", multiple=True, metavar="LABEL", help='Such as "Annex D(i) to D(ix)"; repeatable.')
@_of_a_case
def add(
    reference: str,
    mailbox: str | None,
    authorities: tuple[str, ...],
    annexes: tuple[str, ...],
    list_file: Path | None,
    others: tuple[str, ...],
    as_json: bool,
    config_file: Path | None,
    **plain: object,
) -> int:
    """Add a case to the configuration."""
    path = config.locate(config_file)
    names = [m.name for m in config.load(path).mailbox]
    if mailbox is None and len(names) > 1:
        raise UsageError(f"there are {len(names)} mailboxes", f"Name one with --mailbox: {', '.join(names)}.")
    values = {
        "reference": reference,
        "other_references": list(others) or None,
        "mailbox": mailbox or names[0],
        "authority": list(authorities),
        "annexes": _annexes(list_file, annexes),
    }
    add_case(path, _given(values | plain), _check)
    return _written(path, reference, as_json)


@click.command()
@click.argument("reference", shell_complete=completing.references)
@click.option("--add-annex", "annexes", multiple=True, metavar="LABEL", help="May be repeated.")
@click.option("--remove-annex", "struck", multiple=True, metavar="LABEL", help="As it stands there; may be repeated.")
@click.option("--authority", "authorities", multiple=True, metavar="DOMAIN", help="One more; may be repeated.")
@_of_a_case
def edit(
    reference: str,
    annexes: tuple[str, ...],
    struck: tuple[str, ...],
    authorities: tuple[str, ...],
    list_file: Path | None,
    others: tuple[str, ...],
    as_json: bool,
    config_file: Path | None,
    **plain: object,
) -> int:
    """Change a case in the configuration.

    Without options, in your editor. What could not be used is refused, and the file stays as it was.
    """
    path = config.locate(config_file)
    with at_desk(path) as desk:
        case = desk.case(reference)
    old = next(c for c in desk.settings.case if c.reference == case.reference)
    changes = _given(plain)
    if list_file or annexes or struck:
        changes["annexes"] = _annexes(list_file, _items(case, old.annexes, annexes, struck) if not list_file else ())
    if authorities:
        changes["authority"] = list(dict.fromkeys((*old.authority, *authorities)))
    if others:
        changes["other_references"] = list(dict.fromkeys((*old.other_references, *others)))
    if changes:
        change_case(path, case.reference, changes, _check)
    else:
        _edit_by_hand(path)
    return _written(path, case.reference, as_json)


@click.command()
@click.argument("what", metavar="MESSAGE|REFERENCE", shell_complete=completing.waiting)
@click.argument("case", required=False, metavar="[CASE]", shell_complete=completing.references)
@options.common
def accept(what: str, case: str | None, as_json: bool, config_file: Path | None) -> int:
    """File a message, or add a proposed case.

    The MESSAGE, by its number in `status`, then belongs to CASE; or the proposed case with this REFERENCE is added.
    The new case has authority, mailbox, sign-off and quiet period of the one that the authority has already.
    """
    path = config.locate(config_file)
    with at_desk(path) as desk:
        if case is not None:
            if not what.isdecimal():
                raise UsageError(f"{what!r} is no number of a message", "See attachwatch status for those that wait.")
            return tell(desk, desk.accept(int(what), desk.case(case)), as_json)
        proposal = desk.proposal(what)
    old = next(c for c in desk.settings.case if c.reference == proposal.like.reference)
    like = old.model_dump(mode="json", include={"sign_off", "language"} & old.model_fields_set)
    values = {"reference": proposal.reference, "mailbox": old.mailbox, "authority": list(old.authority)} | like
    if "quiet_period" in old.model_fields_set:
        values["quiet_period"] = f"{int(old.quiet_period.total_seconds())}s"
    if proposal.annexes:
        values["annexes"] = [f"{a.kind} {a.label}".strip() for a in proposal.annexes]
    add_case(path, values, _check)
    return _written(path, proposal.reference, as_json)


@click.command()
@click.argument("annex", shell_complete=completing.labels)
@click.argument("label")
@CASE
@options.common
def rename(annex: str, label: str, case: str | None, as_json: bool, config_file: Path | None) -> int:
    """Give an annex another LABEL.

    What you decided of it holds on. Where your list is a file, change the label there first.
    """
    path = config.locate(config_file)
    with at_desk(path) as desk:
        chosen = desk.case(case)
    former = next((a.label for a in chosen.annexes if _is_called(a, annex)), None)
    if former is not None and any(_is_called(a, label) for a in chosen.annexes):
        raise UsageError(f"{chosen.reference} has an annex {label!r} already", "Give it a label of its own.")
    items = next(c.annexes for c in desk.settings.case if c.reference == chosen.reference)
    if not isinstance(items, Path) and (renamed := _renamed(items, annex, label)) != list(items):
        change_case(path, chosen.reference, {"annexes": renamed}, _check)
    with at_desk(path) as desk:
        made = desk.rename(former or annex, label, desk.case(chosen.reference))
        if not as_json:
            click.echo(f"Annex {shown(former or annex)} is {shown(label)} now.")
        return tell(desk, made, as_json)


COMMANDS = (add, edit, rename, accept)


def _given(values: dict[str, object]) -> dict[str, object]:
    return {key: value for key, value in values.items() if value is not None}


def _annexes(list_file: Path | None, items: Sequence[str]) -> str | list[str] | None:
    if list_file and items:
        raise UsageError("the annexes are given twice", "Give --annexes FILE or labels, not both.")
    return str(list_file.absolute()) if list_file else list(items) or None


def _items(case: Case, old: Path | tuple[str, ...], new: Sequence[str], struck: Sequence[str]) -> list[str]:
    """The inline list with the changes."""
    if isinstance(old, Path):
        raise UsageError(f"the annexes of {case.reference} stand in {old}", "Change them there.")
    if unknown := [s for s in struck if s not in old]:
        raise UsageError(f"{case.reference} has no item {unknown[0]!r}", f"It has: {', '.join(old) or 'none'}.")
    return [*(a for a in old if a not in struck), *new]


def _renamed(items: Sequence[str], old: str, new: str) -> list[str]:
    """The inline list with the annex `old` under another label; the item that it is one of many of, one by one."""
    found: list[str] = []
    for item in items:
        annexes = expected.from_items([item])
        if not any(_is_called(a, old) for a in annexes):
            found.append(item)
            continue
        for annex in annexes:
            label = new if _is_called(annex, old) else f"{annex.kind} {annex.label}".strip()
            found.append(f"{label} - {annex.title}" if annex.title else label)
    return found


def _is_called(annex: Annex, label: str) -> bool:
    return name_key(label) in (name_key(annex.label), name_key(f"{annex.kind} {annex.label}"))


def _edit_by_hand(path: Path) -> None:
    """Open the whole configuration in the user's editor, again and again until it can be used or is given up."""
    before = text = path.read_bytes().decode()
    while (edited := click.edit(text, extension=".toml")) is not None and edited != before:
        try:
            return replace(path, before, edited, _check)
        except AttachwatchError as error:
            click.echo(f"attachwatch: {error}", err=True)
            click.confirm("Edit it again?", default=True, abort=True, err=True)
            text = edited
    raise UsageError("nothing was changed", "Save the file in the editor, or see attachwatch cases edit --help.")


def _written(path: Path, reference: str, as_json: bool) -> int:
    settings = config.load(path)
    with options.open_ledger(settings) as ledger:
        is_watching = tell_watcher(settings, ledger)
    if as_json:
        said = {"configuration": str(path), "case": reference, "watcher_told": is_watching}
        print_json({"version": shapes.VERSION} | said)
        return ExitStatus.OK
    click.echo(f"{shown(reference)} is written into {path}.")
    click.echo("The running watcher reads it now." if is_watching else "It counts from the next poll on.")
    return ExitStatus.OK


def _check(path: Path) -> None:
    """Whether it can be loaded, with its annex lists."""
    setup.cases(config.load(path))
