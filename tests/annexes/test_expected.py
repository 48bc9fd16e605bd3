"""The user's list: read in every form that has a clear meaning, else refused with its line."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from attachwatch.annexes.expected import from_csv, from_items, from_text, read
from attachwatch.errors import AnnexListError
from attachwatch.model import Annex


def test_one_annex_a_line_with_comments_ranges_and_titles() -> None:
    assert from_text("# the list\n\nAnnex A - Impact assessment  # first\nAnnex D(i) to D(iii)\n") == (
        Annex("A", "Annex", "Impact assessment"),
        Annex("D(i)", "Annex"),
        Annex("D(ii)", "Annex"),
        Annex("D(iii)", "Annex"),
    )


def test_an_exact_file_name_gives_label_and_file() -> None:
    (annex,) = from_text("Annex D iii OFF SEN IPIC Reference Manual EUSS v01 REDACTED.pdf")
    assert (annex.label, annex.file) == ("D(iii)", "Annex D iii OFF SEN IPIC Reference Manual EUSS v01 REDACTED.pdf")


def test_a_line_without_a_label_is_its_own() -> None:
    assert from_text("Response letter") == (Annex("Response letter"),)


def test_the_kind_is_part_of_the_label_only_where_two_share_a_number() -> None:
    assert [a.label for a in from_items(["Annex A", "Appendix A", "Annex B"])] == ["Annex A", "Appendix A", "B"]


def test_an_inline_list_reads_the_same() -> None:
    assert from_items(["Annex A", "Annex D(i) to D(ii)"]) == from_text("Annex A\nAnnex D(i) to D(ii)")


@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_csv_with_any_separator_and_order(separator: str) -> None:
    text = "\ufeffPages;Label;Title\n12;Annex A;Costs\n;Annex B;\n".replace(";", separator)
    assert from_csv(text) == (Annex("A", "Annex", "Costs", pages=12), Annex("B", "Annex"))


@pytest.mark.parametrize("charset", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_a_file_is_read_in_the_charsets_that_programs_write(charset: str) -> None:
    assert read("Annex A - \u00dcbersicht\n".encode(charset), "list.txt") == (Annex("A", "Annex", "\u00dcbersicht"),)


def test_csv_is_known_by_name_or_by_its_first_line() -> None:
    assert read(b"label,title\nAnnex A,Costs\n", "list.txt") == read(b"label,title\nAnnex A,Costs\n", "list.csv")


@pytest.mark.parametrize("begin", ["\ufeff", "\ufeffsep=;\r\n", "sep=;\r\n"])
def test_a_list_as_excel_writes_it_is_read(begin: str) -> None:
    text = f'{begin}Label;Title;Pages\r\nAnnex A;"Costs; staff";12\r\n;;\r\nAnnex B;;\r\n'
    assert read(text.encode(), "list.csv") == (Annex("A", "Annex", "Costs; staff", pages=12), Annex("B", "Annex"))


def test_ten_thousand_lines_are_a_list() -> None:
    assert (
        len(read(b"\n".join(b"Annex %d.%d" % (n // 500 + 1, n % 500 + 1) for n in range(10_000)), "list.txt")) == 10_000
    )


@pytest.mark.parametrize(
    ("line", "labels"),
    [
        ("Annex K 1 - Contract", ["K1"]),
        ("Annex A 12 pages", ["A"]),
        ("Annex A part 2", ["A part 2"]),
        ("Attachment 1 to Document 2", ["2 attachment 1"]),
        ("Annexes A to C and F", ["A", "B", "C", "F"]),
        ("Annex A - x one", ["A"]),
        ("Volume 2, Tab 3", ["2 tab 3"]),
        ("Tab 3 (Volume 2)", ["2 tab 3"]),
        ("Request 1(a) - headcount", ["1a"]),
        ("Annual report volume 2", ["Annual report volume 2"]),
        ("Records 2.1a to 2.1c", ["2(1)(a)", "2(1)(b)", "2(1)(c)"]),
        ("Exhibits Y to BB", ["Y", "Z", "AA", "BB"]),
    ],
)
def test_a_line_means_what_it_says(line: str, labels: list[str]) -> None:
    assert [a.label for a in from_text(line)] == labels


def test_the_same_annex_twice_is_one() -> None:
    assert from_text("Annex A\nAnnex A\n") == (Annex("A", "Annex"),)


def test_what_is_said_of_an_annex_on_two_lines_is_put_together() -> None:
    assert from_text("Annexes A to B\nAnnex B - Costs\n") == (Annex("A", "Annex"), Annex("B", "Annex", "Costs"))


@pytest.mark.parametrize(
    ("many", "one"),
    [("Appendices", "Appendix"), ("Anlagen", "Anlage"), ("Pi\u00e8ces", "Pi\u00e8ce"), ("Parts", "Part")],
)
def test_each_of_several_has_the_word_for_one(many: str, one: str) -> None:
    assert from_text(f"{many} 1 to 2") == (Annex("1", one), Annex("2", one))


@pytest.mark.parametrize(
    ("data", "name", "says"),
    [
        (b"Annex A - Costs\nAnnex A - Staff\n", "list.txt", "list.txt: line 2: 'A' stands there twice"),
        (b"title\nCosts\n", "list.csv", "line 1: there is no column named label"),
        (b"label,pages\nAnnex A,many\n", "list.csv", "line 2: pages is 'many'"),
        (b"label,file\nAnnex A,a.pdf\nAnnex A,b.pdf\n", "list.csv", "line 3: 'A' stands .* another file on line 2"),
        (b"label,title\nAnnex A,Costs, and staff\n", "list.csv", "line 2: more columns than the first line names"),
        (b"Annex A\nAnnexes D to B\n", "list.txt", "line 2: 'Annexes D to B' is no range"),
        (b"Annexes 1 to 900\n", "list.txt", "line 1: 'Annexes 1 to 900' is no range"),
        (b"Annex 1 to 1000\n", "list.txt", "line 1: 'Annex 1 to 1000' is no range"),
        (b"label,title\n,Costs\n", "list.csv", "line 2: the label is empty"),
        (b"sep=;\r\nlabel;pages\r\nAnnex A;many\r\n", "list.csv", "line 3: pages is 'many'"),
        (b'label,title\n"Annex A,Costs\nAnnex B,Staff\n', "list.csv", "line 2: unexpected end of data"),
        (b"label,title\nAnnex A," + b"x" * 200_000, "list.csv", "line 2: field larger"),
        (b"label,label\nAnnex A,B\n", "list.csv", "line 1: there are two columns named label"),
        (b"label,pages\nAnnex A," + b"9" * 5000, "list.csv", "line 2: pages is '9999"),
        (b"\n".join(b"Paper on %d" % n for n in range(10_001)), "list.txt", "line 10001: more than 10,000 annexes"),
        (b"%PDF-1.4\x00\x00", "list.txt", "not a text file"),
    ],
)
def test_what_has_no_clear_meaning_is_refused_with_its_line(data: bytes, name: str, says: str) -> None:
    with pytest.raises(AnnexListError, match=says):
        read(data, name)


@given(st.binary(max_size=300))
def test_any_bytes_are_a_list_or_one_clear_error(data: bytes) -> None:
    with suppress(AnnexListError):
        annexes = read(data, "list.txt")
        assert len({(a.kind, a.label.casefold()) for a in annexes}) == len(annexes)
