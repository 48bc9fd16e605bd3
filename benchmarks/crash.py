"""The watcher under SIGKILL at random moments: `python -m benchmarks.crash --kills 200 [--proxy] [--seed N]`.

Mail of several sizes arrives meanwhile. With `--proxy` the line cuts, stalls and resets at random bytes, too. At the
end every attachment must be stored once and with the right hash, one draft made, and nothing left behind.
"""

import argparse
import os
import sys
import tempfile
import time
from pathlib import Path

from tests import kills, servers
from tests.servers import Mailbox


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--proxy", action="store_true", help="a line that cuts, stalls and resets")
    parser.add_argument("--seed", type=int, default=int(time.time()))
    options = parser.parse_args()
    os.environ[servers.PASSWORD_ENV] = servers.PASSWORD
    started = time.monotonic()
    with tempfile.TemporaryDirectory() as name:
        root = Path(name)
        root.chmod(0o755)
        (root / "watcher").mkdir()
        with servers.dovecot(root) as server:
            mailbox = Mailbox(server, "crash@newsroom.example")
            outcome = kills.run(mailbox, root / "watcher", options.kills, options.seed, faulty=options.proxy)
    files = sum(map(len, outcome.sent.files.values()))
    messages, broken, seconds = len(outcome.sent.files), len(outcome.sent.broken), time.monotonic() - started
    print(f"seed {options.seed}: {outcome.kills} kills in {seconds:.0f} s; {outcome.connections} connections")
    print(f"{messages} messages, {files} attachments, {broken} of them broken")
    print("killed after: " + ", ".join(f"{word} {times}" for word, times in outcome.phases.most_common()))
    print("\n".join(f"WRONG: {w}" for w in outcome.wrong) or "nothing lost, nothing doubled, nothing left behind")
    return int(bool(outcome.wrong))


if __name__ == "__main__":
    sys.exit(main())
