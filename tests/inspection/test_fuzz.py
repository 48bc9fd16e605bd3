"""A smoke run of the fuzzer, and what it found before."""

from pathlib import Path

import pytest

from attachwatch.inspection.sandbox import Inspector
from attachwatch.model import Cause
from tests.inspection import fuzz

FOUND = sorted((Path(__file__).parent / "found").glob("*.pdf"))


@pytest.mark.parametrize("seed", [1, 2])
def test_no_mutant_crashes_a_reader(seed: int, tmp_path: Path) -> None:
    verdicts, crashed = fuzz.run(seed, seconds=60, many=150, keep=tmp_path)
    assert sum(verdicts.values()) == 150
    assert crashed == []
    assert len(verdicts) >= 3  # the mutants are of all kinds, or the mutation does nothing


@pytest.mark.parametrize("path", FOUND, ids=lambda p: p.name)
def test_what_was_found_crashes_no_reader_any_more(path: Path) -> None:
    with Inspector(jobs=1) as inspector:
        assert inspector.inspect(path).cause is not Cause.READER_CRASHED
