"""A pattern that is compiled late finds what one finds that is compiled at once."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from attachwatch.patterns import Pattern


@given(st.text("aAb1 ,"))
def test_it_finds_the_same(text: str) -> None:
    late, at_once = Pattern(r"(a+)(b?)", re.IGNORECASE), re.compile(r"(a+)(b?)", re.IGNORECASE)
    for method in ("search", "match", "fullmatch"):
        found, wanted = getattr(late, method)(text), getattr(at_once, method)(text)
        assert (found and found.span()) == (wanted and wanted.span())
    assert [m.span() for m in late.finditer(text)] == [m.span() for m in at_once.finditer(text)]
    assert late.split(text, 2) == at_once.split(text, 2)
    assert late.sub(r"<\1>", text) == at_once.sub(r"<\1>", text)
    found, wanted = late.search(text, 2), at_once.search(text, 2)
    assert (found and found.span()) == (wanted and wanted.span())


def test_it_is_compiled_when_it_is_first_asked_and_once() -> None:
    late = Pattern("a(")  # which cannot be compiled
    with pytest.raises(re.error):
        late.search("a")
    good = Pattern("a")
    assert good.compiled is good.compiled
