"""`attachwatch service`: the watcher under systemd or launchd."""

import os
import pwd
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import click

from attachwatch import config
from attachwatch.cli import options
from attachwatch.cli.output import print_json, shown, write_file
from attachwatch.config import Settings
from attachwatch.errors import ExitStatus, UsageError
from attachwatch.ledger.places import place_of
from attachwatch.service import launchd, unit
from attachwatch.service.unit import MARK, Run, Scope

F = TypeVar("F", bound=Callable[..., Any])

_LARGEST = 1 << 16  # bytes of a file that is looked at, for whether it is ours


@dataclass(frozen=True, slots=True)
class _Made:
    """A file, where it belongs, and what sets it going."""

    path: Path
    text: str
    commands: Sequence[str]
    run: Run


def _of_a_service(function: F) -> F:
    given = (
        click.option("--user", "scope", flag_value="user", default="user", help="For you alone (the default)."),
        click.option("--system", "scope", flag_value="system", help="For the whole machine; written as root."),
        click.option("--run-as", metavar="USER", help="With --system; by default whose the configuration is."),
        click.option("--environment-file", type=options.PATH, metavar="FILE", help="Holds what password_env names."),
        click.option(
            "--manager",
            type=click.Choice(["systemd", "launchd"]),
            default="launchd" if sys.platform == "darwin" else "systemd",
            show_default=True,
        ),
        options.common,
    )
    for option in reversed(given):
        function = option(function)
    return function


@click.group(name="service")
def command() -> None:
    """Have `attachwatch watch` run by systemd or launchd, shut off from all that it does not need."""


@command.command(name="print")
@_of_a_service
def print_(as_json: bool, **given: Any) -> int:
    """Print the unit or property list, and write nothing."""
    made = _made(**given)
    if as_json:
        print_json(_shape(made, is_written=False))
    else:
        click.echo(made.text, nl=False)
    return ExitStatus.OK


@command.command()
@click.option("--dry-run", is_flag=True, help="Say what would be written, and write nothing.")
@click.option("--force", is_flag=True, help="Write over a file that is not attachwatch's.")
@_of_a_service
def install(dry_run: bool, force: bool, as_json: bool, **given: Any) -> int:
    """Write the unit or property list, show it, and say what sets it going."""
    made = _made(**given)
    if not force:
        _refuse_foreign(made.path)
    if not dry_run:
        _refuse_without_store(made.run)
        _write(made)
    if as_json:
        print_json(_shape(made, is_written=not dry_run))
        return ExitStatus.OK
    click.echo(made.text)
    click.echo(f"{shown(str(made.path))} {'would be' if dry_run else 'is'} written. To set it going:")
    for line in made.commands:
        click.echo(f"  {shown(line)}")
    return ExitStatus.OK


def _refuse_without_store(run: Run) -> None:
    if missing := next((path for path in run.writable if not path.is_dir()), None):
        raise UsageError(
            f"{missing} is not there yet, and a service cannot make it", "Run attachwatch watch --once first."
        )


def _made(
    scope: Scope, run_as: str | None, environment_file: Path | None, manager: str, config_file: Path | None
) -> _Made:
    path = config.locate(config_file).resolve()
    settings = config.load(path)
    run = Run(
        (sys.executable, "-I", "-m", "attachwatch", "watch", "--config", str(path)),
        _user(path, run_as) if scope == "system" else None,
        _writable(settings),
        (path, Path(sys.executable), Path(sys.executable).resolve(), *_readable(settings)),
        environment_file.absolute() if environment_file else None,
    )
    _refuse_unset(settings, run)
    if manager == "launchd":
        if environment_file:
            raise UsageError("launchd reads no --environment-file", "Use password_command or the keyring there.")
        folder = Path("/Library/LaunchDaemons") if scope == "system" else Path.home() / "Library/LaunchAgents"
        place = folder / launchd.NAME
        return _Made(place, launchd.property_list(run, scope), launchd.enabling(place, scope), run)
    place = (Path("/etc/systemd/system") if scope == "system" else _user_units()) / unit.NAME
    return _Made(place, unit.unit(run, scope), unit.enabling(scope), run)


def _user_units() -> Path:
    return Path(os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config") / "systemd/user"


def _user(path: Path, run_as: str | None) -> str:
    """As whom it is to run; never as root, since nothing that it does needs that."""
    try:
        user = pwd.getpwnam(run_as) if run_as else pwd.getpwuid(path.stat().st_uid)
    except KeyError:
        raise UsageError(f"there is no user {run_as or 'who owns ' + str(path)}", "Name one with --run-as.") from None
    if user.pw_uid == 0:
        raise UsageError("attachwatch needs no root, and is not run as root", "Name a user with --run-as USER.")
    return user.pw_name


def _writable(settings: Settings) -> tuple[Path, ...]:
    """The store, and attachments elsewhere; the folder of the health file, which is put there by renaming; and mail in
    files, for drafts."""
    places = [settings.store.path, settings.health_file.parent]
    if settings.store.attachments and (folder := place_of(settings.store).folder):
        places.append(folder)
    places += [m.path.parent if m.path.is_file() else m.path for m in settings.mailbox if m.path]
    return tuple(dict.fromkeys(place.resolve() for place in places))


def _readable(settings: Settings) -> tuple[Path, ...]:
    named = (*(c.annexes for c in settings.case), *(m.ca_file for m in settings.mailbox), settings.reply.templates)
    return tuple(path for path in named if isinstance(path, Path))


def _refuse_unset(settings: Settings, run: Run) -> None:
    named = next((m.password_env for m in settings.mailbox if m.password_env), None)
    if named and not run.environment_file:
        raise UsageError(
            f"a service has no environment variable {named}, which `password_env` names",
            f"Put {named}=... into a file that only its user can read, and name it with --environment-file FILE; or "
            "use password_command or the keyring.",
        )


def _refuse_foreign(path: Path) -> None:
    try:
        with path.open("rb") as file:
            is_ours = MARK.encode() in file.read(_LARGEST)
    except FileNotFoundError:
        return
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror}", "Correct its permissions.") from None
    if not is_ours:
        raise UsageError(f"{path} is there, and was not written by attachwatch", "Have it written over with --force.")


def _write(made: _Made) -> None:
    try:
        made.path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UsageError(
            f"{made.path.parent} cannot be made: {error.strerror}", "With --system, run it as root."
        ) from None
    write_file(made.path, made.text.encode(), "--user, or run it as root")
    made.path.chmod(0o644)


def _shape(made: _Made, *, is_written: bool) -> dict[str, Any]:
    said = {"path": str(made.path), "text": made.text, "written": is_written, "next": list(made.commands)}
    return {"version": 1} | said
