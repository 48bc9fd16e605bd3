"""The From field -> whom it names (RFC 5322 section 3.6.2), and why that may be read in two ways. Pure.

Programs disagree on what an odd From says, and forgeries live on that. So only the plain forms name one for certain:
one field, one address, with a name before it or a comment behind it.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from email.utils import unquote

from attachwatch.mime.words import decode, unraw
from attachwatch.model import Address

_MOST = 20  # fields and addresses that are looked at
_LONGEST = 2000  # characters of a From of the plain forms
_QUOTED = r'"(?:[^"\\]|\\.)*"'
_COMMENT = r"\([^()<>@\"\\]*\)"
_ADDRESS = r"[^\s\0<>()\[\],;:\\\"@]+@[^\s\0<>()\[\],;:\\\"@]+"
_NAMED = re.compile(rf"(?P<name>[^<>();\"]*)<\s*(?P<address>{_ADDRESS})\s*>\s*")
_ALONE = re.compile(rf"\s*(?P<address>{_ADDRESS})\s*")
_PARTING = re.compile(r"[\s<>\"(),;:]+")
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")


@dataclass(frozen=True, slots=True)
class Originator:
    """Whom From names. `doubt` says why that is not certain; whom else it may name is then the sender's name, since it
    is meant to be seen."""

    sender: Address | None = None
    doubt: str | None = None


def read(fields: Sequence[str]) -> Originator:
    """Whom the From fields of one message name, given as they were sent, unfolded. Nothing is raised."""
    fields = [unraw(field) for field in fields[:_MOST]]
    if len(fields) == 1 and (plain := _plain(fields[0])):
        return Originator(plain)
    text = " ".join(_CONTROL.sub(" ", decode(field)) for field in fields)
    apart = re.sub(r"\s?@\s?", "@", re.sub(_COMMENT, "", text))  # a comment may stand around any sign of an address
    words = dict.fromkeys(_PARTING.split(text) + _PARTING.split(apart))
    found = [word for word in words if "@" in word[:-1]][:_MOST]
    if not found:
        return Originator()
    return Originator(Address(", ".join(found[1:]), found[0]), _doubt(fields, found))


def _plain(field: str) -> Address | None:
    if len(field) > _LONGEST or _CONTROL.search(field):
        return None
    bare = re.sub(f"{_QUOTED}|{_COMMENT}", lambda aside: " " if aside[0][0] == "(" else "\0", field)
    if alone := _ALONE.fullmatch(bare):
        return _address("", alone["address"])
    named = _NAMED.fullmatch(bare)
    # "foi@one.example, Team <x@two.example>" is two; "Team, FOI <x@two.example>" is what lax programs write for one.
    if named is None or ("@" in named["name"] and re.search("[,:]", named["name"])):
        return None
    return _address(field[: field.rindex("<")].strip(), named["address"])


def _address(name: str, address: str) -> Address | None:
    if "=?" in address:
        return None
    if re.fullmatch(_QUOTED, name):
        name = unquote(name)
    return Address(" ".join(decode(name).split()), address)


def _doubt(fields: Sequence[str], found: Sequence[str]) -> str:
    if len(fields) > 1:
        return f"it has {len(fields)} From fields"
    if _CONTROL.search(fields[0]):
        return "From holds control characters"
    if len(found) > 1:
        return f"From names {len(found)} addresses"
    if "=?" in fields[0]:
        return "From hides its address in encoded words"
    return "From is written so that programs may read it differently"
