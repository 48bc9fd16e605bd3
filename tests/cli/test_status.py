"""`attachwatch status` of a large mailbox: what is kept is told, as it is for whoever waits."""

import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from attachwatch.cli.page import MOST, Annexes, Row
from attachwatch.cli.program import attachwatch
from attachwatch.ledger.ledger import Ledger
from attachwatch.model import Attachment, Cause, Inspection, MessageKey, Verdict
from attachwatch.service import overview, pictures
from tests.cases.builders import MORNING, message

FILES = 3 * MOST


@pytest.fixture
def configuration(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Of a case with many files of a list and others; every tenth does not open."""
    monkeypatch.setattr(pictures, "MANY", FILES)
    place = tmp_path / "attachwatch.toml"
    place.write_text(
        '[store]\npath = "store"\n[[mailbox]]\nname = "foi"\nhost = "imap.example.org"\nusername = "me@x.example"\n'
        '[[case]]\nreference = "FOI1"\nother_references = ["IR1"]\nmailbox = "foi"\nauthority = ["interior.example"]\n'
        'annexes = ["Annex A", "Annex B"]\n'
        '[[case]]\nreference = "FOI2"\nmailbox = "foi"\nauthority = ["other.example"]\n'
    )
    with Ledger.open(tmp_path / "store") as ledger:
        names = ["Annex A.pdf", *(f"overview {n}.pdf" for n in range(1, FILES))]
        files = [Attachment(str(n), x, "application/pdf", 9, f"{n}", again=f"{n}") for n, x in enumerate(names, 2)]
        came = replace(message(1, subject="FOI1"), attachments=tuple(files), received=MORNING - timedelta(days=9))
        ledger.store(replace(came, key=MessageKey("foi", "INBOX", 1, 1)))
        for n, file in enumerate(files):
            verdict, cause = (Verdict.BROKEN, Cause.TRUNCATED) if n % 10 == 1 else (Verdict.OK, None)
            ledger.add_inspection(Inspection(file.sha256, 9, "application/pdf", verdict, cause, 30))
    return place


def status(configuration: Path, *given: str) -> Result:
    result = CliRunner().invoke(attachwatch, ["status", "--config", str(configuration), *given], standalone_mode=False)
    assert result.exception is None, result.exception
    return result


def test_what_is_kept_is_told_without_deriving_it(configuration: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = [status(configuration, *given) for given in ((), ("--json",), ("IR1", "--json"), ("FOI2", "--json"))]
    monkeypatch.setattr(overview, "overview", lambda *_: pytest.fail("derived anew"))
    again = [status(configuration, *given) for given in ((), ("--json",), ("IR1", "--json"), ("FOI2", "--json"))]
    assert [(r.stdout, r.return_value) for r in again] == [(r.stdout, r.return_value) for r in first]
    assert [r.return_value for r in again] == [1, 1, 1, 0]
    whole, one, other = (json.loads(r.stdout)["cases"] for r in again[1:])
    assert [c["reference"] for c in whole] == ["FOI1", "FOI2"]
    assert (one, other) == (whole[:1], whole[1:])
    assert len(one[0]["unexpected"]) == FILES - 1


def test_of_very_many_those_are_shown_that_do_not_open(configuration: Path) -> None:
    short, whole = status(configuration).stdout, status(configuration, "--all").stdout
    counts = f"2 annexes: 1 ok, 1 missing; {FILES - 1} other files: {FILES // 10} broken, {FILES * 9 // 10 - 1} ok"
    assert counts in short
    assert counts in whole
    assert (short.count("broken"), whole.count("broken")) == (FILES // 10 + 1, FILES // 10 + 1)
    assert f"And more: 1 annex: 1 ok; {FILES * 9 // 10 - 1} other files: {FILES * 9 // 10 - 1} ok. --all shows" in short
    assert "overview 2.pdf" not in short
    assert "overview 2.pdf" in whole


def test_not_even_all_of_those_where_they_are_very_many() -> None:
    rows = [Row(str(n), "a.pdf", "broken", "", "") for n in range(MOST + 5)]
    made = Annexes.of(rows, MOST)
    assert made.rows == tuple(rows[:MOST])
    assert made.more.startswith("And more: 5 annexes: 5 broken.")
    assert Annexes.of(rows[:MOST], MOST).more == ""
    assert Annexes.of(rows, None).rows == tuple(rows)
