"""Labels: read off any dress, and written as people write them."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from attachwatch.annexes.expected import expand
from attachwatch.annexes.labels import label as labels
from attachwatch.annexes.labels import numerals
from attachwatch.annexes.labels.cleaning import clean


def read(name: str) -> list[tuple[str, str]]:
    return [(x.kind, numerals.shown(x.path)) for x in labels.labels(clean(name))]


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("Annex D(iii).pdf", "D(iii)"),
        ("Annex D iii OFF SEN Manual.pdf", "D(iii)"),
        ("AnnexDiii.pdf", "D(iii)"),
        ("AnnexEiv.pdf", "E(iv)"),
        ("annex_d.iii.pdf", "D(iii)"),
        ("Annex D-iii.pdf", "D(iii)"),
        ("Annex%20D%28iii%29.pdf", "D(iii)"),
        ("Annex\u00a0D\u2013iii.pdf", "D(iii)"),
        ("=?utf-8?Q?Annex_D=28iii=29=2Epdf?=", "D(iii)"),
        ("Annex D(iii)(a).pdf.pdf", "D(iii)(a)"),
        ("ANNEX A1", "A1"),
        ("Annex 2a.pdf", "2a"),
        ("Annex 01.pdf", "1"),
        ("Annex Three", "3"),
        ("Annex A - Copy (2).pdf", "A"),
        ("Copy of Annex A.pdf", "A"),
        ("ANNEXA~1.PDF", "A"),
        ("FOI2023-04608 Annex B REDACTED v02.pdf", "B"),
        ("Contract (Annex C).pdf", "C"),
        ("Annex_IIb.pdf", "II(b)"),
        ("Annex D - iii.pdf", "D(iii)"),
        ("Annex D. iii Manual.pdf", "D(iii)"),
        ("Annex D - v2.pdf", "D"),
        ("Annex D - v 2.pdf", "D"),
        ("Annex 2.1a.pdf", "2(1)(a)"),
        ("Annex tr\u00ed", "3"),
    ],
)
def test_a_label_is_read_in_any_dress(name: str, shown: str) -> None:
    assert read(name)[0] == ("annex", shown)


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("Appendix A", "appendix"),
        ("App3.pdf", "appendix"),
        ("Encl(1).pdf", "enclosure"),
        ("Exh_A.pdf", "exhibit"),
        ("TabC.pdf", "tab"),
        ("Anl. 2.pdf", "anlage"),
        ("Anlage3.pdf", "anlage"),
        ("Beilage 1", "beilage"),
        ("Annexe II", "annex"),
        ("Pi\u00e8ce jointe n\u00b0 4.pdf", "pj"),
        ("PJ1.pdf", "pj"),
        ("bijlage 2 - lijst", "bijlage"),
        ("Aguis\u00edn 1", "aguisin"),
        ("Atodiad A", "atodiad"),
        ("Allegato B", "allegato"),
        ("Anexo IV", "anexo"),
        ("Aguis\u00edn a tr\u00ed", "aguisin"),
        ("Atod 2", "atodiad"),
        ("Bil. 2", "bilaga"),
        ("Zal. 2", "zalacznik"),
    ],
)
def test_kinds_are_known_in_many_languages_and_short(name: str, kind: str) -> None:
    assert read(name)[0][0] == kind


@pytest.mark.parametrize(
    "name", ["Application form.pdf", "Tablet.pdf", "Annexation.pdf", "Document.pdf", "image001.png", ""]
)
def test_a_word_that_only_begins_like_one_is_no_label(name: str) -> None:
    assert read(name) == []


@pytest.mark.parametrize(
    ("name", "shown"),
    [("Vol 2.pdf", "2"), ("Band II", "II"), ("Volume_2_Tab_3", "2 tab 3"), ("Tab 3 of Volume 2", "2 tab 3")],
)
def test_volumes_and_the_like_are_labels_only_where_the_list_has_them(name: str, shown: str) -> None:
    text = clean(name)
    assert [numerals.shown(x.path) for x in labels.labels(text, {"volume"})] == [shown]
    assert not any(x.kind == "volume" for x in labels.labels(text))


@pytest.mark.parametrize(
    ("text", "members"),
    [
        ("Annex D(i) to D(iv)", ["D(i)", "D(ii)", "D(iii)", "D(iv)"]),
        ("Annex D(i) to (iv)", ["D(i)", "D(ii)", "D(iii)", "D(iv)"]),
        ("Annex D(i)-(iii)", ["D(i)", "D(ii)", "D(iii)"]),
        ("Annexes A-C", ["A", "B", "C"]),
        ("Annexes A to C", ["A", "B", "C"]),
        ("Annexes F, G and H", ["F", "G", "H"]),
        ("Anlagen 1 bis 3", ["1", "2", "3"]),
        ("Annexes I to IV", ["I", "(ii)", "(iii)", "(iv)"]),
        ("Annex C - D Smith", ["C"]),
        ("Annex A-1", ["A1"]),
        ("Part C part 1", ["C"]),
        ("Annexes 1, 2 and 4-6", ["1", "2", "4", "5", "6"]),
        ("Annexes 1 and 3 to 4 and 7", ["1", "3", "4", "7"]),
        ("Annex D(i-iii)", ["D(i)", "D(ii)", "D(iii)"]),
        ("Annex D (O-S)", ["D"]),
        ("Annex B incl. Annex D", ["B", "D"]),
        ("Annex B incl. D Smith's note", ["B"]),
    ],
)
def test_ranges_and_lists_are_spelled_out(text: str, members: list[str]) -> None:
    (found, *_) = labels.labels(text)
    wanted = [m.strip("()").casefold() for m in members]
    assert [numerals.shown(path).strip("()").casefold() for path in expand(found)] == wanted


_FIRST = st.sampled_from([*"ABCDEFGHJK", *map(str, range(1, 30))])
_ROMAN = st.sampled_from(["i", "ii", "iii", "iv", "v", "vi", "vii", "viii", "ix", "xi", "xiv"])


@settings(deadline=None)
@given(first=_FIRST, rest=st.lists(_ROMAN | st.sampled_from([*"abc", "1", "12"]), max_size=2))
def test_what_is_written_is_read_again(first: str, rest: list[str]) -> None:
    text = first + "".join(f"({r})" for r in rest)
    (found,) = labels.labels(f"Annex {text}")
    again = numerals.shown(found.path)
    (twice,) = labels.labels(f"Annex {again}")
    assert twice.path == found.path
    assert numerals.shown(twice.path) == again


@pytest.mark.parametrize(
    "name", ["=?utf-8?b?a?=", "=?nonsense?q?a?=", "=?utf-8?q?=80?=", "%ff%fe", "&#1114112;", "\ud800"]
)
def test_what_only_looks_encoded_is_a_name(name: str) -> None:
    assert read(f"{name} Annex A")[-1] == ("annex", "A")


@settings(deadline=None)
@given(st.text(max_size=80))
def test_any_name_can_be_read(name: str) -> None:
    text = clean(name)
    list(labels.labels(text))
    labels.bare(text)


@pytest.mark.parametrize(
    "piece", ["annex ", "(", "-", "a.", "i", "A(i)", "annexes a, ", "%20", "\u202e", "1 to ", "copy ", "- copy (1) "]
)
def test_of_a_name_of_5000_characters_only_the_beginning_is_read(piece: str) -> None:
    text = clean(piece * (5000 // len(piece)))
    assert len(text) <= 512
    assert len(list(labels.labels(text))) <= 512 // len("annex ") + 1
