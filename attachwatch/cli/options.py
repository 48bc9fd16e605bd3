"""The options that every command has, and what is opened by them."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

if TYPE_CHECKING:  # each command loads what it needs, and no more
    from attachwatch.config import Settings
    from attachwatch.ledger.ledger import Ledger

F = TypeVar("F", bound=Callable[..., Any])

PATH = click.Path(path_type=Path)


def common(function: F) -> F:
    """Add --config, --json and --verbose; the command gets `config_file` and `as_json`."""
    options = (
        click.option("--config", "config_file", type=PATH, metavar="FILE", help="The configuration (TOML)."),
        click.option("--json", "as_json", is_flag=True, help="Print one JSON document and nothing else."),
        click.option(
            "--verbose", "-v", is_flag=True, expose_value=False, is_eager=True, callback=_set_verbose, help="Log all."
        ),
    )
    for option in reversed(options):
        function = option(function)
    return function


def _set_verbose(ctx: click.Context, _parameter: click.Parameter, value: bool) -> None:
    if not ctx.resilient_parsing:
        from attachwatch.cli import logs

        logs.configure(verbose=value)


def settings(config_file: Path | None) -> "Settings":
    from attachwatch import config

    return config.load(config.locate(config_file))


def open_ledger(loaded: "Settings") -> "Ledger":
    from attachwatch.ledger.ledger import Ledger

    return Ledger.open(loaded.store.path)
