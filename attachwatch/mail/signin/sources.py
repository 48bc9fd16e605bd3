"""Where the password of a mailbox comes from: the environment, a command, or the keyring; a token from a command."""

import os
import re
import shlex
import subprocess

from attachwatch.config import MailboxSettings
from attachwatch.errors import ConfigurationError

KEYRING_SERVICE = "attachwatch"
_COMMAND_SECONDS = 60
_CONTROL = re.compile(r"[\0-\x1f\x7f]")
_TOKEN = re.compile(r"[\x21-\x7e]+")  # RFC 6750 allows less, and some providers more than that


def password(settings: MailboxSettings) -> str:
    """The password for `settings`; raise ConfigurationError, which holds no secret, where there is none."""
    if settings.password_env:
        secret = _from_environment(settings, settings.password_env)
    elif settings.password_command:
        secret = _from_command(settings, "password_command", settings.password_command)
    else:
        secret = _from_keyring(settings)
    if _CONTROL.search(secret):  # it would end the line to the server, and begin another
        raise ConfigurationError(
            f"mailbox {settings.name!r}: the password holds a line break or another control character", "Remove it."
        )
    return secret


def token(settings: MailboxSettings) -> str:
    """The access token that `token_command` prints."""
    secret = _from_command(settings, "token_command", settings.token_command or "").strip()
    if not _TOKEN.fullmatch(secret):
        raise ConfigurationError(
            f"mailbox {settings.name!r}: what token_command printed is no token", "It must print the token and no more."
        )
    return secret


def client_secret(settings: MailboxSettings) -> str | None:
    """What the provider calls the secret of an installed program, where it wants one."""
    return _from_environment(settings, settings.client_secret_env) if settings.client_secret_env else None


def _from_environment(settings: MailboxSettings, variable: str) -> str:
    if secret := os.environ.get(variable):
        return secret
    raise ConfigurationError(
        f"mailbox {settings.name!r}: the environment variable {variable} is not set", f"Set {variable} to the secret."
    )


def _from_command(settings: MailboxSettings, key: str, command: str) -> str:
    problem = f"mailbox {settings.name!r}: {key}"
    try:
        words = shlex.split(command)
        done = subprocess.run(  # noqa: S603 - the user's own command, without a shell
            words, capture_output=True, timeout=_COMMAND_SECONDS, check=False, stdin=subprocess.DEVNULL
        )
        # Decoded here: a UnicodeDecodeError would hold what was printed.
        secret = done.stdout.split(b"\n", 1)[0].rstrip(b"\r").decode("utf-8", "surrogateescape")
    except (OSError, ValueError, IndexError) as error:
        raise ConfigurationError(f"{problem} cannot be run: {type(error).__name__}", "Correct it.") from None
    except subprocess.TimeoutExpired:
        raise ConfigurationError(f"{problem} took over {_COMMAND_SECONDS} s", "Try it in a terminal.") from None
    if done.returncode or not secret:
        kind = key.removesuffix("_command")
        raise ConfigurationError(f"{problem} ended with {done.returncode} and no {kind}", "Try it in a terminal.")
    if not secret.isascii() and not secret.isprintable():
        raise ConfigurationError(f"{problem} printed what is not UTF-8", "Try it in a terminal.")
    return secret


def has_keyring() -> bool:
    """Whether this system has a keyring that can keep a password."""
    import keyring

    try:
        return bool(keyring.get_keyring().priority > 0)
    except Exception:  # noqa: BLE001 - of a backend that we do not know
        return False


def keep_password(username: str, secret: str) -> None:
    """Put the password into the keyring, in the place of any before; raise ConfigurationError where it refuses."""
    import keyring
    from keyring.errors import KeyringError

    try:
        keyring.set_password(KEYRING_SERVICE, username, secret)
    except KeyringError as error:
        raise ConfigurationError(
            f"the system keyring did not take the password: {type(error).__name__}",
            "Unlock it, or name an environment variable with --password-env.",
        ) from None


def _from_keyring(settings: MailboxSettings) -> str:
    import keyring
    from keyring.errors import KeyringError

    try:
        secret = keyring.get_password(KEYRING_SERVICE, settings.username)
    except KeyringError:
        secret = None
    if secret:
        return secret
    raise ConfigurationError(
        f"mailbox {settings.name!r}: no password: neither password_env nor password_command is set, and the system "
        f"keyring has none for {settings.username}",
        f"Set one of them, or run: keyring set {KEYRING_SERVICE} {settings.username}",
    )
