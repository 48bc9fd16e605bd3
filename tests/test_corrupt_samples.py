"""Every sample is found to be what it was made to be, and every cause has a sample."""

import csv
from pathlib import Path

import pytest

from attachwatch.inspection import judge
from attachwatch.inspection.sandbox import Inspector
from attachwatch.model import Cause, Inspection, Verdict
from corrupt_samples import generate

FOLDER = Path(generate.__file__).parent
with (FOLDER / "manifest.csv").open(newline="", encoding="utf-8") as file:
    ROWS = {row["file"]: row for row in csv.DictReader(file)}


@pytest.fixture(scope="module")
def inspections() -> dict[str, Inspection]:
    with Inspector(jobs=2) as inspector:
        return {
            name: judge.as_named(inspection, name, "")
            for name, inspection in inspector.inspect_all((name, FOLDER / name) for name in ROWS)
        }


@pytest.mark.parametrize("name", ROWS)
def test_the_sample_is_found_to_be_what_it_was_made(name: str, inspections: dict[str, Inspection]) -> None:
    row, found = ROWS[name], inspections[name]
    assert (found.verdict, found.cause or "") == (row["verdict"], row["cause"])
    assert ("" if found.pages is None else str(found.pages)) == row["pages"]
    if found.verdict is not Verdict.OK:
        assert found.findings[0].code == found.cause
        assert found.findings[0].message.endswith(".")


def test_the_generator_makes_these_very_bytes() -> None:
    made = {sample.file: data for sample, data in generate.samples()}
    assert set(made) == set(ROWS)
    assert [name for name, data in made.items() if (FOLDER / name).read_bytes() != data] == []


def test_every_cause_that_a_file_can_have_has_a_sample() -> None:
    limits = {Cause.TOO_COSTLY, Cause.READER_CRASHED}  # these are of the machine, see tests/inspection/test_sandbox.py
    without = {Cause.CONCATENATED, Cause.TRAILING_JUNK}  # viewers show such files, so they are no cause by themselves
    assert {row["cause"] for row in ROWS.values()} - {""} == set(Cause) - limits - without
