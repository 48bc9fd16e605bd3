"""Where well-known providers have their servers."""

import pytest

from attachwatch.config import MailboxSettings
from attachwatch.mail import providers


@pytest.mark.parametrize(
    ("address", "host", "sign_in"),
    [
        ("a@gmail.com", "imap.gmail.com", "google"),
        ("A.Requester@GoogleMail.com.", "imap.gmail.com", "google"),
        ("a@hotmail.co.uk", "outlook.office365.com", "microsoft365"),
        ("a@posteo.de", "posteo.de", None),
        ('"odd@name"@gmx.de', "imap.gmx.net", None),
    ],
)
def test_an_address_tells_the_server(address: str, host: str, sign_in: str | None) -> None:
    found = providers.of_address(address)
    assert found is not None
    assert (found.host, found.sign_in) == (host, sign_in)


@pytest.mark.parametrize("address", ["a@example.org", "a@notgmail.com", "a@gmail.com.example.org", "", "gmail.com@"])
def test_any_other_tells_nothing(address: str) -> None:
    assert providers.of_address(address) is None


def test_an_organisation_s_own_domain_is_known_by_its_server() -> None:
    found = providers.of_host("Outlook.Office365.com")
    assert found is not None
    assert found.sign_in == "microsoft365"


def test_no_domain_stands_there_twice_and_every_entry_makes_a_mailbox() -> None:
    domains = [d for p in providers.providers() for d in p.domains]
    assert len(domains) == len(set(domains))
    assert all(d == d.lower() and "." in d for d in domains)
    for provider in providers.providers():
        assert provider.no_imap is (provider.host == "")
        if provider.host:
            values = {"name": "x", "host": provider.host, "port": provider.port, "tls": provider.tls}
            assert MailboxSettings.model_validate(values | {"username": "a"}).effective_port == provider.port
