"""Microsoft 365 and Outlook.com by device sign-in (RFC 8628), through Microsoft's own library."""

import json
import logging
from dataclasses import dataclass
from typing import Any

from attachwatch.config import MailboxSettings
from attachwatch.errors import ConfigurationError, ServerError, SignInError
from attachwatch.mail.signin.interface import Prompt, lapsed, one_line

AUTHORITY = "https://login.microsoftonline.com"
_SCOPES = ["https://outlook.office.com/IMAP.AccessAsUser.All"]  # the library adds what a refresh token takes

logging.getLogger("msal").setLevel(logging.WARNING)  # below this it logs what it is answered


@dataclass(frozen=True, slots=True)
class Microsoft:
    """The grant is the library's own cache: it refreshes and rotates by itself, and says whether that changed it."""

    settings: MailboxSettings

    def sign_in(self, show: Prompt) -> str:
        cache, application = self._application("")
        try:
            flow = application.initiate_device_flow(_SCOPES)
            if "user_code" not in flow:
                raise self._refused(flow)
            show(flow["verification_uri"], f"enter the code {flow['user_code']}, and sign in")
            answer = application.acquire_token_by_device_flow(flow)
        except OSError as error:
            raise self._unreachable(error) from None
        if "access_token" not in answer:
            raise self._refused(answer)
        return str(cache.serialize())

    def token(self, grant: str) -> tuple[str, str]:
        cache, application = self._application(grant)
        try:
            # One cache holds one account. It need not be the mailbox's: a shared mailbox is opened with one's own.
            account = next(iter(application.get_accounts()), None)
            answer = application.acquire_token_silent_with_error(_SCOPES, account=account)
        except OSError as error:
            raise self._unreachable(error) from None
        if not answer or "access_token" not in answer:
            raise lapsed(self.settings, _words(answer or {}))
        return str(answer["access_token"]), str(cache.serialize()) if cache.has_state_changed else grant

    def _application(self, grant: str) -> tuple[Any, Any]:
        try:
            import msal
        except ModuleNotFoundError:
            raise ConfigurationError(
                f'mailbox {self.settings.name!r}: sign_in = "microsoft365" needs the package msal',
                "Install it: pip install 'attachwatch[microsoft365]'",
            ) from None
        cache = msal.SerializableTokenCache()
        if grant:
            if not _is_cache(grant):
                raise lapsed(self.settings, "what is kept of it is damaged")
            cache.deserialize(grant)
        try:
            application = msal.PublicClientApplication(
                self.settings.client_id,
                authority=f"{AUTHORITY}/{self.settings.tenant}",
                token_cache=cache,
                instance_discovery=False,  # the host is ours to know
                timeout=self.settings.timeout.total_seconds(),
            )
        except OSError as error:
            raise self._unreachable(error) from None
        except ValueError:  # what the library makes of an unknown tenant
            raise ConfigurationError(
                f"mailbox {self.settings.name!r}: Microsoft knows no tenant {self.settings.tenant!r}", "Correct tenant."
            ) from None
        return cache, application

    def _refused(self, answer: dict[str, Any]) -> SignInError:
        return SignInError(
            f"mailbox {self.settings.name!r}: Microsoft refused the sign-in: {_words(answer)}",
            "Try again; if it says so again, check client_id and tenant.",
        )

    def _unreachable(self, error: OSError) -> ServerError:
        return ServerError(
            f"{AUTHORITY} cannot be reached, or the line broke: {type(error).__name__}", "Check your network."
        )


def _is_cache(grant: str) -> bool:
    """Whether the library can do with it; it does not look itself."""
    try:
        tables = json.loads(grant)
    except ValueError:
        return False
    return isinstance(tables, dict) and all(isinstance(table, dict) for table in tables.values())


def _words(answer: dict[str, Any]) -> str:
    return one_line(answer.get("error_description") or answer.get("error") or "it has no reason")
