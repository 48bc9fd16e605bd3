"""A label in any dress is found, and a neighbour never fills the hole: what the rules name, made by a generator."""

import string

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from attachwatch.annexes.expected import expand, first_label, from_items
from attachwatch.annexes.labels.numerals import shown
from attachwatch.annexes.matching.match import match
from attachwatch.model import Received

KINDS = {
    "Annex": ["Annex", "ANNEX", "annex", "Annexe", "Appendix", "Attachment", "Encl", "Anlage", "Bijlage"],
    "Appendix": ["Appendix", "App", "APPENDIX", "Annex"],
    "Attachment": ["Attachment", "Att", "ATTACHMENT", "attachment"],
    "Schedule": ["Schedule", "Sched", "SCHEDULE"],
    "Exhibit": ["Exhibit", "Ex", "Exh", "EXHIBIT"],
    "Tab": ["Tab", "TAB", "tab"],
    "Document": ["Document", "Doc", "DOC"],
    "Record": ["Record", "RECORD", "Rec"],
    "Anlage": ["Anlage", "Anl", "ANLAGE", "Anhang", "Beilage"],
    "Annexe": ["Annexe", "ANNEXE", "Pi\u00e8ce jointe", "PJ"],
    "Aguis\u00edn": ["Aguis\u00edn", "aguisin", "Aguisi\u0301n"],
    "Atodiad": ["Atodiad", "ATODIAD"],
    "Bijlage": ["Bijlage", "bijlage", "Bijl"],
    "Anexo": ["Anexo", "ANEXO"],
    "Allegato": ["Allegato", "ALLEGATO"],
}
ROMAN = ["i", "ii", "iii", "iv", "v", "vi", "vii", "viii", "ix", "x", "xi", "xii"]
SPACES = [" ", "_", "\u00a0", "  ", "-", " - ", "%20", ".", "\u2009"]
BEFORE = [
    "",
    "FOI2023-04608 ",
    "2023-11-14 ",
    "OFF SEN ",
    "[OFFICIAL] ",
    "Copy of ",
    "3. ",
    "email 2 of 4 - ",
    "\u202e",
]
BEHIND = [
    "",
    " REDACTED",
    " FINAL v2",
    " (1)",
    " - Copy",
    " - Copy (2)",
    " (O-S)",
    "_v01",
    " 14 Nov 2023",
    " (redacted)",
    "\u200b",
]
ENDS = [".pdf", ".PDF", "", ".pdf.pdf", ".docx"]


def numerals(draw: st.DrawFn) -> list[str]:
    """The ordinals of a series, all of one system."""
    size = draw(st.integers(3, 12))
    upper = [r.upper() for r in ROMAN]
    return draw(st.sampled_from([list(string.ascii_uppercase), ROMAN, upper, [str(n) for n in range(1, 13)]]))[:size]


@st.composite
def dressed(draw: st.DrawFn) -> tuple[list[str], int, str]:
    """A list, the item that a file is, and the file's name."""
    kind = draw(st.sampled_from(sorted(KINDS)))
    series = numerals(draw)
    nested = draw(st.booleans())
    items = [f"{kind} D({n.lower()})" if nested else f"{kind} {n}" for n in series]
    wanted = draw(st.integers(0, len(series) - 1))
    number = series[wanted]
    number = draw(st.sampled_from([number, number.upper(), number.zfill(3) if number.isdecimal() else number]))
    if nested:
        # "Da" is a word; "Dii" and "D02" are not.
        gap = draw(st.sampled_from([" ", ".", "-", "_", *([""] if series[1].lower() in ("ii", "2") else [])]))
        number = draw(st.sampled_from([f"D({number.lower()})", f"D{gap}{number.lower()}", f"d ({number.lower()})"]))
    gap = draw(st.sampled_from(SPACES))
    name = f"{draw(st.sampled_from(KINDS[kind]))}{gap}{number}"
    dress = draw(st.sampled_from(BEFORE)), draw(st.sampled_from(BEHIND)), draw(st.sampled_from(ENDS))
    return items, wanted, f"{dress[0]}{name}{dress[1]}{dress[2]}"


@given(dressed())
@settings(max_examples=400)
def test_a_label_in_any_dress_is_found(case: tuple[list[str], int, str]) -> None:
    items, wanted, name = case
    found = match(from_items(items), [Received(1, name)], {})
    assert [m.annex for m in found.matches] == [wanted]


@given(dressed())
@settings(max_examples=400)
def test_a_neighbour_never_fills_the_hole(case: tuple[list[str], int, str]) -> None:
    items, wanted, name = case
    others = items[:wanted] + items[wanted + 1 :]
    found = match(from_items(others), [Received(1, name)], {})
    assert found.matches == ()
    assert found.unexpected == (0,)


@given(dressed(), dressed())
def test_the_order_of_files_and_annexes_changes_nothing(
    one: tuple[list[str], int, str], other: tuple[list[str], int, str]
) -> None:
    items = one[0]
    names = [one[2], other[2], "scan.pdf"]
    there = match(from_items(items), [Received(1, n) for n in names], {})
    back = match(from_items(items[::-1]), [Received(1, n) for n in names[::-1]], {})
    last, least = len(from_items(items)) - 1, len(names) - 1
    assert {(m.annex, m.received) for m in there.matches} == {
        (last - m.annex, least - m.received) for m in back.matches
    }


_STEP = st.sampled_from([*"abcdefghjk", *ROMAN, *map(str, range(1, 40))])


@given(st.sampled_from(sorted(KINDS)), st.lists(_STEP, min_size=1, max_size=4))
def test_what_is_written_is_read_again(kind: str, steps: list[str]) -> None:
    first, *rest = steps
    found = first_label(f"{kind} {first.upper()}" + "".join(f"({step})" for step in rest))
    assert found is not None
    (path,) = expand(found)
    again = first_label(f"{kind} {shown(path)}")
    assert again is not None
    assert (again.kind, again.path) == (found.kind, path)


@pytest.mark.parametrize("size", [3, 8, 12])
def test_a_range_in_words_or_with_a_dash_is_each_of_its_members(size: int) -> None:
    for kind, many in (("Annex", "Annexes"), ("Anlage", "Anlagen"), ("Bijlage", "Bijlagen"), ("Annexe", "Annexes")):
        for series in (string.ascii_uppercase, [r.upper() for r in ROMAN], [str(n) for n in range(1, 13)]):
            items = from_items([f"{kind} {n}" for n in series[:size]])
            for joint in (" to ", "-", "\u2013", " - ", " bis ", " \u00e0 ", " tot "):
                found = match(items, [Received(1, f"{many} {series[0]}{joint}{series[size - 1]}.pdf")], {})
                assert [m.annex for m in found.matches] == list(range(size)), (kind, joint, series[:size])
