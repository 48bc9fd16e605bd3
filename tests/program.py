"""The program as users run it: a process of its own each time, with its own arguments, environment, output and status.

`run` forks it from one that has imported every command, as importing them takes a second of CPU each time. Where
Python's own start is the point, and where the program is to run beside something else, a test starts it anew.
"""

import atexit
import functools
import gc
import importlib
import json
import os
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

import attachwatch
from attachwatch import steps
from tests import schemas

STARTED = (sys.executable, "-m", "attachwatch")
_STATUS = struct.Struct("=i")
_SECONDS = 60.0
_one_at_a_time = threading.Lock()


def run(*words: object, **environment: str) -> subprocess.CompletedProcess[str]:
    """The program; whatever JSON it prints is as its schema says."""
    said = [str(word) for word in words]
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        with _one_at_a_time:
            status = _server().run(said, _environment(environment), (out.fileno(), err.fileno()))
        texts = []
        for file in (out, err):
            file.seek(0)
            texts.append(file.read().decode())
    schemas.hold(words, texts[0])
    return subprocess.CompletedProcess([*STARTED, *said], status, *texts)


def start(*words: object, **environment: str) -> subprocess.CompletedProcess[str]:
    """The same by a Python of its own."""
    done = subprocess.run(
        [*STARTED, *map(str, words)],
        capture_output=True,
        text=True,
        check=False,
        timeout=_SECONDS,
        env=_environment(environment),
    )
    schemas.hold(words, done.stdout)
    return done


def _environment(changes: dict[str, str]) -> dict[str, str]:
    return os.environ | {"COLUMNS": "200"} | changes


class _Server:
    """The process that has imported the commands, behind a socket."""

    def __init__(self) -> None:
        self._control, its = socket.socketpair()
        self._control.settimeout(_SECONDS)
        with its:
            self._process = subprocess.Popen(
                [sys.executable, "-P", "-c", f"from tests.program import serve; serve({its.fileno()})"],
                pass_fds=[its.fileno()],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                env=os.environ | {"PYTHONPATH": os.pathsep.join(p for p in sys.path if p)},
                process_group=0,  # with what it forks
            )

    def run(self, words: list[str], environment: dict[str, str], streams: tuple[int, int]) -> int:
        """The exit status; negative for a signal."""
        with tempfile.TemporaryFile("w+") as request:
            json.dump({"words": words, "environment": environment, "folder": str(Path.cwd())}, request)
            request.flush()
            request.seek(0)
            socket.send_fds(self._control, [b"."], [request.fileno(), *streams])
        try:
            (status,) = _STATUS.unpack(self._control.recv(_STATUS.size, socket.MSG_WAITALL))
        except (TimeoutError, struct.error):
            self.end()
            _server.cache_clear()
            raise subprocess.TimeoutExpired([*STARTED, *words], _SECONDS) from None
        return os.waitstatus_to_exitcode(status)

    def end(self) -> None:
        self._control.close()
        try:
            self._process.wait(5)  # by itself, so that what it has imported is counted as covered
        except subprocess.TimeoutExpired:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()


@functools.cache
def _server() -> _Server:
    server = _Server()
    atexit.register(server.end)
    return server


# --- in the server ------------------------------------------------------------------------------------------------


def serve(handle: int) -> None:
    """Fork the program for each request that comes over the socket `handle`; and be it, in the fork."""
    from attachwatch.cli import COMMANDS, main

    late = ("alembic.command", "holidays.countries")  # of other libraries, when they are first used
    for name in (*(f"attachwatch.cli.{name}" for name in COMMANDS), *late):
        importlib.import_module(name)
    gc.collect()
    gc.freeze()
    control = socket.socket(fileno=handle)
    while handles := socket.recv_fds(control, 1, 3)[1]:
        if not (pid := os.fork()):
            control.close()
            _become(*handles)
            main()
        for each in handles:
            os.close(each)
        control.sendall(_STATUS.pack(os.waitpid(pid, 0)[1]))


def _become(request: int, out: int, err: int) -> None:
    """Take over what a process is given at its start."""
    with open(request) as file:
        asked = json.load(file)
    for stream, place in ((out, 1), (err, 2)):
        os.dup2(stream, place)
        os.close(stream)
    os.chdir(asked["folder"])
    os.environ.clear()
    os.environ.update(asked["environment"])
    time.tzset()
    importlib.reload(steps)  # where to stop, it reads as it is imported
    sys.argv = [str(Path(attachwatch.__file__).with_name("__main__.py")), *asked["words"]]
