"""What an email says of the sending that it is part of."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from attachwatch.annexes.letters.letter import own_text, read
from attachwatch.model import SendingNote


@pytest.mark.parametrize(
    ("text", "note"),
    [
        ("This is email number one.", SendingNote(1)),
        ("This is email number four, and this is the final email.", SendingNote(4, 4, True)),
        ("This is email 2 of 4.", SendingNote(2, 4)),
        ("This is email 4 of 4.", SendingNote(4, 4, True)),
        ("email three of five", SendingNote(3, 5)),
        ("This is the last email of our response.", SendingNote(None, None, True)),
        ("There will be no further emails.", SendingNote(None, None, True)),
        ("This is the second of four emails.", SendingNote(2, 4)),
        ("Please wait for the final email.", SendingNote()),
        ("Please find attached our response.", SendingNote()),
        ("It concerns 3 of 5 applicants.", SendingNote()),
        ("You asked under Part 2 of the Freedom of Information Act.", SendingNote()),
        ("Part 1 of Schedule 12A applies. This is email number two.", SendingNote(2)),
        ("This is part two of three of our response.", SendingNote(2, 3)),
        ("Further to your last email of 3 March, we write again.", SendingNote()),
        ("This is the last email.", SendingNote(None, None, True)),
        ("Thank you for your email 2 weeks ago.", SendingNote()),
        ("This is email three.", SendingNote(3)),
    ],
)
def test_numbers_and_the_last_one_are_read(text: str, note: SendingNote) -> None:
    assert read(text).note == note


@pytest.mark.parametrize(
    ("subject", "note"),
    [
        ("FOI response (2/4)", SendingNote(2, 4)),
        ("FOI response 4 of 4", SendingNote(4, 4, True)),
        ("FOI 12/2024", SendingNote()),
    ],
)
def test_the_subject_counts_where_the_text_does_not(subject: str, note: SendingNote) -> None:
    assert read("", subject).note == note


@pytest.mark.parametrize(
    "quoted",
    [
        "> This is the final email.",
        "-----Original Message-----\nThis is the final email.",
        "On Tue, 1 Oct 2024 at 10:00, FOI Team wrote:\nThis is the final email.",
        "From: FOI Team <foi@x.example>\nThis is the final email.",
        "Am 1. Oktober 2024 schrieb FOI:\nThis is the final email.",
    ],
)
def test_what_is_quoted_is_not_the_emails_own(quoted: str) -> None:
    assert own_text(f"Hello,\n\n{quoted}").strip() == "Hello,"


@given(st.text(max_size=300), st.text(max_size=80))
def test_any_text_can_be_read(text: str, subject: str) -> None:
    note = read(text, subject).note
    assert note.total is None or (note.number is not None and note.number <= note.total)
