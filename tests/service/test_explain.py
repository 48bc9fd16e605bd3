"""What is shown of a file is what was inspected, and the pages that matter."""

import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from attachwatch.demo import documents
from attachwatch.inspection.sandbox import Inspector
from attachwatch.model import Finding
from attachwatch.service.explain import explain
from attachwatch.service.verify import VerifiedFile

LONG = documents.report("Long", 60)


@pytest.fixture(scope="module")
def inspector() -> Iterator[Inspector]:
    with Inspector(jobs=1) as made:
        yield made


def verified(path: Path, inspector: Inspector, *findings: Finding) -> VerifiedFile:
    found = inspector.inspect(path)
    return VerifiedFile(path.name, path.name, replace(found, findings=(*found.findings, *findings)), path)


def test_pages_from_all_over_are_painted_and_those_that_findings_name(tmp_path: Path, inspector: Inspector) -> None:
    (tmp_path / "a.pdf").write_bytes(LONG)
    file = verified(tmp_path / "a.pdf", inspector, Finding("blank-pages", "", {"pages": [2, 33, 0, 999]}))
    pages = [n for n, _ in explain(file, inspector).pictures]
    assert {1, 2, 33, 60} <= set(pages)
    assert pages == sorted(pages)
    assert len(pages) == 12


@pytest.mark.parametrize("now", ["other", "gone", "pipe"])
def test_a_file_that_changed_is_left_out(tmp_path: Path, inspector: Inspector, now: str) -> None:
    path = tmp_path / "a.pdf"
    path.write_bytes(LONG)
    file = verified(path, inspector)
    path.unlink()
    if now == "other":
        path.write_bytes(LONG + b"\n")
    elif now == "pipe":
        os.mkfifo(path)
    made = explain(file, inspector)
    assert (made.map, made.places, made.pictures) == (None, (), ())
    assert made.changed
