"""A poll of many messages over TLS, beside a raw read of the same bytes: `python -m benchmarks.mail [--messages N]`.

Needs a Dovecot. Prints seconds, MB/s of the mail as stored on the server, the ratio to the raw read, and the peak
memory of the daemon's own process.
"""

import argparse
import os
import random
import subprocess
import sys
import tempfile
import time
from email.message import EmailMessage
from pathlib import Path

from attachwatch.demo import documents
from tests import servers
from tests.servers import Mailbox

_NO_LINE_ENDS = bytes.maketrans(b"\r\n", b"  ")
_CASE = """
[[case]]
reference = "FOI2024/01234"
mailbox = "foi"
authority = ["interior.example"]
annexes = ["Annex 1 to 200"]
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--messages", type=int, default=200)
    parser.add_argument("--size", type=int, default=1024, help="KiB of one PDF")
    options = parser.parse_args()
    os.environ[servers.PASSWORD_ENV] = servers.PASSWORD
    with tempfile.TemporaryDirectory() as name:
        root = Path(name)
        root.chmod(0o755)
        with servers.dovecot(root) as server:
            mailbox = Mailbox(server, "bench@newsroom.example")
            total = _fill(mailbox, options.messages, options.size * 1024)
            configuration = _configure(mailbox, root)
            raw = _raw(mailbox)
            seconds, memory = _poll(configuration)
            again, _ = _poll(configuration)
    megabytes = total / 1e6
    print(f"{options.messages} messages, {megabytes:.0f} MB as stored")
    print(f"raw read:    {raw:6.2f} s  {megabytes / raw:6.0f} MB/s")
    speed = f"{megabytes / seconds:6.0f} MB/s  ratio {raw / seconds:.2f}"
    print(f"whole poll:  {seconds:6.2f} s  {speed}  peak {memory:.0f} MiB")
    print(f"second poll: {again:6.2f} s")


def _fill(mailbox: Mailbox, messages: int, size: int) -> int:
    """Put the mail there; return its size in bytes. Every PDF has bytes of its own."""
    base = documents.report("Annex", 3)
    total = 0
    with mailbox.client() as client:
        for number in range(1, messages + 1):
            message = EmailMessage()
            message["From"], message["Subject"] = "foi@interior.example", "FOI2024/01234"
            message["Message-ID"] = f"<{number}@interior.example>"
            message.set_content("Please find attached.")
            filler = random.Random(number).randbytes(size - len(base))
            data = base.replace(
                b"\n1 0 obj", b"\n%" + filler.replace(b"\n", b" ").replace(b"\r", b" ") + b"\n1 0 obj", 1
            )
            message.add_attachment(data, maintype="application", subtype="pdf", filename=f"Annex {number}.pdf")
            raw = message.as_bytes()
            client.append("INBOX", raw)
            total += len(raw)
    return total


def _configure(mailbox: Mailbox, root: Path) -> Path:
    path = root / "attachwatch.toml"
    path.write_text(f'[store]\npath = "store"\n\n{mailbox.toml(name="foi")}\n\n{_CASE}')
    return path


def _raw(mailbox: Mailbox) -> float:
    """One UID FETCH of everything, thrown away: what the line and the server can do."""
    import imaplib
    import ssl

    context = ssl.create_default_context(cafile=mailbox.server.ca_file)
    with imaplib.IMAP4_SSL("localhost", mailbox.server.tls, ssl_context=context) as client:
        client.login(mailbox.username, servers.PASSWORD)
        client.select("INBOX", readonly=True)
        started = time.perf_counter()
        client.send(b"x UID FETCH 1:* BODY.PEEK[]\r\n")
        tail = b""
        while b"\r\nx OK" not in tail:
            tail = (tail + client.sock.recv(1 << 18))[-200:]
        return time.perf_counter() - started


def _poll(configuration: Path) -> tuple[float, float]:
    """Seconds of a whole `watch --once`, and the peak resident memory of its own process in MiB."""
    started = time.perf_counter()
    command = [sys.executable, "-m", "attachwatch", "watch", "--once", "--config", str(configuration)]
    with subprocess.Popen(command, stderr=subprocess.DEVNULL) as process:
        _, _, usage = os.wait4(process.pid, 0)
        process.returncode = 0
    return time.perf_counter() - started, usage.ru_maxrss / 1024


if __name__ == "__main__":
    main()
