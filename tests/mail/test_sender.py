"""Senders: the authority and its subdomains, and those that look like it."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from attachwatch.mail.sender import is_authority, lookalike_of
from attachwatch.model import Address

AUTHORITY = ("homeoffice.gov.uk", "foi@shared.example")


def address(text: str, name: str = "") -> Address:
    return Address(name, text)


@pytest.mark.parametrize(
    "sender", ["foi@homeoffice.gov.uk", "FOI@HomeOffice.GOV.UK", "a@foi.homeoffice.gov.uk", "foi@shared.example"]
)
def test_the_authority_is_known_by_domain_subdomain_or_address(sender: str) -> None:
    assert is_authority(address(sender), AUTHORITY)
    assert lookalike_of(address(sender), AUTHORITY) is None


@pytest.mark.parametrize(
    "sender",
    [
        "foi@homeoffice-gov.uk",
        "foi@h0meoffice.gov.uk",
        "foi@homeoffice.gov.uk.example.com",
        "foi@xhomeoffice.gov.uk",
        "foi@homeofice.gov.uk",
        "foi@homeofifce.gov.uk",
        "foi@homeoffi\u0441e.gov.uk",
        "foi@xn--homeoffie-23h.gov.uk",
        "foi@horneoffice.gov.uk",
        # other signs between the words
        "foi@home-office.gov.uk",
        "foi@homeofficegov.uk",
        "foi@homeoffice-gov-uk.example",
        "foi@homeofficegovuk.com",
        "foi@secure.homeoffice-gov.uk.example",
        "foi@homeoffice.gov.uk-secure.example",
        "foi@my.homeoffice.gov.uk.evil.example",
        "foi@homeoffice.gov.us",
        # letters that are read as others
        "foi@homeoff1ce.gov.uk",
        "foi@hоmеоffісе.gov.uk",
        "foi@һоmeoffice.gov.uk",
        "foi@hömeoffice.gov.uk",
        "foi@homeoffıce.gov.uk",
        "foi@homeoffi\u1d04e.gov.uk",
        "foi@XN--HOMEOFFIE-23H.gov.uk",
        # signs that are not seen, or that DNS would read as others
        "foi@home\u200boffice.gov.uk",
        "foi@home\u00adoffice.gov.uk",
        "foi@homeoffice\u3002gov\u3002uk",
        "foi@homeoffice\uff0egov\uff0euk",
        "foi@\uff48omeoffice.gov.uk",
    ],
)
def test_a_lookalike_is_not_the_authority_and_is_told(sender: str) -> None:
    assert not is_authority(address(sender), AUTHORITY)
    assert lookalike_of(address(sender), AUTHORITY) == "homeoffice.gov.uk"


@pytest.mark.parametrize(
    "name",
    [
        "foi@homeoffice.gov.uk",
        "Home Office (foi@homeoffice.gov.uk)",
        "HOMEOFFICE.GOV.UK",
        "homeoffice.gov.uk FOI Team",
        "foi@hоmeoffice.gov.uk",
        "foi@home\u200boffice.gov.uk",
        "foi@shared.example",
    ],
)
def test_a_name_that_shows_the_authoritys_domain_or_address_is_a_trick(name: str) -> None:
    assert lookalike_of(address("x@evil.example", name), AUTHORITY) in AUTHORITY


@pytest.mark.parametrize(
    "sender",
    [
        "foi@homeoffice.gov.uk@evil.example",
        '"foi@homeoffice.gov.uk"@evil.example',
        "foi%homeoffice.gov.uk@evil.example",
        "homeoffice.gov.uk@evil.example",
    ],
)
def test_the_authoritys_domain_before_another_is_a_trick(sender: str) -> None:
    assert lookalike_of(address(sender), AUTHORITY) == "homeoffice.gov.uk"


@pytest.mark.parametrize("name", ["Home Office", "John of myhomeoffice.gov.ukraine", "someone@shared.example", ""])
def test_another_name_is_none(name: str) -> None:
    assert lookalike_of(address("x@news.example", name), AUTHORITY) is None


@pytest.mark.parametrize(
    ("sender", "authority"),
    [
        ("a@dft.gov.uk", "dfe.gov.uk"),  # other departments under the same roof
        ("a@actions.gov.uk", "ons.gov.uk"),
        ("a@justice.gov.uk", "homeoffice.gov.uk"),
        ("a@gov.uk", "homeoffice.gov.uk"),
        ("a@leeds.ac.uk", "leeds.gov.uk"),
        ("a@homeoffice.gov.ie", "homeaffairs.gov.ie"),
        ("a@mygoviews.example", "gov.ie"),
        ("a@office.example", "homeoffice.gov.uk"),
        ("a@uk.gov.homeoffice", "homeoffice.gov.uk"),
        ("a@m\u00fcnchen.example", "minchin.example"),
        ("a@xn--mnchen-3ya.example", "berlin.example"),
    ],
)
def test_another_office_imitates_nobody(sender: str, authority: str) -> None:
    assert lookalike_of(address(sender), (authority,)) is None


@pytest.mark.parametrize("sender", ["a@beh\u00f6rde.example", "a@xn--behrde-yxa.example", "a@BEH\u00d6RDE.example"])
def test_an_authority_with_letters_of_its_own_is_known_in_both_forms(sender: str) -> None:
    assert is_authority(address(sender), ("beh\u00f6rde.example",))
    assert is_authority(address(sender), ("xn--behrde-yxa.example",))


@given(st.text(max_size=40), st.text(max_size=40))
def test_any_sender_can_be_asked_about(name: str, domain: str) -> None:
    is_authority(Address(name, f"a@{domain}"), AUTHORITY)
    lookalike_of(Address(name, f"a@{domain}"), AUTHORITY)


@pytest.mark.parametrize("domain", ["a." * 30_000, "-" * 60_000, "a-" * 120, "\u0430" * 60_000, "xn--" * 15_000])
def test_no_sender_takes_long(domain: str) -> None:
    began = time.monotonic()
    lookalike_of(Address(domain, f"a@{domain}"), AUTHORITY)
    assert time.monotonic() - began < 3


@pytest.mark.parametrize("sender", ["news@press.example", "other@shared.example", "a@gov.uk", "@", "", "a@"])
def test_a_stranger_is_neither(sender: str) -> None:
    assert not is_authority(address(sender), AUTHORITY)
    assert lookalike_of(address(sender), AUTHORITY) is None
