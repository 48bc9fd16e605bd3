"""A TCP proxy between client and server that delays, cuts, stalls and changes what passes where it is told to."""

import contextlib
import random
import socket
import struct
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

_PIECE = 1 << 16
Change = Callable[[bytes], bytes]


class Cut(Exception):  # noqa: N818 - nothing went wrong
    """What a change raises to cut the line, once `last` was passed on; by a reset, which drops what is on its way."""

    def __init__(self, last: bytes = b"", *, reset: bool = False) -> None:
        self.last = last
        self.reset = reset


def fault(chance: random.Random, within: int) -> Change:
    """Once a random number of bytes went by, of at most so many, the line is cut, or reset, or stalls for a while."""
    left, kind = chance.randrange(within), chance.choice(["cut", "reset", "stall"])
    seconds = chance.uniform(0.1, 4)

    def change(piece: bytes) -> bytes:
        nonlocal left, kind
        left -= len(piece)
        if left > 0 or not kind:
            return piece
        if kind != "stall":
            raise Cut(piece[: len(piece) + left], reset=kind == "reset")
        kind = ""
        time.sleep(seconds)
        return piece

    return change


@dataclass
class Proxy:
    """What happens to the connections: the n-th is cut once that many bytes came from the server; None lets it be."""

    port: int = 0
    cuts: "deque[int | None]" = field(default_factory=deque)  # of the connections to come, in order
    changes: "deque[Change | None]" = field(default_factory=deque)  # to what the server says on those connections
    sayings: "deque[Change | None]" = field(default_factory=deque)  # to what the client says there
    faults: Callable[[], Change | None] = lambda: None  # makes such changes when these are used up
    delay: float = 0.0  # seconds that each direction takes
    connections: int = 0
    _open: list[socket.socket] = field(default_factory=list)


@contextmanager
def proxy(target: int, *, delay: float = 0.0) -> Iterator[Proxy]:
    """Listen on a port of loopback and pass on to `target`."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        made = Proxy(listener.getsockname()[1], delay=delay)
        threading.Thread(target=_accept, args=(listener, target, made), daemon=True).start()
        try:
            yield made
        finally:
            for one in made._open:
                one.close()


def _accept(listener: socket.socket, target: int, made: Proxy) -> None:
    with contextlib.suppress(OSError):
        while True:
            client, _ = listener.accept()
            server = socket.create_connection(("127.0.0.1", target))
            made.connections += 1
            made._open += [client, server]
            most = made.cuts.popleft() if made.cuts else None
            change = made.changes.popleft() if made.changes else made.faults()
            saying = made.sayings.popleft() if made.sayings else None
            threading.Thread(target=_pass_on, args=(client, server, made.delay, None, saying), daemon=True).start()
            threading.Thread(target=_pass_on, args=(server, client, made.delay, most, change), daemon=True).start()


def _pass_on(
    source: socket.socket, sink: socket.socket, delay: float, most: int | None, change: Change | None = None
) -> None:
    """Every piece arrives `delay` after it was sent, however many are on their way."""
    on_their_way: deque[tuple[float, bytes]] = deque()
    ready = threading.Condition()

    def deliver() -> None:
        with contextlib.suppress(OSError):
            while True:
                with ready:
                    while not on_their_way:
                        ready.wait()
                    due, piece = on_their_way.popleft()
                time.sleep(max(0.0, due - time.monotonic()))
                if not piece:
                    break
                sink.sendall(piece)
        for end in (source, sink):
            with contextlib.suppress(OSError):
                if by_reset:
                    end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                    end.shutdown(socket.SHUT_RD)  # wakes who reads from it
                    end.close()
                else:
                    end.shutdown(socket.SHUT_RDWR)

    threading.Thread(target=deliver, daemon=True).start()
    last = by_reset = False
    with contextlib.suppress(OSError):
        while not last and (piece := source.recv(_PIECE if most is None else max(1, min(_PIECE, most)))):
            try:
                piece = change(piece) if change else piece
            except Cut as cut:
                piece, last, by_reset = cut.last, True, cut.reset
            with ready:
                on_their_way.append((time.monotonic() + delay, piece))
                ready.notify()
            if most is not None:
                most -= len(piece)
                if most <= 0:
                    break
    with ready:
        on_their_way.append((time.monotonic() + delay, b""))
        ready.notify()
