"""What tests of reports share."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.evidence import played


@pytest.fixture(autouse=True)
def _in_utc(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("TZ", "UTC")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


@pytest.fixture(scope="session")
def six_annexes(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The configuration of a store in which the story of the six annexes was played."""
    return played.six_annexes(tmp_path_factory.mktemp("six-annexes"))
