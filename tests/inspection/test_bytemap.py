"""A file's bytes at a glance."""

from hypothesis import given
from hypothesis import strategies as st

from attachwatch.demo import damage, documents
from attachwatch.inspection.bytemap import BLOCKS, byte_map, hex_rows


def test_text_binary_and_zeros_are_told_apart() -> None:
    data = b"some words\n" * 100 + bytes(range(128, 256)) * 8 + bytes(1024)
    kinds = byte_map(data).kinds
    assert list(dict.fromkeys(kinds)) == ["text", "binary", "zeros"]
    assert byte_map(data).line.startswith("ttt")
    assert byte_map(data).line.endswith("000")


def test_the_last_object_and_the_end_are_pointed_at() -> None:
    whole = byte_map(documents.report("Map", 3))
    assert whole.pointers.endswith("$")
    assert "^" in whole.pointers
    cut = byte_map(damage.truncate(documents.report("Map", 3), 0.5))
    assert (cut.end, "$" in cut.pointers) == (None, False)


@given(st.binary(max_size=2000))
def test_a_map_fits_a_line_and_covers_every_byte(data: bytes) -> None:
    found = byte_map(data)
    assert len(found.line) <= BLOCKS
    assert len(found.pointers) <= len(found.line)
    assert len(found.kinds) == -(-len(data) // found.block)


@given(st.binary(min_size=1, max_size=500), st.integers(0, 600))
def test_the_rows_hold_the_bytes_around_the_place(data: bytes, offset: int) -> None:
    rows = hex_rows(data, offset)
    assert 1 <= len(rows) <= 5
    (marked,) = [row for row in rows if row.startswith(">")]
    start = int(marked[1:12].replace(",", ""))
    assert bytes.fromhex(marked[13:60]) == data[start : start + 16]


def test_an_empty_file_has_an_empty_map() -> None:
    assert byte_map(b"").line == ""
    assert hex_rows(b"", 0) == []
