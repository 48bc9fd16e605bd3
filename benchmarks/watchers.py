"""Many mailboxes, several watchers, one ledger in PostgreSQL and one Dovecot: `python -m benchmarks.watchers`.

Each mailbox holds an answer with a file, which the first round takes in. Then, with nothing new: how long a round of
all takes (the median of three; every watcher is told to poll at once), and what memory each watcher has, with the
process that inspects for it. Then one is killed: how long until others have polled each of its mailboxes. At the end
every file is in the ledger once. The peer of a round is the same connections, sign-ins and looks at a folder by imaplib
alone.
"""

import argparse
import imaplib
import os
import signal
import ssl
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from attachwatch.demo import documents, story
from attachwatch.ledger.ledger import Ledger
from tests import postgres, servers
from tests.servers import Mailbox
from tests.service.test_pipeline import mail

_SERVER = """
default_process_limit = 3000
default_client_limit = 6000
mail_fsync = never
service imap-login {
  service_count = 0
  process_min_avail = 1
}
service imap {
  process_limit = 3000
  service_count = 100
}
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--mailboxes", type=int, default=500)
    parser.add_argument("--watchers", type=int, default=4)
    parser.add_argument("--idle", action="store_true", help="let the server tell of new mail, too: a connection each")
    options = parser.parse_args()
    os.environ[servers.PASSWORD_ENV] = servers.PASSWORD
    with tempfile.TemporaryDirectory() as name:
        root = Path(name)
        root.chmod(0o755)
        for part in ("imap", "sql", "looking"):
            (root / part).mkdir(mode=0o755 if part != "looking" else 0o700)
        with (
            servers.dovecot(root / "imap", _SERVER) as imap,
            postgres.server(root / "sql") as sql,
            sql.database() as url,
        ):
            boxes = [Mailbox(imap, f"user-{n}@newsroom.example") for n in range(options.mailboxes)]
            with ThreadPoolExecutor(4) as pool:
                list(pool.map(_fill, boxes, range(len(boxes))))
            _tell("filled", f"{len(boxes)} mailboxes with a message each")
            with Ledger.open(root / "looking", url) as ledger:
                _measure(root, url, boxes, ledger, options)


def _fill(box: Mailbox, number: int) -> None:
    report = documents.report(f"Minutes {number}", 1)
    box.append(mail(f"R-{number}", "Annex A is attached. This is the final email.", Annex_A=report))


def _measure(root: Path, url: str, boxes: list[Mailbox], ledger: Ledger, options: argparse.Namespace) -> None:
    names = [f"m{n}" for n in range(len(boxes))]
    began = time.monotonic()
    with _watching(root, url, boxes, options) as watchers:
        _await(lambda: len(ledger.polls()) == len(names) and all(ledger.messages(n) for n in names[-3:]), 900)
        _await(lambda: sum(_is_taken_in(ledger, n) for n in names) == len(names), 900)
        _tell("first round", f"{time.monotonic() - began:.1f} s, from the start of the watchers until all is taken in")
        _await_shares(ledger, names, options.watchers)
        rounds = [_round(ledger, watchers, names) for _ in range(3)]
        took = statistics.median(rounds)
        peer = _by_imaplib(boxes, options.watchers)
        _tell("a round with nothing new", f"{took:.1f} s ({', '.join(f'{r:.1f}' for r in rounds)})")
        _tell("the same by imaplib alone", f"{peer:.1f} s: ratio {peer / took:.2f}")
        for number, watcher in enumerate(watchers):
            main, inspecting = _resident(watcher.pid)
            _tell(f"watcher {number}", f"{main:.0f} MiB, and {inspecting:.0f} MiB for its inspecting process")
        killed = watchers[0]
        killed.send_signal(signal.SIGKILL)
        when, began = datetime.now(UTC), time.monotonic()
        for watcher in watchers[1:]:
            watcher.send_signal(signal.SIGHUP)
        _await(lambda: _polled_since(ledger, when) == len(names), 120)
        _tell("after a SIGKILL", f"all mailboxes were polled by others within {time.monotonic() - began:.1f} s")
        found = [len(ledger.messages(n)) for n in names]
        files = [len(m.attachments) for n in names for m in ledger.messages(n)]
        assert found == [1] * len(names), "a message is lost or doubled"
        assert files == [1] * len(names), "a file is lost or doubled"
        _tell("at the end", f"{sum(found)} messages and {sum(files)} files, each once")


@contextmanager
def _watching(
    root: Path, url: str, boxes: list[Mailbox], options: argparse.Namespace
) -> "Iterator[list[subprocess.Popen[bytes]]]":
    idle = str(options.idle).lower()
    tables = "".join(
        f"{box.toml(name=f'm{n}', poll_every='1h')}\nidle = {idle}\n"
        f'[[case]]\nreference = "R-{n}"\nmailbox = "m{n}"\nauthority = ["{story.AUTHORITY}"]\nannexes = ["Annex A"]\n'
        for n, box in enumerate(boxes)
    )
    watchers = []
    for number in range(options.watchers):
        folder = root / f"watcher-{number}"
        folder.mkdir()
        (folder / "attachwatch.toml").write_text(f'[store]\npath = "store"\ndatabase = "{url}"\n{tables}')
        command = [sys.executable, "-m", "attachwatch", "watch", "--config", str(folder / "attachwatch.toml")]
        watchers.append(subprocess.Popen(command, stderr=(folder / "log").open("wb")))
    try:
        yield watchers
    finally:
        for watcher in watchers:
            watcher.terminate()
        for watcher in watchers:
            watcher.wait(60)


def _is_taken_in(ledger: Ledger, name: str) -> bool:
    hashes = [a.sha256 for m in ledger.messages(name) for a in m.attachments]
    return bool(hashes) and set(ledger.inspections(hashes)) == set(hashes)


def _await_shares(ledger: Ledger, names: list[str], watchers: int) -> None:
    from sqlalchemy import text

    def shares() -> list[int]:
        with ledger._database.engine.connect() as connection:
            counted = connection.execute(text("SELECT count(*) FROM lease WHERE holder IS NOT NULL GROUP BY holder"))
            return sorted(int(number) for number in counted.scalars())

    _await(lambda: len(shares()) == watchers and shares()[-1] <= -(-len(names) // watchers), 120)
    _tell("mailboxes a watcher", str(shares()))


def _round(ledger: Ledger, watchers: "list[subprocess.Popen[bytes]]", names: list[str]) -> float:
    when, began = datetime.now(UTC), time.monotonic()
    for watcher in watchers:
        watcher.send_signal(signal.SIGHUP)  # what is configured is read anew, and every mailbox polled at once
    _await(lambda: _polled_since(ledger, when) == len(names), 600)
    took = time.monotonic() - began
    time.sleep(2)
    return took


def _polled_since(ledger: Ledger, when: datetime) -> int:
    return sum(poll.polled > when and poll.problem is None for poll in ledger.polls())


def _by_imaplib(boxes: list[Mailbox], processes: int) -> float:
    def look(box: Mailbox) -> None:
        context = ssl.create_default_context(cafile=str(box.server.ca_file))
        client = imaplib.IMAP4_SSL("localhost", box.server.tls, ssl_context=context)
        client.login(box.username, servers.PASSWORD)
        client.select("INBOX", readonly=True)
        client.uid("SEARCH", "UID 1:*")
        client.logout()

    began = time.monotonic()
    with ThreadPoolExecutor(8 * processes) as pool:
        list(pool.map(look, boxes))
    return time.monotonic() - began


def _resident(pid: int) -> tuple[float, float]:
    """MiB of a process, and of those below it, each page that several share counted in parts (PSS)."""

    def pss(number: int) -> float:
        lines = Path(f"/proc/{number}/smaps_rollup").read_text().splitlines()
        return sum(int(line.split()[1]) for line in lines if line.startswith("Pss:")) / 1024

    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    rss = next(
        int(line.split()[1]) / 1024
        for line in Path(f"/proc/{pid}/status").read_text().splitlines()
        if line.startswith("VmRSS")
    )
    return rss, sum(pss(int(child)) for child in children)


def _await(what: Callable[[], bool], seconds: float) -> None:
    end = time.monotonic() + seconds
    while not what():
        if time.monotonic() > end:
            raise SystemExit(f"not within {seconds:.0f} s")
        time.sleep(0.2)


def _tell(what: str, figure: str) -> None:
    sys.stdout.write(f"{what:<28}{figure}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
