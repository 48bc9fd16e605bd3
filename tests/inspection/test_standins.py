"""Which pages stand in for a document, and which short pages are the document."""

import io

import pikepdf
import pytest
from pikepdf import Dictionary, Name

from attachwatch.demo import documents
from attachwatch.inspection import standins
from attachwatch.model import Cause, Finding


def page(*lines: str) -> bytes:
    """A document of one page with these words."""
    with pikepdf.open(io.BytesIO(documents.gateway_notice("x"))) as pdf:
        shown = " T* ".join(f"({line}) Tj" for line in lines)
        pdf.pages[0].Contents = pdf.make_stream(f"BT /F1 10 Tf 50 780 Td 16 TL {shown} ET".encode("latin-1"))
        return saved(pdf)


def saved(pdf: pikepdf.Pdf) -> bytes:
    out = io.BytesIO()
    pdf.save(out)
    return out.getvalue()


def look(data: bytes) -> tuple[Finding, ...]:
    with pikepdf.open(io.BytesIO(data)) as pdf:
        return standins.look(pdf, data)


def causes(data: bytes) -> list[str]:
    return [f.code for f in look(data) if f.code in set(Cause)]


@pytest.mark.parametrize(
    ("data", "cause"),
    [
        (documents.rights_managed("a"), Cause.RIGHTS_MANAGED),
        (documents.rights_managed_of_old("a"), Cause.RIGHTS_MANAGED),
        (documents.form("a"), Cause.XFA_FORM),
        (documents.portfolio("a"), Cause.PORTFOLIO),
        (documents.envelope("a"), Cause.SECURE_ENVELOPE),
        (documents.gateway_notice("a"), Cause.GATEWAY_NOTICE),
        (page("This attachment was removed because it contains malware."), Cause.GATEWAY_NOTICE),
        (page("The file a.pdf has been blocked.", "It could not be scanned."), Cause.GATEWAY_NOTICE),
        (page("ATP Scan In Progress", "Safe Attachments will release it."), Cause.GATEWAY_NOTICE),
    ],
)
def test_a_stand_in_is_recognised_and_its_words_are_kept(data: bytes, cause: Cause) -> None:
    found, *held = look(data)
    assert found.code == cause
    assert found.evidence.get("page_says") or found.evidence.get("files")
    assert [f.code for f in held] == (["holds-files"] if cause is Cause.PORTFOLIO else [])


def test_the_label_of_a_rights_managed_document_is_read_out() -> None:
    (found,) = look(documents.rights_managed("a"))
    assert found.evidence["label"]
    assert str(found.evidence["label_date"]).startswith("20")


@pytest.mark.parametrize(
    "data",
    [
        documents.report("a", 1),
        documents.report("a", 6),
        documents.labelled("a", 1),
        documents.restricted("a", 1),
        page("This file was removed from the bundle and is withheld under section 31.", "Mail gateway security team."),
        page("Documents about the virus were deleted in 2021.", "Contact the administrator or the help desk."),
        page("The attached files were replaced. Our security policy is on the intranet."),
        page("Travellers were quarantined; the file is at the service desk."),
        page("Please wait for our answer; this letter is protected by law."),
    ],
)
def test_a_short_document_about_such_things_is_a_document(data: bytes) -> None:
    assert causes(data) == []


def test_a_label_alone_is_told_and_is_no_cause() -> None:
    (found,) = look(documents.labelled("a", 1))
    assert (found.code, found.evidence["label"]) == ("labelled", "OFFICIAL-SENSITIVE")


def test_the_licence_tells_the_template_the_time_and_the_owner() -> None:
    found, *_ = look(documents.rights_managed("a"))
    assert found.evidence["template"] == "Official Sensitive"
    assert found.evidence["issued"] == "2024-09-27T09:12"
    assert found.evidence["owner"] == "records@interior.example"


def test_a_form_that_is_drawn_for_everybody_is_a_document() -> None:
    with pikepdf.open(io.BytesIO(documents.report("Form", 3))) as pdf:
        pdf.Root.AcroForm = Dictionary(Fields=pikepdf.Array([]), XFA=pdf.make_stream(b"<xdp/>"))
        pdf.Root.NeedsRendering = True
        assert causes(saved(pdf)) == []


def test_an_attachment_alone_makes_no_portfolio() -> None:
    with pikepdf.open(io.BytesIO(documents.portfolio("a"))) as pdf:
        del pdf.Root[Name.Collection]
        assert causes(saved(pdf)) == []
