"""FETCH answers of a listing: the plain form read here, every other by IMAPClient, and both alike."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from imapclient.exceptions import ProtocolError

from attachwatch.mail import listing

HEADER = b"From: a@x.example\r\n\r\n"
DATE = b'INTERNALDATE " 1-Oct-2024 10:00:00 +0100"'
FIELDS = b"BODY[HEADER.FIELDS (FROM SUBJECT)]<0> {21}"


def test_what_dovecot_answers() -> None:
    said = listing.read([(b"1 (UID 7 RFC822.SIZE 300 " + DATE + b" " + FIELDS, HEADER), b")"])
    assert said == {
        7: {
            b"RFC822.SIZE": 300,
            b"INTERNALDATE": datetime(2024, 10, 1, 9, tzinfo=UTC),
            b"BODY[HEADER]": HEADER,
        }
    }


def test_items_may_stand_behind_the_literal_and_in_any_case() -> None:
    said = listing.read([(b"1 (body[header.fields (FROM)] {21}", HEADER), b" uid 7 rfc822.size 300)"])
    assert said == {7: {b"RFC822.SIZE": 300, b"BODY[HEADER]": HEADER}}


def test_several_answers_stand_in_a_row_and_two_of_one_message_are_one() -> None:
    pieces: list[listing.Piece] = [
        (b"1 (UID 7 " + FIELDS, HEADER),
        b")",
        b"2 (UID 8 RFC822.SIZE 5)",
        b"1 (UID 7 RFC822.SIZE 4)",
    ]
    assert listing.read(pieces) == {7: {b"BODY[HEADER]": HEADER, b"RFC822.SIZE": 4}, 8: {b"RFC822.SIZE": 5}}


@pytest.mark.parametrize(
    "answer",
    [
        [b'1 (UID 7 RFC822.SIZE 300 BODY[HEADER] "From: a@x.example")'],
        [b"1 (UID 7 RFC822.SIZE 300 FLAGS (\\Seen) BODY[HEADER] NIL)"],
        [(b"1 (UID 7 X-OTHER {3}", b"abc"), b" RFC822.SIZE 300)"],
        [(b"1 (UID 7 X-OTHER {3}", b"abc"), (b" RFC822.SIZE 300 BODY[HEADER] {21}", HEADER), b")"],
    ],
    ids=["quoted", "nil", "another literal", "two literals"],
)
def test_another_form_is_read_by_the_library(answer: list[listing.Piece]) -> None:
    assert listing.read(answer)[7][b"RFC822.SIZE"] == 300


def test_no_answer_at_all_is_empty() -> None:
    assert listing.read([None]) == {}
    assert listing.read([]) == {}


@pytest.mark.parametrize("nonsense", [[b"1 (UID 7"], [b"x"], [(b"1 (UID 7 BODY[HEADER] {3}", b"abc")]])
def test_nonsense_is_an_error_of_the_library(nonsense: list[listing.Piece]) -> None:
    with pytest.raises((ProtocolError, ValueError)):
        listing.read(nonsense)


@given(
    st.lists(st.one_of(st.binary(max_size=60), st.tuples(st.binary(max_size=60), st.binary(max_size=9))), max_size=6)
)
def test_any_bytes_are_an_answer_or_an_error_of_the_library(pieces: list[listing.Piece]) -> None:
    try:
        said = listing.read(pieces)
    except (ProtocolError, ValueError):
        return
    assert all(isinstance(uid, int) for uid in said)
