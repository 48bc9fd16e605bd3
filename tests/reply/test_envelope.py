"""The reply's header: as a mail program would write it, whatever the authority's mail holds."""

import email
from dataclasses import replace
from datetime import UTC, datetime
from email.policy import default

import pytest
from hypothesis import given
from hypothesis import strategies as st

from attachwatch.model import Address, Draft
from attachwatch.reply.envelope import Envelope, as_message, envelope
from tests.cases.builders import CASE, message

LONG_ID = "<LO2P265MB1234ABCDEF0123456789ABCDEF0123456789@LO2P265MB1234.GBRP265.PROD.OUTLOOK.COM>"
DRAFT = Draft(
    "FOI2024/01234", 1, (1,), "<d@newsroom.example>", "me@newsroom.example", ("foi@interior.example",), (),
    "Re: Your request FOI2024/01234", "<1@interior.example>", ("<0@interior.example>", "<1@interior.example>"), (), (),
    "Dear FOI Team,\n", datetime(2024, 10, 2, 8, tzinfo=UTC),
)  # fmt: skip


def head(account: str = "me@newsroom.example", **header: object) -> Envelope:
    return envelope(message(1, **header), CASE, account, ["foi@interior.example"])


@pytest.mark.parametrize(
    ("theirs", "ours"),
    [
        ("Your request FOI2024/01234", "Re: Your request FOI2024/01234"),
        ("RE: Your request FOI2024/01234", "Re: Your request FOI2024/01234"),
        ("Re: RE: AW: FOI 2024-01234", "Re: FOI 2024-01234"),
        ("Annexes", "Re: Annexes (FOI2024/01234)"),
        ("", "Re: (FOI2024/01234)"),
        ("[EXTERNAL] Annexes", "Re: [EXTERNAL] Annexes (FOI2024/01234)"),
        ("Annexes\r\nBcc: everybody@example.org", "Re: Annexes Bcc: everybody@example.org (FOI2024/01234)"),
    ],
)
def test_the_subject_is_theirs_with_one_re_and_the_reference(theirs: str, ours: str) -> None:
    assert head(subject=theirs).subject == ours


def test_references_are_theirs_and_the_message_answered() -> None:
    assert head(references=("<a@x>", "<b@x>")).references == ("<a@x>", "<b@x>", "<1@interior.example>")


def test_without_references_the_thread_begins_at_what_they_answered() -> None:
    assert head(in_reply_to=("<a@x>",)).references == ("<a@x>", "<1@interior.example>")


def test_a_message_without_id_is_answered_without_threading() -> None:
    made = head(message_id=None)
    assert (made.in_reply_to, made.references) == (None, ())


def test_an_id_that_is_none_is_left_out() -> None:
    assert head(message_id="<a b>\r\nBcc: x@y").in_reply_to is None


def test_a_long_thread_keeps_its_first_and_last_ids() -> None:
    made = head(references=tuple(f"<{n}@x>" for n in range(100))).references
    assert len(made) == 20
    assert (made[0], made[-1]) == ("<0@x>", "<1@interior.example>")


def test_the_sender_is_the_address_that_they_wrote_to() -> None:
    team = (Address("", "Team@newsroom.example"), Address("", "ME@newsroom.example"))
    assert head(to=team).sender == "ME@newsroom.example"
    assert head(to=team, account="team").sender == "Team@newsroom.example"
    assert head(to=(), account="me@newsroom.example").sender == "me@newsroom.example"


def test_the_message_is_read_by_a_mail_library_as_it_was_meant() -> None:
    read = email.message_from_bytes(as_message(DRAFT), policy=default)
    assert read["From"] == "me@newsroom.example"
    assert read["To"] == "foi@interior.example"
    assert read["Subject"] == DRAFT.subject
    assert read["In-Reply-To"] == DRAFT.in_reply_to
    assert read["References"].split() == list(DRAFT.references)
    assert read["Message-ID"] == DRAFT.message_id
    assert read.get_content().replace("\r\n", "\n") == DRAFT.body


def test_long_identifiers_stay_whole_so_that_the_thread_holds() -> None:
    raw = as_message(replace(DRAFT, in_reply_to=LONG_ID, references=(LONG_ID,) * 3))
    assert raw.count(LONG_ID.encode()) == 4
    assert b"=?" not in raw


def test_every_line_ends_with_crlf() -> None:
    raw = as_message(DRAFT)
    assert raw.replace(b"\r\n", b"").count(b"\n") == 0


@given(
    subject=st.text(max_size=200),
    ids=st.lists(st.text(max_size=40).map(lambda t: f"<{t}>"), max_size=4),
    name=st.text(max_size=80),
)
def test_nothing_from_a_message_makes_another_header(subject: str, ids: list[str], name: str) -> None:
    sender = Address(name, "foi@interior.example")
    theirs = message(1, subject=subject, references=tuple(ids), message_id=next(iter(ids), None), sender=sender)
    made = envelope(theirs, CASE, "me@newsroom.example", ["foi@interior.example"])
    draft = replace(DRAFT, subject=made.subject, in_reply_to=made.in_reply_to, references=made.references)
    read = email.message_from_bytes(as_message(draft), policy=default)
    allowed = {"From", "To", "Subject", "Date", "Message-ID", "In-Reply-To", "References"}
    assert set(read.keys()) <= allowed | {"Content-Type", "Content-Transfer-Encoding", "MIME-Version"}
    assert "Bcc" not in read
