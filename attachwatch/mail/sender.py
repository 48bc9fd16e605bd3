"""Who a message claims to be from, held against the authority's domains and addresses. Pure."""

import unicodedata
from collections.abc import Sequence
from contextlib import suppress
from functools import lru_cache

from attachwatch.model import Address, Case

# Characters that are read as others: digits and letters used in lookalike domains, and Cyrillic and Greek twins.
_TWINS = str.maketrans("0135\u0430\u0435\u043e\u0440\u0441\u0443\u0445\u0456\u03bf\u03b1\u0131l", "oiesaeopcyxioaii")


def is_authority(address: Address, authority: tuple[str, ...]) -> bool:
    """Whether the address is one of `authority`: of its domains or their subdomains, or one of its addresses."""
    own = address.address.lower()
    domain = _ascii(address.domain)
    return any(
        own == entry.lower() if "@" in entry else domain == _ascii(entry) or domain.endswith("." + _ascii(entry))
        for entry in authority
        if domain
    )


def lookalike_of(address: Address, authority: tuple[str, ...]) -> str | None:
    """The entry of `authority` that a foreign address imitates, by its domain or by the name it shows; else None."""
    if is_authority(address, authority):
        return None
    for entry in authority:
        genuine = _ascii(entry.rpartition("@")[2])
        domain = _ascii(address.domain)
        if domain == genuine or domain.endswith("." + genuine):
            continue  # another office under the same roof
        if genuine and (_imitates(domain, genuine) or genuine in _ascii(address.name)):
            return entry
    return None


def imitated_authority(sender: Address | None, cases: Sequence[Case]) -> str | None:
    """The authority of one of `cases` that `sender` imitates, if one."""
    return next((i for c in cases if sender and (i := lookalike_of(sender, c.authority))), None)


def _imitates(domain: str, genuine: str) -> bool:
    plain, true = _skeleton(domain), _skeleton(genuine)
    return bool(domain) and (
        plain == true or true in plain or _distance_is_one(plain, true) or _flat(true) in _flat(plain)
    )


@lru_cache(4096)  # a mailbox has many messages of few domains
def _skeleton(domain: str) -> str:
    """The domain as a hasty reader sees it."""
    with suppress(UnicodeError, ValueError):
        domain = domain.encode("ascii").decode("idna")
    folded = unicodedata.normalize("NFKD", domain.casefold())
    return folded.translate(_TWINS).replace("rn", "m").replace("vv", "w")


def _flat(domain: str) -> str:
    return domain.replace(".", "").replace("-", "")


def _distance_is_one(a: str, b: str) -> bool:
    """One letter more, less, other, or two swapped."""
    if a == b or abs(len(a) - len(b)) > 1 or min(len(a), len(b)) < 6:
        return False
    start = next((n for n, (x, y) in enumerate(zip(a, b, strict=False)) if x != y), min(len(a), len(b)))
    rest_a, rest_b = a[start:], b[start:]
    swapped = rest_a[:2] == rest_b[1::-1] and rest_a[2:] == rest_b[2:]
    return swapped or rest_a[1:] == rest_b[1:] or rest_a[1:] == rest_b or rest_a == rest_b[1:]


@lru_cache(4096)
def _ascii(domain: str) -> str:
    domain = domain.strip().rstrip(".").casefold()
    try:
        return domain.encode("idna").decode("ascii")
    except (UnicodeError, ValueError):
        return domain
