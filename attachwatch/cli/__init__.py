"""The commands. One file each, loaded only when it is called, so that --help is quick."""

import gc
from typing import NoReturn

from attachwatch.cli import stopping

_GARBAGE = 50_000  # objects between two looks for it; by default 700, which takes an eighth of the time to load all

COMMANDS = {
    "demo": "replay an authority's answer through the real pipeline",
    "init": "write the first configuration, by questions, and try it",
    "verify": "check files, folders and saved emails",
    "doctor": "test configuration, mailboxes, store and readers, each with a remedy",
    "watch": "watch the mailboxes, or poll them once",
    "status": "show where each case stands",
    "cases": "add and close cases, and decide what no rule can",
    "drafts": "review the replies that were drafted",
    "review": "review cases and drafts in a web browser, on this machine alone",
    "report": "write the record of a case, to attach to a complaint",
    "signin": "sign in to a mailbox of Microsoft 365 or Google",
    "schema": "print the JSON Schema of what --json prints",
    "service": "have the watcher run by systemd or launchd",
    "store": "move the ledger into another database",
    "completion": "print the completion script for a shell",
}


def main() -> NoReturn:
    """The program."""
    stopping.at_once()
    gc.set_threshold(_GARBAGE)
    from attachwatch.cli import program  # and with it click, once a signal may come

    program.run()
