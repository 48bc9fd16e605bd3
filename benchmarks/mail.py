"""Mail on a Dovecot over TLS, beside a raw read of the same bytes and others: `python -m benchmarks.mail [WORK...]`.

Works: `small` (200 x 1 MiB), `far` (the same at 30 ms round trip), `large` (5 x 100 MiB), `listing` (10,000 small mails
beside imap_tools), `restart` (the same, all known), `poll` and `poll-large` (the first and the third through the whole
pipeline). Each prints seconds, the ratio to its peer in the same run (the median of three), and the peak memory of our
own process. mbsync and imap_tools are measured where they are installed.
"""

import argparse
import imaplib
import importlib
import importlib.util
import multiprocessing
import os
import random
import shutil
import ssl
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import structlog

from attachwatch.demo import documents
from attachwatch.ledger.ledger import Ledger
from attachwatch.mail.session import connect
from attachwatch.model import Case
from attachwatch.service.intake import Intake
from tests import servers
from tests.proxy import proxy
from tests.servers import Mailbox

_REPEATED = 3
_LARGEST = 200 << 20
_CASE = Case("FOI2024/01234", "foi", ("interior.example",))
_CASE_TOML = """
[[case]]
reference = "FOI2024/01234"
mailbox = "foi"
authority = ["interior.example"]
annexes = ["Annex 1 to 200"]
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("works", nargs="*", default=["small", "far", "large", "listing", "restart"])
    options = parser.parse_args()
    os.environ[servers.PASSWORD_ENV] = servers.PASSWORD
    with tempfile.TemporaryDirectory() as name:
        root = Path(name)
        root.chmod(0o755)
        with servers.dovecot(root) as server:
            for work in options.works:
                _WORKS[work](Mailbox(server, f"{work}@newsroom.example"), root / work)


# --- works ------------------------------------------------------------------------------------------------------


def _small(mailbox: Mailbox, folder: Path) -> None:
    _beside_raw("200 x 1 MiB", mailbox, folder, _fill(mailbox, 200, 1 << 20), mailbox.server.tls)
    if shutil.which("mbsync"):
        print(f"  mbsync: {_mbsync(mailbox, folder):.2f} s")
    if importlib.util.find_spec("imap_tools"):
        print(f"  imap_tools: {_in_a_process(_imap_tools, mailbox, folder, 0)[0]:.2f} s")


def _far(mailbox: Mailbox, folder: Path) -> None:
    size = _fill(mailbox, 200, 1 << 20)
    with proxy(mailbox.server.tls, delay=0.015) as line:
        _beside_raw("200 x 1 MiB at 30 ms", mailbox, folder, size, line.port)


def _large(mailbox: Mailbox, folder: Path) -> None:
    _beside_raw("5 x 100 MiB", mailbox, folder, _fill(mailbox, 5, 100 << 20), mailbox.server.tls)


def _listing(mailbox: Mailbox, folder: Path) -> None:
    count = 10_000
    _fill_small(mailbox, count)
    ours = [_in_a_process(_store, mailbox, folder / str(n), mailbox.server.tls) for n in range(_REPEATED)]
    seconds = statistics.median(s for s, _ in ours)
    print(f"listing of {count:,}: {seconds:.2f} s, {count / seconds:,.0f} a second", end="")
    if importlib.util.find_spec("imap_tools"):
        peer = statistics.median(_in_a_process(_imap_tools, mailbox, folder, 0)[0] for _ in range(_REPEATED))
        print(f"; imap_tools {peer:.2f} s, ratio {peer / seconds:.2f}", end="")
    print()


def _restart(mailbox: Mailbox, folder: Path) -> None:
    _fill_small(mailbox, 10_000)
    _store(mailbox, folder, mailbox.server.tls)
    again = [_store(mailbox, folder, mailbox.server.tls) for _ in range(_REPEATED)]
    print(f"restart with 10,000 known: {statistics.median(again):.3f} s after the sign-in")


def _poll(mailbox: Mailbox, folder: Path) -> None:
    _watch_once("200 x 1 MiB", mailbox, folder, _fill(mailbox, 200, 1 << 20))


def _poll_large(mailbox: Mailbox, folder: Path) -> None:
    _watch_once("5 x 100 MiB", mailbox, folder, _fill(mailbox, 5, 100 << 20))


def _watch_once(what: str, mailbox: Mailbox, folder: Path, size: int) -> None:
    """The whole pipeline, with the peak of the watcher's own process, without the workers."""
    folder.mkdir()
    path = folder / "attachwatch.toml"
    limits = f"[limits]\nattachment = {_LARGEST >> 20}"
    path.write_text(f'[store]\npath = "store"\n\n{limits}\n\n{mailbox.toml(name="foi")}\n\n{_CASE_TOML}')
    started = time.perf_counter()
    command = [sys.executable, "-m", "attachwatch", "watch", "--once", "--config", str(path)]
    peak = 0
    with subprocess.Popen(command, stderr=subprocess.DEVNULL) as process:
        while process.poll() is None:
            peak = max(peak, _peak(str(process.pid)))
            time.sleep(0.02)
    seconds = time.perf_counter() - started
    print(f"a whole poll of {what}: {seconds:.2f} s, {size / 1e6 / seconds:.0f} MB/s, peak {peak} MiB")


_WORKS: dict[str, Callable[[Mailbox, Path], None]] = {
    "small": _small,
    "far": _far,
    "large": _large,
    "listing": _listing,
    "restart": _restart,
    "poll": _poll,
    "poll-large": _poll_large,
}


def _beside_raw(what: str, mailbox: Mailbox, folder: Path, size: int, port: int) -> None:
    """In turn, so that what else the machine does falls on all of them."""
    raws, ours, peaks = [], [], []
    for n in range(_REPEATED):
        raws.append(_in_a_process(_raw, mailbox, folder, port)[0])
        seconds, peak = _in_a_process(_store, mailbox, folder / str(n), port)
        ours.append(seconds)
        peaks.append(peak)
        shutil.rmtree(folder / str(n))
    ratio = statistics.median(r / o for r, o in zip(raws, ours, strict=True))
    seconds = statistics.median(ours)
    print(
        f"{what}: stored in {seconds:.2f} s, {size / 1e6 / seconds:.0f} MB/s; raw {statistics.median(raws):.2f} s; "
        f"ratio {ratio:.2f}; peak {max(peaks)} MiB"
    )


def _in_a_process(
    work: Callable[[Mailbox, Path, int], float], mailbox: Mailbox, folder: Path, port: int
) -> tuple[float, int]:
    """Seconds, and the peak memory in MiB, of `work` in a process of its own."""
    reading, writing = multiprocessing.get_context("spawn").Pipe(duplex=False)
    process = multiprocessing.get_context("spawn").Process(target=_measure, args=(work, mailbox, folder, port, writing))
    process.start()
    found: tuple[float, int] = reading.recv()
    process.join()
    return found


def _measure(
    work: Callable[[Mailbox, Path, int], float], mailbox: Mailbox, folder: Path, port: int, to: object
) -> None:
    seconds = work(mailbox, folder, port)
    to.send((seconds, _peak("self")))  # type: ignore[attr-defined]


def _peak(process: str) -> int:
    """Its peak memory in MiB so far; not ru_maxrss, which a parent leaves to its children, and they to it."""
    try:
        lines = Path(f"/proc/{process}/status").read_text().splitlines()
    except OSError:  # it has just ended
        return 0
    return next((int(line.split()[1]) >> 10 for line in lines if line.startswith("VmHWM")), 0)


# --- what is measured -------------------------------------------------------------------------------------------


def _store(mailbox: Mailbox, folder: Path, port: int) -> float:
    """Seconds from the sign-in until all is fetched, decoded, hashed and durable."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(40))
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    folder.chmod(0o700)
    settings = mailbox.settings(name="foi", port=port)
    with Ledger.open(folder) as ledger, connect(settings, servers.PASSWORD) as session:
        started = time.perf_counter()
        intake = Intake("foi", [_CASE], ledger, _LARGEST, threading.Event())
        intake.read_folder(session, "INBOX")
        return time.perf_counter() - started


def _raw(mailbox: Mailbox, _: Path, port: int) -> float:
    """One UID FETCH of everything, thrown away: what the line and the server can do."""
    context = ssl.create_default_context(cafile=mailbox.server.ca_file)
    with imaplib.IMAP4_SSL("localhost", port, ssl_context=context) as client:
        client.login(mailbox.username, servers.PASSWORD)
        client.select("INBOX", readonly=True)
        started = time.perf_counter()
        client.send(b"x UID FETCH 1:* BODY.PEEK[]\r\n")
        tail = b""
        while b"\r\nx OK" not in tail:
            tail = (tail + client.sock.recv(1 << 18))[-200:]
        return time.perf_counter() - started


def _imap_tools(mailbox: Mailbox, _folder: Path, _port: int) -> float:
    imap_tools: Any = importlib.import_module("imap_tools")

    context = ssl.create_default_context(cafile=mailbox.server.ca_file)
    with imap_tools.MailBox("localhost", mailbox.server.tls, ssl_context=context).login(
        mailbox.username, servers.PASSWORD
    ) as box:
        started = time.perf_counter()
        for message in box.fetch(mark_seen=False, bulk=500):
            for attachment in message.attachments:
                _ = attachment.payload
        return time.perf_counter() - started


def _mbsync(mailbox: Mailbox, folder: Path) -> float:
    folder.mkdir(exist_ok=True)
    maildir = folder / "maildir"
    maildir.mkdir()
    (folder / "mbsyncrc").write_text(
        f"""IMAPAccount a
Host localhost
Port {mailbox.server.tls}
User {mailbox.username}
Pass {servers.PASSWORD}
SSLType IMAPS
CertificateFile {mailbox.server.ca_file}

IMAPStore far
Account a

MaildirStore near
Path {maildir}/
Inbox {maildir}/INBOX

Channel c
Far :far:
Near :near:
Patterns INBOX
Sync Pull
Create Near
SyncState {maildir}/
"""
    )
    started = time.perf_counter()
    subprocess.run(["mbsync", "-q", "-c", folder / "mbsyncrc", "c"], check=True)
    return time.perf_counter() - started


# --- mail ---------------------------------------------------------------------------------------------------------


def _fill(mailbox: Mailbox, messages: int, size: int) -> int:
    """Put the mail there; return its size in bytes. Every PDF has bytes of its own."""
    base = documents.report("Annex", 3)
    total = 0
    with mailbox.client() as client:
        for number in range(1, messages + 1):
            message = _message(number)
            filler = random.Random(number).randbytes(size - len(base)).replace(b"\n", b" ").replace(b"\r", b" ")
            data = base.replace(b"\n1 0 obj", b"\n%" + filler + b"\n1 0 obj", 1)
            message.add_attachment(data, maintype="application", subtype="pdf", filename=f"Annex {number}.pdf")
            raw = message.as_bytes()
            client.append("INBOX", raw)
            total += len(raw)
    return total


def _fill_small(mailbox: Mailbox, messages: int) -> None:
    with mailbox.client() as client:
        for number in range(1, messages + 1):
            message = _message(number)
            message.replace_header("From", f"someone{number}@elsewhere.example")
            client.append("INBOX", message.as_bytes())


def _message(number: int) -> EmailMessage:
    message = EmailMessage()
    message["From"], message["Subject"] = "foi@interior.example", f"FOI2024/01234, {number}"
    message["Message-ID"] = f"<{number}@interior.example>"
    message["Date"] = "Tue, 01 Oct 2024 10:00:00 +0100"
    message.set_content("Please find attached.")
    return message


if __name__ == "__main__":
    main()
