"""`attachwatch init`: the first configuration, by questions or by options, tried on the spot."""

import os
import re
import shlex
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from threading import Timer
from typing import Any, TypeVar

import click
from pydantic import ValidationError

from attachwatch import config, config_first
from attachwatch.annexes import expected
from attachwatch.cli import options
from attachwatch.cli.output import print_json, shown
from attachwatch.config import MailboxSettings
from attachwatch.errors import AnnexListError, ConfigurationError, ExitStatus, ServerError, SignInError, UsageError
from attachwatch.mail import providers, signin
from attachwatch.mail.line import Line
from attachwatch.mail.session import connect
from attachwatch.mail.signin import sources
from attachwatch.service import setup

F = TypeVar("F", bound=Callable[..., Any])

_TRY_SECONDS = 60.0  # for the whole of the first sign-in
_STEP = "15s"  # for one step of the network in it
_TRIES = 3  # at a password that was mistyped
_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
_ADDRESS = re.compile(r"[^\s@]{1,64}@[^\s@]{1,255}")
_AUTHORITY = re.compile(r"([^\s@,]{1,64}@)?([\w-]{1,63}\.){1,10}[\w-]{2,63}")
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,100}")


@dataclass(frozen=True, slots=True)
class _Asker:
    """Asks in the terminal for what no option gave; without one, says which option was to give it."""

    terminal: bool

    def ask(
        self,
        given: str | None,
        option: str,
        question: str,
        read: Callable[[str], str] = str.strip,
        default: str | None = None,
    ) -> str:
        """The option, else the answer, else the default; `read` refuses either by a UsageError of click's."""
        if given is not None:
            return _read(given, option, read)
        if self.terminal:
            answer: str = click.prompt(question, default=default, value_proc=read, err=True)
            return answer
        if default is not None:
            return _read(default, option, read)
        raise UsageError(f"{option} is needed, since there is no terminal to ask in", "See attachwatch init --help.")

    def password(self, question: str) -> str:
        answer: str = click.prompt(question, hide_input=True, err=True)
        return answer


@dataclass(frozen=True, slots=True)
class _Secret:
    """Where the password is to come from: keys of the configuration; and what was typed, if anything was."""

    keys: dict[str, str]
    typed: str | None = None

    def __repr__(self) -> str:
        return f"_Secret({self.keys})"


def _of_the_mailbox(function: F) -> F:
    given = (
        click.option("--address", metavar="ADDRESS", help="Of the mailbox; servers of well-known providers are known."),
        click.option("--username", metavar="NAME", help="By which the server knows you; by default the address."),
        click.option("--host", metavar="HOST", help="Of the IMAP server."),
        click.option("--port", type=click.IntRange(1, 65535)),
        click.option("--tls", type=click.Choice(["implicit", "starttls", "none"])),
        click.option("--ca-file", type=_FILE, metavar="FILE", help="Of a certificate authority of your own."),
        click.option("--mailbox", "name", default="foi", show_default=True, help="What the mailbox is called."),
        click.option("--password-env", metavar="NAME", help="The environment variable that holds the password."),
        click.option("--password-command", metavar="COMMAND", help="A command that prints the password."),
        click.option("--sign-in", type=click.Choice(["microsoft365", "google"]), help="By token, in your browser."),
        click.option("--client-id", metavar="ID", help="For --sign-in: of the program that you registered there."),
        click.option("--tenant", metavar="NAME", help="For Microsoft 365: your organisation's."),
        click.option("--client-secret-env", metavar="NAME", help="For Google: the variable that holds the secret."),
    )
    for option in reversed(given):
        function = option(function)
    return function


@click.command(name="init")
@_of_the_mailbox
@click.option("--authority", "authorities", multiple=True, metavar="DOMAIN", help="Or address; may be repeated.")
@click.option("--reference", metavar="REFERENCE", help="The authority's own, of your request.")
@click.option("--annexes", metavar="FILE", help='The list of what you expect, or "none".')
@click.option("--no-test", is_flag=True, help="Do not sign in now.")
@click.option("--force", is_flag=True, help="Write over a file that is there.")
@options.common
def command(
    authorities: tuple[str, ...],
    reference: str | None,
    annexes: str | None,
    no_test: bool,
    force: bool,
    as_json: bool,
    config_file: Path | None,
    **of_the_mailbox: Any,
) -> int:
    """Write the first configuration: asks for mailbox, authority, reference and annexes, and signs in to try it.

    Every question can be answered by an option, and without a terminal must be. The file goes where --config or
    ATTACHWATCH_CONFIG says, else to attachwatch.toml in this folder, readable by you alone. The password goes into the
    system's keyring, or stays in an environment variable that you name; it is no option, and never in the file.
    """
    path = (config_file or Path(os.environ.get(config.ENVIRONMENT_VARIABLE) or config.FILE_NAME)).absolute()
    if path.exists() and not force:
        raise config_first.exists(path)
    asker = _Asker(sys.stdin.isatty() and sys.stderr.isatty())
    mailbox = _server(asker, of_the_mailbox)
    _settings(mailbox)
    secret = _secret(asker, mailbox, of_the_mailbox)
    _settings(mailbox | secret.keys)
    case = _case(asker, str(mailbox["name"]), authorities, reference, annexes, path.parent)
    is_tried = not no_test and "sign_in" not in secret.keys
    if is_tried:
        secret = _tried(asker, mailbox, secret, path)
    content = config_first.text(
        Path("var/attachwatch"), mailbox | secret.keys | {"folders": ["INBOX"], "poll_every": "5m"}, case
    )

    def check(made: Path) -> None:
        setup.cases(config.load(made))
        if secret.typed is not None:  # only now, so that a refusal leaves nothing behind
            sources.keep_password(str(mailbox["username"]), secret.typed)

    config_first.create(path, content, check, force=force)
    _tell(path, str(mailbox["name"]), _where(secret), is_tried=is_tried, as_json=as_json, named=config_file is not None)
    return ExitStatus.OK


def _server(asker: _Asker, given: dict[str, Any]) -> dict[str, Any]:
    """The keys that say which server, and who asks."""
    address = asker.ask(given["address"], "--address", "Address of the mailbox", _address)
    known = providers.of_address(address)
    if known and known.no_imap and not given["host"]:
        raise UsageError(
            f"{known.name} lets no other program read its mailboxes: it has no IMAP",
            "Have the authority's answers forwarded to a mailbox elsewhere.",
        )
    if known and known.note and not given["host"]:
        click.echo(known.note, err=True)
    guess = given["host"] or (known.host if known else None)
    host = asker.ask(guess, "--host", "IMAP server", _host)
    known = providers.of_host(host)
    tls = given["tls"] or (known.tls if known else "implicit")
    usual = known.port if known else 143 if tls != "implicit" else 993
    if known is None and given["host"] is None:
        port = int(asker.ask(_text(given["port"]), "--port", "Port", _port, str(usual)))
    else:
        port = given["port"] or usual
    server = {"name": _read(given["name"], "--mailbox", _some), "host": host, "port": port, "tls": tls}
    if given["ca_file"]:
        server["ca_file"] = str(given["ca_file"].absolute())
    return server | {"username": _read(given["username"] or address, "--username", _some)}


def _secret(asker: _Asker, mailbox: dict[str, Any], given: dict[str, Any]) -> _Secret:
    """Where password or token are to come from."""
    by_password = {k: given[k] for k in ("password_env", "password_command") if given[k]}
    if "password_env" in by_password:
        _read(by_password["password_env"], "--password-env", _variable)
    known = providers.of_host(mailbox["host"])
    provider = given["sign_in"] or (known.sign_in if known and not by_password else None)
    if by_password or not provider:
        return _password(asker, mailbox, by_password)
    return _token(asker, mailbox, provider, given)


def _token(asker: _Asker, mailbox: dict[str, Any], provider: str, given: dict[str, Any]) -> _Secret:
    is_google = provider == "google"
    question = "Client ID that you registered at " + ("Google (empty: an app password)" if is_google else "Microsoft")
    no_id = "" if is_google and asker.terminal else None
    client_id = asker.ask(given["client_id"], "--client-id", question, default=no_id)
    if not client_id:
        return _password(asker, mailbox, {})
    keys = {"auth": "xoauth2", "sign_in": provider, "client_id": client_id}
    return _Secret(keys | {k: given[k] for k in ("tenant", "client_secret_env") if given[k]})


def _password(asker: _Asker, mailbox: dict[str, Any], keys: dict[str, str]) -> _Secret:
    if keys:
        return _Secret(keys)
    if not sources.has_keyring():
        if asker.terminal:
            click.echo("This system has no keyring; the password must come from an environment variable.", err=True)
        name = asker.ask(None, "--password-env", "Its name", _variable, "FOI_PASSWORD" if asker.terminal else None)
        return _Secret({"password_env": name})
    if asker.terminal:
        return _Secret({}, asker.password(f"Password of {shown(mailbox['username'])} (for the system's keyring)"))
    try:
        sources.password(_settings(mailbox))
    except ConfigurationError:
        raise UsageError(
            f"the system's keyring has no password for {mailbox['username']}, and there is no terminal to ask in",
            f"Give --password-env NAME, or run: keyring set {sources.KEYRING_SERVICE} {mailbox['username']}",
        ) from None
    return _Secret({})


def _case(
    asker: _Asker, mailbox: str, authorities: tuple[str, ...], reference: str | None, annexes: str | None, folder: Path
) -> dict[str, Any]:
    said = asker.ask(",".join(authorities) or None, "--authority", "Authority's domains or addresses", _authorities)
    name = asker.ask(reference, "--reference", "Authority's reference of your request", _some)
    listed = asker.ask(annexes, "--annexes", "File that lists the annexes, or none", _annexes, "none")
    case: dict[str, Any] = {"reference": name, "mailbox": mailbox, "authority": said.split(",")}
    if listed != "none":
        file = Path(listed).expanduser().absolute()
        case["annexes"] = str(file.relative_to(folder) if file.is_relative_to(folder) else file)
    return case | {"quiet_period": "2d", "language": "en", "jurisdiction": "GB"}


def _tried(asker: _Asker, mailbox: dict[str, Any], secret: _Secret, path: Path) -> _Secret:
    """Sign in; ask once more for a password that was mistyped. Raises what the server or the line has against it."""
    settings = _settings(mailbox | secret.keys | {"timeout": _STEP})
    typed = secret.typed
    if typed is None and asker.terminal and settings.password_env and not os.environ.get(settings.password_env):
        typed = asker.password(f"Password, to try it now; {settings.password_env} must hold it later")
    for left in reversed(range(_TRIES)):
        click.echo(f"Signing in to {shown(settings.host)} ...", err=True)
        try:
            _sign_in(settings, typed, path.parent)
        except SignInError as error:
            if typed is None or not left:
                raise
            click.echo(f"attachwatch: {shown(str(error))}", err=True)
            typed = asker.password("Password")
        else:
            break
    return _Secret(secret.keys, typed if secret.typed is not None else None)


def _settings(values: dict[str, Any]) -> MailboxSettings:
    try:
        return MailboxSettings.model_validate(values)
    except ValidationError as error:
        said = error.errors()[0]["msg"].removeprefix("Value error, ")
        raise UsageError(said, "See attachwatch init --help.") from None


def _sign_in(settings: MailboxSettings, typed: str | None, folder: Path) -> None:
    line = Line()
    timer = Timer(_TRY_SECONDS, line.cut)
    timer.daemon = True
    timer.start()
    try:
        with line, connect(settings, typed or signin.credentials(settings, folder)) as session:
            session.examine("INBOX")
    except SignInError:
        raise
    except ServerError as error:
        remedy = f"{error.remedy.rstrip('.')}. " if error.remedy else ""
        raise type(error)(
            error.problem, f"{remedy}Correct --host, --port or --tls, or leave the test out with --no-test."
        ) from None
    finally:
        timer.cancel()


def _where(secret: _Secret) -> str:
    """Where the password is, in words."""
    if "sign_in" in secret.keys:
        return "to be granted by signing in"
    if "password_env" in secret.keys:
        return f"in the environment variable {secret.keys['password_env']}"
    return "from password_command" if secret.keys else "in the system's keyring"


def _tell(path: Path, mailbox: str, kept: str, *, is_tried: bool, as_json: bool, named: bool) -> None:
    place = f" --config {shlex.quote(str(path))}" if named else ""
    first = f"attachwatch signin {shlex.quote(mailbox)}{place}" if "granted" in kept else None
    then = [*([first] if first else []), f"attachwatch watch --once{place}", f"attachwatch status{place}"][:2]
    if as_json:
        said = {"configuration": str(path), "password": kept, "signed_in": is_tried, "next": then}
        print_json({"version": 1} | said)
        return
    click.echo(f"{shown(str(path))} is written, for you alone to read. The password is {kept}.")
    click.echo("Next:\n" + "\n".join(f"  {shown(line)}" for line in then))


def _read(value: str, option: str, read: Callable[[str], str]) -> str:
    try:
        return read(value)
    except click.UsageError as error:
        raise UsageError(f"{option}: {error.message}", "See attachwatch init --help.") from None


def _text(value: int | None) -> str | None:
    return None if value is None else str(value)


def _some(value: str) -> str:
    if not value.strip() or not value.isprintable():
        raise click.UsageError("write one line of text")
    return value.strip()


def _address(value: str) -> str:
    if not _ADDRESS.fullmatch(_some(value)):
        raise click.UsageError(f"{value!r} is no email address")
    return value.strip()


def _host(value: str) -> str:
    if not re.fullmatch(r"[^\s/@]{1,255}", _some(value)):
        raise click.UsageError(f"{value!r} is no name of a server")
    return value.strip()


def _port(value: str) -> str:
    if not re.fullmatch(r"\d{1,5}", value.strip(), re.ASCII) or not 0 < int(value) < 65536:
        raise click.UsageError(f"{value!r} is no port")
    return value.strip()


def _variable(value: str) -> str:
    if not _VARIABLE.fullmatch(value.strip()):
        raise click.UsageError("write the name of an environment variable, not the password")
    return value.strip()


def _authorities(value: str) -> str:
    found = [part.strip().lower() for part in value.split(",") if part.strip()]
    if not found or not all(_AUTHORITY.fullmatch(part) for part in found):
        raise click.UsageError('write domains or addresses, such as "homeoffice.gov.uk", with commas between them')
    return ",".join(dict.fromkeys(found))


def _annexes(value: str) -> str:
    value = value.strip()
    if value.lower() == "none":
        return "none"
    path = Path(value).expanduser()
    try:
        expected.read(path.read_bytes(), path.name)
    except OSError as error:
        raise click.UsageError(f'{path}: {error.strerror}; write "none" where you have no list') from None
    except AnnexListError as error:
        raise click.UsageError(str(error)) from None
    return value
