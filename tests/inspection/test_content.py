"""What of a document's pages is lost, although it opens."""

import io
import random

import pikepdf
import pytest
from pikepdf import Dictionary, Name, Pdf, Stream

from attachwatch.demo import documents
from attachwatch.inspection import content
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
