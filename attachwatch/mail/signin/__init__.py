"""How a mailbox is signed in to: where its password or token comes from, and what is said to the server.

What is handed about is `Credentials`, which are asked at each connect: a token lives an hour, and a secret that nobody
holds stands in no repr, traceback or job.
"""

from functools import partial
from pathlib import Path

from attachwatch.config import MailboxSettings
from attachwatch.mail.signin import sources
from attachwatch.mail.signin.grants import Grants
from attachwatch.mail.signin.interface import Credentials, Prompt, Provider
from attachwatch.mail.signin.sources import password

__all__ = ["Credentials", "Prompt", "credentials", "password", "sign_in"]


def credentials(settings: MailboxSettings, store: Path) -> Credentials:
    """Where the password or token of `settings` comes from; `store` is the folder that keeps what signing in gave."""
    if settings.auth == "password":
        return partial(sources.password, settings)
    if settings.token_command:
        return partial(sources.token, settings)
    return partial(_granted, settings, store)


def sign_in(settings: MailboxSettings, store: Path, show: Prompt, *, in_file: bool) -> str:
    """Let the user sign in, `show` what they must do, and keep what that grants; where it is kept, in words."""
    grant = _provider(settings).sign_in(show)
    grants = Grants.of(settings, store)
    with grants.locked():
        return grants.keep(grant, in_file=in_file)


def _granted(settings: MailboxSettings, store: Path) -> str:
    grants, provider = Grants.of(settings, store), _provider(settings)
    with grants.locked():  # a refresh token that was used up by another process must not be used again by this one
        kept = grants.read()
        token, after = provider.token(kept.text)
        if after != kept.text:
            grants.replace(kept, after)  # before the token is used: the former may be worth nothing from now on
    return token


def _provider(settings: MailboxSettings) -> Provider:
    if settings.sign_in == "google":
        from attachwatch.mail.signin.google import Google

        return Google(settings)
    from attachwatch.mail.signin.microsoft import Microsoft

    return Microsoft(settings)
