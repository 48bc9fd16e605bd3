"""The PDF of a record: the same as its page, for a court's archive and for screen readers."""

import builtins
import io
import re
import subprocess
from dataclasses import replace
from pathlib import Path
from shutil import which
from typing import Any

import pypdfium2
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pypdf import PdfReader

from attachwatch.errors import UsageError
from attachwatch.evidence.blocks import Document, Heading, Items, Span, Table, Text, Words, cell, facts
from attachwatch.evidence.harmless import shown
from attachwatch.evidence.layout import document
from attachwatch.evidence.pdf import pdf
from attachwatch.evidence.record import Record
from attachwatch.inspection.sandbox import Inspector
from attachwatch.model import Annex, Verdict
from tests.cases.builders import OK, THREE, delivery
from tests.evidence.hostile import NAMES, hostile
from tests.evidence.made import MADE, inspected, record, story

_UNSEEN = re.compile("[\\s\u200b\ufffe\xad]+")


def made(found: Record) -> bytes:
    return pdf(document(found), MADE)


def text(data: bytes) -> str:
    """All of it, without blanks, since lines break anywhere."""
    pages = pypdfium2.PdfDocument(data)
    return _UNSEEN.sub("", "".join(page.get_textpage().get_text_range() for page in pages))


@pytest.fixture(scope="module")
def of_story() -> bytes:
    return made(story())


def test_every_file_email_and_deadline_is_in_it(of_story: bytes) -> None:
    said = text(of_story)
    for file in story().files:
        assert file.attachment.sha256 in said
    for email in story().emails:
        assert str(email.filed.message.header.message_id) in said
    for sentence in (
        "missed: answered on 1 October 2024",
        "the same bytes as on 1 October",
        "Thank you for your emails.",
    ):
        assert _UNSEEN.sub("", sentence) in said


def test_it_opens_everywhere_and_attachwatch_says_so(of_story: bytes, tmp_path: Path) -> None:
    path = tmp_path / "report.pdf"
    path.write_bytes(of_story)
    with Inspector(jobs=1) as inspector:
        ((_, found),) = inspector.inspect_all([(0, path)])
    assert (found.verdict, found.cause, found.findings) == (Verdict.OK, None, ())
    if which("qpdf"):
        subprocess.run(["qpdf", "--check", path], check=True, capture_output=True)


def test_it_is_tagged_titled_dated_and_of_the_standards(of_story: bytes) -> None:
    reader = PdfReader(io.BytesIO(of_story))
    catalog: Any = reader.trailer["/Root"]
    assert catalog["/MarkInfo"]["/Marked"]
    assert catalog["/Lang"] == "en"
    assert "/StructTreeRoot" in catalog
    assert reader.metadata
    assert reader.metadata.title == "Record of case FOI2024/01234"
    assert reader.metadata.creation_date == MADE
    xmp = catalog["/Metadata"].get_data().decode()
    assert re.search(r"<pdfuaid:part>1<", xmp)
    assert re.search(r"<pdfaid:part>2<", xmp)
    assert reader.outline


def test_the_same_record_has_the_same_bytes(of_story: bytes) -> None:
    assert made(story()) == of_story


@pytest.mark.parametrize("name", NAMES, ids=lambda name: ascii(name)[:24])
def test_what_strangers_write_is_text_in_every_place(name: str) -> None:
    said = text(made(hostile(name)))
    wanted = _UNSEEN.sub("", shown(name))
    if all(ord(c) < 0x500 and not 0x300 <= ord(c) < 0x370 for c in wanted):
        assert said.count(wanted[:100]) > 25
        assert sum(map(said.count, set(wanted))) > 25 * len(wanted)  # page by page, if it is long
    assert "Howthiswasmade" in said


def test_no_name_leaves_the_page() -> None:
    pages = pypdfium2.PdfDocument(made(hostile("w" * 5000)))
    for page in pages:
        width, _ = page.get_size()
        for thing in page.get_objects():
            left, _, right, _ = thing.get_bounds()
            assert left >= 0
            assert right <= width


def test_characters_that_no_font_has_are_written_out() -> None:
    said = text(made(hostile("\U0001f9ff\U000e0042\ue000 x")))  # the last but one is for private use, so shown as code
    assert "\\ue000" in said


@settings(max_examples=40, deadline=None)
@given(st.text(max_size=60))
def test_any_text_makes_a_pdf(words: str) -> None:
    blocks = (
        Heading(2, f"E1 {words}", "a"),
        Text(words),
        facts([(words, words), ("x", cell(Span(words, "code", "a"), Span(words, "ok", "nowhere")))]),
        Table(words, ("A", "B"), (1, 2), ((cell(words), cell(Span(words, "faint"))),)),
        Items((cell(words),)),
        Words(words, words),
        Words(words, words, is_code=True),
    )
    assert pdf(Document(f"Record {words}", words, blocks), MADE).startswith(b"%PDF-1.7")


def test_a_long_list_is_a_long_table(tmp_path: Path) -> None:
    names = [f"{n}" for n in range(120)]
    case = replace(THREE, annexes=tuple(Annex(n, "Annex") for n in names))
    found = made(record(inspected(delivery(1, *((f"{n}.pdf", OK) for n in names))), case=case))
    assert text(found).count("Verdict") > len(pypdfium2.PdfDocument(found)) / 2  # heads are repeated


def test_a_case_without_mail() -> None:
    assert "nonewasreceived" in text(made(record(case=THREE)))


def test_without_the_compiler_it_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    real = builtins.__import__

    def absent(name: str, *args: Any) -> Any:
        if name == "typst":
            raise ImportError(name)
        return real(name, *args)

    monkeypatch.setattr(builtins, "__import__", absent)
    with pytest.raises(UsageError, match=r"attachwatch\[pdf\]"):
        made(story())
