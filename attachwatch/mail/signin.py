"""Where the password of a mailbox comes from: the environment, a command, or the system's keyring."""

import os
import shlex
import subprocess

from attachwatch.config import MailboxSettings
from attachwatch.errors import ConfigurationError

_KEYRING_SERVICE = "attachwatch"
_COMMAND_SECONDS = 60


def password(settings: MailboxSettings) -> str:
    """The password for `settings`; raise ConfigurationError, which holds no secret, where there is none."""
    if settings.password_env:
        return _from_environment(settings, settings.password_env)
    if settings.password_command:
        return _from_command(settings, settings.password_command)
    return _from_keyring(settings)


def _from_environment(settings: MailboxSettings, variable: str) -> str:
    if secret := os.environ.get(variable):
        return secret
    raise ConfigurationError(
        f"mailbox {settings.name!r}: the environment variable {variable} is not set", f"Set {variable} to the password."
    )


def _from_command(settings: MailboxSettings, command: str) -> str:
    problem = f"mailbox {settings.name!r}: password_command"
    try:
        words = shlex.split(command)
        done = subprocess.run(  # noqa: S603 - the user's own command, without a shell
            words, capture_output=True, text=True, timeout=_COMMAND_SECONDS, check=False, stdin=subprocess.DEVNULL
        )
    except (OSError, ValueError, IndexError) as error:
        raise ConfigurationError(f"{problem} cannot be run: {type(error).__name__}", "Correct it.") from None
    except subprocess.TimeoutExpired:
        raise ConfigurationError(f"{problem} took over {_COMMAND_SECONDS} s", "Try it in a terminal.") from None
    secret = done.stdout.split("\n", 1)[0].rstrip("\r")
    if done.returncode or not secret:
        raise ConfigurationError(f"{problem} ended with {done.returncode} and no password", "Try it in a terminal.")
    return secret


def _from_keyring(settings: MailboxSettings) -> str:
    import keyring
    from keyring.errors import KeyringError

    try:
        secret = keyring.get_password(_KEYRING_SERVICE, settings.username)
    except KeyringError:
        secret = None
    if secret:
        return secret
    raise ConfigurationError(
        f"mailbox {settings.name!r}: no password: neither password_env nor password_command is set, and the system "
        f"keyring has none for {settings.username}",
        f"Set one of them, or run: keyring set {_KEYRING_SERVICE} {settings.username}",
    )
