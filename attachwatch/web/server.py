"""The server: on this machine's own address alone, from its start to its end."""

import os
import socket
import sys
import threading
import webbrowser
from collections.abc import Callable
from typing import Any

import uvicorn

from attachwatch.errors import UsageError
from attachwatch.web.app import application
from attachwatch.web.gate import SIGN_IN
from attachwatch.web.review import Review

HOST = "127.0.0.1"
OPTIONS: dict[str, Any] = {
    "lifespan": "off",
    "ws": "none",
    "log_config": None,
    "access_log": False,
    "server_header": False,
    "proxy_headers": False,
    "timeout_graceful_shutdown": 3,
    "limit_concurrency": 100,
}


def listening(port: int) -> socket.socket:
    """A socket on this machine's own address; of any free port where `port` is 0. Raises UsageError."""
    made = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    try:
        made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        made.bind((HOST, port))
        made.listen(128)
    except OSError as error:
        made.close()
        raise UsageError(
            f"port {port} of {HOST} cannot be used: {error.strerror}",
            "Give another with --port, or none, and a free one is taken.",
        ) from None
    return made


def link(review: Review) -> str:
    """The address that signs in, once."""
    return f"http://{HOST}:{review.port}{SIGN_IN}{review.keys.link}"


def serve(review: Review, on: socket.socket, started: Callable[[], None]) -> None:
    """Serve until a signal ends it; `started` is called once it answers."""
    _Server(uvicorn.Config(application(review), **OPTIONS), started).run(sockets=[on])


class _Server(uvicorn.Server):
    def __init__(self, configuration: uvicorn.Config, started: Callable[[], None]) -> None:
        super().__init__(configuration)
        self._then = started

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._then()


def open_browser(address: str) -> bool:
    """Whether a browser with a window is asked to open `address`; one in the terminal would take it over."""
    if sys.platform not in ("darwin", "win32") and not any(map(os.environ.get, ("DISPLAY", "WAYLAND_DISPLAY"))):
        return False
    threading.Thread(target=webbrowser.open, args=[address], daemon=True).start()  # some take long to say that they do
    return True
