"""`attachwatch store`: where the ledger is kept."""

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click
from rich.text import Text

from attachwatch import config
from attachwatch import config_file as configuration
from attachwatch.cli import options, shapes
from attachwatch.cli.output import console, number, print_json, shown, table
from attachwatch.errors import ExitStatus, UsageError
from attachwatch.ledger.places import OWN_FOLDER
from attachwatch.ledger.transfer import Compared, Contents, Moved, Show

_OPTION = "--to"
_SQLITE = "sqlite"  # as the place in the store is told


@click.group(name="store")
def command() -> None:
    """Where the ledger is kept."""


def _place(_ctx: click.Context, _parameter: click.Parameter, value: str) -> str:
    """The URL as [store] database takes it."""
    try:
        return "" if value == _SQLITE else config.without_password(value)
    except ValueError as error:
        raise UsageError(f"{_OPTION}: {error}") from None


@command.command()
@click.option(
    _OPTION,
    "url",
    required=True,
    metavar="URL",
    callback=_place,
    help=f"As [store] database takes it, of an empty database; or `{_SQLITE}`, in the store.",
)
@click.option("--switch", is_flag=True, help="Write it into the configuration, too, once it is there.")
@options.common
def migrate(url: str, switch: bool, as_json: bool, config_file: Path | None) -> int:
    """Move the ledger into another database, all of it or nothing, and prove that it is the same there.

    The watcher must be stopped. The attachments stay in the store, and the former ledger stays as it was; nothing uses
    it once the configuration names the new one. Exit status: 0 only if both are equal by the number of rows and the
    SHA-256 of each table.
    """
    path = config.locate(config_file)
    settings = config.load(path)
    with options.open_ledger(settings) as ledger, ledger.exclusive():
        with _progress() as show:
            moved = ledger.move_to(url, _OPTION, show)
        switched = switch and moved.is_equal
        if switched:
            _switch(path, url)
    key = f"database = {json.dumps(url, ensure_ascii=False)}"
    blobs = settings.store.attachments or str(settings.store.path / OWN_FOLDER)
    if as_json:
        print_json(shapes.migrated_document(moved, blobs, key, switched=switched))
    else:
        _print(moved, blobs, path, key, switched=switched)
    return ExitStatus.OK if moved.is_equal else ExitStatus.FAILURE


def _switch(path: Path, url: str) -> None:
    configuration.change_store(path, {"database": url or None})


def _print(moved: Moved, blobs: str, path: Path, key: str, *, switched: bool) -> None:
    out = console()
    made = table("SHA-256", "Table", "Rows", "")
    for one in moved.tables:
        made.add_row(_both(one, "sha256"), one.table, _both(one, "rows"), _word(one))
    out.print(made)
    out.print()
    if not moved.is_equal:
        out.print("They are not equal, and nothing was left in the new place.", style="red")
        out.print(f"See what changes rows in {shown(moved.target)}: a trigger, or another program.")
        return
    was = "was already" if moved.was_there else "is now"
    out.print(f"What {shown(moved.source)} holds {was} in {shown(moved.target)}, too, and equal.")
    out.print(f"The attachments stay in {shown(blobs)}.")
    if switched:
        out.print(f"{shown(str(path))} names it from now on. Start what was running anew.")
    else:
        out.print(f"Nothing uses it yet. Put this under [store] in {shown(str(path))} before anything is written:")
        out.print(f"  {shown(key)}", soft_wrap=True)  # to be copied


def _both(one: Compared, name: str) -> str:
    values = (_shown(one.source, name), _shown(one.target, name))
    return " / ".join(dict.fromkeys(values))


def _shown(contents: Contents, name: str) -> str:
    return number(contents.rows) if name == "rows" else contents.sha256


def _word(one: Compared) -> Text:
    return Text("equal", style="green") if one.is_equal else Text("NOT EQUAL", style="red")


@contextmanager
def _progress() -> Iterator[Show]:
    """A bar on stderr, where a person is looking."""
    if not sys.stderr.isatty():
        yield lambda _done, _total: None
        return
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = TextColumn("copying and comparing rows"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn()
    with Progress(*columns, console=console(stderr=True), transient=True) as bar:
        task = bar.add_task("rows", total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)
