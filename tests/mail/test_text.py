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


def test_what_a_link_leads_to_stands_behind_its_words() -> None:
    html = (
        '<p>See <a href="https://we.tl/t-a"><b>Annex A</b></a>, <a href="https://x.example/">https://x.example</a>,'
        '<a href="mailto:a@x.example">us</a> <a href="https://d.example/1"><img alt="Download" src="x"></a></p>'
    )
    assert (
        text.from_html(html) == "See Annex A <https://we.tl/t-a> , https://x.example,us Download <https://d.example/1>"
    )


def test_a_quoted_message_is_marked_as_in_plain_text() -> None:
    html = '<p>Attached.</p><blockquote type="cite"><p>Your link: <a href="https://we.tl/t-a">here</a></p></blockquote>'
    assert text.from_html(html).splitlines()[:2] == ["Attached.", "> Your link: here <https://we.tl/t-a>"]


def test_the_html_is_read_where_it_alone_has_the_link() -> None:
    plain = "Dear Sir, your documents are ready.\nDownload them"
    html = "Dear Sir, your documents are ready.\nDownload them <https://we.tl/t-a>"
    assert text.with_its_links(plain, html) == html


def test_the_plain_text_is_read_where_the_html_says_no_more() -> None:
    plain = "Your documents: https://we.tl/t-a\n> quoted"
    assert text.with_its_links(plain, "Your documents: here <https://we.tl/t-a>") == plain


def test_both_are_read_where_they_are_not_the_same() -> None:
    plain, html = "Your program shows no HTML.", "Get your files <https://we.tl/t-a>"
    assert text.with_its_links(plain, html) == f"{plain}\n{html}"
