"""A provider of tokens as Microsoft and Google are, over TLS: device sign-in, codes, refresh with rotation."""

import base64
import hashlib
import json
import secrets
import ssl
import threading
import time
import urllib.parse
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import trustme

CLIENT = "client-of-the-tests"
SECRET = "canary-client-secret"


@dataclass
class Provider:
    """What it is asked is kept; what it gives begins with "canary", but for access tokens, which `access` makes."""

    base: str
    ca_file: Path
    access: Callable[[], str] = lambda: f"canary-access-{secrets.token_hex(8)}"
    lifetime: int = 3600
    refusal: str = ""  # what the token endpoint says in place of a token
    given: list[str] = field(default_factory=list)  # every secret that it ever gave
    asked: list[dict[str, str]] = field(default_factory=list)
    pending: int = 1  # how often a device must ask before its user has signed in
    _valid: set[str] = field(default_factory=set)
    _challenges: dict[str, str] = field(default_factory=dict)

    def give(self, kind: str) -> str:
        secret = f"canary-{kind}-{secrets.token_hex(8)}"
        self.given.append(secret)
        self._valid.add(secret)
        return secret

    def device(self, _form: dict[str, str]) -> dict[str, object]:
        return {
            "device_code": self.give("device"),
            "user_code": "ABCD-1234",
            "verification_uri": "https://provider.example/device",
            "expires_in": 900,
            "interval": 1,
            "message": "Open it.",
        }

    def authorise(self, query: dict[str, str]) -> str:
        """Where the browser is sent once its user has agreed."""
        code = self.give("code")
        self._challenges[code] = query["code_challenge"]
        return f"{query['redirect_uri']}/?{urllib.parse.urlencode({'code': code, 'state': query['state']})}"

    def token(self, form: dict[str, str]) -> dict[str, object]:
        self.asked.append(form)
        if self.refusal:
            return {"error": "invalid_grant", "error_description": self.refusal}
        if "device_code" in form and self.pending:
            self.pending -= 1
            return {"error": "authorization_pending"}
        secret = form.get("device_code") or form.get("code") or form.get("refresh_token") or ""
        verifier = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
        proof = base64.urlsafe_b64encode(verifier).rstrip(b"=").decode()
        if secret not in self._valid or self._challenges.get(secret, proof) != proof:
            return {"error": "invalid_grant", "error_description": "used up or unknown"}
        self._valid.remove(secret)  # a refresh token, too, is good for once
        self.given.append(self.access())
        return {
            "token_type": "Bearer",
            "access_token": self.given[-1],
            "refresh_token": self.give("refresh"),
            "expires_in": self.lifetime,
            "scope": form.get("scope", ""),
            "client_info": _coded({"uid": "1", "utid": "2"}),
            "id_token": _identity(),
        }

    def discovery(self) -> dict[str, object]:
        base = f"{self.base}/common"
        return {
            "issuer": f"{base}/v2.0",
            "authorization_endpoint": f"{base}/authorize",
            "token_endpoint": f"{base}/token",
            "device_authorization_endpoint": f"{base}/devicecode",
        }


def _coded(claims: dict[str, object]) -> str:
    return base64.urlsafe_b64encode(json.dumps(claims).encode()).rstrip(b"=").decode()


def _identity() -> str:
    now = int(time.time())
    claims = {"aud": CLIENT, "iss": "x", "iat": now, "exp": now + 3600, "sub": "1", "preferred_username": "me@x"}
    return f"{_coded({'alg': 'none'})}.{_coded(claims)}."


@contextmanager
def provider(folder: Path) -> Iterator[Provider]:
    authority = trustme.CA()
    ca_file = folder / "provider-ca.pem"
    authority.cert_pem.write_to_path(str(ca_file))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost").configure_cert(context)
    with ThreadingHTTPServer(("127.0.0.1", 0), _Handler) as server:
        server.socket = context.wrap_socket(server.socket, server_side=True)
        made = Provider(f"https://localhost:{server.server_port}", ca_file)
        server.provider = made  # type: ignore[attr-defined]
        thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
        thread.start()
        try:
            yield made
        finally:
            server.shutdown()
            thread.join(10)


class _Handler(BaseHTTPRequestHandler):
    @property
    def _provider(self) -> Provider:
        found: Provider = self.server.provider  # type: ignore[attr-defined]
        return found

    def do_GET(self) -> None:
        path, _, query = self.path.partition("?")
        if path.endswith("/authorize"):
            self.send_response(302)
            self.send_header("Location", self._provider.authorise(dict(urllib.parse.parse_qsl(query))))
            self.send_header("Content-Length", "0")
            self.end_headers()
        else:
            self._answer(self._provider.discovery())

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        form = dict(urllib.parse.parse_qsl(body))
        answer = self._provider.device if self.path.endswith("/devicecode") else self._provider.token
        self._answer(answer(form))

    def _answer(self, said: dict[str, object]) -> None:
        body = json.dumps(said).encode()
        self.send_response(400 if "error" in said else 200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Nothing."""
