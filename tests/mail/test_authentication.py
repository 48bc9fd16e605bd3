"""Authentication-Results: the trusted server's topmost field counts, and nothing that a sender may have written."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from attachwatch.mail.authentication import parse, unverified
from attachwatch.mail.header import LONGEST_RESULTS
from attachwatch.mail.header import parse as parse_header
from attachwatch.model import Header

AUTHORITY = ("homeoffice.gov.uk", "foi@shared.example")
MX = "mx.example.org"
PASS = f"{MX}; dkim=pass header.d=homeoffice.gov.uk"
FAIL = f"{MX}; dkim=fail header.d=homeoffice.gov.uk; spf=softfail smtp.mailfrom=homeoffice.gov.uk"


def header(*fields: str, sender: str = "FOI <foi@homeoffice.gov.uk>") -> Header:
    lines = [f"Authentication-Results: {field}" for field in fields]
    return parse_header("\r\n".join(["Received: by x", *lines, f"From: {sender}", "", ""]).encode())


def why(*fields: str, sender: str = "FOI <foi@homeoffice.gov.uk>", trusted: tuple[str, ...] = (MX,)) -> str | None:
    return unverified(header(*fields, sender=sender), AUTHORITY, trusted)


# --- as servers write them --------------------------------------------------------------------------------------

GOOGLE = """mx.google.com;
       dkim=pass header.i=@homeoffice.gov.uk header.s=selector2 header.b=ksOGfQcS;
       arc=pass (i=1 spf=pass spfdomain=homeoffice.gov.uk dkim=pass dkdomain=homeoffice.gov.uk);
       spf=pass (google.com: domain of foi@homeoffice.gov.uk designates 192.0.2.7 as permitted sender)
        smtp.mailfrom=foi@homeoffice.gov.uk;
       dmarc=pass (p=REJECT sp=REJECT dis=NONE) header.from=homeoffice.gov.uk"""
MICROSOFT = """spf=pass (sender IP is 192.0.2.7)
 smtp.mailfrom=homeoffice.gov.uk; dkim=pass (signature was verified)
 header.d=homeoffice.gov.uk;dmarc=pass action=none
 header.from=homeoffice.gov.uk;compauth=pass reason=100"""
MICROSOFT_OF_OLD = """spf=pass (sender IP is 192.0.2.7)
 smtp.mailfrom=homeoffice.gov.uk; newsroom.example; dkim=none (message not signed) header.d=none;newsroom.example;
 dmarc=bestguesspass action=none header.from=homeoffice.gov.uk"""
FASTMAIL = """mx1.messagingengine.com;
    x-csa=none;
    x-ptr=pass smtp.helo=mail.homeoffice.gov.uk policy.ptr=mail.homeoffice.gov.uk;
    bimi=skipped (DMARC did not pass);
    arc=none (no signatures found);
    dkim=pass (2048-bit rsa key sha256) header.d=homeoffice.gov.uk header.i=@homeoffice.gov.uk header.b=abc+/=
      header.a=rsa-sha256 header.s=s1;
    dmarc=pass policy.published-domain-policy=reject policy.applied-disposition=none header.from=homeoffice.gov.uk;
    iprev=pass smtp.remote-ip=192.0.2.7 (mail.homeoffice.gov.uk);
    spf=pass smtp.mailfrom=foi@homeoffice.gov.uk smtp.helo=mail.homeoffice.gov.uk"""
YAHOO = """atlas214.aol.mail.ne1.yahoo.com;
 dkim=pass header.i=@homeoffice.gov.uk header.s=s1;
 spf=pass smtp.mailfrom=homeoffice.gov.uk;
 dmarc=pass(p=REJECT) header.from=homeoffice.gov.uk;"""
RSPAMD = """mail.example.org;
    dkim=pass header.d=homeoffice.gov.uk header.s=s1 header.b="U/x=";
    dmarc=pass (policy=reject) header.from=homeoffice.gov.uk;
    spf=pass (mail.example.org: domain of "foi@homeoffice.gov.uk" designates 192.0.2.7 as permitted sender)
     smtp.mailfrom="foi@homeoffice.gov.uk\""""
OPENDKIM = """mail.example.net;
    dkim=pass (2048-bit key; unprotected) header.d=homeoffice.gov.uk header.i=@homeoffice.gov.uk header.a=rsa-sha256;
    dkim-atps=neutral"""
WITH_BRACKETS = "mx.example.net; spf=pass smtp.mailfrom=<foi@homeoffice.gov.uk>"
WITH_COMMENTS = """(a) mx.example.net (b) 1 (c (d)) ; (e) dkim (f) / (g) 1 (h) = (i) pass (j) header (k) . (l) d (m) =
    (n) homeoffice.gov.uk (o \\) p)"""


@pytest.mark.parametrize(
    ("field", "server"),
    [
        (GOOGLE, "mx.google.com"),
        (MICROSOFT, "microsoft365"),
        (MICROSOFT_OF_OLD, "microsoft365"),
        (FASTMAIL, "mx1.messagingengine.com"),
        (YAHOO, "atlas214.aol.mail.ne1.yahoo.com"),
        (RSPAMD, "mail.example.org"),
        (OPENDKIM, "mail.example.net"),
        (WITH_BRACKETS, "mx.example.net"),
        (WITH_COMMENTS, "mx.example.net"),
    ],
)
def test_a_pass_is_read_as_servers_write_it(field: str, server: str) -> None:
    folded = field.replace("\n", "\r\n")
    assert why(folded, trusted=(server,)) is None
    assert why(folded, trusted=(server.upper(),)) is None or server == "microsoft365"
    assert why(folded.replace("homeoffice.gov.uk", "evil.example"), trusted=(server,)) is not None
    assert why(folded, trusted=("another.example",)) == "no result of another.example"


# --- whose field counts -----------------------------------------------------------------------------------------


def test_without_a_trusted_server_from_is_believed() -> None:
    assert why(FAIL, trusted=()) is None
    assert why(trusted=()) is None


def test_a_message_that_was_listed_before_results_were_looked_for_stays_as_it_was() -> None:
    old = Header(sender=header().sender)
    assert old.authentication is None
    assert unverified(old, AUTHORITY, (MX,)) is None


def test_no_field_of_the_trusted_server_is_no_proof() -> None:
    assert why() == f"no result of {MX}"
    assert why("mx.evil.example; dkim=pass header.d=homeoffice.gov.uk") == f"no result of {MX}"


@pytest.mark.parametrize(
    "forged", [f"x{PASS}", f"a.{PASS}", PASS.replace(MX, MX + ".evil.example"), f'"{MX} "; {PASS}']
)
def test_an_id_that_is_merely_like_it_does_not_count(forged: str) -> None:
    assert why(forged) is not None


def test_the_topmost_field_of_the_trusted_server_counts_and_not_what_a_forger_put_below() -> None:
    assert why(FAIL, PASS) is not None
    assert why(PASS, FAIL) is None
    assert why(f"{MX}; none", PASS) == f"{MX} says: nothing was checked"


def test_what_other_servers_add_above_and_below_is_passed_over() -> None:
    assert why("inner.example.org; spf=fail smtp.mailfrom=x.example", PASS, "mx.evil.example; dkim=fail") is None


def test_several_servers_may_be_trusted() -> None:
    assert why(PASS, trusted=("mx2.example.org", MX)) is None
    assert why(trusted=("mx2.example.org", MX)) == f"no result of mx2.example.org or {MX}"


def test_an_arc_field_is_no_result() -> None:
    raw = f"ARC-Authentication-Results: i=1; {PASS}\r\nFrom: foi@homeoffice.gov.uk\r\n\r\n"
    assert unverified(parse_header(raw.encode()), AUTHORITY, (MX,)) == f"no result of {MX}"


def test_microsofts_fields_without_an_id_are_not_those_of_a_server_of_that_name() -> None:
    assert why("microsoft365; dkim=pass header.d=homeoffice.gov.uk", trusted=("microsoft365",)) is not None
    assert why(MICROSOFT.replace("\n", "\r\n")) == f"no result of {MX}"


def test_a_field_that_cannot_be_read_hides_none_that_was_forged_below() -> None:
    assert "cannot be read" in (why(f'{MX}; spf=fail (domain of "x) smtp.mailfrom=x', PASS) or "")
    assert "cannot be read" in (why(f"{MX} 2; dkim=fail", PASS) or "")
    assert "cannot be read" in (why(f"{MX}; dkim=fail {'x' * LONGEST_RESULTS}", PASS) or "")


# --- what it must say -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "results",
    [
        "dkim=pass header.d=homeoffice.gov.uk",
        "dkim=pass header.d=HomeOffice.GOV.UK.",
        "dkim=pass header.i=@homeoffice.gov.uk",
        "dkim=pass header.i=foi@mail.homeoffice.gov.uk",
        "dkim=pass header.d=mail.homeoffice.gov.uk",
        "dkim=fail header.d=homeoffice.gov.uk; dkim=pass header.d=homeoffice.gov.uk",
        "dkim=fail header.d=homeoffice.gov.uk; spf=pass smtp.mailfrom=bounce@homeoffice.gov.uk",
        "spf=pass smtp.mailfrom=bounces.homeoffice.gov.uk",
        "spf=pass smtp.mail=foi@homeoffice.gov.uk",
        'spf=pass reason="a; dkim=fail" smtp.mailfrom="foi@homeoffice.gov.uk"',
        "dmarc=pass header.from=homeoffice.gov.uk",
        "dkim=none; spf=none; dmarc=pass (p=none) header.from=homeoffice.gov.uk",
        "DKIM=PASS HEADER.D=homeoffice.gov.uk",
    ],
)
def test_one_pass_for_the_authoritys_domain_is_enough(results: str) -> None:
    assert why(f"{MX}; {results}") is None


@pytest.mark.parametrize(
    "results",
    [
        "none",
        "",
        "auth=pass smtp.auth=foi@homeoffice.gov.uk",
        "dkim=pass",
        "dkim=pass header.d=evil.example",
        "dkim=pass header.d=homeoffice.gov.uk.evil.example",
        "dkim=pass header.d=xhomeoffice.gov.uk",
        "dkim=pass header.d=uk",
        "dkim=pass header.d=justice.gov.uk",
        "dkim=pass header.d=evil.example header.i=@homeoffice.gov.uk",
        "dkim=pass header.d=homeoffice.gov.uk header.d=evil.example",
        "dkim=pass header.from=homeoffice.gov.uk",
        "dkim=passed header.d=homeoffice.gov.uk",
        "x-dkim=pass header.d=homeoffice.gov.uk",
        "dkim=fail (dkim=pass header.d=homeoffice.gov.uk) header.d=homeoffice.gov.uk",
        "dkim=permerror header.d=homeoffice.gov.uk; spf=temperror smtp.mailfrom=homeoffice.gov.uk",
        "spf=neutral smtp.mailfrom=homeoffice.gov.uk",
        "spf=pass smtp.mailfrom=evil.example",
        "spf=pass smtp.helo=homeoffice.gov.uk",
        "spf=pass smtp.mailfrom=homeoffice.gov.uk@evil.example",
        "dmarc=pass header.from=evil.example",
        "dmarc=fail header.from=homeoffice.gov.uk",
        "dmarc=fail header.from=homeoffice.gov.uk; dkim=pass header.d=homeoffice.gov.uk",
        "dmarc=bestguesspass header.from=homeoffice.gov.uk",
        # The sender's own words, as a server quotes them.
        'spf=pass smtp.mailfrom="x; dkim=pass header.d=homeoffice.gov.uk"@evil.example',
        'spf=pass (domain of "x) smtp.mailfrom=homeoffice.gov.uk ("@evil.example allows) smtp.mailfrom=evil.example',
        'spf=fail (domain of "x); dkim=pass header.d=homeoffice.gov.uk ("@evil.example)',
        'spf=fail (domain of "x\\"); dkim=pass header.d=homeoffice.gov.uk ("@evil.example)',
        "spf=fail (domain of x); dkim=pass header.d=homeoffice.gov.uk (@evil.example))",
        'dkim=fail reason=\\"; dkim=pass header.d=homeoffice.gov.uk',
    ],
)
def test_anything_else_is_no_proof(results: str) -> None:
    assert why(f"{MX}; {results}") is not None


def test_a_parent_and_what_is_under_the_same_entry_of_the_authority_speak_for_it() -> None:
    """Relaxed alignment without a list of public suffixes: the configuration says what belongs together."""
    authority = ("foi.homeoffice.gov.uk", "gov.example")
    below = header(f"{MX}; dkim=pass header.d=homeoffice.gov.uk", sender="a@foi.homeoffice.gov.uk")
    assert unverified(below, authority, (MX,)) is None
    sisters = header(f"{MX}; dkim=pass header.d=mail.gov.example", sender="a@foi.gov.example")
    assert unverified(sisters, authority, (MX,)) is None
    strangers = header(f"{MX}; dkim=pass header.d=other.homeoffice.gov.uk", sender="a@foi.homeoffice.gov.uk")
    assert unverified(strangers, authority, (MX,)) is not None
    by_dmarc = header(f"{MX}; dmarc=pass header.from=foi.homeoffice.gov.uk", sender="a@foi.homeoffice.gov.uk")
    assert unverified(by_dmarc, authority, (MX,)) is None


def test_an_authority_that_is_an_address_is_verified_by_its_domain() -> None:
    assert why(f"{MX}; dkim=pass header.d=shared.example", sender="foi@shared.example") is None
    assert why(f"{MX}; dkim=pass header.d=other.example", sender="foi@shared.example") is not None


def test_the_reason_says_what_the_server_found() -> None:
    assert why(FAIL) == f"{MX} says: dkim=fail for homeoffice.gov.uk, spf=softfail for homeoffice.gov.uk"
    found = why(f"{MX}; dkim=pass header.d=evil.example; spf=none")
    assert found == f"{MX} says: dkim=pass for evil.example, spf=none"


def test_a_from_in_doubt_is_unverified_whatever_was_found_and_whoever_is_trusted() -> None:
    two = "FOI <foi@homeoffice.gov.uk>, x@evil.example"
    assert why(PASS, sender=two) == "From names 2 addresses"
    assert why(sender=two, trusted=()) == "From names 2 addresses"


# --- hostile fields ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "bits",
    [
        "(",
        ")",
        "(a)",
        '"',
        '"a" ',
        "\\",
        "\\(",
        "; dkim=pass header.d=x",
        " header.d=x",
        " ",
        ". a",
        "a/ ",
        ";",
        "a=",
        "\0",
        "\xff",
    ],
)
def test_no_field_takes_long_or_raises(bits: str) -> None:
    began = time.monotonic()
    for start in ("", f"{MX}; dkim=pass "):
        parse((start + bits * LONGEST_RESULTS)[: LONGEST_RESULTS - 1])
        why(start + bits * LONGEST_RESULTS, PASS)
    assert time.monotonic() - began < 3


_SIGNS = st.sampled_from(
    ["dkim", "spf", "=", "pass", "header.d", "evil.example", ";", "(", ")", '"', "\\", "/", "1", " ", MX]
)


@given(st.lists(_SIGNS, max_size=30).map("".join))
def test_nothing_that_names_another_domain_proves_this_one(field: str) -> None:
    assert why(f"{MX}; {field}") is not None


@given(st.lists(st.text(max_size=60), max_size=7))
def test_no_fields_whatsoever_raise(fields: list[str]) -> None:
    for field in fields:
        parse(field)
    unverified(Header(sender=header().sender, authentication=tuple(fields)), AUTHORITY, (MX,))
