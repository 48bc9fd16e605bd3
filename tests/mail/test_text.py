"""Bodies as text."""

from hypothesis import given
from hypothesis import strategies as st

from attachwatch.mail import text


def test_the_declared_charset_is_tried_first_and_then_what_is_usual() -> None:
    assert text.decode("\u00dcber".encode("iso-8859-1"), "iso-8859-1") == "\u00dcber"
    assert text.decode("\u00dcber".encode(), "no-such-charset") == "\u00dcber"
    assert text.decode("\u00dcber".encode("cp1252"), "") == "\u00dcber"


def test_html_is_read_block_by_block_without_what_nobody_sees() -> None:
    html = (
        "<head><title>x</title></head><style>p{}</style><p>Please find <b>attached</b></p><div>Annex&nbsp;A</div>a<br>b"
    )
    assert text.from_html(html) == "Please find attached\nAnnex A\na\nb"


@given(st.binary(max_size=300), st.text(max_size=20))
def test_any_bytes_become_text_that_can_be_stored(data: bytes, charset: str) -> None:
    text.decode(data, charset).encode("utf-8")


@given(st.text(max_size=300))
def test_any_text_can_be_taken_for_html(html: str) -> None:
    text.from_html(html)
