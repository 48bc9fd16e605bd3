"""What of a document's pages is lost, although it opens."""

import io
import random

import pikepdf
import pytest
from pikepdf import Dictionary, Name, Pdf, Stream

from attachwatch.demo import documents
from attachwatch.inspection import content, judge
from attachwatch.inspection.examination import examine
from attachwatch.model import Cause, Finding, Verdict

NOISE = random.Random(1).randbytes(6000)


def altered(data: bytes, *, page: int, contents: bytes | None) -> bytes:
    """The document with other contents, or none, on one page (counted from 1)."""
    with pikepdf.open(io.BytesIO(data)) as pdf:
        if contents is None:
            del pdf.pages[page - 1].Contents
        else:
            pdf.pages[page - 1].Contents = pdf.make_stream(contents)
        return saved(pdf)


def with_image(data: bytes, name: Name, **entries: object) -> bytes:
    """One page that paints an image of 60 x 100 gray pixels with these bytes behind this filter."""
    with pikepdf.open(io.BytesIO(documents.report("Picture", 1))) as pdf:
        image = Stream(pdf, data, Type=Name.XObject, Subtype=Name.Image, Width=60, Height=100)
        image.ColorSpace, image.BitsPerComponent = Name.DeviceGray, 8
        image.write(data, filter=name)
        pdf.pages[0].Resources.XObject = Dictionary({"/Scan": pdf.make_indirect(image)} | entries)
        pdf.pages[0].contents_add(b"q 400 0 0 400 90 100 cm /Scan Do Q")
        return saved(pdf)


def saved(pdf: Pdf) -> bytes:
    out = io.BytesIO()
    pdf.save(out, compress_streams=False, stream_decode_level=pikepdf.StreamDecodeLevel.none)
    return out.getvalue()


def look(data: bytes) -> tuple[Finding, ...]:
    with pikepdf.open(io.BytesIO(data)) as pdf:
        return content.look(pdf)


def losses(data: bytes) -> list[Finding]:
    return [f for f in look(data) if f.code in (Cause.CONTENT_UNREADABLE, Cause.PAGES_MISSING)]


@pytest.mark.parametrize(
    "data",
    [
        documents.report("a", 3),
        documents.report("a", 3, linearize=True),
        documents.restricted("a", 3),
        documents.with_picture("a"),
    ],
)
def test_of_a_sound_document_nothing_is_lost(data: bytes) -> None:
    assert losses(data) == []


def test_a_content_that_does_not_decompress_names_its_page() -> None:
    (found,) = losses(documents.content_mangled("a", 4, page=3))
    assert found.evidence["pages"] == [3]
    assert "page 3" in found.message


def test_an_emptied_content_beside_fonts_names_its_page() -> None:
    data = altered(documents.report("a", 4), page=2, contents=b" \n")
    (found,) = losses(data)
    assert found.evidence["pages"] == [2]
    judged = examine(data)
    assert (judged.verdict, judged.cause, judged.pages) == (Verdict.DAMAGED, Cause.CONTENT_UNREADABLE, 4)


def test_a_page_deep_in_a_long_document_is_looked_into() -> None:
    (found,) = losses(altered(documents.report("a", 120), page=97, contents=b" "))
    assert found.evidence["pages"] == [97]


def test_what_is_not_looked_into_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(content, "_MOST_CONTENT", 1000)
    (found,) = look(documents.report("a", 120))
    assert (found.code, found.evidence["last"]) == (judge.NOT_LOOKED_INTO, 120)


def test_a_page_without_content_may_be_blank_on_purpose() -> None:
    assert losses(altered(documents.report("a", 4), page=2, contents=None)) == []


def test_a_page_that_says_that_it_draws_nothing_is_no_loss() -> None:
    assert losses(altered(documents.report("a", 4), page=2, contents=b"q Q")) == []


def test_an_empty_content_without_fonts_is_a_blank_page() -> None:
    with Pdf.new() as pdf:
        pdf.add_blank_page()
        pdf.pages[0].Contents = pdf.make_stream(b"")
        assert losses(saved(pdf)) == []


def test_a_page_count_that_is_not_kept_is_a_loss() -> None:
    data = documents.report("a", 3).replace(b"/Count 3", b"/Count 7")
    assert [f.code for f in losses(data)] == [Cause.PAGES_MISSING]


def test_a_picture_of_noise_is_told_with_its_page() -> None:
    (found,) = losses(with_image(NOISE, Name.DCTDecode))
    assert (found.evidence["pages"], found.evidence["pictures"]) == ([1], 1)


def test_a_resource_of_a_wrong_kind_hides_no_other_loss() -> None:
    data = with_image(NOISE, Name.FlateDecode, **{"/Another": Name.Nothing})
    assert [f.code for f in losses(data)] == [Cause.CONTENT_UNREADABLE]


def with_form(content: bytes, **resources: object) -> bytes:
    """A report whose second page draws a form with this content."""
    with pikepdf.open(io.BytesIO(documents.report("Form", 3))) as pdf:
        page = pdf.pages[1]
        form = Stream(pdf, content, Type=Name.XObject, Subtype=Name.Form, BBox=pikepdf.Array([0, 0, 400, 400]))
        form.Resources = Dictionary(resources or {"/Font": page.Resources.Font})
        page.Resources.XObject = Dictionary(Fm1=pdf.make_indirect(form))
        page.contents_add(b"q /Fm1 Do Q")
        return saved(pdf)


@pytest.mark.parametrize("content", [b"", b"% nothing\n", b"asdf 12 qwer 3 yxcv (a) bla blub 7 nothing"])
def test_a_form_that_is_emptied_or_mangled_is_a_loss_of_the_page_that_draws_it(content: bytes) -> None:
    (found,) = losses(with_form(content))
    assert found.evidence["pages"] == [2]


def test_an_empty_form_that_has_nothing_to_draw_with_is_no_loss() -> None:
    assert losses(with_form(b"", **{"/ProcSet": pikepdf.Array([Name.PDF])})) == []


def test_forms_that_draw_themselves_are_looked_at_once() -> None:
    with pikepdf.open(io.BytesIO(with_form(b"q /Fm1 Do Q"))) as pdf:
        form = pdf.pages[1].Resources.XObject.Fm1
        form.Resources.XObject = Dictionary(Fm1=form)
        assert losses(saved(pdf)) == []


def test_a_picture_that_is_drawn_and_not_there_is_a_loss() -> None:
    (found,) = losses(altered(documents.report("a", 4), page=3, contents=b"q 9 0 0 9 0 0 cm /Scan Do Q"))
    assert (found.evidence["pages"], found.message) == ([3], "A picture or drawing on page 3 is not in the file.")


def test_a_content_that_ends_in_a_text_was_cut() -> None:
    (found,) = losses(altered(documents.report("a", 4), page=3, contents=b"BT /F1 12 Tf 90 90 Td (half a wo"))
    assert found.evidence["pages"] == [3]


def test_a_content_that_no_parser_takes_is_judged_by_its_words() -> None:
    (found,) = losses(altered(documents.report("a", 4), page=3, contents=b"/Tag <</Of 7 0 R>> BDC asdf qwer yxcv EMC"))
    assert found.evidence == {"pages": [3], "unknown_operators": 3}


@pytest.mark.parametrize(("looks", "is_lost"), [(True, False), (False, True)])
def test_an_annotation_stands_for_content_only_where_it_is_painted(*, looks: bool, is_lost: bool) -> None:
    with pikepdf.open(io.BytesIO(altered(documents.report("a", 2), page=1, contents=b" "))) as pdf:
        stamp = Dictionary(Type=Name.Annot, Subtype=Name.Stamp, Rect=pikepdf.Array([0, 0, 9, 9]))
        if looks:
            stamp.AP = Dictionary(N=pdf.make_stream(b"0 0 9 9 re f"))
        pdf.pages[0].Annots = pikepdf.Array([pdf.make_indirect(stamp)])
        assert bool(losses(saved(pdf))) is is_lost
