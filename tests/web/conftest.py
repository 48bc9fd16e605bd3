"""What the tests of the pages share: readers that are warm, and a browser."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from attachwatch.config import FILE_NAME
from attachwatch.inspection.sandbox import Inspector
from tests.service.test_pipeline import CUT, HEALTHY, mail
from tests.web.reviewing import Running, configure, reviewing


@pytest.fixture(scope="session")
def inspector() -> Iterator[Inspector]:
    with Inspector(jobs=1) as inspector:
        yield inspector


@pytest.fixture(scope="session")
def store(tmp_path_factory: pytest.TempPathFactory, inspector: Inspector) -> Path:
    """A case with a file that opens, one that does not, and a draft; to be copied."""
    folder = tmp_path_factory.mktemp("store")
    messages = [
        mail(body="Please find attached Annex A.", Annex_A=HEALTHY),
        mail(body="This is the final email.", Annex_B=CUT),
    ]
    with reviewing(configure(folder, annexes="Annex A\nAnnex B", messages=messages), inspector) as running:
        assert len(running.poll()) == 1
    return folder


@pytest.fixture
def running(tmp_path: Path, store: Path, inspector: Inspector) -> Iterator[Running]:
    """A review of the case in `store`, which the test may change."""
    folder = shutil.copytree(store, tmp_path / "review")
    with reviewing(folder / FILE_NAME, inspector) as running:
        yield running
