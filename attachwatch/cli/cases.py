"""`attachwatch cases`: the cases of the configuration, and what a person decides about them."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

import click
from click.shell_completion import CompletionItem

from attachwatch import config
from attachwatch.cases import decisions as decided
from attachwatch.cases.progress import Progress
from attachwatch.cli import options, shapes
from attachwatch.cli.output import console, print_json, shown, table, word
from attachwatch.config import Settings
from attachwatch.config_file import add_case, change_case, replace
from attachwatch.errors import AttachwatchError, ExitStatus, UsageError
from attachwatch.evidence.words import decided as in_words
from attachwatch.model import Case, Decision
from attachwatch.service import setup
from attachwatch.service.desk import Desk, tell_watcher

_Complete = Callable[[click.Context, click.Parameter, str], list[CompletionItem]]


def _completing(known: Callable[[Settings, tuple[Case, ...], click.Context], Sequence[str]]) -> _Complete:
    """Completion by what the configuration knows; none where it cannot be read."""

    def complete(ctx: click.Context, _parameter: click.Parameter, begun: str) -> list[CompletionItem]:
        try:
            settings = options.settings(ctx.params.get("config_file") or ctx.obj)
            words = known(settings, setup.cases(settings), ctx)
        except AttachwatchError:
            return []
        return [CompletionItem(w) for w in words if w.casefold().startswith(begun.casefold())]

    return complete


def _labels(_: Settings, cases: tuple[Case, ...], ctx: click.Context) -> list[str]:
    wanted = ctx.params.get("case")
    return [a.label for c in cases if not wanted or wanted in c.all_references for a in c.annexes]


_references = _completing(lambda _settings, cases, _ctx: [r for c in cases for r in c.all_references])
_mailboxes = _completing(lambda settings, _cases, _ctx: [m.name for m in settings.mailbox])


def _proposed(ctx: click.Context, _parameter: click.Parameter, begun: str) -> list[CompletionItem]:
    """What may be accepted: messages that wait, and cases that they propose."""
    try:
        with _desk(ctx, ctx.params.get("config_file")) as desk:
            pictures = desk.overviews().values()
    except AttachwatchError:
        return []
    there = [p.reference for o in pictures for p in o.proposed] + [str(h.message.id) for o in pictures for h in o.held]
    return [CompletionItem(w) for w in there if w.casefold().startswith(begun.casefold())]


_REFERENCE = click.argument("reference", shell_complete=_references)
_ANNEXES = click.argument("annexes", nargs=-1, required=True, metavar="ANNEX...", shell_complete=_completing(_labels))
_CASE = click.option("--case", metavar="REFERENCE", shell_complete=_references, help="Needed where there are several.")
_LIST = click.option("--annexes", "list_file", type=options.PATH, metavar="FILE", help="The list of what you expect.")


@click.group(name="cases", invoke_without_command=True)
@options.common
@click.pass_context
def command(ctx: click.Context, as_json: bool, config_file: Path | None) -> int:
    """Add and close cases, and decide what no rule can. Every decision is kept, and can be undone."""
    ctx.obj = config_file
    return _list(config_file, as_json) if ctx.invoked_subcommand is None else ExitStatus.OK


@command.command(name="list")
@options.common
@click.pass_context
def list_(ctx: click.Context, as_json: bool, config_file: Path | None) -> int:
    """List every case, and where it stands."""
    return _list(config_file or ctx.obj, as_json)


# --- the configuration ------------------------------------------------------------------------------------------


@command.command()
@click.argument("reference")
@click.option("--mailbox", shell_complete=_mailboxes, help="Needed where there are several.")
@click.option("--authority", "authorities", multiple=True, required=True, metavar="DOMAIN", help="May be repeated.")
@_LIST
@click.option("--annex", "annexes", multiple=True, metavar="LABEL", help='Such as "Annex D(i) to D(ix)"; repeatable.')
@click.option("--other-reference", "others", multiple=True, metavar="REFERENCE", help="May be repeated.")
@click.option("--quiet-period", metavar="DURATION", help='Such as "2d".')
@click.option("--sign-off", metavar="TEXT")
@options.common
@click.pass_context
def add(
    ctx: click.Context,
    reference: str,
    mailbox: str | None,
    authorities: tuple[str, ...],
    list_file: Path | None,
    annexes: tuple[str, ...],
    others: tuple[str, ...],
    quiet_period: str | None,
    sign_off: str | None,
    as_json: bool,
    config_file: Path | None,
) -> int:
    """Add a case to the configuration."""
    path = config.locate(config_file or ctx.obj)
    settings = config.load(path)
    names = [m.name for m in settings.mailbox]
    if mailbox is None and len(names) > 1:
        raise UsageError(f"there are {len(names)} mailboxes", f"Name one with --mailbox: {', '.join(names)}.")
    values = {
        "reference": reference,
        "other_references": list(others) or None,
        "mailbox": mailbox or names[0],
        "authority": list(authorities),
        "annexes": _annexes(list_file, annexes),
        "quiet_period": quiet_period,
        "sign_off": sign_off,
    }
    add_case(path, {key: value for key, value in values.items() if value is not None}, _check)
    return _written(path, reference, as_json)


@command.command()
@_REFERENCE
@click.option("--add-annex", "annexes", multiple=True, metavar="LABEL", help="May be repeated.")
@click.option("--remove-annex", "struck", multiple=True, metavar="LABEL", help="As it stands there; may be repeated.")
@_LIST
@click.option("--authority", "authorities", multiple=True, metavar="DOMAIN", help="One more; may be repeated.")
@click.option("--other-reference", "others", multiple=True, metavar="REFERENCE", help="One more; may be repeated.")
@click.option("--quiet-period", metavar="DURATION", help='Such as "2d".')
@click.option("--sign-off", metavar="TEXT")
@options.common
@click.pass_context
def edit(
    ctx: click.Context,
    reference: str,
    annexes: tuple[str, ...],
    struck: tuple[str, ...],
    list_file: Path | None,
    authorities: tuple[str, ...],
    others: tuple[str, ...],
    quiet_period: str | None,
    sign_off: str | None,
    as_json: bool,
    config_file: Path | None,
) -> int:
    """Change a case in the configuration.

    Without options, in your editor. What could not be used is refused, and the file stays as it was.
    """
    path = config.locate(config_file or ctx.obj)
    settings = config.load(path)
    with options.open_ledger(settings) as ledger:
        case = Desk(settings, setup.cases(settings), ledger).case(reference)
    old = next(c for c in settings.case if c.reference == case.reference)
    changes: dict[str, Any] = {"quiet_period": quiet_period, "sign_off": sign_off}
    if list_file or annexes or struck:
        changes["annexes"] = _annexes(list_file, _items(case, old.annexes, annexes, struck) if not list_file else ())
    if authorities:
        changes["authority"] = list(dict.fromkeys((*old.authority, *authorities)))
    if others:
        changes["other_references"] = list(dict.fromkeys((*old.other_references, *others)))
    changes = {key: value for key, value in changes.items() if value is not None}
    if changes:
        change_case(path, case.reference, changes, _check)
    else:
        _edit_by_hand(path)
    return _written(path, case.reference, as_json)


# --- decisions --------------------------------------------------------------------------------------------------


@command.command()
@_REFERENCE
@click.option("--reason", default="closed by hand", show_default=True, help="Shown with the case.")
@options.common
@click.pass_context
def close(ctx: click.Context, reference: str, reason: str, as_json: bool, config_file: Path | None) -> int:
    """Close a case: nothing more is drafted."""
    with _desk(ctx, config_file) as desk:
        return _tell(desk, desk.close(desk.case(reference), reason), as_json)


@command.command()
@_REFERENCE
@options.common
@click.pass_context
def reopen(ctx: click.Context, reference: str, as_json: bool, config_file: Path | None) -> int:
    """Open a closed case again."""
    with _desk(ctx, config_file) as desk:
        return _tell(desk, desk.reopen(desk.case(reference)), as_json)


@command.command()
@click.argument("what", metavar="MESSAGE|REFERENCE", shell_complete=_proposed)
@click.argument("case", required=False, metavar="[CASE]", shell_complete=_references)
@options.common
@click.pass_context
def accept(ctx: click.Context, what: str, case: str | None, as_json: bool, config_file: Path | None) -> int:
    """File a message, or add a proposed case.

    The MESSAGE, by its number in `status`, then belongs to CASE; or the proposed case with this REFERENCE is added.
    The new case has authority, mailbox, sign-off and quiet period of the one that the authority has already.
    """
    path = config.locate(config_file or ctx.obj)
    with _desk(ctx, path) as desk:
        if case is not None:
            if not what.isdecimal():
                raise UsageError(f"{what!r} is no number of a message", "See attachwatch status for those that wait.")
            return _tell(desk, desk.accept(int(what), desk.case(case)), as_json)
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


@command.command()
@click.argument("what", metavar="MESSAGE|NOTICE")
@options.common
@click.pass_context
def dismiss(ctx: click.Context, what: str, as_json: bool, config_file: Path | None) -> int:
    """Be done with a message or a notice.

    The message belongs to no case; from the notice of what is elsewhere nothing is awaited. The
    number of a message dismisses all its notices. What a dismissed notice may be of is then called missing.
    """
    with _desk(ctx, config_file) as desk:
        return _tell(desk, desk.dismiss(what), as_json)


@command.command()
@click.argument("file")
@_ANNEXES
@click.option("--part", is_flag=True, help="The file is one of several that form the annex together.")
@_CASE
@options.common
@click.pass_context
def move(
    ctx: click.Context,
    file: str,
    annexes: tuple[str, ...],
    part: bool,
    case: str | None,
    as_json: bool,
    config_file: Path | None,
) -> int:
    """Say which annex a file is.

    The FILE is named by its name, or by the beginning of its SHA-256. It may be several annexes, or none: "none".
    """
    with _desk(ctx, config_file) as desk:
        return _tell(desk, desk.move(file, annexes, desk.case(case), part=part), as_json)


@command.command()
@_ANNEXES
@click.option("--how", required=True, metavar="TEXT", help='Such as "on paper", or "no longer wanted".')
@_CASE
@options.common
@click.pass_context
def received(
    ctx: click.Context,
    annexes: tuple[str, ...],
    how: str,
    case: str | None,
    as_json: bool,
    config_file: Path | None,
) -> int:
    """Close annexes that are awaited no more.

    They are then neither missing nor complained of.
    """
    with _desk(ctx, config_file) as desk:
        return _tell(desk, desk.receive(annexes, desk.case(case), how), as_json)


@command.command()
@_ANNEXES
@click.option("--until", required=True, type=click.DateTime(["%Y-%m-%d"]), help="They are awaited again from that day.")
@_CASE
@options.common
@click.pass_context
def suspend(
    ctx: click.Context,
    annexes: tuple[str, ...],
    until: datetime,
    case: str | None,
    as_json: bool,
    config_file: Path | None,
) -> int:
    """Say nothing of annexes for a while.

    For those that the authority offered to post, for example.
    """
    with _desk(ctx, config_file) as desk:
        return _tell(desk, desk.suspend(annexes, desk.case(case), until.date()), as_json)


@command.command()
@click.argument("reference", required=False, shell_complete=_references)
@options.common
@click.pass_context
def decisions(ctx: click.Context, reference: str | None, as_json: bool, config_file: Path | None) -> int:
    """List what was decided, of one case or of all."""
    with _desk(ctx, config_file) as desk:
        everything = desk.ledger.decisions()
        chosen = decided.of_case(desk.case(reference), everything) if reference else everything
        names = desk.file_names()
    undone = decided.undone(everything)
    if as_json:
        print_json(shapes.decisions_document(chosen, undone))
        return ExitStatus.OK
    made = table("Decision", "ID", "Case", "Day", "Counts")
    for decision in chosen:
        counts = "undone" if decision.id in undone else "yes"
        day = f"{decision.decided.astimezone():%Y-%m-%d}"
        made.add_row(shown(in_words(decision, names)), str(decision.id), shown(decision.case), day, counts)
    if chosen:
        console().print(made)
    else:
        click.echo("No decisions.")
    return ExitStatus.OK


@command.command()
@click.argument("number", type=int)
@options.common
@click.pass_context
def undo(ctx: click.Context, number: int, as_json: bool, config_file: Path | None) -> int:
    """Take back a decision by its number.

    What it had replaced counts again.
    """
    with _desk(ctx, config_file) as desk:
        return _tell(desk, desk.undo(number), as_json)


# --- what they share --------------------------------------------------------------------------------------------


@contextmanager
def _desk(ctx: click.Context, config_file: Path | None) -> Iterator[Desk]:
    settings = options.settings(config_file or ctx.obj)
    with options.open_ledger(settings) as ledger:
        yield Desk(settings, setup.cases(settings), ledger)


def _list(config_file: Path | None, as_json: bool) -> int:
    settings = options.settings(config_file)
    with options.open_ledger(settings) as ledger:
        overviews = Desk(settings, setup.cases(settings), ledger).overviews()
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
    missing = len(progress.standing.missing)
    return f"{len(progress.case.annexes)}, {missing} missing" if missing else str(len(progress.case.annexes))


def _tell(desk: Desk, made: Sequence[Decision], as_json: bool) -> int:
    """What was decided, how it is taken back, and from when it counts."""
    is_watching = tell_watcher(desk.settings, desk.ledger)
    if as_json:
        print_json(shapes.decisions_document(made, watcher_told=is_watching))
        return ExitStatus.OK
    names = desk.file_names()
    for decision in made:
        click.echo(f"{shown(in_words(decision, names))}. `attachwatch cases undo {decision.id}` takes it back.")
    if not is_watching:
        click.echo("Drafts follow with the next poll: attachwatch watch --once.")
    return ExitStatus.OK


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
