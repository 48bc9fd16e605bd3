"""The page of a record: all of it, readable by everybody, and nothing in it that acts."""

import re
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import html

from attachwatch.evidence.blocks import Document, Heading, Items, Picture, Span, Table, Text, Words, cell, facts
from attachwatch.evidence.harmless import shown
from attachwatch.evidence.layout import document
from attachwatch.evidence.page import page
from attachwatch.evidence.record import Record
from attachwatch.model import Annex
from tests.cases.builders import BROKEN, OK, SAME, THREE, delivery
from tests.evidence.hostile import NAMES, hostile
from tests.evidence.made import inspected, record, story

GOLDEN = Path(__file__).with_name("golden")
ACTIVE = "//script|//link|//iframe|//object|//embed|//form|//base|//svg|//@*[starts-with(name(), 'on')]"


def read(found: Record) -> html.HtmlElement:
    return html.document_fromstring(page(document(found)))


def text(element: html.HtmlElement) -> str:
    return re.sub(r"\s+", " ", str(element.text_content()))


def test_the_page_of_a_story_reads_like_this(request: pytest.FixtureRequest) -> None:
    made = page(document(story()))
    path = GOLDEN / "story.html"
    if request.config.getoption("--golden"):
        path.write_text(made, encoding="utf-8")
    assert made == path.read_text(encoding="utf-8")


def test_every_email_file_reply_decision_and_deadline_is_on_it() -> None:
    found = story()
    said = text(read(found))
    for email in found.emails:
        assert str(email.filed.message.header.message_id) in said
        assert email.filed.message.header.subject in said
    for file in found.files:
        assert file.attachment.sha256 in said
        assert file.attachment.name in said
    assert "missed: answered on 1 October 2024, 1 working day late" in said
    assert "Freedom of Information Act 2000 s 10" in said
    assert "the same bytes as on 1 October, still cut off" in said
    assert "qpdf 12.4.2 opens it: 3 pages; file is damaged" in said
    assert "pdfium 159.0 does not open it; Data format error" in said
    assert "approved, and placed in Drafts on 2 Oct 2024 09:00 +0000" in said
    assert "Thank you for your emails." in said
    assert "Annex D(vi) is closed: on paper" in said
    assert "taken back" in said
    assert "attachwatch 0.0.0, rules 9" in said


def test_a_reply_in_a_file_is_told_of_without_the_folders_of_this_machine() -> None:
    found = story()
    placed = replace(found.drafts[0], placed_in="/home/a.requester/store/drafts/draft-1.eml")
    said = text(read(replace(found, drafts=(placed,))))
    assert "placed in the file draft-1.eml on" in said
    assert "a.requester" not in said


def test_the_owner_of_a_licence_is_marked_as_a_person_s_and_the_page_says_so() -> None:
    said = text(read(story()))
    assert "owner clerk@interior.example (personal data)" in said
    assert "consider whether to pass it on" in said
    assert "personal data" not in text(read(record(inspected(delivery(1, ("D(iii).pdf", BROKEN))))))


def test_the_page_needs_nothing_beside_it_and_may_do_nothing() -> None:
    found = read(story())
    assert found.xpath(ACTIVE) == []
    policy = found.xpath("//meta[@http-equiv='Content-Security-Policy']/@content")[0]
    assert policy == "default-src 'none'; style-src 'unsafe-inline'; img-src data:"
    assert all(str(h).startswith("#") for h in found.xpath("//@href"))


def test_every_link_has_its_place_and_every_place_is_there_once() -> None:
    found = read(story())
    ids = [str(i) for i in found.xpath("//@id")]
    assert len(ids) == len(set(ids))
    assert {str(h)[1:] for h in found.xpath("//a/@href")} <= set(ids)


def test_it_can_be_read_by_ear_and_without_colours() -> None:
    found = read(story())
    assert found.get("lang") == "en"
    levels = [int(h.tag[1]) for h in found.xpath("//h1|//h2|//h3|//h4")]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))
    for table in found.xpath("//table"):
        assert text(table.xpath("caption")[0]).strip()
        assert table.xpath("thead/tr/th[not(@scope='col')]") == []
        assert all(len(row.xpath("th[@scope='row']")) == 1 for row in table.xpath("tbody/tr"))
    for coloured in found.xpath("//span[contains(' broken missing locked ', concat(' ', @class, ' '))]"):
        assert re.search(r"broken|missing|missed|locked|late", text(coloured))


@pytest.mark.parametrize("name", NAMES, ids=lambda name: ascii(name)[:24])
def test_what_strangers_write_is_text_in_every_place(name: str) -> None:
    made = page(document(hostile(name)))
    assert not re.search("[\x00-\x08\x0b-\x1f\u202a-\u202e\u2066-\u2069\ud800-\udfff]", made)
    found = html.document_fromstring(made)
    assert found.xpath(ACTIVE) == []
    assert found.xpath("//img") == []
    assert len(found.xpath("//style")) == 1
    assert all(str(h).startswith("#") for h in found.xpath("//@href"))
    said = text(found)
    assert said.count(re.sub(r"\s+", " ", shown(name))) > 25
    assert "49" not in said or "49" in name


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=80))
def test_any_text_is_there_and_is_text(words: str) -> None:
    blocks = (
        Heading(2, words, "a"),
        Text(words, "faint"),
        facts([(words, words)]),
        Table(words, ("A", "B"), (1, 2), ((cell(words), cell(Span(words, "faint"), Span(words, link="a"))),)),
        Items((cell(words),)),
        Words(words, words),
        Picture(b"", words, words),
    )
    found = html.document_fromstring(page(Document(words, words, blocks)))
    assert found.xpath(ACTIVE) == []
    assert len(found.xpath("//h2|//table|//ul|//pre|//figure")) == 5
    assert "".join(found.xpath("//li")[0].itertext()) == shown(words)
    assert found.xpath("//figure/img/@alt") == [shown(words)]


def test_a_case_with_500_attachments_is_no_heavy_page() -> None:
    names = [f"{n}" for n in range(500)]
    case = replace(THREE, annexes=tuple(Annex(n, "Annex") for n in names))
    many = [
        inspected(delivery(1 + first, *((f"{n}.pdf@{SAME[:60]}{n:>04}", OK) for n in names[first : first + 50])))
        for first in range(0, 500, 50)
    ]
    assert len(page(document(record(*many, case=case)))) < 400_000


def test_a_case_without_mail_says_so() -> None:
    said = text(read(record(case=THREE)))
    assert "none was received" in said
    assert "overdue by" in said
