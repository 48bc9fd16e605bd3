"""The judge's rules: who decides what, and that no limit of ours accuses anybody."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from attachwatch.demo import documents
from attachwatch.inspection import judge, structure
from attachwatch.inspection.filetype import PDF, FileType
from attachwatch.inspection.judge import Evidence
from attachwatch.model import Cause, Finding, Inspection, ReaderReport, Verdict

SOUND = structure.look(documents.report("Sound", 3))
TYPE = FileType(PDF, "a PDF")


def reader(name: str, pages: int | None = 3, **changes: object) -> ReaderReport:
    rendered = pages if name == "pdfium" else None
    made = ReaderReport(name, "1", opened=pages is not None, pages=pages, rendered=rendered)
    return replace(made, **changes)  # type: ignore[arg-type]


def evidence(*readers: ReaderReport, **changes: object) -> Evidence:
    names = {r.name for r in readers}
    others = tuple(reader(n) for n in ("qpdf", "pypdf", "pdfium") if n not in names)
    return replace(Evidence(TYPE, SOUND, (*readers, *others)), **changes)  # type: ignore[arg-type]


def verdict(*readers: ReaderReport, **changes: object) -> tuple[Verdict, Cause | None]:
    judgement = judge.judge(evidence(*readers, **changes))
    return judgement.verdict, judge.cause_of(judgement)


def test_three_readers_that_agree_make_it_ok() -> None:
    assert verdict() == (Verdict.OK, None)


@pytest.mark.parametrize("name", ["qpdf", "pypdf"])
def test_a_parsers_refusal_breaks_nothing_that_pdfium_shows(name: str) -> None:
    assert verdict(reader(name, None, error="no trailer")) == (Verdict.OK, None)


def test_what_pdfium_does_not_show_is_broken_whoever_else_opens_it() -> None:
    assert verdict(reader("pdfium", None)) == (Verdict.BROKEN, Cause.STRUCTURE_DAMAGED)


def test_the_users_password_is_what_counts() -> None:
    assert verdict(reader("pdfium", None, needs_password=True)) == (Verdict.LOCKED, Cause.PASSWORD)


@pytest.mark.parametrize(
    ("handler", "cause"),
    [("Adobe.PubSec", Cause.CERTIFICATE), ("MicrosoftIRMServices", Cause.RIGHTS_MANAGED), ("Standard", Cause.PASSWORD)],
)
def test_the_security_handler_tells_what_locks_it(handler: str, cause: Cause) -> None:
    facts = replace(SOUND, encryption_filter=handler)
    assert verdict(reader("pdfium", None, needs_password=True), structure=facts) == (Verdict.LOCKED, cause)


def test_a_stand_in_is_no_document_although_everybody_opens_it() -> None:
    found = (Finding(Cause.RIGHTS_MANAGED, "A notice."),)
    assert verdict(findings=found) == (Verdict.PLACEHOLDER, Cause.RIGHTS_MANAGED)


def test_a_page_that_pdfium_cannot_paint_is_damage() -> None:
    assert verdict(reader("pdfium", 3, rendered=2, error="page 2")) == (Verdict.DAMAGED, Cause.CONTENT_UNREADABLE)


def test_pages_that_qpdf_does_not_find_are_damage() -> None:
    assert verdict(reader("qpdf", 1)) == (Verdict.DAMAGED, Cause.PAGES_MISSING)


@given(
    limited=st.sets(st.sampled_from(["qpdf", "pypdf", "pdfium"]), min_size=1),
    shown=st.booleans(),
)
def test_a_limit_never_accuses(limited: set[str], shown: bool) -> None:
    readers = [reader(n, None, limited=n in limited) for n in ("qpdf", "pypdf", "pdfium")]
    if shown and "pdfium" not in limited:
        readers[2] = reader("pdfium")
        assert verdict(*readers) == (Verdict.OK, None)
    else:
        assert verdict(*readers) == (Verdict.UNCHECKED, Cause.TOO_COSTLY)


@given(
    pages=st.integers(1, 50),
    errors=st.lists(st.sampled_from([None, "damaged"]), min_size=2, max_size=2),
    marks=st.fixed_dictionaries({"last_eof": st.none() | st.integers(0, 100), "high": st.integers(0, 9999)}),
)
def test_what_pdfium_shows_whole_is_never_broken(
    pages: int, errors: list[str | None], marks: dict[str, int | None]
) -> None:
    others = [reader(n, pages if e is None else None, error=e) for n, e in zip(("qpdf", "pypdf"), errors, strict=True)]
    facts = replace(SOUND, **marks)  # type: ignore[arg-type]
    assert verdict(*others, reader("pdfium", pages), structure=facts)[0] is Verdict.OK


# --- the name's claim -----------------------------------------------------------------------------------------

PAGE = Inspection(
    "ab", 9, "text/html", Verdict.UNCHECKED, findings=(Finding("other-type", "It is HTML.", {"instead": "a web page"}),)
)


@pytest.mark.parametrize(
    ("name", "content_type"),
    [
        ("a.pdf", ""),
        ("a.PDF", ""),
        ("a.pdf.pdf", ""),
        ("a.pdf ", ""),
        ("", "application/pdf"),
        ("Annex A", "application/pdf"),
    ],
)
def test_another_type_under_the_name_of_a_pdf_is_broken(name: str, content_type: str) -> None:
    found = judge.as_named(PAGE, name, content_type)
    assert (found.verdict, found.cause) == (Verdict.BROKEN, Cause.NOT_A_PDF)
    assert found.findings[0].evidence["instead"] == "a web page"


@pytest.mark.parametrize(("name", "content_type"), [("a.html", ""), ("a.html", "application/pdf"), ("a", "text/html")])
def test_another_type_under_its_own_name_is_not_judged(name: str, content_type: str) -> None:
    assert judge.as_named(PAGE, name, content_type) == PAGE


def test_a_file_that_a_limit_kept_from_judgement_is_not_judged_by_its_name() -> None:
    costly = replace(PAGE, cause=Cause.TOO_COSTLY, findings=())
    assert judge.as_named(costly, "a.pdf", "") == costly
