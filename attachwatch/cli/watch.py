"""`attachwatch watch`: the daemon, or one poll of every mailbox."""

from pathlib import Path

import click

from attachwatch.cli import logs, options, told
from attachwatch.config import Settings
from attachwatch.errors import ExitStatus
from attachwatch.model import Case
from attachwatch.service import daemon, setup
from attachwatch.service.pipeline import Pipeline


@click.command(name="watch")
@click.option("--once", is_flag=True, help="Poll every mailbox once, then end.")
@options.common
def command(once: bool, as_json: bool, config_file: Path | None) -> int:
    """Watch the configured mailboxes until SIGTERM or SIGINT: fetch, inspect, match and draft. Never sends.

    SIGHUP reads the configuration anew.
    """
    logs.show_events()
    settings, cases = _read(config_file)
    with options.open_ledger(settings) as ledger, ledger.exclusive(), setup.inspector(settings.limits) as inspector:
        pipeline = Pipeline(settings, cases, ledger, inspector, tellings=told.TELLINGS)
        if not once:
            daemon.watch(pipeline, lambda: _read(config_file))
            return ExitStatus.OK
        failures = daemon.poll_once(pipeline)
        name = told.DOCUMENT if as_json else told.PAGE
        shares = [pipeline.pictures.told(m, name, told.read) for m in settings.mailbox]
    if as_json:
        click.echo(told.document(shares))
    for failure in failures:
        click.echo(f"attachwatch: {failure}", err=True)
    if failures:
        return max(f.status for f in failures)
    return ExitStatus.ATTENTION if any(s.needs_attention for s in shares) else ExitStatus.OK


def _read(config_file: Path | None) -> tuple[Settings, tuple[Case, ...]]:
    settings = options.settings(config_file)
    return settings, setup.cases(settings)
