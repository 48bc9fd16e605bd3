"""Transfer encodings: piece by piece as at once, and leniently."""

import base64
import quopri

import pytest
from hypothesis import given
from hypothesis import strategies as st

from attachwatch.mime.transfer import decoder
from tests.packed import uuencoded


def decoded(encoding: str, data: bytes, cut: int = 7) -> bytes:
    decode = decoder(encoding)
    return b"".join(decode.feed(data[n : n + cut]) for n in range(0, len(data), cut)) + decode.end()


@given(st.binary(max_size=500), st.integers(1, 90))
def test_base64_is_decoded_however_it_is_cut(data: bytes, cut: int) -> None:
    assert decoded("base64", base64.encodebytes(data), cut) == data
    assert decoded("BASE64 ", base64.encodebytes(data).replace(b"\n", b"\r\n"), cut) == data


@given(st.binary(max_size=300), st.binary(max_size=300), st.integers(1, 90))
def test_base64_in_several_pieces_is_joined(one: bytes, two: bytes, cut: int) -> None:
    assert (
        decoded("base64", base64.b64encode(one) + base64.b64encode(two), cut) == one + two
        or not one
        or len(one) % 3 == 0
    )


@pytest.mark.parametrize(("cut", "kept"), [(8, b"abcdef"), (7, b"abcde"), (6, b"abcd"), (5, b"abc"), (4, b"abc")])
def test_base64_that_is_cut_off_keeps_what_came(cut: int, kept: bytes) -> None:
    assert decoded("base64", base64.b64encode(b"abcdef")[:cut]) == kept


def test_what_is_no_base64_is_passed_over() -> None:
    assert decoded("base64", b"YW!Jj\x00 ZGVm--") == b"abcdef"


@given(st.text(max_size=300), st.integers(1, 90))
def test_quoted_printable_is_decoded_however_it_is_cut(text: str, cut: int) -> None:
    data = quopri.encodestring(text.encode())
    assert decoded("quoted-printable", data, cut) == quopri.decodestring(data)


@given(st.binary(max_size=300))
def test_an_unknown_encoding_is_taken_as_it_is(data: bytes) -> None:
    assert decoded("x-unknown", data) == data
    assert decoded("", data) == data


@given(st.sampled_from(["base64", "quoted-printable"]), st.binary(max_size=400))
def test_no_bytes_whatsoever_raise(encoding: str, data: bytes) -> None:
    decoded(encoding, data)


@given(st.binary(max_size=500), st.integers(1, 90))
def test_uuencode_is_decoded_however_it_is_cut_and_whatever_stands_around(data: bytes, cut: int) -> None:
    text = uuencoded("a.pdf", data).encode()
    assert decoded("x-uuencode", text, cut) == data
    assert decoded("uuencode", b"This is encoded.\n\n" + text + b"bye\n", cut) == data


@pytest.mark.parametrize("text", [b"", b"no such file\n", b"begin 644 a.pdf\n%PDF", b"x" * 100_000, b"%PDF\n" * 30_000])
def test_what_is_called_uuencoded_and_is_not_stays_as_it_is(text: bytes) -> None:
    assert decoded("x-uue", text, 5000) == text
