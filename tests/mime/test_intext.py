"""Files that stand in a text are told from it, whatever else stands there, and however it comes."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from attachwatch.mime.intext import MOST, Reader, files, split
from tests.packed import uuencoded

DATA = bytes(range(256)) * 3 + b"\0\0\0"
ARMOUR = "-----BEGIN PGP MESSAGE-----\n\nhQEMA\n=abcd\n-----END PGP MESSAGE-----\n"


def test_several_files_in_one_text_are_told_from_it() -> None:
    text = f"Hello,\n{uuencoded('a b.pdf', DATA)}and\n{uuencoded('c.pdf', b'', backquote=False)}{ARMOUR}Regards\n"
    own, found = split(text.encode())
    assert own == b"Hello,\nand\nRegards\n"
    assert found == [("a b.pdf", DATA), ("c.pdf", b""), ("", ARMOUR.encode())]


@pytest.mark.parametrize("backquote", [True, False])
@pytest.mark.parametrize("end", ["end\n", "end", "", "\nend\n", "end \r\n"])
def test_a_file_without_its_end_is_one_all_the_same(backquote: bool, end: str) -> None:
    assert files(uuencoded("a.pdf", DATA, backquote=backquote, end=end).encode()) == [("a.pdf", DATA)]


def test_what_follows_a_file_without_an_end_is_text() -> None:
    text = uuencoded("a.pdf", DATA, end="").encode() + b"REGARDS\nand more.\n"
    assert split(text) == (b"REGARDS\nand more.\n", [("a.pdf", DATA)])
    cut = uuencoded("a.pdf", DATA, end="").encode().rsplit(b"\n", 3)[0] + b"\nKind regards\n"
    assert split(cut)[0] == b"Kind regards\n"


def test_lines_of_a_wrong_length_are_read_as_far_as_they_say() -> None:
    lines = uuencoded("a.pdf", DATA).split("\n")
    padded = "\n".join([lines[0], *(f"{line}  " if line.startswith("M") else line for line in lines[1:])])
    summed = "\n".join([lines[0], *(f"{line}X" if line.startswith("M") else line for line in lines[1:])])
    bare = "\r\n".join(line.rstrip(" ") for line in uuencoded("a.pdf", DATA, backquote=False).split("\n"))
    for text in (padded, summed, bare):
        assert files(text.encode()) == [("a.pdf", DATA)]


@pytest.mark.parametrize(
    "text",
    [
        "begin 644 report.pdf\nis how such a file begins.\n",
        "We begin 644 things\n",
        "begin 644 a.pdf\n",
        "> begin 644 a.pdf\n> #0V%T\n> `\n> end\n",
        f"> {ARMOUR}",
        "begin 6 4\n#0V%T\n",
        f"{'x' * 5000}begin 644 a.pdf\n#0V%T\n`\nend\n",
    ],
)
def test_what_merely_looks_like_a_beginning_is_text(text: str) -> None:
    assert split(text.encode()) == (text.encode(), [])


def test_names_are_decoded_and_files_counted() -> None:
    assert files(uuencoded("x.pdf", b"1").encode().replace(b"x.pdf", b"\xe4.pdf")) == [("ä.pdf", b"1")]
    many = uuencoded("x.pdf", b"1") * (MOST + 5)
    assert len(files(many.encode())) == MOST


@given(st.binary(max_size=200), st.text(max_size=50), st.lists(st.integers(0, 400), max_size=5), st.binary(max_size=80))
def test_it_is_the_same_however_it_comes(data: bytes, before: str, cuts: list[int], behind: bytes) -> None:
    text = f"{before}\n{uuencoded('a.pdf', data)}".encode() + behind
    reader, places = Reader(), [0, *sorted(cuts), len(text)]
    pieces = [p for a, b in pairwise(places) for p in reader.feed(text[a:b])]
    pieces += reader.end()
    own, found = split(text)
    assert b"".join(p.data for p in pieces if not p.file) == own
    assert b"".join(p.data for p in pieces if p.file == 1) == (found[0][1] if found else b"")
    assert ("a.pdf", data) in found


@given(st.binary(max_size=500))
def test_any_text_is_survived_and_nothing_of_it_is_lost_without_a_file(text: bytes) -> None:
    own, found = split(text)
    assert own == text or found
