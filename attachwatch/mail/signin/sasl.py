"""What is said to the server: LOGIN or PLAIN, XOAUTH2, OAUTHBEARER (RFC 7628). And what it must not say back."""

import base64
import imaplib
from dataclasses import dataclass, field
from typing import Any

from attachwatch.config import MailboxSettings
from attachwatch.mail.signin.interface import one_line

_CHALLENGES = 5  # a server that asks on for ever is no server


@dataclass(slots=True)
class Exchange:
    """Answers the server's challenges: the first with the secret; any other is its error, kept and taken note of."""

    first: str = field(repr=False)
    acknowledgement: str
    heard: list[bytes] = field(default_factory=list)

    def __call__(self, challenge: bytes) -> str:
        self.heard.append(challenge)
        if len(self.heard) > _CHALLENGES:
            raise imaplib.IMAP4.abort("the server asks on and on")
        return self.first if len(self.heard) == 1 else self.acknowledgement

    @property
    def error(self) -> str:
        """The server's own words, which it gives before it refuses; JSON as a rule."""
        return b" ".join(self.heard[1:]).decode("utf-8", "replace").strip()


def exchange(settings: MailboxSettings, secret: str) -> Exchange:
    """How a secret is told by the mechanism of `settings`; a password by PLAIN (RFC 4616)."""
    if settings.auth == "password":
        return Exchange(f"\0{settings.username}\0{secret}", "")
    if settings.auth == "xoauth2":
        return Exchange(f"user={settings.username}\1auth=Bearer {secret}\1\1", "")
    user = settings.username.replace("=", "=3D").replace(",", "=2C")
    place = f"host={settings.host}\1port={settings.effective_port}"
    return Exchange(f"n,a={user},\1{place}\1auth=Bearer {secret}\1\1", "\1")


def log_in(client: Any, settings: MailboxSettings, secret: str, said: Exchange) -> None:
    """Sign `client` in; what is raised may hold `secret`: show it through `without` only."""
    if settings.auth != "password":
        client.sasl_login(settings.auth.upper(), said)
    elif settings.username.isascii() and secret.isascii():
        client.login(settings.username, secret)
    else:
        client.sasl_login("PLAIN", said)  # LOGIN has no way to say more than ASCII


def without(secret: str, said: str, spoken: Exchange) -> str:
    """What a server said, should it have repeated what it was told."""
    quoted = secret.replace("\\", "\\\\").replace('"', '\\"')
    plain = (secret, quoted, repr(secret)[1:-1], repr(quoted)[1:-1], spoken.first)
    coded = (base64.b64encode(text.encode()).decode() for text in (secret, spoken.first))
    for text in sorted({*plain, *coded} - {""}, key=len, reverse=True):
        said = said.replace(text, "***")
    return one_line(said)
