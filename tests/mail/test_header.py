"""Headers: read leniently, field by field; whatever they hold, nothing is raised."""

from datetime import UTC, datetime
from email.utils import getaddresses

import pytest
from hypothesis import given
from hypothesis import strategies as st

from attachwatch.mail.header import LONGEST_RESULTS, parse
from attachwatch.mime.words import decode
from attachwatch.model import Address


def test_an_ordinary_header_is_read_whole() -> None:
    header = parse(
        b"Message-ID: <1@x.example>\r\nDate: Tue, 01 Oct 2024 10:00:00 +0100\r\n"
        b"From: =?utf-8?q?F=C3=B3i_Team?= <foi@x.example>\r\nTo: a@y.example, B <b@y.example>\r\n"
        b"Reply-To: replies@x.example\r\nSubject: =?utf-8?b?w5xiZXI=?=\r\n =?utf-8?b?c2ljaHQ=?=\r\n"
        b"In-Reply-To: <0@y.example>\r\nReferences: <a@y.example>\r\n <0@y.example>\r\n\r\n"
    )
    assert header.message_id == "<1@x.example>"
    assert header.date == datetime(2024, 10, 1, 9, tzinfo=UTC)
    assert header.sender == Address("F\u00f3i Team", "foi@x.example")
    assert header.to == (Address("", "a@y.example"), Address("B", "b@y.example"))
    assert header.reply_to == (Address("", "replies@x.example"),)
    assert header.subject == "\u00dcbersicht"
    assert (header.in_reply_to, header.references) == (("<0@y.example>",), ("<a@y.example>", "<0@y.example>"))
    assert header.automatic is None


def test_a_header_without_anything_is_empty() -> None:
    header = parse(b"")
    assert (header.message_id, header.date, header.sender, header.subject) == (None, None, None, "")


@pytest.mark.parametrize(
    ("raw", "meant"),
    [
        ("=?iso-8859-1?q?Anlage_=DCbersicht?=", "Anlage \u00dcbersicht"),
        ("=?utf-8?q?a?= =?utf-8?q?b?=", "ab"),
        ("=?utf-8?q?a?==?utf-8?q?b?=", "ab"),
        ("=?no-such-charset?q?caf=C3=A9?=", "caf\u00e9"),
        ("plain", "plain"),
        ("=?broken", "=?broken"),
        (b"caf\xe9".decode("ascii", "surrogateescape"), "caf\u00e9"),
        (b"caf\xc3\xa9".decode("ascii", "surrogateescape"), "caf\u00e9"),
    ],
)
def test_encoded_words_and_raw_bytes_are_decoded(raw: str, meant: str) -> None:
    assert decode(raw) == meant


@pytest.mark.parametrize(
    ("field", "says"),
    [
        (b"Auto-Submitted: auto-replied", "auto-replied"),
        (b"Auto-Submitted: no", None),
        (b"Subject: Automatic reply: your request", "auto-replied"),
        (b"Subject: Automatically generated report", None),
        (b"List-Unsubscribe: <https://x.example>", "bulk"),
        (b"Precedence: bulk", "bulk"),
        (b"Return-Path: <>", "bounce"),
        (b"Content-Type: multipart/report; report-type=delivery-status", "bounce"),
        (b"Subject: Your request", None),
    ],
)
def test_what_no_person_wrote_is_told(field: bytes, says: str | None) -> None:
    assert parse(field + b"\r\n\r\n").automatic == says


def test_results_of_authentication_are_kept_as_they_came_the_topmost_first_and_few() -> None:
    fields = "".join(f"Authentication-Results: mx{n};\r\n dkim=pass\r\n" for n in range(9))
    kept = parse(f"{fields}ARC-Authentication-Results: i=1; mx\r\n\r\n".encode()).authentication
    assert kept == tuple(f"mx{n}; dkim=pass" for n in range(5))
    assert parse(b"Subject: x\r\n\r\n").authentication == ()
    (long,) = parse(b"Authentication-Results: " + b"x" * 60_000 + b"\r\n\r\n").authentication or ()
    assert len(long) == LONGEST_RESULTS


def test_a_line_break_in_an_encoded_word_makes_no_second_line() -> None:
    assert "\n" not in parse(b"Subject: =?utf-8?q?a=0D=0ABcc=3A_x?=\r\n\r\n").subject


def test_a_date_out_of_the_calendar_is_none() -> None:
    assert parse(b"Date: Fri, 31 Dec 9999 23:59:59 -2359\r\n\r\n").date is None
    assert parse(b"Date: yesterday\r\n\r\n").date is None


def test_a_date_without_zone_is_taken_as_utc() -> None:
    assert parse(b"Date: Tue, 01 Oct 2024 10:00:00\r\n\r\n").date == datetime(2024, 10, 1, 10, tzinfo=UTC)


_WORD = st.text("abcXYZ019 .,'-_", max_size=12)
_ADDRESS = st.from_regex(r"[a-zA-Z0-9_+-][a-zA-Z0-9_+.-]{0,9}@[a-z0-9][a-z0-9.-]{0,9}", fullmatch=True)


@given(
    st.one_of(_ADDRESS, st.builds('"{}" <{}>'.format, _WORD, _ADDRESS), st.builds("{} <{}>".format, _WORD, _ADDRESS))
)
def test_a_plain_address_is_read_as_the_standard_library_reads_it(field: str) -> None:
    expected = tuple(Address(" ".join(n.split()), a) for n, a in getaddresses([field]) if a)
    if expected:
        assert parse(f"To: {field}\r\n\r\n".encode()).to == expected


_FIELD = st.sampled_from(
    [b"Authentication-Results", b"From", b"To", b"Subject", b"Date", b"References", b"Message-ID", b"Auto-Submitted"]
)
_BITS = st.sampled_from([b"=?utf-8?q?", b"?=", b"<", b">", b"@", b"\r\n ", b'"', b"(", b",", b";", b"\xff", b"\x00"])


@given(st.lists(st.tuples(_FIELD, st.lists(_BITS | st.binary(max_size=20), max_size=8).map(b"".join)), max_size=8))
def test_no_header_whatsoever_raises(fields: list[tuple[bytes, bytes]]) -> None:
    header = parse(b"\r\n".join(name + b": " + value for name, value in fields) + b"\r\n\r\n")
    header.subject.encode("utf-8")
    assert header.date is None or header.date.tzinfo is not None
    if header.sender:
        (header.sender.name + header.sender.address).encode("utf-8")
