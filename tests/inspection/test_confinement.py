"""What a confined process can no longer do. On a kernel without the means, these are skipped and `watch` says so."""

import faulthandler
import mmap
import os
import resource
import signal
import socket
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from attachwatch.inspection import confinement
from attachwatch.inspection.confinement import Confinement


def child(act: Callable[[], int]) -> int:
    """The exit status of a fork that does `act`; 99 if that raised."""
    pid = os.fork()
    if pid:
        return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    status = 99
    try:
        status = act()
    finally:
        os._exit(status)


def _held() -> Confinement:
    said = child(lambda: (c := confinement.confine()).landlock << 1 | c.seccomp)
    return Confinement(said >> 1, bool(said & 1))


HELD = _held() if sys.platform == "linux" else Confinement()
needs_seccomp = pytest.mark.skipif(not HELD.seccomp, reason="this kernel has no seccomp")
needs_landlock = pytest.mark.skipif(not HELD.landlock, reason="this kernel has no Landlock")

FORBIDDEN: dict[str, Callable[[], object]] = {
    "open a file": lambda: Path("/etc/passwd").read_bytes(),
    "write a file": lambda: Path("/tmp/attachwatch-escape").write_bytes(b""),
    "list a folder": lambda: list(Path("/").iterdir()),
    "look at a file": lambda: Path("/etc/passwd").stat(),
    "follow a link": lambda: Path("/proc/self/exe").readlink(),
    "open a socket": socket.socket,
    "open a local socket": lambda: socket.socket(socket.AF_UNIX),
    "fork": os.fork,
    "start a thread": lambda: threading.Thread(target=int).start(),
    "start a program": lambda: os.execv("/bin/true", ["true"]),
    "signal another process": lambda: os.kill(os.getppid(), 0),
    "make memory that runs": lambda: mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_EXEC),
    "raise a limit": lambda: resource.setrlimit(resource.RLIMIT_CORE, (0, 0)),
    "make a memory file": lambda: os.memfd_create("x"),
}


@needs_seccomp
@pytest.mark.parametrize("what", FORBIDDEN)
def test_a_confined_process_cannot(what: str) -> None:
    def attempt() -> int:
        confinement.confine()
        try:
            FORBIDDEN[what]()
        except (PermissionError, RuntimeError, ValueError):  # a thread that cannot start is a RuntimeError
            return 0
        return 1

    assert child(attempt) == 0


@needs_landlock
def test_landlock_alone_closes_every_file() -> None:
    def attempt() -> int:
        confinement._prctl(38, 1)  # PR_SET_NO_NEW_PRIVS
        confinement._landlock()
        try:
            Path("/etc/passwd").read_bytes()
        except PermissionError:
            return 0
        return 1

    assert child(attempt) == 0


@needs_seccomp
def test_a_confined_process_reads_what_it_holds_open_and_may_end_itself() -> None:
    with Path(__file__).open("rb") as file:

        def read() -> int:
            confinement.confine()
            return 0 if file.read(3) == b'"""' else 1

        assert child(read) == 0

        def abort() -> int:
            faulthandler.disable()
            confinement.confine()
            os.abort()

        assert child(abort) == -signal.SIGABRT


def test_memory_is_bounded() -> None:
    def attempt() -> int:
        confinement.bound(256 << 20, 10)
        try:
            bytearray(512 << 20)
        except MemoryError:
            return 0
        return 1

    assert child(attempt) == 0


def test_processor_time_is_bounded() -> None:
    def attempt() -> int:
        confinement.bound(1 << 30, 0)
        while True:
            pass

    assert child(attempt) in (-signal.SIGXCPU, -signal.SIGKILL)


def test_what_a_system_lacks_is_named() -> None:
    assert Confinement().lacking == ("Landlock", "seccomp")
    assert Confinement(landlock=1, seccomp=True).lacking == ()
