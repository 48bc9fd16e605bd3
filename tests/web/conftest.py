"""What the tests of the pages share: readers that are warm, and a browser."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from attachwatch.inspection.sandbox import Inspector
from tests.service.test_pipeline import CUT, HEALTHY, mail
from tests.web.reviewing import Running, configure, reviewing


@pytest.fixture(scope="session")
def inspector() -> Iterator[Inspector]:
    with Inspector(jobs=1) as inspector:
        yield inspector


@pytest.fixture
def running(tmp_path: Path, inspector: Inspector) -> Iterator[Running]:
    """A review of a case with a file that opens, one that does not, and a draft."""
    messages = [
        mail(body="Please find attached Annex A.", Annex_A=HEALTHY),
        mail(body="This is the final email.", Annex_B=CUT),
    ]
    with reviewing(configure(tmp_path, annexes="Annex A\nAnnex B", messages=messages), inspector) as running:
        running.poll()
        yield running
