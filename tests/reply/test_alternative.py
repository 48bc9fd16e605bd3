"""The letter as HTML: its words as they are, lists as lists, and nothing that is fetched."""

from html.parser import HTMLParser

from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import html

from attachwatch.reply.alternative import as_html

BODY = """\
Dear FOI Team,

Thank you for your four emails of 1 October 2024 (FOI2024/01234). The words
of this paragraph go on.

1. Annex D  iii <b>REDACTED</b> {{ 7*7 }}.pdf
   It is cut off: the file ends after 48,213 bytes, before the document does
   as one can see.
   The new copy is the same.

2. Annex E.pdf

- Numbers 1 and 2: please send each again, in an email of its own or in some
  other way.
- a link to SharePoint:
  b  c.pdf

Yours faithfully,
A. Requester
"""


def page(body: str) -> html.HtmlElement:
    return html.document_fromstring(as_html(body))


def test_paragraphs_keep_their_breaks_and_lose_those_of_wrapping() -> None:
    assert [p.text_content() for p in page(BODY).iter("p")] == [
        "Dear FOI Team,",
        "Thank you for your four emails of 1 October 2024 (FOI2024/01234). The words of this paragraph go on.",
        "Yours faithfully,\nA. Requester",
    ]


def test_lists_are_lists_with_their_numbers_and_names_as_they_are() -> None:
    first, second = page(BODY).iterfind(".//ol/li")
    assert (first.get("value"), second.get("value")) == ("1", "2")
    assert list(first.itertext()) == [
        "Annex D  iii <b>REDACTED</b> {{ 7*7 }}.pdf",
        "It is cut off: the file ends after 48,213 bytes, before the document does as one can see.",
        "The new copy is the same.",
    ]


def test_what_is_asked_for_is_a_list_too() -> None:
    asked, link = page(BODY).iterfind(".//ul/li")
    assert asked.text == "Numbers 1 and 2: please send each again, in an email of its own or in some other way."
    assert list(link.itertext()) == ["a link to SharePoint:", "b  c.pdf"]


def test_an_edited_letter_without_any_list_is_paragraphs() -> None:
    assert [p.text_content() for p in page("Hello\r\n\r\nGoodbye").iter("p")] == ["Hello", "Goodbye"]


class _Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.seen: set[str] = set()
        self.attributes: set[str] = set()
        self.words = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.add(tag)
        self.attributes |= {name for name, _ in attrs}

    def handle_data(self, data: str) -> None:
        self.words += data


@settings(deadline=None)
@given(
    st.lists(
        st.one_of(
            st.text(max_size=40), st.sampled_from(["<script>alert(1)</script>", "1. <img src=x>", "   x", "", "- y"])
        )
    ).map("\n".join)
)
def test_whatever_the_letter_holds_only_these_tags_are_in_it_and_no_word_is_lost(body: str) -> None:
    read = _Tags()
    read.feed(as_html(body))
    read.close()
    assert read.seen <= {"html", "head", "meta", "body", "p", "ol", "ul", "li", "br"}
    assert read.attributes <= {"charset", "style", "value"}
    said = "".join(read.words.split())
    for word in ("<script>alert(1)</script>", "<imgsrc=x>"):
        assert said.count(word) >= sum(line.replace(" ", "").endswith(word) for line in body.split("\n"))
