"""The steps that outlive a crash, by name. A test may have the process killed at any of them; nothing else does.

`ATTACHWATCH_STOP_AT=NAME:N` ends the process with SIGKILL when it comes to the step NAME for the N-th time.
"""

import os
import signal
from collections import Counter

STEPS = (
    "listed", "seen-recorded",
    "file-written", "file-synced", "file-named", "folder-synced", "object-to-create", "object-created",
    "message-fetched", "message-recorded",
    "inspected", "inspection-recorded",
    "fetched-again", "fetch-compared", "copy-to-choose", "copy-chosen",
    "letter-read", "letter-recorded",
    "drafted", "draft-recorded",
    "poll-recorded",
    "draft-to-edit", "draft-edited",
    "draft-to-place", "draft-placed", "draft-decided",
    "rows-copied", "copy-proven", "copy-committed",
)  # fmt: skip

_stop_at, _, _which = os.environ.get("ATTACHWATCH_STOP_AT", "").partition(":")
_reached: Counter[str] = Counter()


def reached(step: str) -> None:
    """Say that all before `step` is done, and nothing behind it."""
    if step == _stop_at:
        _reached[step] += 1
        if _reached[step] == int(_which or 1):
            os.kill(os.getpid(), signal.SIGKILL)
