"""What a page's content asks for."""

import pikepdf
import pytest
from hypothesis import given
from hypothesis import strategies as st

from attachwatch.inspection.operators import Drawing, drawing, scan


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


WORDS = [
    b"q",
    b"Q",
    b"BT",
    b"ET",
    b"1 0 0 rg",
    b"/F1 12 Tf",
    b"(a \\) word)",
    b"Tj",
    b"<48 65>",
    b"[(x) -20 (y)] TJ",
    b"%note",
]
WORDS += [b"foo", b"\x80\x81", b"0.5x", b"(", b"1..2", b"true", b"/Name"]


@given(st.lists(st.sampled_from(WORDS), max_size=30), st.sampled_from([b" ", b"\n"]))
def test_a_look_over_the_content_finds_at_least_what_reading_it_finds(words: list[bytes], between: bytes) -> None:
    content = between.join(words)
    try:
        read = of(content)
    except (pikepdf.PdfError, TypeError):
        return  # then the look over it is all that there is
    assert scan(content).may_be_mangled or read.unknown < 3 or b"(" in words  # an open string hides what is behind it


def test_the_data_of_a_picture_in_the_content_are_no_words() -> None:
    content = b"q BI /W 4 /H 4 /BPC 8 /CS /G ID \x01ab cd EX ef gh \x80 12 EI Q"
    assert (scan(content).words, scan(content).unknown) == (4, 0)


def test_a_content_says_what_it_draws_and_whether_it_ends_in_a_text() -> None:
    assert scan(b"q /Im1 Do Q q /Fm2\nDo Q").draws == {b"Im1", b"Fm2"}
    assert scan(b"BT (a) Tj ET BT (b) Tj").ends_in_text
    assert not scan(b"BT (a) Tj ET").ends_in_text
