"""Where well-known providers of mail have their servers. The table is providers.toml.

No library: those that exist ask the network, and with it tell strangers whose mailbox is set up.
"""

import tomllib
from functools import cache
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict


class Provider(BaseModel):
    """One provider's server, and how it is signed in to."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str
    domains: tuple[str, ...]
    host: str = ""
    port: int = 993
    tls: Literal["implicit", "starttls"] = "implicit"
    sign_in: Literal["microsoft365", "google"] | None = None
    note: str = ""
    no_imap: bool = False


def of_address(address: str) -> Provider | None:
    """The provider whose domain the address is in, if it is a well-known one."""
    domain = address.rpartition("@")[2].rstrip(".").lower()
    return next((p for p in providers() if domain in p.domains), None)


def of_host(host: str) -> Provider | None:
    """The provider whose server this is: of an organisation's own domain, one sees it by that."""
    return next((p for p in providers() if p.host == host.rstrip(".").lower()), None)


@cache
def providers() -> tuple[Provider, ...]:
    """All that are known."""
    table = tomllib.loads(Path(__file__).with_suffix(".toml").read_text(encoding="utf-8"))
    return tuple(Provider.model_validate(entry) for entry in table["provider"])
