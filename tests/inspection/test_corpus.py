"""Real files of public test suites, where they are at hand: no file that opens is accused."""

import csv
from dataclasses import replace
from pathlib import Path

import pytest

from attachwatch.inspection import claims
from attachwatch.inspection.examination import examine
from attachwatch.inspection.sandbox import Inspector
from attachwatch.model import Inspection, Verdict

CORPUS = Path(__file__).parents[3] / "shared" / "corpus"


@pytest.mark.skipif(not CORPUS.is_dir(), reason="the labelled collection is not at hand")
def test_no_file_that_every_viewer_shows_is_called_broken() -> None:
    with (CORPUS / "manifest.csv").open(newline="", encoding="utf-8") as file:
        rows = {row["file"]: row for row in csv.DictReader(file)}
    with Inspector(jobs=2) as inspector:
        found = {n: claims.as_named(i, n, "") for n, i in inspector.inspect_all((n, CORPUS / n) for n in rows)}
    opens = [n for n, row in rows.items() if row["verdict"] == "ok"]
    assert len(opens) > 100
    assert [n for n in opens if found[n].verdict is Verdict.BROKEN] == []
    accused = [n for n in opens if found[n].verdict.accuses]
    assert len(accused) <= len(opens) / 100
    wrong_pages = [n for n in opens if str(found[n].pages) != rows[n]["pages"]]
    assert len(wrong_pages) <= len(opens) / 1000


@pytest.mark.skipif(not CORPUS.is_dir(), reason="the labelled collection is not at hand")
def test_confinement_changes_no_inspection() -> None:
    names = [p.relative_to(CORPUS).as_posix() for p in sorted(CORPUS.rglob("*")) if p.suffix == ".pdf"]
    with Inspector(jobs=2) as inspector:
        confined = dict(inspector.inspect_all((n, CORPUS / n) for n in names))
    free = {n: examine((CORPUS / n).read_bytes()) for n in names}
    assert [n for n in names if _comparable(confined[n]) != _comparable(free[n])] == []


def _comparable(inspection: Inspection) -> Inspection:
    readers = tuple(replace(r, seconds=0) for r in inspection.readers)
    return replace(inspection, seconds=0, readers=readers)
