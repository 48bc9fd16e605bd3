"""The watcher is killed at random moments: whatever came is stored once and as it is, and one draft is made."""

import os
import sys
from pathlib import Path

import pytest

from tests import kills
from tests.servers import Mailbox

pytestmark = [
    pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="only Linux tells who made a process"),
    pytest.mark.timeout(600),  # half a minute where nothing else runs
]


@pytest.mark.parametrize(("number", "faulty"), [(10, False), (10, True)], ids=["sound line", "line that breaks"])
def test_kills_at_random_lose_and_double_nothing(mailbox: Mailbox, tmp_path: Path, number: int, faulty: bool) -> None:
    seed = int(os.environ.get("ATTACHWATCH_TEST_SEED") or os.getpid())
    print(f"ATTACHWATCH_TEST_SEED={seed}", file=sys.stderr)  # noqa: T201 - shown where it fails
    outcome = kills.run(mailbox, tmp_path, number, seed, faulty=faulty)
    assert outcome.kills == number
    assert outcome.wrong == []
    assert "Seen" not in str(mailbox.flags())
