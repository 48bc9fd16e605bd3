"""Real files of public test suites, where they are at hand: no file that opens is accused."""

import csv
from pathlib import Path

import pytest

from attachwatch.inspection import judge
from attachwatch.inspection.sandbox import Inspector
from attachwatch.model import Verdict

CORPUS = Path(__file__).parents[3] / "shared" / "corpus"


@pytest.mark.skipif(not CORPUS.is_dir(), reason="the labelled collection is not at hand")
def test_no_file_that_every_viewer_shows_is_called_broken() -> None:
    with (CORPUS / "manifest.csv").open(newline="", encoding="utf-8") as file:
        rows = {row["file"]: row for row in csv.DictReader(file)}
    with Inspector(jobs=2) as inspector:
        found = {n: judge.as_named(i, n, "") for n, i in inspector.inspect_all((n, CORPUS / n) for n in rows)}
    opens = [n for n, row in rows.items() if row["verdict"] == "ok"]
    assert len(opens) > 100
    assert [n for n in opens if found[n].verdict is Verdict.BROKEN] == []
    accused = [n for n in opens if found[n].verdict.accuses]
    assert len(accused) <= len(opens) / 100
    wrong_pages = [n for n in opens if str(found[n].pages) != rows[n]["pages"]]
    assert len(wrong_pages) <= len(opens) / 1000
