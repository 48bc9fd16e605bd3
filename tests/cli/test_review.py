"""`attachwatch review` as a user runs it: its link, its end, and beside what else runs."""

import json
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

from attachwatch.ledger.ledger import Ledger
from tests import schemas
from tests.program import run
from tests.web.reviewing import configure

LINK = re.compile(r"http://127\.0\.0\.1:\d+/sign-in/[\w-]{43}")


@contextmanager
def started(place: Path, *words: str) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-m", "attachwatch", "review", "--no-browser", "--config", str(place), *words]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as running:
        try:
            yield running
        finally:
            running.kill()


def link(running: subprocess.Popen[str]) -> str:
    assert running.stdout is not None
    assert running.stdout.readline() == "Open this link:\n"
    said = running.stdout.readline().strip()
    assert LINK.fullmatch(said)
    return said


def test_it_prints_a_link_and_ends_with_one_line(tmp_path: Path) -> None:
    with started(configure(tmp_path)) as running:
        address = link(running)
        with httpx.Client(trust_env=False) as client:
            welcome = client.get(address)
            assert welcome.status_code == 200
            (pages,) = re.findall(r"0;url=(/[\w-]+/)", welcome.text)
            assert "FOI2024/01234" in client.get(address.partition("/sign-in")[0] + pages).text
            began = time.monotonic()
            running.send_signal(signal.SIGINT)  # while the browser still holds its line
            _, complaints = running.communicate(timeout=30)
        assert (running.returncode, complaints) == (130, "attachwatch: stopped\n")
        assert time.monotonic() - began < 10


def test_it_runs_beside_a_watcher(tmp_path: Path) -> None:
    place = configure(tmp_path)
    with Ledger.open(tmp_path / "store") as ledger, ledger.exclusive(), started(place) as running:
        address = link(running)
        with httpx.Client(trust_env=False) as client:
            assert client.get(address).status_code == 200


def test_programs_read_its_link_as_json(tmp_path: Path) -> None:
    with started(configure(tmp_path), "--json") as running:
        assert running.stdout is not None
        said = ""
        while not said.endswith("}\n"):
            said += running.stdout.readline()
        assert LINK.fullmatch(json.loads(said)["link"])
        assert schemas.faults("review", json.loads(said)) == []


def test_a_port_that_is_taken_is_told_in_one_line(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        done = run("review", "--no-browser", "--port", str(port), "--config", configure(tmp_path))
    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr.count("\n") == 1
    assert f"port {port} of 127.0.0.1 cannot be used" in done.stderr


def test_what_is_wrong_with_the_configuration_is_told_before_there_is_a_page(tmp_path: Path) -> None:
    place = configure(tmp_path)
    (tmp_path / "annexes.txt").unlink()
    done = run("review", "--no-browser", "--config", place)
    assert (done.returncode, done.stdout) == (2, "")
    assert "annexes.txt" in done.stderr


def test_no_other_address_can_be_asked_for(tmp_path: Path) -> None:
    assert run("review", "--host", "0.0.0.0", "--config", configure(tmp_path)).returncode == 2
