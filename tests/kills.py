"""A watcher that is killed again and again, at moments that chance picks, while mail arrives."""

import hashlib
import os
import random
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.message import EmailMessage
from pathlib import Path

from attachwatch.demo import damage, documents
from tests.proxy import fault, proxy
from tests.servers import Mailbox

_SIZES = (3_000, 40_000, 300_000, 1_500_000)  # bytes of an attachment
_SHORT, _LONG = 0.8, 3.0  # seconds that a watcher lives at most once it polls, mostly and now and then
_AUTHORITY = "interior.example"
_AT_ONCE = 3  # messages on hand at a start


@dataclass
class Sent:
    """What arrived: names and SHA-256 of the files by the UID of their message."""

    files: dict[int, list[tuple[str, str]]] = field(default_factory=dict)
    broken: set[str] = field(default_factory=set)


@dataclass
class Outcome:
    """What came of it. `wrong` says in which ways the promise was broken: in none, where it was kept."""

    kills: int = 0
    phases: Counter[str] = field(default_factory=Counter)  # the last thing that a watcher said before it was killed
    sent: Sent = field(default_factory=Sent)
    connections: int = 0
    wrong: list[str] = field(default_factory=list)


def run(mailbox: Mailbox, folder: Path, kills: int, seed: int, *, faulty: bool = False) -> Outcome:
    """Kill a watcher so often, let the next one end in peace, and look at what is there."""
    chance = random.Random(seed)
    outcome = Outcome()
    (folder / "tmp").mkdir()
    left_behind: set[int] = set()
    with proxy(mailbox.server.tls) as line:
        configuration = _configure(mailbox, folder, line.port)
        line.faults = (lambda: fault(chance, 3_000_000)) if faulty else line.faults
        for _ in range(kills):
            with _arriving(mailbox, outcome.sent, chance):
                left_behind |= _kill_one(configuration, chance, outcome)
        line.faults = lambda: None
        _append(mailbox, outcome.sent, chance, "This is the final email.")
        done = subprocess.run(
            _command(configuration, "--once"), capture_output=True, text=True, check=False, timeout=600
        )
        outcome.connections = line.connections
    if done.returncode != 1:  # which it is for the draft that waits
        outcome.wrong.append(f"the last poll failed: {done.returncode} {done.stderr[-1000:]}")
    outcome.wrong += _wrong(folder, outcome.sent)
    outcome.wrong += [f"the process {pid} goes on" for pid in _alive(left_behind)]
    return outcome


def _configure(mailbox: Mailbox, folder: Path, port: int) -> Path:
    path = folder / "attachwatch.toml"
    path.write_text(
        f"""
[store]
path = "store"
{mailbox.toml(name="foi", port=port, timeout="2s", poll_every="5s")}
[[case]]
reference = "FOI1"
mailbox = "foi"
authority = ["{_AUTHORITY}"]
"""
    )
    return path


def _command(configuration: Path, *words: str) -> list[str]:
    return [sys.executable, "-m", "attachwatch", "watch", *words, "--config", str(configuration)]


@contextmanager
def _arriving(mailbox: Mailbox, sent: Sent, chance: random.Random) -> Iterator[None]:
    """Messages come, some before and one within."""
    own = random.Random(chance.random())
    for _ in range(own.randrange(_AT_ONCE)):
        _append(mailbox, sent, own)

    def later() -> None:
        time.sleep(own.uniform(0.2, 1.0))
        _append(mailbox, sent, own)

    thread = threading.Thread(target=later)
    thread.start()
    yield
    thread.join()


def _append(mailbox: Mailbox, sent: Sent, chance: random.Random, body: str = "Please find attached.") -> None:
    uid = len(sent.files) + 1
    message = EmailMessage()
    message["From"], message["Subject"], message["Message-ID"] = f"foi@{_AUTHORITY}", "FOI1", f"<{uid}@x.example>"
    message["To"] = "me@newsroom.example"
    message.set_content(body)
    files = []
    for number in range(1 + chance.randrange(3)):
        name = f"File {uid} {number}.pdf"
        data = documents.with_noise(name, chance.choice(_SIZES))
        if chance.random() < 0.2 or body != "Please find attached.":
            data = damage.truncate(data, 0.5)
            sent.broken.add(name)
        message.add_attachment(data, maintype="application", subtype="pdf", filename=name)
        files.append((name, hashlib.sha256(data).hexdigest()))
    sent.files[uid] = files
    mailbox.append(message.as_bytes())


def _kill_one(configuration: Path, chance: random.Random, outcome: Outcome) -> set[int]:
    """Start a watcher and kill it; return the processes that it had made by then."""
    log = configuration.parent / "log"
    polls, said = threading.Event(), [""]
    environment = os.environ | {"TMPDIR": str(configuration.parent / "tmp")}
    command = _command(configuration)
    with (
        log.open("a") as kept,
        subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env=environment) as process,
    ):

        def listen() -> None:
            assert process.stderr is not None
            for line in process.stderr:
                kept.write(line)
                said.append(line)
                if "poll.started" in line:
                    polls.set()

        listener = threading.Thread(target=listen)
        listener.start()
        polls.wait(chance.uniform(0, 1) if chance.random() < 0.1 else 30)
        time.sleep(chance.uniform(0, _LONG if chance.random() < 0.2 else _SHORT))
        if process.poll() is not None:
            outcome.wrong.append(f"it ended by itself: {process.returncode} {said[-3:]}")
        made = _offspring(process.pid)
        process.send_signal(signal.SIGKILL)
        process.wait()
        listener.join(10)
    outcome.kills += 1
    outcome.phases[said[-1].partition('"event": "')[2].partition('"')[0] or "before its first word"] += 1
    outcome.wrong += [f"a traceback: {said}" for line in said if "Traceback" in line or "crashed" in line][:1]
    return made


def _offspring(pid: int) -> set[int]:
    found: set[int] = set()
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        try:
            found |= {int(child) for child in task.read_text().split()}
        except OSError:  # the thread has ended
            continue
    return found | {g for child in found for g in _offspring(child)}


def _alive(processes: set[int]) -> list[int]:
    end = time.monotonic() + 10
    while time.monotonic() < end and any(Path(f"/proc/{p}/exe").exists() for p in processes):
        time.sleep(0.1)
    return [p for p in processes if Path(f"/proc/{p}/exe").exists()]


def _wrong(folder: Path, sent: Sent) -> Iterator[str]:
    """In which ways the store, read without attachwatch, is not what it must be."""
    store = folder / "store"
    with sqlite3.connect(store / "ledger.sqlite3") as ledger:
        if ledger.execute("PRAGMA integrity_check").fetchall() != [("ok",)]:
            yield "the ledger is damaged"
        stored: dict[int, list[tuple[str, str]]] = {}
        for uid, name, sha256 in ledger.execute(
            "SELECT m.uid, a.name, a.sha256 FROM message m JOIN attachment a ON a.message = m.id "
            "WHERE m.stage = 'stored' ORDER BY m.uid, a.position"
        ):
            stored.setdefault(uid, []).append((name, sha256))
        if stored != sent.files:
            wrong = [uid for uid in stored.keys() | sent.files.keys() if stored.get(uid) != sent.files.get(uid)]
            yield f"messages that are not stored once and as they are: {wrong}"
        drafts = ledger.execute("SELECT state, draft FROM draft").fetchall()
        if [state for state, _ in drafts] != ["pending"]:
            yield f"drafts: {[state for state, _ in drafts]}"
        named = {n for files in sent.files.values() for n, _ in files if any(n.encode() in d for _, d in drafts)}
        if named != sent.broken:
            yield f"named or not named wrongly: {sorted(named ^ sent.broken)}"
    blobs = {p.name: p for p in (store / "attachments").rglob("*") if p.is_file()}
    if set(blobs) != {sha256 for files in sent.files.values() for _, sha256 in files}:
        yield "other files are stored than came"
    if any(hashlib.sha256(p.read_bytes()).hexdigest() != name for name, p in blobs.items()):
        yield "a stored file is not what its name says"
    for place in (store / "attachments/incoming", folder / "tmp"):
        if left := list(place.iterdir()):
            yield f"left in {place.name}: {len(left)} files"
