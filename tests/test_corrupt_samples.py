"""Every sample is found to be what it was made to be, and every cause has a sample."""

import csv
from pathlib import Path

import pytest

from attachwatch.inspection import claims, judge
from attachwatch.inspection.examination import gather
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
            name: claims.as_named(inspection, name, "")
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


def test_the_notes_of_a_sample_are_made(inspections: dict[str, Inspection]) -> None:
    wanted = {name: set(row["findings"].split()) for name, row in ROWS.items()}
    said = {name: {f.code for f in inspections[name].findings} for name in ROWS}
    assert {name: codes - said[name] for name, codes in wanted.items() if codes - said[name]} == {}


def test_every_cause_and_finding_has_a_sample_and_every_sample_a_known_one(inspections: dict[str, Inspection]) -> None:
    of_the_machine = {Cause.READER_CRASHED}  # see tests/inspection/test_sandbox.py
    named = {row["cause"] for row in ROWS.values()} | {c for row in ROWS.values() for c in row["findings"].split()}
    assert set(Cause) - named == of_the_machine
    said = {f.code for inspection in inspections.values() for f in inspection.findings}
    assert said - set(Cause) == named - {""} - set(Cause) | {"readers-disagree"}


def _evidence(name: str) -> judge.Evidence:
    found = judge.evidence(list(gather((FOLDER / name).read_bytes())))
    assert found is not None
    return found


def test_every_rule_of_the_judge_is_the_one_that_decides_for_some_sample(inspections: dict[str, Inspection]) -> None:
    by_name = {name: _evidence(name) for name in ROWS}
    evidence = list(by_name.values())
    deciding = {next((rule for rule in judge.VERDICT_RULES if rule(e)), None) for e in evidence}
    assert deciding == {*judge.VERDICT_RULES, None}
    noting = {note for note in judge.NOTES for e in evidence if note(e)}
    assert noting == set(judge.NOTES)
    wrong = [e for name, e in by_name.items() if inspections[name].verdict.accuses]
    naming = {next((rule for rule in judge.CAUSE_RULES if rule(e.structure)), None) for e in wrong}
    assert set(judge.CAUSE_RULES) - naming == set()
