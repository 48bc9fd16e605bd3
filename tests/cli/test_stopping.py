"""A command that is told to stop says so in one line, leaves nothing behind, and answers with the signal's status."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from attachwatch.cli import stopping
from attachwatch.demo import documents
from tests.inspection.test_sandbox import PATTERN, _alive

SIGNALS = [signal.SIGINT, signal.SIGTERM, signal.SIGHUP]
# What a signal does is up to Python until the first line of `main`, which is called here as it stands.
STARTED = "import attachwatch.cli as c; c.stopping.at_once(); print('started', flush=True); c.main()"


def start(folder: Path, *words: str | Path) -> subprocess.Popen[str]:
    (folder / "tmp").mkdir()
    return subprocess.Popen(
        [sys.executable, "-c", STARTED, *map(str, words)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,  # so that it stands for all that a terminal would signal
        env=os.environ | {"TMPDIR": str(folder / "tmp")},
    )


def stop(running: subprocess.Popen[str], folder: Path, how: signal.Signals, when: Callable[[], bool]) -> None:
    """Signal the whole group, as a terminal does, `when` it is time; and hold what became of it against the rules."""
    with running:
        assert running.stdout is not None
        assert running.stdout.readline() == "started\n"
        deadline = time.monotonic() + 30
        while not when() and time.monotonic() < deadline:
            time.sleep(0.02)
        os.killpg(running.pid, how)
        said, complaints = running.communicate(timeout=30)
    assert (running.returncode, complaints, said) == (128 + how, "attachwatch: stopped\n", "")
    assert list((folder / "tmp").iterdir()) == []
    while _alive(running.pid) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert _alive(running.pid) == []


def after(seconds: float) -> Callable[[], bool]:
    end = time.monotonic() + seconds
    return lambda: time.monotonic() > end


@pytest.mark.parametrize("seconds", [0.0, 0.03, 0.1, 0.25, 0.5, 0.8])
def test_early(tmp_path: Path, seconds: float) -> None:
    (tmp_path / "hang.pdf").write_bytes(PATTERN)
    stop(start(tmp_path, "verify", tmp_path / "hang.pdf"), tmp_path, signal.SIGINT, after(seconds))


@pytest.mark.parametrize("how", SIGNALS)
def test_amid_an_inspection(tmp_path: Path, how: signal.Signals) -> None:
    for n in range(3):
        (tmp_path / f"hang {n}.pdf").write_bytes(PATTERN)
    running = start(tmp_path, "verify", tmp_path / "hang 0.pdf", tmp_path / "hang 1.pdf", "--json")
    stop(running, tmp_path, how, lambda: len(_alive(running.pid)) >= 4)  # it, the zygote, and two workers


def test_what_it_was_started_to_ignore_it_ignores(tmp_path: Path) -> None:
    (tmp_path / "a.pdf").write_bytes(documents.report("A", 1))
    former = signal.signal(signal.SIGHUP, signal.SIG_IGN)  # as nohup has it
    try:
        running = start(tmp_path, "verify", tmp_path / "a.pdf")
    finally:
        signal.signal(signal.SIGHUP, former)
    with running:
        assert running.stdout is not None
        running.stdout.readline()
        for _ in range(10):
            running.send_signal(signal.SIGHUP)
            time.sleep(0.1)
        said, complaints = running.communicate(timeout=30)
    assert (running.returncode, complaints) == (0, "")
    assert "1 files: 1 ok" in said


def test_where_python_swallows_exceptions_it_is_said_again() -> None:
    program = """
import signal, time
from attachwatch.cli import stopping
class Deaf:
    def __del__(self):
        signal.raise_signal(signal.SIGTERM)
stopping.tidily()
del (deaf := [Deaf()])[0]
time.sleep(20)
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False, timeout=15)
    assert (done.returncode, done.stderr) == (143, "")


def test_what_fails_while_tidying_up_is_not_told() -> None:
    try:
        try:
            raise stopping.Stopped(143)
        finally:
            raise ValueError("the transaction is closed")
    except ValueError as error:
        found = stopping.behind(error)
    assert found is not None
    assert found.code == 143
    assert stopping.behind(ValueError()) is None
