"""The record as JSON: version 1."""

import json
from pathlib import Path

import pytest

from attachwatch.evidence import shape
from tests.cases.builders import THREE
from tests.evidence.hostile import NAMES, hostile
from tests.evidence.made import record, story

GOLDEN = Path(__file__).with_name("golden")


def test_the_json_of_a_story_reads_like_this(request: pytest.FixtureRequest) -> None:
    made = json.dumps(shape.as_json(story()), indent=2, ensure_ascii=False) + "\n"
    path = GOLDEN / "story.json"
    if request.config.getoption("--golden"):
        path.write_text(made, encoding="utf-8")
    assert made == path.read_text(encoding="utf-8")


def test_what_is_a_person_s_is_named() -> None:
    findings = [
        f for e in shape.as_json(story())["emails"] for file in e["files"] for f in file["findings"] if f["personal"]
    ]
    assert findings
    assert all(f["personal"] == ["owner"] and f["evidence"]["owner"] for f in findings)


@pytest.mark.parametrize("name", NAMES, ids=lambda name: ascii(name)[:24])
def test_names_are_as_they_were_sent(name: str) -> None:
    found = json.loads(json.dumps(shape.as_json(hostile(name))))
    assert found["emails"][0]["subject"] == name
    assert found["emails"][0]["files"][0]["name"] == f"{name}.pdf"
    assert found["replies"][0]["body"] == f"{name}\n\n{name}\n"


def test_a_case_without_mail() -> None:
    found = shape.as_json(record(case=THREE))
    assert (found["version"], found["emails"], found["replies"]) == (1, [], [])
    assert [a["state"] for a in found["annexes"]] == ["missing"] * 3
    assert found["deadlines"][0]["missed"]
    assert found["deadlines"][0]["late"] == 9
