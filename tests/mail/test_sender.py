"""Senders: the authority and its subdomains, and those that look like it."""

import pytest

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
    ],
)
def test_a_lookalike_is_not_the_authority_and_is_told(sender: str) -> None:
    assert not is_authority(address(sender), AUTHORITY)
    assert lookalike_of(address(sender), AUTHORITY) == "homeoffice.gov.uk"


def test_a_name_that_shows_the_authoritys_domain_is_a_trick() -> None:
    assert lookalike_of(address("x@evil.example", "foi@homeoffice.gov.uk"), AUTHORITY) == "homeoffice.gov.uk"


@pytest.mark.parametrize("sender", ["news@press.example", "other@shared.example", "a@gov.uk", "@", "", "a@"])
def test_a_stranger_is_neither(sender: str) -> None:
    assert not is_authority(address(sender), AUTHORITY)
    assert lookalike_of(address(sender), AUTHORITY) is None
