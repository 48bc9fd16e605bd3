"""The kinds of places that mail comes from; one line each."""

from contextlib import AbstractContextManager
from pathlib import Path

from attachwatch.config import MailboxSettings
from attachwatch.mail import local, session, signin
from attachwatch.mail.interface import Source


def opened(mailbox: MailboxSettings, store: Path) -> AbstractContextManager[Source]:
    """The mailbox, signed in to where it is a server's; `store` is the folder that keeps what signing in gave.

    Raises what the sign-in raises, and ServerError where the mailbox cannot be reached.
    """
    if mailbox.path is not None:
        return local.opened(mailbox, mailbox.path)
    return session.connect(mailbox, signin.credentials(mailbox, store))
