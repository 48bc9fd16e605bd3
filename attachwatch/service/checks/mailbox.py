"""One mailbox: reached, trusted, signed in to, its folders opened to be read. Nothing in it is changed."""

import socket
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from attachwatch.config import MailboxSettings
from attachwatch.errors import (
    CertificateError,
    ConfigurationError,
    FolderError,
    NoDraftsFolderError,
    ServerError,
    SignInError,
)
from attachwatch.mail import session, sources
from attachwatch.mail.interface import Source
from attachwatch.service.checks.check import Check, failed, failure, warning

_DAYS_LEFT = 14  # of a certificate, below which somebody should see to its renewal


def checks(settings: MailboxSettings, store: Path) -> Iterator[Check]:
    """All checks of one mailbox. What keeps it from being opened ends them; a folder does not."""
    try:
        yield from _opened(settings, store)
    except CertificateError as error:
        yield failed(_named(settings, "certificate"), error)
    except (SignInError, ConfigurationError) as error:  # the latter where there is no password
        yield failed(_named(settings, "sign-in"), error)
    except ServerError as error:
        yield failed(_named(settings, "connection"), error)


def _opened(settings: MailboxSettings, store: Path) -> Iterator[Check]:
    if settings.path is None:
        yield from _reached(settings)
    with sources.opened(settings, store) as source:
        if settings.path is None:
            yield Check(_named(settings, "sign-in"), f"{settings.host} accepts {settings.username}")
        for folder in settings.folders:
            yield _folder(settings, source, folder)
        yield _drafts(settings, source)


def unreached(settings: MailboxSettings, seconds: float) -> Check:
    """For a mailbox whose checks were given up."""
    return failure(
        _named(settings, "time"),
        f"its checks were not done within {seconds:.0f} s and were given up",
        "The server or the network is too slow, or a password_command waits for an answer; try again.",
    )


def _named(settings: MailboxSettings, what: str) -> str:
    return f"{settings.name}: {what}"


def _reached(settings: MailboxSettings) -> Iterator[Check]:
    name, place = _named(settings, "connection"), f"{settings.host}:{settings.effective_port}"
    try:
        socket.getaddrinfo(settings.host, settings.effective_port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        said = getattr(error, "strerror", None) or error
        raise ServerError(
            f"the name {settings.host} does not resolve: {said}", "Correct host, or see to this machine's DNS."
        ) from None
    greeting = session.greeting(settings)
    if greeting.tls is None:
        yield Check(name, f"{place} answers, without TLS, on this machine")
        return
    yield Check(name, f"{place} answers, with {greeting.tls}")
    if greeting.expires:
        yield certificate(_named(settings, "certificate"), greeting.expires, datetime.now(UTC))


def certificate(name: str, expires: datetime, now: datetime) -> Check:
    """How long a certificate that is trusted now will be."""
    days = (expires - now).days
    says = f"trusted, {days} day{'s' if days != 1 else ''} left (until {expires:%Y-%m-%d})"
    if days < _DAYS_LEFT:
        return warning(name, says, "Have whoever runs the server renew it; afterwards nothing is fetched any more.")
    return Check(name, says)


def _folder(settings: MailboxSettings, source: Source, folder: str) -> Check:
    name = _named(settings, f"folder {folder}")
    try:
        count = source.examine(folder).exists
    except FolderError as error:
        return failed(name, error)
    return Check(name, f"can be read; {count:,} message{'s' if count != 1 else ''}")


def _drafts(settings: MailboxSettings, source: Source) -> Check:
    name = _named(settings, "drafts")
    try:
        place = source.drafts_place(settings.drafts_folder)
    except NoDraftsFolderError as error:  # `approve` has another way
        return warning(name, f"{error.problem}; approved drafts become files of the store", error.remedy)
    except FolderError as error:
        return failed(name, error)
    return Check(name, f"approved drafts go into {place}")
