"""What a page's content asks for."""

import pikepdf
import pytest
from hypothesis import given
from hypothesis import strategies as st

from attachwatch.inspection.operators import Drawing, drawing


def of(content: bytes) -> Drawing:
    pdf = pikepdf.new()
    pdf.add_blank_page()
    pdf.pages[0].obj.Contents = pdf.make_stream(content)
    return drawing(pdf.pages[0].obj)


@pytest.mark.parametrize(
    ("content", "visible"),
    [
        (b"BT /F1 12 Tf (seen) Tj ET", {"/F1"}),
        (b"BT /F1 12 Tf [(se) 20 (en)] TJ ET", {"/F1"}),
        (b"BT (no font was set) Tj ET", {None}),
        (b"BT /F1 12 Tf (  ) Tj ET", set()),
        (b"BT /F1 12 Tf 3 Tr (under a scan) Tj ET", set()),
        (b"BT /F1 12 Tf 1 g (white) Tj ET", set()),
        (b"BT /F1 12 Tf 1 1 1 rg (white) Tj ET", set()),
        (b"BT /F1 12 Tf 0 0 0 0 k (white) Tj ET", set()),
        (b"BT /F1 12 Tf 1 1 0 rg (yellow) Tj ET", {"/F1"}),
        (b"q 1 g Q BT /F1 12 Tf (black again) Tj ET", {"/F1"}),
        (b"BT /F1 12 Tf /Pattern cs /P1 scn (a pattern, which may be empty) Tj ET", set()),
    ],
)
def test_text_that_leaves_a_mark(content: bytes, visible: set[str | None]) -> None:
    assert of(content).visible == visible


def test_what_is_no_instruction_is_counted() -> None:
    assert of(b"q something new Q").unknown == 2
    assert of(b"toString").draws_nothing
    assert of(b"").draws_nothing
    assert not of(b"q Q").draws_nothing
    assert not of(b"q toString Q").draws_nothing


def test_a_slip_is_no_mangling() -> None:
    text = b"BT /F1 12 Tf (a) Tj ET " * 40
    assert not of(text + b"one two").is_mangled
    assert of(text + b"one tw\xf6 thr33 f4ur five").is_mangled
    assert not of(text * 10 + b"one two three").is_mangled


def test_inline_pictures_are_instructions() -> None:
    assert of(b"BI /W 1 /H 1 /BPC 8 /CS /G ID \x00 EI").unknown == 0


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(content: bytes) -> None:
    try:
        found = of(content)
    except (pikepdf.PdfError, ValueError, TypeError):
        return
    assert 0 <= found.unknown <= found.operators
