"""The reply's header: as a mail program would write it, whatever the authority's mail holds."""

import email
import re
from dataclasses import replace
from datetime import UTC, datetime
from email.policy import default
from itertools import pairwise

import fast_mail_parser
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from attachwatch.model import Address, Draft
from attachwatch.reply.envelope import Envelope, as_message, envelope, is_no_reply, mailbox
from attachwatch.reply.flowed import SIGNATURE, flowed
from attachwatch.reply.lines import goes_on, is_prose
from tests.cases.builders import CASE, message
from tests.reply.test_compose import HOSTILE

LONG_ID = "<LO2P265MB1234ABCDEF0123456789ABCDEF0123456789@LO2P265MB1234.GBRP265.PROD.OUTLOOK.COM>"
DRAFT = Draft(
    "FOI2024/01234", 1, (1,), "<d@newsroom.example>", "me@newsroom.example", ("foi@interior.example",), (),
    "Re: Your request FOI2024/01234", "<1@interior.example>", ("<0@interior.example>", "<1@interior.example>"), (), (),
    "Dear FOI Team,\n", datetime(2024, 10, 2, 8, tzinfo=UTC),
)  # fmt: skip
SENT = replace(
    DRAFT,
    cc=("editor@newsroom.example", "legal@interior.example"),
    subject="Re: Ihre Anfrage – Übersicht FOI2024/01234 " + "und noch mehr " * 12 + "Ende",
    references=(LONG_ID, "<0@interior.example>", LONG_ID.replace("LO2", "LO3")),
    body="Sehr geehrte Damen und Herren,\n\nvielen Dank für Ihre vier E-Mails vom 1. Oktober 2024 mit ihren vielen\n"
    "Anlagen.\n\n1. Anlage Übersicht  <b>.pdf\n   Die Datei ist leer.\n\nFrom hier an\n> nichts\n\n-- \nA. Requester\n",
)


def head(account: str = "me@newsroom.example", **header: object) -> Envelope:
    return envelope(message(1, **header), CASE, account, ["foi@interior.example"])


def test_no_parameter_of_the_header_is_cut_in_two() -> None:
    """As RFC 2231 allows, and many mail programs do not put together: they then show a boundary's parts as one text."""
    for draft in (DRAFT, SENT):
        assert b"*0" not in as_message(draft, html=True)


@pytest.mark.parametrize(
    ("theirs", "ours"),
    [
        ("Your request FOI2024/01234", "Re: Your request FOI2024/01234"),
        ("RE: Your request FOI2024/01234", "Re: Your request FOI2024/01234"),
        ("Re: RE: AW: FOI 2024-01234", "Re: FOI 2024-01234"),
        ("Re[2]: Antwort: SV: RE : FOI2024/01234", "Re: FOI2024/01234"),
        ("[EXTERNAL] RE: [Ticket 5] WG: FOI2024/01234", "Re: [EXTERNAL] [Ticket 5] FOI2024/01234"),
        ("RE:RE:RE: [FOI2024/01234] Annexes", "Re: [FOI2024/01234] Annexes"),
        ("Re\uff1a FOI2024/01234", "Re: FOI2024/01234"),
        ("Research into FOI2024/01234: AW", "Re: Research into FOI2024/01234: AW"),
        ("Annexes\u2028X:\u202e y\0\x1b[2J FOI2024/01234", "Re: Annexes X: y [2J FOI2024/01234"),
        ("Annexes", "Re: Annexes (FOI2024/01234)"),
        ("", "Re: (FOI2024/01234)"),
        ("[EXTERNAL] Annexes", "Re: [EXTERNAL] Annexes (FOI2024/01234)"),
        ("Annexes\r\nBcc: everybody@example.org", "Re: Annexes Bcc: everybody@example.org (FOI2024/01234)"),
    ],
)
def test_the_subject_is_theirs_with_one_re_and_the_reference(theirs: str, ours: str) -> None:
    assert head(subject=theirs).subject == ours


def test_an_endless_subject_is_cut_and_keeps_the_reference() -> None:
    made = head(subject="Re: " * 30_000 + "x" * 100_000).subject
    assert len(made) < 900
    assert made.endswith("(FOI2024/01234)")


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


def addresses(*them: str) -> tuple[Address, ...]:
    return tuple(Address("", a) for a in them)


def test_who_else_was_written_to_is_copied_once_and_not_ourselves() -> None:
    made = head(
        to=addresses("ME@newsroom.example", "editor@newsroom.example"),
        cc=addresses("legal@interior.example", "Editor@Newsroom.example", "FOI@interior.example", "no-reply@x.example"),
    )
    assert made.to == ("foi@interior.example",)
    assert made.cc == ("Editor@Newsroom.example", "legal@interior.example")


def test_where_none_of_the_addresses_is_known_as_ours_nobody_is_copied() -> None:
    assert head(to=addresses("alias@newsroom.example"), cc=addresses("x@interior.example")).cc == ()


def test_a_crowd_is_not_copied_whole() -> None:
    crowd = addresses("me@newsroom.example", *(f"p{n}@interior.example" for n in range(5_000)))
    assert len(head(to=crowd).cc) == 20


@pytest.mark.parametrize(
    "address",
    ["", "foi", "@x.example", "a@", "a b@x.example", "a@x y", "a@b\r\nBcc: x@y", "a\0@x.example", "a@x_.example",
     "ä@x.example", "<a@x.example>", "a,b@x.example", "a@x..example", "a..b@x.example", ".a@x.example", "a@b@x.example",
     "a@" + "x" * 300],
)  # fmt: skip
def test_what_is_no_address_goes_into_no_header(address: str) -> None:
    assert mailbox(address) is None
    to = addresses("me@newsroom.example", address)
    made = envelope(message(1, to=to), CASE, "me@newsroom.example", [address, "foi@interior.example"])
    assert (made.to, made.cc) == (("foi@interior.example",), ())


@pytest.mark.parametrize(
    "address", ["foi.responses@interior.example", "request-7+x@x.example", "O'Neil_2@x", "FOI&IG@x", "a/b=c@x", "{x}@x"]
)
def test_an_address_stays_as_it_is(address: str) -> None:
    assert mailbox(address) == address
    assert mailbox(f" {address}\n") == address
    read = fast_mail_parser.parse_email(as_message(replace(DRAFT, to=(address,), cc=(address,))))
    assert [a.address for a in (*read.to, *read.cc)] == [address, address]


def test_a_host_of_other_letters_is_written_as_mail_wants_it() -> None:
    assert mailbox("foi@ministère.example") == "foi@xn--ministre-60a.example"


@pytest.mark.parametrize(
    "address",
    ["no-reply@x.example", "noreply@x", "NoReply+case5@x", "do_not_reply@x", "foi.no.reply@x", "donotreply-foi@x",
     "nicht-antworten@x", "keine-antwort@x", "ne-pas-repondre@x", "no-responder@x", "mailer-daemon@x", "bounces@x"],
)  # fmt: skip
def test_addresses_that_nobody_reads_are_known(address: str) -> None:
    assert is_no_reply(address)


@pytest.mark.parametrize("address", ["foi@noreply.example", "replies@x", "answers@x", "reply@x", "norah.eply@x", ""])
def test_others_are_not_taken_for_such(address: str) -> None:
    assert not is_no_reply(address)


def test_the_message_is_read_by_a_mail_library_as_it_was_meant() -> None:
    read = email.message_from_bytes(as_message(DRAFT), policy=default)
    assert read["From"] == "me@newsroom.example"
    assert read["To"] == "foi@interior.example"
    assert read["Subject"] == DRAFT.subject
    assert read["In-Reply-To"] == DRAFT.in_reply_to
    assert read["References"].split() == list(DRAFT.references)
    assert read["Message-ID"] == DRAFT.message_id
    assert read.get_content().replace("\r\n", "\n") == DRAFT.body


@pytest.mark.parametrize("html", [False, True])
def test_another_mail_library_reads_the_same(html: bool) -> None:
    read = fast_mail_parser.parse_email(as_message(SENT, html=html))
    assert read.subject == SENT.subject
    assert [a.address for a in read.to] == list(SENT.to)
    assert [a.address for a in read.cc] == list(SENT.cc)
    assert " ".join(read.headers["References"][0].split()) == " ".join(SENT.references)
    assert read.headers["In-Reply-To"] == [SENT.in_reply_to]
    assert read.headers["Message-ID"] == [SENT.message_id]
    assert not read.warnings
    (text,) = read.text_plain
    assert unflowed(text) == reflowed(SENT.body)
    assert len(read.text_html) == int(html)


def test_long_identifiers_stay_whole_so_that_the_thread_holds() -> None:
    raw = as_message(replace(DRAFT, in_reply_to=LONG_ID, references=(LONG_ID,) * 3))
    assert raw.count(LONG_ID.encode()) == 4
    assert b"=?" not in raw


def test_every_line_ends_with_crlf() -> None:
    raw = as_message(DRAFT)
    assert raw.replace(b"\r\n", b"").count(b"\n") == 0


@pytest.mark.parametrize("hostile", HOSTILE)
def test_hostile_words_of_theirs_reach_no_header_and_stop_no_draft(hostile: str) -> None:
    them = (Address(hostile, "foi@interior.example"), Address(hostile, hostile), Address("", "me@newsroom.example"))
    theirs = {"subject": hostile, "message_id": hostile, "references": (hostile, "<a@x>"), "in_reply_to": (hostile,)}
    made = envelope(
        message(1, **theirs, to=them, cc=them), CASE, "me@newsroom.example", [hostile, "foi@interior.example"]
    )
    draft = replace(
        DRAFT, to=made.to, cc=made.cc, subject=made.subject, in_reply_to=made.in_reply_to, references=made.references
    )
    for raw in (as_message(draft), as_message(draft, html=True)):
        read = fast_mail_parser.parse_email(raw)
        assert not {"Bcc", "X"} & read.headers.keys()
        assert [a.address for a in (*read.to, *read.cc)] == ["foi@interior.example"]
        assert not re.search(rb"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]", raw)


@settings(deadline=None)
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
    allowed = {"From", "To", "Cc", "Subject", "Date", "Message-ID", "In-Reply-To", "References"}
    assert set(read.keys()) <= allowed | {"Content-Type", "Content-Transfer-Encoding", "MIME-Version"}
    assert "Bcc" not in read


def test_html_is_an_alternative_to_the_same_words() -> None:
    read = email.message_from_bytes(as_message(SENT, html=True), policy=default)
    assert read.get_content_type() == "multipart/alternative"
    assert [p.get_content_type() for p in read.iter_parts()] == ["text/plain", "text/html"]
    page = next(p for p in read.iter_parts() if p.get_content_subtype() == "html").get_content()
    assert "Anlage Übersicht  &lt;b&gt;.pdf" in page


@pytest.mark.parametrize("html", [False, True])
def test_the_same_draft_is_the_same_bytes(html: bool) -> None:
    assert as_message(SENT, html=html) == as_message(SENT, html=html)


def test_it_is_text_that_flows_and_no_line_of_it_is_long() -> None:
    raw = as_message(SENT)
    read = email.message_from_bytes(raw, policy=default)
    assert (read.get_content_charset(), read["Content-Type"].params["format"]) == ("utf-8", "flowed")
    assert raw.isascii()
    assert all(len(line) < 80 or b"OUTLOOK.COM>" in line for line in raw.split(b"\r\n"))


def test_a_body_of_any_characters_is_written_and_read() -> None:
    raw = as_message(replace(SENT, body="a\0b\x1b[31m\ud800 c\r\nd\u2028e\n"))
    (text,) = fast_mail_parser.parse_email(raw).text_plain
    assert text.replace("\r\n", "\n") == "a\ufffdb\ufffd[31m\ufffd c\nd\u2028e\n"


def test_what_would_be_taken_for_a_quotation_is_stuffed() -> None:
    assert flowed("> a\n>\nFrom x\n y\nz\n") == " > a\n >\n From x\n  y\nz\n"


def test_a_subject_that_an_older_version_let_in_stops_no_draft() -> None:
    raw = as_message(replace(DRAFT, subject="Re: a\r\nBcc: x@example.org\0"))
    assert fast_mail_parser.parse_email(raw).subject == "Re: a Bcc: x@example.org"


def test_a_name_that_ends_with_a_space_keeps_it_since_the_text_does_not_flow_then() -> None:
    body = "Dear all,\n\n1. Annex A.pdf \n\nYours\n"
    read = email.message_from_bytes(as_message(replace(DRAFT, body=body)), policy=default)
    assert "format" not in read["Content-Type"].params
    assert read.get_content().replace("\r\n", "\n") == body


def test_a_name_of_five_thousand_letters_stays_one_line() -> None:
    name = f"1. {'Anlage ' * 700}.pdf"
    raw = as_message(replace(SENT, body=f"{name}\n"), html=True)
    assert max(map(len, raw.split(b"\r\n"))) <= 998
    assert fast_mail_parser.parse_email(raw).text_plain[0].splitlines() == [name]


@settings(deadline=None)
@given(
    st.lists(
        st.one_of(
            st.text(st.characters(exclude_categories=["Cc", "Cs", "Zl", "Zp"]), max_size=90),
            st.sampled_from(["-- ", "> quoted", "From here", " x", "", "x " * 37 + "yy", "word"]),
        ),
        max_size=8,
    )
)
def test_whatever_is_written_is_read_again_but_for_the_ends_of_flowing_lines(lines: list[str]) -> None:
    body = "\n".join(lines) + "\n"
    for text in (
        fast_mail_parser.parse_email(as_message(replace(DRAFT, body=body))).text_plain[0],
        email.message_from_bytes(as_message(replace(DRAFT, body=body)), policy=default).get_content(),
    ):
        is_flowed = flowed(body) is not None
        assert (unflowed(text) if is_flowed else text.replace("\r\n", "\n")) == (reflowed(body) if is_flowed else body)


def unflowed(text: str) -> str:
    """How a reader puts flowed text together (RFC 3676 section 4.2)."""
    made = ""
    for line in text.replace("\r\n", "\n").removesuffix("\n").split("\n"):
        bare = line.removeprefix(" ")
        made += bare if bare.endswith(" ") and bare != SIGNATURE else f"{bare}\n"
    return made


def reflowed(body: str) -> str:
    """What a reader should make of it: prose without the ends of lines that only had no room left."""
    lines = [line.rstrip(" ") if is_prose(line) else line for line in body.removesuffix("\n").split("\n")]
    ends = [" " if goes_on(*pair) else "\n" for pair in pairwise(lines)]
    return "".join(line + end for line, end in zip(lines, [*ends, "\n"], strict=True))
