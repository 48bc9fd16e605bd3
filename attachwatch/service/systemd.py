"""What a service tells systemd (sd_notify(3)): one datagram.

No library: sdnotify rests since 2017, the others want libsystemd's headers to be built.
"""

import os
import socket
from contextlib import suppress


def notify(*words: str) -> None:
    """Tell systemd, such as "READY=1"; nothing where there is none."""
    address = os.environ.get("NOTIFY_SOCKET", "")
    if not address.startswith(("/", "@")):
        return
    with suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as datagrams:
        datagrams.setblocking(False)  # a systemd that does not listen must not hold us up
        datagrams.connect(address.replace("@", "\0", 1) if address.startswith("@") else address)
        datagrams.send("\n".join(" ".join(word.split()) for word in words).encode())


def watchdog_seconds() -> float | None:
    """How often systemd wants to hear WATCHDOG=1, at the latest; None where it does not."""
    if os.environ.get("WATCHDOG_PID", str(os.getpid())) != str(os.getpid()):
        return None
    with suppress(ValueError):
        return int(os.environ.get("WATCHDOG_USEC", "")) / 1e6
    return None
