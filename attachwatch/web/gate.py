"""Who may come in, and what a browser may do with what it gets. It stands around all pages, the failed ones too.

Any page of the web can have this machine's browser ask an address of this machine, and any program here can ask it
itself; so nothing but the style is given to who has no session, and no session but to who has the link.
"""

import secrets
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from urllib.parse import parse_qs

from starlette.datastructures import MutableHeaders
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

LINK_LASTS = 600.0  # seconds
MOST_BODY = 4 << 20  # bytes of a request, which is many times what a reply may have
_MOST_FIELDS = 20
SIGN_IN, STATIC = "/sign-in/", "/static/"

_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
    "form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Cache-Control": "no-store",
}

Refusal = Callable[[int, str, str, str], Response]  # the page for a status, a heading, what to do, and words typed


@dataclass(slots=True)
class Keys:
    """The secrets of one run: the link that signs in, once; the session that it gives; the token in its forms; and the
    folder of all pages, to which alone browsers send the session: no server on another port is ever asked for it."""

    clock: Callable[[], float] = time.monotonic
    link: str = field(default_factory=lambda: secrets.token_urlsafe(32))
    form: str = field(default_factory=lambda: secrets.token_urlsafe(32))
    root: str = field(default_factory=lambda: f"/{secrets.token_urlsafe(16)}")
    _session: str = field(default_factory=lambda: secrets.token_urlsafe(32))
    _used: bool = False
    _ends: float = field(init=False)

    def __post_init__(self) -> None:
        self._ends = self.clock() + LINK_LASTS

    def sign_in(self, link: str) -> str | None:
        """The session, for the first who has the link while it lasts."""
        if self._used or self.clock() > self._ends or not _same(link, self.link):
            return None
        self._used = True
        return self._session

    def admits(self, session: str) -> bool:
        return self._used and _same(session, self._session)

    def is_from_our_form(self, token: str) -> bool:
        return _same(token, self.form)


class Gate:
    """Lets nobody through to `app` but the browser that used the link, under this server's own names."""

    def __init__(self, app: ASGIApp, keys: Keys, port: int, refusal: Refusal) -> None:
        self._app = app
        self._keys = keys
        self._hosts = (f"127.0.0.1:{port}", f"localhost:{port}")
        self._refusal = refusal
        self._cookie = cookie_name(port)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return  # neither web sockets nor a lifespan are served

        async def guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in _HEADERS.items():
                    headers.setdefault(name, value)
            await send(message)

        problem = await self._problem(Request(scope, receive))
        await (problem or self._app)({**scope, "root_path": self._keys.root}, receive, guarded)

    async def _problem(self, request: Request) -> Response | None:
        """Why this request is not for us to answer; by its names first, since DNS may have been bent to lead here."""
        if request.headers.get("host", "") not in self._hosts:
            return self._refusal(421, "Not this address", "Open the address that attachwatch shows, as it stands.", "")
        if request.method not in ("GET", "HEAD") and not self._is_own(request):
            return self._refusal(403, "Not from this page", "This came from another page, so nothing was done.", "")
        path: str = request.scope["path"]
        is_known = path.startswith(f"{self._keys.root}/") and any(map(self._keys.admits, self._sessions(request)))
        if not is_known and not path.startswith((SIGN_IN, STATIC)):
            remedy = "Start “attachwatch review” again, and open the link that it shows."
            return self._refusal(403, "You are not signed in", remedy, await _typed(request))
        return None

    def _sessions(self, request: Request) -> Iterator[str]:
        """Every cookie of our name: a server on another port may have set one, too."""
        for cookie in ";".join(request.headers.getlist("cookie")).split(";"):
            name, _, value = cookie.strip().partition("=")
            if name == self._cookie:
                yield value

    def _is_own(self, request: Request) -> bool:
        """Whether a form of ours sent this. Browsers withhold the origin where no referrer is to be told, and say what
        matters of it in Sec-Fetch-Site."""
        site = request.headers.get("sec-fetch-site")
        origin = request.headers.get("origin")
        if origin not in (None, "null") and origin not in [f"http://{host}" for host in self._hosts]:
            return False
        return site in ("same-origin", "none") if site is not None else origin != "null"


async def fields(request: Request) -> dict[str, str]:
    """What a form says."""
    form = await request.form(max_files=0, max_fields=_MOST_FIELDS, max_part_size=MOST_BODY)
    return {name: value for name, value in form.items() if isinstance(value, str)}


async def _typed(request: Request) -> str:
    """The words of a draft in a form whose review has ended, so that they can be shown again."""
    length = request.headers.get("content-length", "")
    if request.method != "POST" or not (length.isascii() and length.isdigit() and int(length) <= MOST_BODY):
        return ""
    try:
        said = parse_qs((await request.body()).decode("utf-8", "replace"), max_num_fields=_MOST_FIELDS)
    except (ValueError, ClientDisconnect):
        return ""
    return said.get("body", [""])[0]


def cookie_name(port: int) -> str:
    """Cookies do not tell ports apart, so that each server has a name of its own, too."""
    return f"attachwatch-{port}"


def _same(given: str, secret: str) -> bool:
    return secrets.compare_digest(given.encode("utf-8", "replace"), secret.encode())
