"""The options that every command has, groups of commands, and what is opened by them."""

from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

if TYPE_CHECKING:  # each command loads what it needs, and no more
    from attachwatch.config import Settings
    from attachwatch.ledger.ledger import Ledger

F = TypeVar("F", bound=Callable[..., Any])


PATH = click.Path(path_type=Path)


def day(name: str, text: str) -> Callable[[F], F]:
    """An option that takes a day as ISO 8601 writes it."""

    def convert(_ctx: click.Context, _parameter: click.Parameter, value: datetime | None) -> date | None:
        return value.date() if value else None

    return click.option(name, type=click.DateTime(["%Y-%m-%d"]), metavar="DAY", callback=convert, help=text)


def common(function: F) -> F:
    """Add --config, --json and --verbose; the command gets `config_file` and `as_json`.

    What is given to a group holds for its commands, too.
    """
    return _common(function, expose_value=False, callback=_set_verbose)


def common_and_verbose(function: F) -> F:
    """The same for a command that gets `verbose`, too, and sets up its log itself: to load what logs takes a while."""
    return _common(function, expose_value=True)


def _common(function: F, **of_verbose: Any) -> F:
    options = (
        click.option(
            "--config",
            "config_file",
            type=PATH,
            metavar="FILE",
            callback=_or_the_groups,
            help="The configuration (TOML).",
        ),
        click.option(
            "--json",
            "as_json",
            is_flag=True,
            callback=_or_the_groups,
            help="Print one JSON document and nothing else.",
        ),
        click.option("--verbose", "-v", is_flag=True, is_eager=True, help="Log all.", **of_verbose),
    )
    for option in reversed(options):
        function = option(function)
    return function


def _or_the_groups(ctx: click.Context, parameter: click.Parameter, value: Any) -> Any:
    """What was given, or else what was given to the group; `ctx.meta` is shared by both."""
    key = f"{__name__}.{parameter.name}"
    ctx.meta[key] = value or ctx.meta.get(key, value)
    return ctx.meta[key]


def group(name: str, text: str, listing: str, show: Callable[[Path | None, bool], int]) -> click.Group:
    """A group of commands, with `text` to tell of it, that calls `show` where none is named, as its own `list` does."""

    def shown(as_json: bool, config_file: Path | None) -> int:
        return show(config_file, as_json)

    @click.group(name=name, help=text, invoke_without_command=True)
    @common
    @click.pass_context
    def made(ctx: click.Context, as_json: bool, config_file: Path | None) -> int | None:
        return shown(as_json, config_file) if ctx.invoked_subcommand is None else None

    made.command(name="list", help=listing)(common(shown))
    return made


def _set_verbose(ctx: click.Context, _parameter: click.Parameter, value: bool) -> None:
    if not ctx.resilient_parsing:
        from attachwatch.cli import logs

        logs.configure(verbose=value)


def settings(config_file: Path | None) -> "Settings":
    from attachwatch import config

    return config.load(config.locate(config_file))


def open_ledger(loaded: "Settings") -> "Ledger":
    from attachwatch.ledger import places
    from attachwatch.ledger.ledger import Ledger

    store = loaded.store
    return Ledger.open(store.path, store.database, places.as_configured(store))
