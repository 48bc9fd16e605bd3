"""Matching: which file is which annex, and why; and that what is not sure is left to a person."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from attachwatch.annexes.expected import from_csv, from_items
from attachwatch.annexes.matching.match import match
from attachwatch.errors import AnnexListError
from attachwatch.model import EmailText, Matching, Received

SHARED = Path(__file__).parents[4] / "shared" / "annex" / "dev.jsonl"


def matching(expected: list[str], *names: str, body: str = "", subject: str = "") -> Matching:
    return match(from_items(expected), [Received(1, n) for n in names], {1: EmailText(subject, body)})


def pairs(found: Matching) -> list[tuple[int, int]]:
    return [(m.annex, m.received) for m in found.matches]


def test_a_label_in_the_name_decides_and_says_so() -> None:
    found = matching(["Annex D(iii)", "Annex D(iv)"], "Annex D iv Manual.pdf", "Annex D iii Manual.pdf")
    assert pairs(found) == [(0, 1), (1, 0)]
    assert found.matches[0].reason == "label D(iii) in the file name"


def test_roman_numerals_are_counted_as_the_list_counts() -> None:
    assert pairs(matching(["Annex I", "Annex V"], "Annex 5.pdf", "Annex i.pdf")) == [(0, 1), (1, 0)]
    assert pairs(matching(["Annex H", "Annex I", "Annex J"], "Annex I.pdf")) == [(1, 0)]


def test_a_neighbour_never_fills_the_hole() -> None:
    found = matching(["Annex D(iv)", "Annex D(v)", "Annex D(vi)"], "Annex D(iv).pdf", "Annex D(vi).pdf")
    assert pairs(found) == [(0, 0), (2, 1)]


def test_a_tab_is_told_by_its_volume_in_the_name_or_around_it() -> None:
    expected = from_items(["Volume 1, Tab 3", "Volume 2, Tab 3", "Volume 2, Tab 5"])
    names = [Received(1, "Vol2_Tab3.pdf"), Received(1, "Tab 3.pdf", ("Volume 1.zip",)), Received(1, "Vol 2 Tab 4.pdf")]
    found = match(expected, names, {})
    assert (pairs(found), found.unexpected) == ([(0, 1), (1, 0)], (2,))


def test_labels_alone_in_a_name_are_a_list_where_they_follow_one_another() -> None:
    expected = ["Record 4a", "Record 4b", "Record 4c"]
    assert pairs(matching(expected, "4b and 4c.pdf")) == [(1, 0), (2, 0)]
    assert matching(["Annex A", "Annex B", "Annex C", "Annex D", "Annex E"], "A&E.pdf").matches == ()


def test_dates_without_signs_and_months_that_are_cut_off_are_known() -> None:
    expected = ["Minutes of the estates board 12 January 2023", "Minutes of the estates board 14 February 2023"]
    assert pairs(matching(expected, "Minutes of the estates board 14 Fe.pdf")) == [(1, 0)]
    assert pairs(matching(expected, "Minutes estates board 120123.pdf")) == [(0, 0)]
    assert matching(expected, "Minutes of the estates board FOI 120123.pdf").matches == ()


def test_a_volume_is_a_word_like_any_other_where_the_list_has_none() -> None:
    found = matching(["Annex A", "Annex 2"], "Volume 2 Annex A.pdf", "Volume 2.pdf", "Section 2.pdf")
    assert (pairs(found), found.unexpected) == ([(0, 0)], (1, 2))


def test_a_running_number_before_the_label_is_no_letter_about_it() -> None:
    assert pairs(matching(["Appendix B"], "FOI 24-118 - email 1 of 3 - Appendix B.pdf")) == [(0, 0)]
    assert matching(["Appendix B"], "Letter of Appendix B.pdf").unexpected == (0,)


def test_a_dash_is_a_range_only_between_numerals_of_one_dress() -> None:
    assert pairs(matching(["Annex D", "Annex E"], "Annex D - i.pdf")) == [(0, 0)]
    assert pairs(matching(["Part A", "Part B", "Part C"], "Part C part 1.pdf")) == [(2, 0)]


def test_documents_listed_by_a_reference_are_found_by_it() -> None:
    expected = ["Ares(2023)1111111", "Ares(2023)2222222"]
    found = matching(expected, "Document 1 - Ares(2023)2222222.pdf", "ares-2023-1111111.pdf", "Ares(2023)22222220.pdf")
    assert (pairs(found), found.unexpected) == ([(0, 1), (1, 0)], (2,))


def test_a_title_of_one_word_is_found_in_parts() -> None:
    found = matching(["Appendix 1", "Records"], "A-2023-01102_Records_part 1 of 2.pdf", "Records (part 2 of 2).pdf")
    assert [(m.annex, m.received, m.part) for m in found.matches] == [(1, 0, True), (1, 1, True)]


def test_a_name_that_merely_counts_is_of_a_list_that_counts_so() -> None:
    five = [f"Attachment {n} of 5" for n in range(1, 6)]
    names = ["FOI 5512 - 2 of 5.pdf", "FOI 5512 - 2 of 4.pdf", "Email 3 of 5.pdf", "FOI 5512 part 4 of 5.pdf"]
    found = matching(five, *names)
    assert (pairs(found), found.unexpected) == ([(1, 0)], (1, 2, 3))


def test_an_answer_to_a_question_is_what_the_list_numbers_so() -> None:
    assert pairs(matching(["Question 1", "Question 2"], "Answer to Q2.pdf")) == [(1, 0)]


def test_a_letter_behind_the_reference_is_a_label() -> None:
    found = matching(["Annex A", "Annex B"], "FOI-2024-117-B.pdf", "FOI-2024-117-E.pdf", "FOI-2024-117-B-plan.pdf")
    assert (pairs(found), found.unexpected) == ([(1, 0)], (1, 2))


def test_a_list_in_a_name_may_be_of_two_kinds() -> None:
    expected = ["Annex A", "Annex B", "Appendix B", "Annex 3"]
    assert pairs(matching(expected, "Annex A and Appendix B.pdf")) == [(0, 0), (2, 0)]
    assert pairs(matching(expected, "Annex A & Section 3 notes.pdf")) == [(0, 0)]


def test_a_title_may_count_in_words_and_tell_the_time() -> None:
    assert pairs(matching(["Interim release 1", "Interim release 2"], "Second interim release.pdf")) == [(1, 0)]
    expected = ["Email 12 March 2024 10:14", "Email 12 March 2024 16:02"]
    assert pairs(matching(expected, "2024-03-12 1602 email.msg")) == [(1, 0)]


def test_one_file_that_two_lines_name_is_both() -> None:
    expected = from_csv("label,file\nAnnex A,all.pdf\nAnnex B,all.pdf\n")
    assert pairs(match(expected, [Received(1, "all.pdf")], {})) == [(0, 0), (1, 0)]


def test_each_file_of_a_line_has_its_own_annex() -> None:
    expected = ["Annex A", "Annex B", "Annex C"]
    body = "scan1.pdf is Annex B and scan2.pdf is Annex A.\nAnnex C is not scan3.pdf.\nWe will send Annex C."
    found = matching(expected, "scan1.pdf", "scan2.pdf", "scan3.pdf", body=body)
    assert (pairs(found), found.unexpected) == ([(0, 1), (1, 0)], (2,))


def test_an_annex_that_is_not_on_the_list_is_for_a_person() -> None:
    found = matching(["Annex A"], "Annex C.pdf", "Annex A(iii).pdf")
    assert (found.matches, found.unexpected) == ((), (0, 1))


def test_an_exact_file_name_beats_all_even_with_other_punctuation() -> None:
    found = matching(["Annex D iii Manual.pdf"], "Annex D(iii) Manual.pdf")
    assert found.matches[0].reason == "exact file name"


def test_a_title_decides_where_no_label_stands() -> None:
    found = matching(["Annex A - Minutes 3 March", "Annex B - Minutes 7 April"], "Minutes 7 April.pdf")
    assert pairs(found) == [(1, 0)]


def test_two_titles_that_fit_are_a_tie_and_refused() -> None:
    found = matching(["Annex A - Minutes of March", "Annex B - Minutes of March"], "Minutes of March.pdf")
    assert found.unexpected == (0,)


def test_one_shared_word_is_no_title() -> None:
    assert matching(["Annex A - Staff costs of the project"], "Staff canteen.pdf").unexpected == (0,)


def test_a_range_in_the_name_is_each_of_its_members() -> None:
    assert pairs(matching(["Annex A", "Annex B", "Annex C"], "Annexes A-C.pdf")) == [(0, 0), (1, 0), (2, 0)]


def test_parts_of_one_annex_stay_together() -> None:
    found = matching(["Annex B"], "Annex B part 1 of 2.pdf", "Annex B part 2 of 2.pdf")
    assert [(m.received, m.part) for m in found.matches] == [(0, True), (1, True)]


def test_a_copy_mark_is_no_label() -> None:
    assert pairs(matching(["Annex A", "Annex B"], "Annex A (1).pdf")) == [(0, 0)]


def test_the_kind_counts_where_the_list_has_two() -> None:
    assert pairs(matching(["Annex A", "Appendix A"], "Appendix A.pdf", "Annex A.pdf")) == [(0, 1), (1, 0)]


def test_the_emails_own_words_name_a_file_that_its_name_does_not() -> None:
    found = matching(["Annex A", "Annex B"], "scan.pdf", body="Please find attached Annex B.")
    assert pairs(found) == [(1, 0)]
    assert found.matches[0].reason == "label B in the email's text"


def test_quoted_words_promises_and_two_names_tell_nothing() -> None:
    for body in ("> Annex B", "Annex B will follow.", "Please find attached Annex A and Annex B."):
        assert matching(["Annex A", "Annex B"], "scan.pdf", body=body).unexpected == (0,)


def test_the_letter_never_fills_the_hole_of_an_annex_that_its_email_names() -> None:
    found = matching(["Annex A", "Annex B"], "Our response.pdf", "Annex A.pdf", body="We attach Annex A and Annex B.")
    assert (pairs(found), found.unexpected) == ([(0, 1)], (0,))


def test_the_folder_or_archive_names_a_file_that_its_name_does_not() -> None:
    found = match(from_items(["Annex A"]), [Received(1, "document.pdf", ("FOI.zip", "Annex A"))], {})
    assert found.matches[0].reason == "label A in the name of 'Annex A'"


def test_a_letter_that_speaks_of_an_annex_is_not_the_annex() -> None:
    assert matching(["Annex A"], "Response letter re Annex A.pdf").unexpected == (0,)


def test_decoration_is_neither_matched_nor_shown() -> None:
    found = matching(["Annex 1"], "image001.png", "smime.p7s", "Thumbs.db", "__MACOSX/Annex 1.pdf")
    assert (found.matches, found.unexpected, found.ignored) == ((), (), (0, 1, 2, 3))


def test_without_a_list_every_document_is_shown() -> None:
    found = match((), [Received(1, "a.pdf"), Received(1, "image001.png")], {})
    assert (found.unexpected, found.ignored) == ((0,), (1,))


@pytest.mark.parametrize(
    ("expected", "name", "why"),
    [
        (["Annex A", "Annex B"], "Annex D(x).pdf", "names Annex D(x), which is not on the list"),
        (["Annex A - Policy", "Annex B - Policy"], "Policy.pdf", "two annexes fit equally: Annex A and Annex B"),
        (["Annex A", "Appendix A"], "Attachment A.pdf", "two annexes fit equally: Annex A and Appendix A"),
        (["Annex A"], "Policy (see Annex A).pdf", "speaks of Annex A"),
    ],
)
def test_what_is_left_for_a_person_says_why(expected: list[str], name: str, why: str) -> None:
    found = matching(expected, name)
    assert (found.matches, found.why) == ((), {0: why})


@pytest.mark.parametrize(
    ("expected", "name", "annexes"),
    [
        (["Annex A - Data Protection Impact Assessment", "Annex B - Contract"], "DPIA redacted.pdf", [0]),
        (["Annex A - DPIA", "Annex B - Contract"], "Data Protection Impact Assessment.pdf", [0]),
        (["Data Protection Impact Assessment (DPIA)", "Privacy notice"], "DPIA.pdf", [0]),
        (["Annex A - Minutes of 3 March 2023", "Annex B - Minutes of 7 April 2023"], "Minutes 2023-04-07.pdf", [1]),
        (["Annex A - Q1 2023", "Annex B - Q2 2023"], "Q2 2023.xlsx", [1]),
        (["Annex A - Minutes January 2023", "Annex B - Minutes February 2023"], "2023-02 Minutes.pdf", [1]),
        (["Annex A - Spend 2021-22", "Annex B - Spend 2022-23"], "Spend 2023-24.xlsx", []),
        (["Annex 1 - Policy", "Annex 2 - Procedure"], "01 Procedure.pdf", [1]),
        (["Response letter", "Annex A"], "FOI 04608 - Final Response.pdf", [0]),
        (["Schedule of records", "Record 1"], "FOI 118-2024 Schedule.pdf", [0]),
        (["Annex A", "Annex B", "Annex C"], "Annex A, B and C redacted.pdf", [0, 1, 2]),
        (["Annex A", "Annex B", "Annex C"], "Annexes A to B and C.pdf", [0, 1, 2]),
        (["Annex A", "Annex B", "Annex C"], "All annexes.pdf", [0, 1, 2]),
        (["Annex C", "Annex D"], "Annex C - D Smith.pdf", [0]),
        (["Annex D(i)", "Annex D(ii)", "Annex D(iii)"], "Annex D i-iii.pdf", [0, 1, 2]),
        (["Document 1", "Document 2", "Attachment 1 to Document 2"], "Document 2 - Att 1.pdf", [2]),
        (["Annex A part 1", "Annex A part 2"], "Annex A pt 2.pdf", [1]),
        (["Annex A", "Appendix A", "Annex B"], "Appendix B.pdf", [2]),
        (["Annex A", "Schedule 1"], "Annex 1.pdf", []),
        (["Annex A", "Annex B"], "Apendix B.pdf", [1]),
        (["Annex D(iii)"], "FOI2023-04608 D(iii).pdf", [0]),
        (["Exhibit 12"], "24-F-00817 Ex. 012 (b)(6).pdf", [0]),
        (["Exhibit 6"], "24-F-00817 Final Response Letter.pdf", []),
    ],
)
def test_a_name_is_read_as_a_person_reads_it(expected: list[str], name: str, annexes: list[int]) -> None:
    assert [m.annex for m in matching(expected, name).matches] == annexes


def test_a_label_that_is_taken_by_a_better_fit_gives_way_to_the_title() -> None:
    found = matching(["Annex A - Lease", "Annex B - Survey"], "Annex A - Lease.pdf", "Annex A - Survey.pdf")
    assert pairs(found) == [(0, 0), (1, 1)]


def test_zip_and_file_name_may_give_a_label_together() -> None:
    found = match(from_items(["Annex D(i)", "Annex D(ii)"]), [Received(1, "ii - guide.pdf", ("Annex D.zip",))], {})
    assert [(m.annex, m.reason) for m in found.matches] == [
        (1, "label D(ii) in the names of 'Annex D.zip' and the file")
    ]


@pytest.mark.parametrize(
    ("body", "annexes"),
    [
        ("scan1.pdf - Annex B\nscan2.pdf - Annex A", [(0, 1), (1, 0)]),
        ("Annexes A and B are attached.", []),
    ],
)
def test_the_text_says_which_scan_is_which(body: str, annexes: list[tuple[int, int]]) -> None:
    assert pairs(matching(["Annex A", "Annex B"], "scan1.pdf", "scan2.pdf", body=body)) == annexes


@pytest.mark.parametrize(
    "body",
    [
        "Annex A was sent on Monday. Attached is Annex B.",
        "I attach Annex B, as Annex A did not open.",
        "Annex B is attached, and Annex A will follow.",
        "Annex A is withheld under section 40. Please find attached Annex B.",
    ],
)
def test_only_what_the_email_says_it_holds_counts(body: str) -> None:
    assert pairs(matching(["Annex A", "Annex B"], "file.pdf", body=body)) == [(1, 0)]


_NAME = st.text(max_size=40) | st.sampled_from(["Annex A.pdf", "D(iii).pdf", "Annexes A-C", "1 Policy", "Annex V", ""])


@given(expected=st.lists(_NAME, max_size=6), names=st.lists(_NAME, max_size=6), body=_NAME)
def test_every_file_is_placed_shown_or_ignored_and_never_two_of_these(
    expected: list[str], names: list[str], body: str
) -> None:
    try:
        annexes = from_items(expected)
    except AnnexListError:
        return
    found = match(annexes, [Received(1, n) for n in names], {1: EmailText("", body)})
    matched = {m.received for m in found.matches}
    groups = [matched, set(found.unexpected), set(found.ignored)]
    assert set().union(*groups) == set(range(len(names)))
    assert sum(map(len, groups)) == len(names)
    assert all(m.annex < len(annexes) and m.reason for m in found.matches)


@pytest.mark.parametrize(
    "piece", ["annexes 1 to 999.\n\n", "and annex ", "\n", "scan\n", "attached annex 1, ", "will "]
)
def test_of_a_text_without_end_only_the_beginning_is_read(piece: str) -> None:
    received = [Received(0, f"scan{n}.pdf") for n in range(20)]
    found = match(from_items(["Annex 1", "Annex 2"]), received, {0: EmailText(piece * 5, piece * 100_000)})
    assert len(found.unexpected) == 20


def test_a_thousand_annexes_and_two_thousand_files_are_all_placed() -> None:
    expected = from_items([f"Annex {n} - Title of number {n}" for n in range(1, 999)])
    received = [Received(n // 20, f"Annex {n % 998 + 1} something.pdf") for n in range(2000)]
    assert len(match(expected, received, {}).matches) == 2000


@pytest.mark.skipif(not SHARED.is_file(), reason="the labelled cases are not at hand")
def test_the_labelled_cases_are_matched() -> None:
    right = wrong = missed = 0
    for line in SHARED.read_text().splitlines():
        case = json.loads(line)
        received = [
            Received(r["email"], r["name"], tuple(r["inside"].split("/")) if r.get("inside") else ())
            for r in case["received"]
        ]
        emails = {int(k): EmailText(v["subject"], v["body"]) for k, v in case.get("emails", {}).items()}
        got = {(m.annex, m.received) for m in match(from_items(case["expected"]), received, emails).matches}
        want = {(int(e), r) for e, files in case["truth"].items() for r in files}
        right, wrong, missed = right + len(got & want), wrong + len(got - want), missed + len(want - got)
    assert right / (right + wrong) >= 0.985
    assert 2 * right / (2 * right + wrong + missed) >= 0.97
