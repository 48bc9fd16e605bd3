"""Gaps in a series: asked about, and only where neither a file nor the list has what would be there."""

from hypothesis import given
from hypothesis import strategies as st

from attachwatch.annexes import expected
from attachwatch.annexes.gaps import gaps


def asked(*names: str, listed: str = "") -> list[str]:
    return [gap.question for gap in gaps(names, expected.from_text(listed))]


def absent(*names: str, listed: str = "") -> list[str]:
    return [label for gap in gaps(names, expected.from_text(listed)) for label in gap.absent]


def test_what_lies_between_two_that_came_is_asked_about() -> None:
    assert asked("Annex D iv OFF SEN guide.pdf", "Annex D vi OFF SEN guide.pdf", "Annex D vii.pdf") == [
        "Annex D(iv) and D(vi) came, D(v) did not, and is on no list: was there one?"
    ]


def test_several_in_a_row_are_one_question() -> None:
    (question,) = asked("Annex A.pdf", "Annex B.pdf", "Annex C.pdf", "Annex F.pdf")
    assert question == "Annex C and F came, D to E did not, and are on no list: were there any?"


def test_what_is_listed_is_missing_and_no_gap() -> None:
    assert absent("Annex A.pdf", "Annex C.pdf", listed="Annex A\nAnnex B\nAnnex C") == []


def test_a_gap_that_the_list_has_too_is_asked_about() -> None:
    came = expected.from_text("Annex A\nAnnex C")
    assert [g.absent for g in gaps(came, came)] == [("B",)]


def test_annexes_of_the_list_and_files_that_are_on_none_make_one_series() -> None:
    listed = expected.from_text("Annex A\nAnnex B")
    assert [g.absent for g in gaps([*listed, "Annex D.pdf"], listed)] == [("C",)]


def test_nothing_is_asked_before_the_first_and_after_the_last() -> None:
    assert absent("Annex D(iii).pdf", "Annex D(iv).pdf", listed="Annex D(vii)") == []


def test_numbers_that_are_far_apart_are_no_series() -> None:
    assert absent("Document 3.pdf", "Document 17.pdf") == []
    assert absent("Annex A.pdf", "Annex Z.pdf") == []


def test_where_as_much_is_absent_as_came_there_is_no_series() -> None:
    assert absent(*(f"Document {n}.pdf" for n in range(1, 40, 2))) != []
    assert absent(*(f"Document {n}.pdf" for n in range(1, 40, 3))) == []


def test_kinds_do_not_fill_one_anothers_gaps() -> None:
    assert absent("Annex 1.pdf", "Annex 3.pdf", "Schedule 2.pdf") == ["2"]


def test_numerals_are_those_of_the_series() -> None:
    assert absent("Annex v.pdf", "Annex vii.pdf") == ["vi"]
    assert absent("Annex H.pdf", "Annex J.pdf", "Annex K.pdf") == ["I"]
    assert absent("Annex 2a.pdf", "Annex 2c.pdf") == ["2b"]


def test_a_branch_that_came_in_pieces_is_there() -> None:
    assert absent("Annex C.pdf", "Annex D(i).pdf", "Annex D(ii).pdf", "Annex E.pdf") == []


def test_a_range_in_a_name_stands_for_all_of_it() -> None:
    assert absent("Annexes A to C.pdf", "Annex D.pdf", "Annex F.pdf") == ["E"]


def test_references_dates_and_parts_are_no_series() -> None:
    assert absent("FOI2023-04608 letter.pdf", "FOI2023-04610 letter.pdf") == []
    assert absent("report part 1.pdf", "report part 3.pdf") == []


ANY = st.lists(st.text(max_size=30), max_size=8)
DRESSED = st.lists(st.text(alphabet="AnexD(iv) 13,to-", max_size=20), max_size=8)


@given(ANY, DRESSED)
def test_any_names_are_taken(any_names: list[str], dressed: list[str]) -> None:
    for gap in gaps(any_names + dressed):
        assert gap.absent
        assert "did not" in gap.question
