"""The judge's rules: who decides what, and that no limit of ours accuses anybody."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from attachwatch.demo import damage, documents
from attachwatch.inspection import claims, judge, structure
from attachwatch.inspection.examination import examine
from attachwatch.inspection.filetype import PDF, FileType
from attachwatch.inspection.judge import Evidence
from attachwatch.model import HOLDS_FILES, Cause, Finding, ReaderReport, Verdict
from tests.inspection import arrivals
from tests.inspection.arrivals import archive

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


@pytest.mark.parametrize("repairer", ["qpdf", "pypdf"])
def test_what_pdfium_does_not_show_is_broken_although_one_parser_repairs_it(repairer: str) -> None:
    other = {"qpdf": "pypdf", "pypdf": "qpdf"}[repairer]
    found = verdict(reader("pdfium", None), reader(other, None), reader(repairer))
    assert found == (Verdict.BROKEN, Cause.STRUCTURE_DAMAGED)


def test_what_every_reader_but_pdfium_opens_is_damaged_and_it_says_who_opens_it() -> None:
    judgement = judge.judge(evidence(reader("pdfium", None)))
    assert judgement.verdict is Verdict.DAMAGED
    assert judgement.cause is not None
    assert judgement.cause.evidence["opened_by"] == ["qpdf", "pypdf"]
    assert "Chrome and Edge do not open it" in judgement.cause.message


def test_the_users_password_is_what_counts() -> None:
    assert verdict(reader("pdfium", None, needs_password=True)) == (Verdict.LOCKED, Cause.PASSWORD)


@pytest.mark.parametrize(
    ("handler", "cause"),
    [
        ("Adobe.PubSec", Cause.CERTIFICATE),
        ("MicrosoftIRMServices", Cause.RIGHTS_MANAGED),
        ("FOPN_fLock", Cause.RIGHTS_MANAGED),
        ("Standard", Cause.PASSWORD),
    ],
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


# --- what could be a PDF and does not begin as one ------------------------------------------------------------

CUT = damage.truncate(documents.report("Cut", 3))


@pytest.mark.parametrize(("data", "name"), [(b"a,b", "a.csv"), (b"%", "a.txt"), (b"{\\rtf1 Yes}", "a.rtf")])
def test_a_few_bytes_are_a_whole_text_unless_they_are_meant_to_be_a_pdf(data: bytes, name: str) -> None:
    assert claims.as_named(examine(data), name, "").verdict is Verdict.OK
    assert claims.as_named(examine(data), "a.pdf", "").verdict is Verdict.BROKEN


def test_a_cut_archive_is_broken_whatever_its_first_member_is() -> None:
    found = claims.as_named(examine(archive("zip", documents.report("Whole", 3))[:-30]), "annexes.zip", "")
    assert (found.verdict, found.cause) == (Verdict.BROKEN, Cause.TRUNCATED)
    assert found.findings[0].code == Cause.TRUNCATED


def test_what_stands_in_front_is_no_cause_of_a_loss_inside() -> None:
    lost = (Finding(Cause.CONTENT_UNREADABLE, "The content of page 2 is gone.", {"pages": [2]}),)
    in_front = replace(SOUND, header=200)
    assert verdict(findings=lost, structure=in_front) == (Verdict.DAMAGED, Cause.CONTENT_UNREADABLE)
    moved = replace(in_front, xref_is_there=False)
    assert verdict(findings=lost, structure=moved) == (Verdict.DAMAGED, Cause.LEADING_JUNK)


@pytest.mark.parametrize(("kind", "verdict"), [("zip", Verdict.OK), ("tar", Verdict.UNCHECKED)])
@pytest.mark.parametrize("data", [documents.report("Whole", 3), CUT], ids=["whole", "cut"])
def test_an_archive_of_pdfs_is_not_judged_by_the_first_one_in_it(kind: str, verdict: Verdict, data: bytes) -> None:
    found = claims.as_named(examine(archive(kind, data)), f"annexes.{kind}", "")
    assert (found.verdict, found.cause, found.pages) == (verdict, None, None)


@pytest.mark.parametrize(
    "data",
    [
        b"How a PDF begins:\n\n%PDF-1.4\n1 0 obj\n<<>>\nendobj\n2 0 obj\n<<>>\nendobj\n3 0 obj\n<<>>\nendobj\n",
        b"12:00 1 0 obj\n12:01 2 0 obj\n12:02 3 0 obj\n12:03 the end\n",
        damage.still_base64(documents.report("a", 1)),
    ],
)
def test_a_text_that_speaks_of_pdfs_is_no_broken_pdf_until_its_name_says_so(data: bytes) -> None:
    assert claims.as_named(examine(data), "notes.txt", "text/plain").verdict is Verdict.UNCHECKED
    assert claims.as_named(examine(data), "notes.pdf", "").verdict is Verdict.BROKEN


def test_a_pdf_behind_mail_headers_is_one_by_its_name() -> None:
    behind = b"From: a@b.example\nSubject: c\n\n" + documents.report("Behind", 3)
    as_message = claims.as_named(examine(behind), "message.eml", "message/rfc822")
    assert (as_message.verdict, as_message.type) == (Verdict.OK, "message/rfc822")
    named = claims.as_named(examine(behind), "a.pdf", "")
    assert (named.verdict, named.cause, named.pages, named.type) == (Verdict.OK, None, 3, PDF)
    assert [HOLDS_FILES in {f.code for f in found.findings} for found in (as_message, named)] == [True, False]


@pytest.mark.parametrize(
    ("data", "cause"),
    [
        (b"%", Cause.EMPTY),
        (b"%PDF-1.7\n", Cause.EMPTY),
        (documents.report("a", 3).decode("latin-1").encode("utf-16"), Cause.CHARSET_CHANGED),
        (arrivals.still_uuencoded(documents.report("a", 3)), Cause.TRANSFER_ENCODING_LEFT),
        (damage.still_base64(documents.report("a", 3)), Cause.TRANSFER_ENCODING_LEFT),
        (damage.SIGN_IN_PAGE.replace(b"Sign in", b"%PDF-1.7 1 0 obj Sign in"), Cause.NOT_A_PDF),
        (archive("zip", CUT), Cause.NOT_A_PDF),
    ],
)
def test_what_happened_on_the_way_is_the_cause(data: bytes, cause: Cause) -> None:
    found = claims.as_named(examine(data), "a.pdf", "")
    assert (found.verdict, found.cause) == (Verdict.BROKEN, cause)
    assert found.findings[0].code == cause


@pytest.mark.parametrize(
    ("data", "cause"),
    [
        (arrivals.seven_bits(documents.with_picture("a", 96)), Cause.CHARSET_CHANGED),
        (damage.base64_character_lost(documents.with_picture("a", 96), 4000), Cause.BYTES_CHANGED),
    ],
)
def test_what_happened_on_the_way_is_the_cause_of_loss(data: bytes, cause: Cause) -> None:
    found = examine(data)
    assert found.verdict in (Verdict.DAMAGED, Verdict.BROKEN)
    assert found.cause is cause
