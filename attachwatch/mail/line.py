"""A connection that another thread can cut, from its first byte on.

Timeouts bound each step of the network; a server that sends one byte before each of them ends keeps a thread for ever.
"""

import socket
import time
from contextlib import suppress
from contextvars import ContextVar
from threading import Lock
from typing import Any, Self

from imapclient import IMAPClient, imap4, tls

_LONGEST_LINE = 1 << 24  # bytes; a line may name every message of a folder
_LONGEST_ANSWER = 1 << 26  # bytes; of 500 messages, each may have a header of 64 KiB
_LINE_COST = 64  # bytes that even an empty line takes, once it is kept
_current: ContextVar["Line | None"] = ContextVar("line", default=None)


class Line:
    """The newest connection that a thread made within `with`. Once it is cut, the thread can make no other."""

    def __init__(self) -> None:
        self.since: float | None = None  # by the monotonic clock; None before and after
        self.cut_at: float | None = None
        self._lock = Lock()
        self._handle: socket.socket | None = None

    def __enter__(self) -> Self:
        self._token = _current.set(self)
        self.since = time.monotonic()
        return self

    def __exit__(self, *_: object) -> None:
        _current.reset(self._token)
        self.since = None
        with self._lock:
            self._drop()

    def cut(self) -> None:
        """Whoever reads from it, or writes, fails at once. Any thread may call this."""
        with self._lock:
            self.cut_at = self.cut_at or time.monotonic()
            if self._handle is not None:
                with suppress(OSError):
                    self._handle.shutdown(socket.SHUT_RDWR)

    def take(self, connected: socket.socket) -> None:
        """Note a new connection. A handle of our own lives on under TLS, and is never another file's meanwhile."""
        with self._lock:
            if self.cut_at is not None:
                connected.close()
                raise ConnectionAbortedError("attachwatch cut it")
            self._drop()
            self._handle = connected.dup()

    def _drop(self) -> None:
        if self._handle is not None:
            self._handle.close()
            self._handle = None


class Client(IMAPClient):  # type: ignore[misc]  # IMAPClient has no types
    """IMAPClient, whose connection the thread's `Line` knows before the server has said a word."""

    def _create_IMAP4(self) -> Any:  # noqa: N802 - IMAPClient's name
        seconds = getattr(self._timeout, "connect", None)
        if self.ssl:
            return _Encrypted(self.host, self.port, self.ssl_context, seconds)
        return _Plain(self.host, self.port, seconds)


class _Bounded:
    """An imaplib connection that holds no more of one answer than any that we ask for in this way can have.

    imaplib makes room for whatever size a server announces, and keeps all that it says unasked.
    """

    file: Any
    sock: socket.socket
    abort: type[Exception]
    _heard = 0

    def send(self, data: bytes) -> None:
        self._heard = 0
        self.sock.sendall(data)

    def read(self, size: int) -> bytes:
        self._hear(size)
        return bytes(self.file.read(size))

    def readline(self) -> bytes:
        line = bytes(self.file.readline(_LONGEST_LINE))
        self._hear(len(line) + _LINE_COST)
        return line

    def _hear(self, size: int) -> None:
        self._heard += size
        if self._heard > _LONGEST_ANSWER:
            raise self.abort("the server says more than it was asked for")


class _Encrypted(_Bounded, tls.IMAP4_TLS):  # type: ignore[misc]
    def _create_socket(self, timeout: float | None = None) -> Any:
        return tls.wrap_socket(_connected(self.host, self.port, timeout or self._timeout), self.ssl_context, self.host)


class _Plain(_Bounded, imap4.IMAP4WithTimeout):  # type: ignore[misc]
    def _create_socket(self, timeout: float | None = None) -> socket.socket:
        return _connected(self.host, self.port, timeout or self._timeout)


def _connected(host: str, port: int, seconds: float | None) -> socket.socket:
    connected = socket.create_connection((host, port), timeout=seconds)
    if (line := _current.get()) is not None:
        line.take(connected)
    return connected
