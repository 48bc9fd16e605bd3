"""What a file's name claims, held against what it is."""

from dataclasses import replace

import pytest

from attachwatch.inspection import claims
from attachwatch.model import Cause, Finding, Inspection, Verdict

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
        ("Annex D.iii", "application/pdf"),
        ("Annex 2.1", "Application/PDF; name=x"),
    ],
)
def test_another_type_under_the_name_of_a_pdf_is_broken(name: str, content_type: str) -> None:
    found = claims.as_named(PAGE, name, content_type)
    assert (found.verdict, found.cause) == (Verdict.BROKEN, Cause.NOT_A_PDF)
    assert found.findings[0].evidence["instead"] == "a web page"


@pytest.mark.parametrize(("name", "content_type"), [("a.html", ""), ("a.html", "application/pdf"), ("a", "text/html")])
def test_another_type_under_its_own_name_is_not_judged(name: str, content_type: str) -> None:
    assert claims.as_named(PAGE, name, content_type) == PAGE


def test_a_file_that_a_limit_kept_from_judgement_is_not_judged_by_its_name() -> None:
    costly = replace(PAGE, cause=Cause.TOO_COSTLY, findings=())
    assert claims.as_named(costly, "a.pdf", "") == costly
