"""From: the plain forms name one person; every other names who it may be, and says why that is not certain."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from attachwatch.mail.header import LONGEST, parse
from attachwatch.mail.originator import read
from attachwatch.mail.sender import is_authority, lookalike_of
from attachwatch.model import Address

AUTHORITY = ("homeoffice.gov.uk",)
FOI = "foi@homeoffice.gov.uk"


@pytest.mark.parametrize(
    ("field", "name", "address"),
    [
        (FOI, "", FOI),
        (f"<{FOI}>", "", FOI),
        (f"FOI Team <{FOI}>", "FOI Team", FOI),
        (f'"Team, FOI" <{FOI}>', "Team, FOI", FOI),
        (f"Team, FOI <{FOI}>", "Team, FOI", FOI),
        (f'"The \\"FOI\\" team" <{FOI}>', 'The "FOI" team', FOI),
        (f"SMITH, John (Home Office) <{FOI}>", "SMITH, John (Home Office)", FOI),
        (f"Home Office: FOI <{FOI}>", "Home Office: FOI", FOI),
        (f"{FOI} (FOI Team)", "", FOI),
        (f"=?utf-8?q?F=C3=B3i?= <{FOI}>", "F\u00f3i", FOI),
        (f"O'Neill \u2013 FOI <{FOI}>", "O'Neill \u2013 FOI", FOI),
        # The address is what stands between the brackets, whatever the name shows.
        (f'"{FOI}" <x@evil.example>', FOI, "x@evil.example"),
        (f"{FOI} <x@evil.example>", FOI, "x@evil.example"),
        (f"=?utf-8?q?{FOI.replace('@', '=40')}?= <x@evil.example>", FOI, "x@evil.example"),
        (f'"Home Office <{FOI}>" <x@evil.example>', f"Home Office <{FOI}>", "x@evil.example"),
    ],
)
def test_a_plain_from_names_one(field: str, name: str, address: str) -> None:
    origin = read([field])
    assert origin.sender == Address(name, address)
    assert origin.doubt is None


@pytest.mark.parametrize(
    ("fields", "why"),
    [
        ([FOI, "x@evil.example"], "2 From fields"),
        ([FOI, FOI], "2 From fields"),
        ([f"{FOI}, x@evil.example"], "2 addresses"),
        ([f"x@evil.example, Team <{FOI}>"], "2 addresses"),
        ([f"<{FOI}><x@evil.example>"], "2 addresses"),
        ([f"Team: {FOI}, x@evil.example;"], "2 addresses"),
        ([f"Team: {FOI};"], "differently"),
        ([f"Team: {FOI}, <x@evil.example>"], "2 addresses"),
        ([f"Team: {FOI} <x@evil.example>"], "2 addresses"),
        ([f"{FOI}\0@evil.example"], "control characters"),
        ([f"Team\0 <{FOI}>"], "control characters"),
        ([f"=?utf-8?q?{FOI.replace('@', '=40')}?="], "encoded words"),
        (["=?utf-8?q?foi?=@homeoffice.gov.uk"], "encoded words"),
        ([f"=?utf-8?q?{FOI.replace('@', '=40')}=3E=20=3Cx=40evil.example?="], "2 addresses"),
        (["foi@(evil.example)homeoffice.gov.uk"], "differently"),
        (["foi @ homeoffice.gov.uk"], "differently"),
        ([f"Team (x@evil.example) <{FOI}>"], "2 addresses"),
        ([f'"Team <{FOI}>'], "differently"),
        ([f'<{FOI}> "behind"'], "differently"),
        ([f"<@evil.example:{FOI}>"], "2 addresses"),
    ],
)
def test_what_may_be_read_in_two_ways_is_doubted_and_names_everybody(fields: list[str], why: str) -> None:
    origin = read(fields)
    assert origin.sender is not None
    assert origin.doubt is not None
    assert why in origin.doubt
    assert "homeoffice.gov.uk" in f"{origin.sender.name} {origin.sender.address}"
    claimed = is_authority(origin.sender, AUTHORITY) or lookalike_of(origin.sender, AUTHORITY)
    assert claimed, "neither held nor named"


@pytest.mark.parametrize("fields", [[], [""], ["undisclosed"], ["Team <>"], ["=?utf-8?q?Team?="]])
def test_a_from_without_an_address_names_nobody(fields: list[str]) -> None:
    origin = read(fields)
    assert (origin.sender, origin.doubt) == (None, None)


def test_a_header_that_is_cut_off_is_doubted_since_another_from_may_follow() -> None:
    raw = f"From: {FOI}\r\nReferences: ".encode() + b"<a@b> " * (LONGEST // 6)
    assert parse(raw[:LONGEST]).doubt == "its header is too long to be read whole"
    assert parse(raw + b"\r\n\r\n" + b"text " * LONGEST).doubt is None


def test_a_bare_carriage_return_hides_no_second_from() -> None:
    assert parse(f"From: {FOI}\rFrom: x@evil.example\r\n\r\n".encode()).doubt == "it has 2 From fields"
    assert parse(f"From: {FOI}\r\rFrom: x@evil.example\r\n\r\n".encode()).doubt == "it has 2 From fields"


def test_what_a_body_quotes_is_no_field() -> None:
    header = parse(f"From: {FOI}\r\n\r\nFrom: x@evil.example\r\nAuthentication-Results: mx; none\r\n".encode())
    assert (header.sender, header.doubt, header.authentication) == (Address("", FOI), None, ())


@pytest.mark.parametrize("bits", ["\\", '"\\', '"', "a@", "a@b,", "(", "(a)", "<", "@ ", "=?utf-8?q?a?= "])
def test_no_from_takes_long(bits: str) -> None:
    began = time.monotonic()
    read([bits * (LONGEST // len(bits))])
    parse(b"From: x\r\nTo: " + bits.encode() * (LONGEST // len(bits)) + b"\r\n\r\n")
    assert time.monotonic() - began < 5


_BITS = st.sampled_from(
    [FOI, "x@evil.example", "<", ">", '"', "(", ")", ",", ";", ":", "\\", "\0", " ", "=?utf-8?q?", "?="]
)


@given(st.lists(st.lists(_BITS | st.text(max_size=5), max_size=8).map("".join), max_size=3))
def test_whatever_is_certain_is_one_address_of_one_field(fields: list[str]) -> None:
    origin = read(fields)
    if origin.sender and origin.doubt is None:
        assert len(fields) == 1
        assert origin.sender.address in fields[0]
        assert origin.sender.address.count("@") == 1
