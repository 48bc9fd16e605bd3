"""Google by the user's browser (RFC 8252: authorisation code with PKCE, answered to this machine).

Google's device sign-in has no scope for mail
(https://developers.google.com/identity/protocols/oauth2/limited-input-device#allowedscopes), so this is the nearest
to it: the URL may be opened anywhere, and where the browser runs on another machine, its last address is opened here.
"""

import base64
import hashlib
import json
import secrets
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler
from socketserver import TCPServer
from typing import Any

from attachwatch.config import MailboxSettings
from attachwatch.errors import ServerError, SignInError
from attachwatch.mail.signin import sources
from attachwatch.mail.signin.interface import Prompt, lapsed, one_line

_SCOPE = "https://mail.google.com/"  # the only one that IMAP takes
_EARLY = 300  # seconds before its end a token is no longer used: a poll may be long
_LARGEST = 1_000_000
_PATIENCE = 900.0  # seconds that the user has to sign in


@dataclass(frozen=True, slots=True)
class Endpoints:
    authorise: str = "https://accounts.google.com/o/oauth2/v2/auth"
    token: str = "https://oauth2.googleapis.com/token"


ENDPOINTS = Endpoints()


@dataclass(frozen=True, slots=True)
class Google:
    """The grant is JSON: the client, its refresh token, and the last access token with its end."""

    settings: MailboxSettings

    def sign_in(self, show: Prompt) -> str:
        client = {"client_id": str(self.settings.client_id)}
        if secret := sources.client_secret(self.settings):
            client["client_secret"] = secret
        verifier, state = secrets.token_urlsafe(64), secrets.token_urlsafe(16)
        with _Waiting(("127.0.0.1", 0), _Landing) as server:
            here = f"http://127.0.0.1:{server.server_address[1]}"
            show(
                _authorisation(self.settings, here, state, verifier),
                "sign in. If your browser is on another machine, its last page will not load: copy its address, and "
                "here, in a second terminal, run: curl 'ADDRESS'",
            )
            code = self._code(_landed(server, state))
        answer = self._ask(
            client | {"grant_type": "authorization_code", "code": code, "redirect_uri": here, "code_verifier": verifier}
        )
        if "refresh_token" not in answer:
            raise self._refused(answer)
        return _grant(client, answer)

    def token(self, grant: str) -> tuple[str, str]:
        try:
            kept = json.loads(grant)
            if kept["expires"] - _EARLY > time.time():
                return str(kept["access_token"]), grant
            client = {key: kept[key] for key in ("client_id", "client_secret") if key in kept}
            refresh = kept["refresh_token"]
        except (ValueError, KeyError, TypeError):
            raise lapsed(self.settings, "what is kept of it is damaged") from None
        answer = self._ask(client | {"grant_type": "refresh_token", "refresh_token": refresh})
        if "access_token" not in answer:
            raise lapsed(self.settings, _words(answer))
        return str(answer["access_token"]), _grant(client, {"refresh_token": refresh} | answer)

    def _code(self, landed: Mapping[str, str]) -> str:
        if "code" in landed:
            return landed["code"]
        raise self._refused(landed or {"error": f"nobody signed in within {_PATIENCE:.0f} s"})

    def _refused(self, answer: Mapping[str, Any]) -> SignInError:
        return SignInError(
            f"mailbox {self.settings.name!r}: Google refused the sign-in: {_words(answer)}",
            "Try again; if it says so again, check client_id and client_secret_env.",
        )

    def _ask(self, form: Mapping[str, str]) -> dict[str, Any]:
        """What the token endpoint answers, a refusal, too; raise ServerError where it answers nothing of use."""
        request = urllib.request.Request(  # noqa: S310 - the address is ours
            ENDPOINTS.token, data=urllib.parse.urlencode(form).encode(), headers={"Accept": "application/json"}
        )
        try:
            try:
                with urllib.request.urlopen(request, timeout=self.settings.timeout.total_seconds()) as response:  # noqa: S310
                    said = json.loads(response.read(_LARGEST))
            except urllib.error.HTTPError as refusal:
                with refusal:
                    said = json.loads(refusal.read(_LARGEST))
        except (OSError, ValueError) as error:
            raise ServerError(
                f"{ENDPOINTS.token} cannot be reached, or the line broke: {type(error).__name__}", "Check your network."
            ) from None
        return said if isinstance(said, dict) else {}


class _Waiting(TCPServer):
    """Listens for the browser; `landed` is what the last request brought."""

    def __init__(self, *words: Any) -> None:
        self.landed: dict[str, str] = {}
        super().__init__(*words)

    def handle_error(self, *_: object) -> None:
        """Nothing: whoever comes and goes is not the browser, and a traceback tells the user nothing."""


class _Landing(BaseHTTPRequestHandler):
    """Takes the browser's last request, and says that this was all."""

    server: _Waiting
    timeout = 10  # a connection that says nothing keeps nobody waiting

    def do_GET(self) -> None:
        query = urllib.parse.urlsplit(self.path).query
        self.server.landed = dict(urllib.parse.parse_qsl(query))
        self.send_response(200)
        self.send_header("Content-Type", "text/plain; charset=utf-8")
        self.end_headers()
        self.wfile.write(b"attachwatch has what it needs. You can close this page.\n")

    def log_message(self, *_: object) -> None:
        """Nothing: the address holds the code."""


def _landed(server: _Waiting, state: str) -> dict[str, str]:
    """What the browser brought back, or nothing; whoever does not know `state` is not the browser."""
    until = time.monotonic() + _PATIENCE
    while (left := until - time.monotonic()) > 0:
        server.timeout = left
        server.landed = {}
        server.handle_request()
        if secrets.compare_digest(server.landed.get("state", "").encode("utf-8", "replace"), state.encode()):
            return server.landed
    return {}


def _authorisation(settings: MailboxSettings, here: str, state: str, verifier: str) -> str:
    digest = hashlib.sha256(verifier.encode()).digest()
    asked = {
        "client_id": settings.client_id,
        "redirect_uri": here,
        "response_type": "code",
        "scope": _SCOPE,
        "state": state,
        "code_challenge": base64.urlsafe_b64encode(digest).rstrip(b"=").decode(),
        "code_challenge_method": "S256",
        "access_type": "offline",
        "prompt": "consent",  # without it, a second sign-in brings no refresh token
        "login_hint": settings.username,
    }
    return f"{ENDPOINTS.authorise}?{urllib.parse.urlencode(asked)}"


def _grant(client: Mapping[str, str], answer: Mapping[str, Any]) -> str:
    lifetime = answer.get("expires_in")
    expires = time.time() + (lifetime if isinstance(lifetime, int) else 0)
    tokens = {key: str(answer[key]) for key in ("refresh_token", "access_token") if key in answer}
    return json.dumps({"version": 1, **client, **tokens, "expires": int(expires)})


def _words(answer: Mapping[str, Any]) -> str:
    return one_line(answer.get("error_description") or answer.get("error") or "it has no reason")
