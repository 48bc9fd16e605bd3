"""What gives a secret, and what a provider of tokens must be able to do."""

from collections.abc import Callable
from typing import Protocol

from attachwatch.config import MailboxSettings
from attachwatch.errors import SignInError

Credentials = Callable[[], str]
"""The password or access token for one connect. Raises ConfigurationError, SignInError or ServerError."""

Prompt = Callable[[str, str], None]
"""Shows the user a URL to open, and what to do there."""


class Provider(Protocol):
    """A grant is whatever a provider needs to have again to get tokens: a secret, and nobody's business but its own."""

    def sign_in(self, show: Prompt) -> str:
        """Let the user sign in; return the grant."""

    def token(self, grant: str) -> tuple[str, str]:
        """An access token, and the grant as it is from now on."""


def lapsed(settings: MailboxSettings, said: str) -> SignInError:
    """The provider no longer takes what the user once granted, and `said` why."""
    return SignInError(
        f"mailbox {settings.name!r}: the sign-in of {settings.username!r} is refused: {said}", remedy(settings)
    )


def remedy(settings: MailboxSettings) -> str:
    return f"Sign in again: attachwatch signin {settings.name}"


def one_line(said: object) -> str:
    """A stranger's words, short and harmless."""
    return "".join(c if c.isprintable() else " " for c in " ".join(str(said).split()))[:300]
