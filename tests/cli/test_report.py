"""`attachwatch report`, as a user calls it."""

import json
import os
import stat
import sys
from pathlib import Path

import pexpect
import pytest
from lxml import html

from attachwatch.demo import story
from tests.evidence import played
from tests.program import run


@pytest.fixture(scope="session")
def six_annexes(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return played.six_annexes(tmp_path_factory.mktemp("report"))


@pytest.mark.parametrize(("ending", "begins"), [("html", b"<!doctype html>"), ("HTM", b"<!doctype"), ("pdf", b"%PDF-")])
def test_the_name_s_ending_says_which_form_it_has(
    six_annexes: Path, tmp_path: Path, ending: str, begins: bytes
) -> None:
    done = run("report", story.REFERENCE, "--config", six_annexes, "--output", tmp_path / f"x.{ending}")
    assert (done.returncode, done.stdout) == (0, "")
    assert str(tmp_path / f"x.{ending}") in done.stderr
    assert (tmp_path / f"x.{ending}").read_bytes().startswith(begins)
    assert [p.name for p in tmp_path.iterdir()] == [f"x.{ending}"]


def test_the_page_tells_the_story_of_the_six_annexes(six_annexes: Path) -> None:
    page = html.document_fromstring(run("report", story.REFERENCE, "--config", six_annexes).stdout)
    said = " ".join(page.text_content().split())
    assert "13 expected: 11 ok, 1 broken, 1 placeholder" in said
    assert "missed: answered on 1 October 2024, 1 working day late" in said
    assert "automatic mail (auto-replied), which is no answer" in said
    assert "Reply 1 was approved, and placed in Drafts" in said
    assert "label OFFICIAL-SENSITIVE" in said
    assert "owner records@interior.example (personal data)" in said
    for title in story._TITLES:
        assert story.name(title) in said
    wrong = page.xpath("//h3[preceding-sibling::h2[1][@id='wrong']]")
    assert [str(h.text_content()).split()[0] for h in wrong] == [
        "E4.3", "E4.4", "E5.1", "E5.2", "E5.3", "E5.4", "E10.1", "E11.1",
    ]  # fmt: skip


def test_json_has_the_facts_in_version_1(six_annexes: Path) -> None:
    done = run("report", story.REFERENCE, "--config", six_annexes, "--output", "-", "--format", "json")
    found = json.loads(done.stdout)
    assert found["version"] == 1
    assert [len(e["files"]) for e in found["emails"]] == [0, 1, 3, 5, 5, 1, 1, 1, 1, 1, 1]
    assert [(r["id"], r["state"], r["placed_in"]) for r in found["replies"]] == [
        (1, "approved", "Drafts"),
        (2, "pending", None),
    ]
    assert [(d["kind"], d["counts"]) for d in found["decisions"]] == [("annex-closed", False), ("undone", True)]
    assert {r["name"] for r in found["readers"]} == {"pdfium", "pypdf", "qpdf"}
    (ix,) = (a for a in found["annexes"] if a["label"] == "D(ix)")
    assert [h["words"] for h in ix["history"]] == ["no PDF", "a new copy, now rights-managed"]
    assert json.loads(run("report", story.REFERENCE, "--config", six_annexes, "--json").stdout).keys() == found.keys()


def test_a_file_that_is_there_is_left_alone_without_force(six_annexes: Path, tmp_path: Path) -> None:
    there = tmp_path / "report.json"
    there.write_text("mine")
    done = run("report", story.REFERENCE, "--config", six_annexes, "--output", there)
    assert done.returncode == 2
    assert "exists already" in done.stderr
    assert "--force" in done.stderr
    assert there.read_text() == "mine"
    assert run("report", story.REFERENCE, "--config", six_annexes, "--output", there, "--force").returncode == 0
    assert json.loads(there.read_text())["version"] == 1
    assert stat.S_IMODE(there.stat().st_mode) == 0o600  # it names people
    assert [p.name for p in tmp_path.iterdir()] == ["report.json"]


def test_what_is_no_file_is_not_replaced_even_by_force(six_annexes: Path, tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    os.mkfifo(tmp_path / "pipe")
    for there in ("folder", "pipe"):
        asked = ("--format", "html", "--force", "--output", tmp_path / there)
        done = run("report", story.REFERENCE, "--config", six_annexes, *asked)
        assert (done.returncode, "is no file" in done.stderr) == (2, True)
    assert (tmp_path / "pipe").is_fifo()


@pytest.mark.parametrize("name", ["report", "report.txt", "report.doc"])
def test_an_ending_that_names_no_format_is_refused_unless_one_is_given(
    six_annexes: Path, tmp_path: Path, name: str
) -> None:
    done = run("report", story.REFERENCE, "--config", six_annexes, "--output", tmp_path / name)
    assert done.returncode == 2
    assert ".html, .pdf or .json" in done.stderr
    assert list(tmp_path.iterdir()) == []
    asked = run("report", story.REFERENCE, "--config", six_annexes, "--output", tmp_path / name, "--format", "html")
    assert asked.returncode == 0


def test_an_unknown_case_is_one_line_that_names_those_there_are(six_annexes: Path) -> None:
    done = run("report", "FOI1999/1", "--config", six_annexes)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.strip() == f"attachwatch: there is no case 'FOI1999/1'. Known: {story.REFERENCE}."


def test_a_folder_that_is_not_there_is_one_line(six_annexes: Path, tmp_path: Path) -> None:
    done = run("report", story.REFERENCE, "--config", six_annexes, "--output", tmp_path / "no" / "x.html")
    assert done.returncode == 2
    assert "cannot be written" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_case_without_mail_has_a_report_of_each_kind(tmp_path: Path) -> None:
    with played.watching(tmp_path) as (path, _):
        pass
    for ending in ("html", "pdf", "json"):
        assert run("report", story.REFERENCE, "--config", path, "--output", tmp_path / f"x.{ending}").returncode == 0
    assert "none was received" in (tmp_path / "x.html").read_text()


def test_hostile_names_come_through_mail_and_store_as_text(tmp_path: Path) -> None:
    names = ["<script>alert(1)</script>.pdf", "{{ 7*7 }} #panic() $x$.pdf", "gnp.\u202efdp.pdf", "w" * 5000 + ".pdf"]
    subject = f"{story.REFERENCE} <img src=x onerror=alert(1)>"
    with played.watching(tmp_path, annexes="") as (path, pipeline):
        mail = played.email(subject, "This is the final email.", {n: bytes([i]) * 999 for i, n in enumerate(names)})
        played.deliver(tmp_path, [mail])
        pipeline.poll(pipeline.settings.mailbox[0])
    page = run("report", story.REFERENCE, "--config", path).stdout
    found = html.document_fromstring(page)
    assert found.xpath("//script|//img|//@onerror") == []
    assert "\u202e" not in page
    for text in (names[0], names[1], "gnp.\\u202efdp.pdf", names[3], "<img src=x onerror=alert(1)>"):
        assert text in str(found.text_content())
    made = json.loads(run("report", story.REFERENCE, "--config", path, "--format", "json").stdout)
    assert [f["name"] for f in made["emails"][0]["files"]] == names
    done = run("report", story.REFERENCE, "--config", path, "--output", tmp_path / "x.pdf")
    assert done.returncode == 0


def test_no_pdf_goes_to_a_terminal(six_annexes: Path) -> None:
    program = [sys.executable, "-m", "attachwatch", "report", story.REFERENCE, "--config", str(six_annexes)]
    said = str(pexpect.run(" ".join([*program, "--format", "pdf"]), timeout=60))
    assert "nothing for a terminal" in said
    assert "%PDF" not in said
