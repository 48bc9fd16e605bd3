"""The daemon as a service manager runs it, against a real server: what it notices, outlives, tells and ends on."""

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from attachwatch.demo import damage, documents, story
from attachwatch.ledger.ledger import Ledger
from tests.inspection.hostile import HOSTILE
from tests.program import run
from tests.proxy import proxy
from tests.servers import Dovecot, Mailbox
from tests.service.test_pipeline import mail

CUT = damage.truncate(documents.report("Minutes", 2), 0.5)
QUIET = {"poll_every": "1h"}  # so that nothing but what is tested makes a poll begin


def configure(folder: Path, *mailboxes: str, authority: str = story.AUTHORITY, more: str = "") -> Path:
    path = folder / "attachwatch.toml"
    cases = "".join(
        f'[[case]]\nreference = "R-{n}"\nmailbox = "m{n}"\nauthority = ["{authority}"]\n'
        for n in range(1, len(mailboxes) + 1)
    )
    path.write_text(f'[store]\npath = "store"\n{more}\n' + "\n".join(mailboxes) + "\n" + cases)
    return path


class Daemon:
    """A running `attachwatch watch` and what it logged so far."""

    def __init__(self, process: "subprocess.Popen[str]", configuration: Path) -> None:
        self.process = process
        self.configuration = configuration
        self.events: list[dict[str, Any]] = []
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        assert self.process.stderr is not None
        for line in self.process.stderr:
            self.events.append(json.loads(line) if line.startswith("{") else {"event": "raw", "line": line})

    def logged(self, event: str, **fields: object) -> list[dict[str, Any]]:
        return [e for e in list(self.events) if e["event"] == event and fields.items() <= e.items()]

    def wait_for(self, event: str, number: int = 1, seconds: float = 20, **fields: object) -> dict[str, Any]:
        until(lambda: len(self.logged(event, **fields)) >= number, seconds, lambda: f"{event}: {self.events[-12:]}")
        return self.logged(event, **fields)[number - 1]

    def health(self) -> dict[str, Any]:
        health: dict[str, Any] = json.loads((self.configuration.parent / "store" / "health.json").read_text())
        return health

    def mailbox_health(self, name: str = "m1") -> dict[str, Any]:
        with contextlib.suppress(FileNotFoundError):
            return next((m for m in self.health()["mailboxes"] if m["name"] == name), {})
        return {}

    def wait_for_idle(self, name: str = "m1") -> None:
        until(lambda: self.mailbox_health(name).get("idle") == "on", 20, lambda: str(self.events[-12:]))

    def end(self, number: signal.Signals = signal.SIGTERM) -> float:
        """Seconds from the signal to the end."""
        asked = time.monotonic()
        self.process.send_signal(number)
        assert self.process.wait(10) == 0
        took = time.monotonic() - asked
        self._reader.join(5)
        return took


def until(what: Callable[[], bool], seconds: float, said: Callable[[], str] = lambda: "it never came") -> None:
    end = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < end, said()
        time.sleep(0.02)


@contextmanager
def watching(configuration: Path, **environment: str) -> Iterator[Daemon]:
    command = [sys.executable, "-m", "attachwatch", "watch", "--config", str(configuration)]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env=os.environ | environment) as process:
        daemon = Daemon(process, configuration)
        try:
            yield daemon
        finally:
            if process.poll() is None:
                process.kill()
            process.wait()
            daemon._reader.join(5)


def processed(configuration: Path, name: str = "m1") -> int:
    """How many messages are stored with all their files inspected."""
    with Ledger.open(configuration.parent / "store") as ledger:
        messages = ledger.messages(name)
        known = ledger.inspections(a.sha256 for m in messages for a in m.attachments)
        return sum(all(a.sha256 in known for a in m.attachments) for m in messages)


@contextmanager
def dripping() -> Iterator[int]:
    """The port of a server that sends a byte now and then, so that no timeout ever comes."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def drip(client: socket.socket) -> None:
            with client, contextlib.suppress(OSError):
                while True:
                    client.sendall(b"*")
                    time.sleep(0.1)

        def accept() -> None:
            with contextlib.suppress(OSError):
                while True:
                    threading.Thread(target=drip, args=(listener.accept()[0],), daemon=True).start()

        threading.Thread(target=accept, daemon=True).start()
        yield listener.getsockname()[1]


# --- new mail -------------------------------------------------------------------------------------------


def test_new_mail_is_processed_within_five_seconds_of_its_arrival(mailbox: Mailbox, tmp_path: Path) -> None:
    before = mailbox.flags()
    with watching(configure(tmp_path, mailbox.toml(name="m1", **QUIET))) as daemon:
        daemon.wait_for_idle()
        for number in range(1, 4):
            mailbox.append(mail(subject=f"R-1 {number}", body=f"Email {number}", Annex_A=CUT + bytes([number])))
            until(lambda n=number: processed(daemon.configuration) == n, 5)  # type: ignore[misc]
        assert daemon.end() < 5
    after = mailbox.flags()
    assert set(before) == {0}  # of the folder itself
    assert all(b"\\Seen" not in flags for flags, _ in after.values())  # type: ignore[operator]


def test_each_folder_is_listened_to(mailbox: Mailbox, tmp_path: Path) -> None:
    with mailbox.client() as client:
        client.create_folder("FOI")
    path = configure(tmp_path, mailbox.toml(name="m1", **QUIET) + '\nfolders = ["INBOX", "FOI"]')
    with watching(path) as daemon:
        daemon.wait_for_idle()
        mailbox.append(mail(subject="R-1", Annex_A=CUT), folder="FOI")
        until(lambda: processed(path) == 1, 5)


def test_without_idle_polls_find_it_all_the_same(mailbox: Mailbox, tmp_path: Path) -> None:
    path = configure(tmp_path, mailbox.toml(name="m1", poll_every="1s") + "\nidle = false")
    with watching(path) as daemon:
        daemon.wait_for("poll.ended")
        mailbox.append(mail(subject="R-1", Annex_A=CUT))
        until(lambda: processed(path) == 1, 10)
        assert daemon.mailbox_health()["idle"] == "off"


def test_a_line_that_died_while_idle_is_made_anew_and_tells_again(mailbox: Mailbox, tmp_path: Path) -> None:
    with proxy(mailbox.server.tls) as between:
        path = configure(tmp_path, mailbox.toml(name="m1", port=between.port, **QUIET))
        with watching(path) as daemon:
            daemon.wait_for_idle()
            for end in list(between._open):
                with contextlib.suppress(OSError):
                    end.shutdown(socket.SHUT_RDWR)
            daemon.wait_for("idle.lost")
            daemon.wait_for_idle()
            mailbox.append(mail(subject="R-1", Annex_A=CUT))
            until(lambda: processed(path) == 1, 5)
            assert len(daemon.logged("idle.lost")) < 4  # no spinning


# --- what fails -----------------------------------------------------------------------------------------


def test_a_mailbox_that_hangs_delays_no_other_nor_the_end(mailbox: Mailbox, tmp_path: Path) -> None:
    with proxy(mailbox.server.tls, delay=3600) as stalling:
        hung = mailbox.toml(name="m2", port=stalling.port, timeout="10m", **QUIET)
        path = configure(tmp_path, mailbox.toml(name="m1", **QUIET), hung)
        with watching(path) as daemon:
            daemon.wait_for("poll.started", mailbox="m2")
            daemon.wait_for_idle("m1")
            mailbox.append(mail(subject="R-1", Annex_A=CUT))
            until(lambda: processed(path) == 1, 5)
            assert daemon.mailbox_health("m2")["doing"] == "polling"
            took = daemon.end()
            assert took < 5


def test_a_poll_over_its_deadline_is_cut_and_the_next_begins_anew(mailbox: Mailbox, tmp_path: Path) -> None:
    with dripping() as port:
        path = configure(tmp_path, mailbox.toml(name="m1", port=port, tls="none", deadline="1s", **QUIET))
        with watching(path) as daemon:
            daemon.wait_for("poll.cut")
            assert "took longer than 1 s" in daemon.wait_for("poll.failed")["problem"]
            daemon.wait_for("poll.cut", 2)
            until(lambda: daemon.mailbox_health().get("counts", {}).get("cut", 0) >= 2, 5)
            shown = run("status", "--config", path).stdout
            assert "cut at the deadline" in shown
            assert "took longer" in shown


def test_a_wrong_password_is_not_tried_at_full_speed_and_not_by_two(mailbox: Mailbox, tmp_path: Path) -> None:
    tries = tmp_path / "tries"
    command = tmp_path / "password"
    command.write_text(f"#!/bin/sh\necho x >> {tries}\necho wrong\n")
    command.chmod(0o755)
    path = configure(tmp_path, mailbox.toml(name="m1", poll_every="1s", password_command=str(command)))
    with watching(path) as daemon:
        assert daemon.wait_for("poll.failed")["again_in"] > 290
        time.sleep(3)
        assert tries.read_text() == "x\n"
        found = daemon.mailbox_health()
        assert (found["trouble"], found["doing"], found["failures"]) == ("sign-in", "backing-off", 1)
        command.write_text("#!/bin/sh\necho correct-horse\n")
        daemon.process.send_signal(signal.SIGHUP)  # mended: no need to wait
        daemon.wait_for("poll.ended")
        until(lambda: daemon.mailbox_health()["trouble"] is None, 5)


@contextmanager
def refusing(words: bytes) -> Iterator[tuple[int, list[float]]]:
    """A server that answers every LOGIN with NO and these words; its port, and when it was asked."""
    asked: list[float] = []
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            with contextlib.suppress(OSError):
                while True:
                    client, _ = listener.accept()
                    with client, client.makefile("rwb", buffering=0) as lines:
                        lines.write(b"* OK [CAPABILITY IMAP4rev1] ready\r\n")
                        while line := lines.readline():
                            tag, command, *_rest = line.split()
                            if command.upper() == b"LOGIN":
                                asked.append(time.monotonic())
                                lines.write(tag + b" NO " + words + b"\r\n")
                            else:
                                lines.write(tag + b" OK done\r\n")

        threading.Thread(target=serve, daemon=True).start()
        yield listener.getsockname()[1], asked


@pytest.mark.parametrize(
    ("words", "trouble", "at_least"),
    [
        (b"[LIMIT] Too many connections", "busy", 30),
        (b"[UNAVAILABLE] Temporary failure", "busy", 30),
        (b"[INUSE] Busy", "busy", 30),
        (b"Request is throttled. Suggested Backoff Time: 178755 milliseconds", "busy", 178.7),
        (b"[AUTHENTICATIONFAILED] Authentication failed.", "sign-in", 299.9),
    ],
)
def test_what_the_server_says_decides_how_long_it_is_left_alone(
    mailbox: Mailbox, tmp_path: Path, words: bytes, trouble: str, at_least: float
) -> None:
    with refusing(words) as (port, asked):
        path = configure(tmp_path, mailbox.toml(name="m1", port=port, tls="none", poll_every="1s"))
        with watching(path) as daemon:
            assert daemon.wait_for("poll.failed")["again_in"] >= at_least
            until(lambda: daemon.mailbox_health().get("trouble") == trouble, 5)
            time.sleep(1.5)
            assert len(asked) == 1


def test_a_server_that_is_gone_is_tried_again_ever_more_rarely(mailbox: Mailbox, tmp_path: Path) -> None:
    with watching(configure(tmp_path, mailbox.toml(name="m1", port=1, **QUIET))) as daemon:
        daemon.wait_for("poll.failed", 3)
        waits = [e["again_in"] for e in daemon.logged("poll.failed")]
        assert 0.9 < waits[0] <= 2
        assert 1.9 < waits[1] <= 4
        assert 3.9 < waits[2] <= 8
        assert daemon.end() < 5


def test_a_daemon_that_was_stopped_for_a_while_polls_when_it_wakes(mailbox: Mailbox, tmp_path: Path) -> None:
    path = configure(tmp_path, mailbox.toml(name="m1", poll_every="2s") + "\nidle = false")
    with watching(path) as daemon:
        daemon.wait_for("poll.ended")
        daemon.process.send_signal(signal.SIGSTOP)
        time.sleep(5)
        before = len(daemon.logged("poll.started"))
        daemon.process.send_signal(signal.SIGCONT)
        daemon.wait_for("poll.started", before + 1, 1.5)


# --- signals --------------------------------------------------------------------------------------------


def test_it_ends_in_time_while_a_command_prints_no_password(mailbox: Mailbox, tmp_path: Path) -> None:
    with watching(configure(tmp_path, mailbox.toml(name="m1", password_command="sleep 30"))) as daemon:
        daemon.wait_for("poll.started")
        time.sleep(0.3)
        assert daemon.end() < 5


def test_it_ends_in_time_while_files_are_inspected(mailbox: Mailbox, tmp_path: Path) -> None:
    for number in range(40):
        pages = documents.report(f"Report {number}", 40)
        mailbox.append(mail(subject=f"R-1 {number}", Annex_A=pages + bytes([number])))
    with watching(configure(tmp_path, mailbox.toml(name="m1", **QUIET))) as daemon:
        daemon.wait_for("attachment.inspected")
        took = daemon.end()
        assert took < 5
    assert daemon.health()["ended"]


@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="only Linux tells whose children there are")
def test_it_ends_in_time_while_a_file_keeps_its_reader_busy_and_leaves_no_reader(
    mailbox: Mailbox, tmp_path: Path
) -> None:
    mailbox.append(mail(subject="R-1", Annex_A=HOSTILE["forms that call each other exponentially"]()))
    path = configure(tmp_path, mailbox.toml(name="m1", **QUIET), more="[limits]\nseconds = 60")
    with watching(path) as daemon:
        daemon.wait_for("attachment.stored")
        time.sleep(2)
        assert daemon.logged("attachment.inspected") == []  # it is at it
        children = offspring(daemon.process.pid)
        assert children
        assert daemon.end() < 5
        until(lambda: not any(Path(f"/proc/{c}").exists() for c in children), 5)


def offspring(pid: int) -> list[int]:
    found = [int(c) for t in Path(f"/proc/{pid}/task").iterdir() for c in (t / "children").read_text().split()]
    return found + [g for c in found for g in offspring(c)]


def test_once_ends_in_time_too(mailbox: Mailbox, tmp_path: Path) -> None:
    with dripping() as port:
        path = configure(tmp_path, mailbox.toml(name="m1", port=port, tls="none"))
        command = [sys.executable, "-m", "attachwatch", "watch", "--once", "--config", str(path)]
        with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
            assert process.stderr is not None
            assert "poll.started" in process.stderr.readline()
            asked = time.monotonic()
            process.terminate()
            process.wait(10)
            assert time.monotonic() - asked < 5


def test_a_bad_configuration_is_refused_in_one_line_and_the_old_one_kept(mailbox: Mailbox, tmp_path: Path) -> None:
    path = configure(tmp_path, mailbox.toml(name="m1", **QUIET))
    good = path.read_text()
    with watching(path) as daemon:
        daemon.wait_for_idle()
        for number, (bad, says) in enumerate(
            [
                (good.replace("username", "usrname"), "usrname: unknown key"),
                ("[[mailbox]", "not valid TOML"),
                (good + '\nannexes = "none.txt"\n', "none.txt cannot be read"),
                (good.replace('"store"', '"elsewhere"'), "needs a restart"),
            ],
            1,
        ):
            path.write_text(bad)
            daemon.process.send_signal(signal.SIGHUP)
            assert says in daemon.wait_for("configuration.refused", number)["problem"]
        path.write_text(good)
        mailbox.append(mail(subject="R-1", Annex_A=CUT))
        until(lambda: processed(path) == 1, 5)
        assert daemon.logged("configuration.reloaded") == []


def test_sighup_takes_on_new_cases_and_mailboxes_and_lets_others_go(
    mailbox: Mailbox, imap_server: Dovecot, tmp_path: Path
) -> None:
    other = Mailbox(imap_server, f"other-{mailbox.username}")
    other.append(mail(subject="R-2", Annex_B=CUT))
    mailbox.append(mail(subject="R-1", Annex_A=CUT))
    first, second = (m.toml(name=n, **QUIET) for m, n in ((mailbox, "m1"), (other, "m2")))
    path = configure(tmp_path, first, authority="elsewhere.example")
    with watching(path) as daemon:
        daemon.wait_for("poll.ended")
        assert processed(path) == 0
        configure(tmp_path, first, second)
        daemon.process.send_signal(signal.SIGHUP)
        daemon.wait_for("configuration.reloaded")
        until(lambda: (processed(path), processed(path, "m2")) == (1, 1), 10)
        daemon.wait_for_idle("m2")
        configure(tmp_path, first)
        daemon.process.send_signal(signal.SIGHUP)
        daemon.wait_for("configuration.reloaded", 2)
        until(lambda: [m["name"] for m in daemon.health()["mailboxes"]] == ["m1"], 5)
        assert daemon.end() < 5


# --- what others are told -------------------------------------------------------------------------------


def test_a_second_daemon_ends_at_once_and_status_works_beside_the_first(mailbox: Mailbox, tmp_path: Path) -> None:
    path = configure(tmp_path, mailbox.toml(name="m1", **QUIET))
    with watching(path) as daemon:
        daemon.wait_for_idle()
        started = time.monotonic()
        second = run("watch", "--config", path)
        refused = time.monotonic()
        assert (second.returncode, "another attachwatch" in second.stderr) == (3, True)
        watch = json.loads(run("status", "--json", "--config", path).stdout)["watch"]
        # Nearly all of it is Python's start, which a busy machine draws out.
        assert refused - started < max(2, 2 * (time.monotonic() - refused))
        assert (watch["alive"], watch["pid"], watch["ended"]) == (True, daemon.process.pid, False)
        assert [(m["name"], m["idle"], m["failures"]) for m in watch["mailboxes"]] == [("m1", "on", 0)]
        assert f"is running since {watch['started'][:4]}" in run("status", "--config", path).stdout
        assert (tmp_path / "store" / "health.json").stat().st_mode & 0o777 == 0o600
        daemon.end()
    watch = json.loads(run("status", "--json", "--config", path).stdout)["watch"]
    assert (watch["alive"], watch["ended"]) == (False, True)
    assert "not running" in run("status", "--config", path).stdout


def test_systemd_is_told_that_it_is_ready_alive_reloading_and_stopping(mailbox: Mailbox, tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(str(tmp_path / "notify"))
        manager.settimeout(20)
        path = configure(tmp_path, mailbox.toml(name="m1", **QUIET))
        heard: list[str] = []

        def listen_for(word: str) -> None:
            while word not in heard:
                heard.extend(manager.recv(4096).decode().splitlines())

        with watching(path, NOTIFY_SOCKET=str(tmp_path / "notify"), WATCHDOG_USEC="1000000") as daemon:
            listen_for("READY=1")
            assert "STATUS=watching 1 mailbox" in heard
            for _ in range(3):
                heard.clear()
                started = time.monotonic()
                listen_for("WATCHDOG=1")
                assert time.monotonic() - started < 1
            daemon.process.send_signal(signal.SIGHUP)
            listen_for("RELOADING=1")
            listen_for("READY=1")
            daemon.end()
            listen_for("STOPPING=1")


def test_metrics_are_served_on_this_machine_where_that_is_asked_for(mailbox: Mailbox, tmp_path: Path) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    health = tmp_path / "health" / "attachwatch.json"
    health.parent.mkdir()
    more = f'[daemon]\nmetrics_port = {port}\nhealth_file = "health/attachwatch.json"'
    path = configure(tmp_path, mailbox.toml(name="m1", **QUIET), more=more)
    with watching(path) as daemon:
        daemon.wait_for("poll.ended")
        until(lambda: json.loads(health.read_text())["mailboxes"][0]["idle"] == "on", 20)
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=5) as answer:
            said = answer.read().decode()
        assert 'attachwatch_polls_total{mailbox="m1",what="failed"} 0.0' in said
        assert 'attachwatch_idle{mailbox="m1"} 1.0' in said
        assert "process_resident_memory_bytes" in said
        assert mailbox.username not in said
        daemon.end()


def test_a_port_that_is_taken_is_one_line_and_status_2(mailbox: Mailbox, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        more = f"[daemon]\nmetrics_port = {taken.getsockname()[1]}"
        done = run("watch", "--config", configure(tmp_path, mailbox.toml(name="m1"), more=more))
    (line,) = [x for x in done.stderr.splitlines() if not x.startswith("{")]
    assert (done.returncode, "cannot be used" in line) == (2, True)
