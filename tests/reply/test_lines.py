"""Lines of plain text."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from attachwatch.reply.lines import goes_on, harmless, mark, printable, wrapped


@pytest.mark.parametrize(
    "character",
    ["\0", "\r", "\n", "\t", "\x1b", "\x7f", "\x85", "\u2028", "\u2029", "\u202e", "\u2066", "\u200f", "\u061c",
     "\ufeff", "\u200b", "\U000e0041", "\ue000", "\ud800"],
)  # fmt: skip
def test_what_steers_a_screen_or_ends_a_line_is_shown_as_a_sign(character: str) -> None:
    assert printable(f"a{character}b") == "a\ufffdb"


@pytest.mark.parametrize(
    "name", ["Anlage Übersicht.pdf", "پرونده\u200cها.pdf", "e\u0301.pdf", "a  b\u00a0c.pdf", "<&>{{ 7*7 }}"]
)
def test_what_people_write_stays_as_it_is(name: str) -> None:
    assert printable(name) == name


def test_a_persons_text_keeps_its_lines_and_loses_control_characters() -> None:
    assert harmless("a\r\nb\rc\td\x1b[31m\ud800") == "a\nb\nc\td\ufffd[31m\ufffd"


@settings(deadline=None)
@given(st.text())
def test_wrapping_keeps_every_word(text: str) -> None:
    assert wrapped(text, 3).split() == text.split()


def test_a_line_goes_on_only_where_the_next_word_had_no_room() -> None:
    full = "x " * 36 + "xxx"
    assert goes_on(full, "yy and more")
    assert not goes_on(full, "1. file.pdf")
    assert not goes_on(f"1. {full}", "yy")
    assert not goes_on("Yours faithfully,", "A. Requester")


@pytest.mark.parametrize(("line", "begins"), [("1. a", "1."), ("- a", "-"), ("12) a", "12)"), ("1.a", ""), ("a", "")])
def test_what_begins_an_item(line: str, begins: str) -> None:
    assert mark(line) == begins
