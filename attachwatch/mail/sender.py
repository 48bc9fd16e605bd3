"""Who a message claims to be from, held against the authority's domains and addresses. Pure."""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from contextlib import suppress
from functools import lru_cache

from attachwatch.model import Address, Case

# Characters that are read as others: digits and letters used in lookalike domains, and Cyrillic, Greek and other twins.
_TWINS = str.maketrans(
    "0135l\u0131\u0269\u01c0\u04cf\u0456\u03b9\u0430\u0251\u03b1\u0435\u043e\u03bf\u0585\u0440\u03c1\u0441\u03f2\u0443"
    "\u03b3\u0445\u03c7\u0455\u0458\u0501\u051b\u051d\u04bb\u0570\u0578\u057d\u0581\u0261\u03bd\u0475\u043a\u03ba\u0442"
    "\u03c4\u043c\u043d\u0432\u0437",
    "oiesiiiiiiiaaaeooo" + "ppccy" + "yxxsjdqwhhnugg" + "vvkktt" + "mhbe",
)
_LONGEST_DOMAIN = 253  # characters (RFC 1035 section 2.3.4)
_LONGEST_NAME = 1000  # characters of a name, or before an @, that are looked at
_LONG_LABEL = 5  # letters of a name of which one may be wrong; shorter names are other offices: dfe and dft


def is_authority(address: Address, authority: tuple[str, ...]) -> bool:
    """Whether the address is one of `authority`: of its domains or their subdomains, or one of its addresses."""
    own = address.address.lower()
    domain = ascii_domain(address.domain)
    return any(
        own == entry.lower() if "@" in entry else domain == ascii_domain(entry) or _is_below(domain, entry)
        for entry in authority
        if domain
    )


def lookalike_of(address: Address, authority: tuple[str, ...]) -> str | None:
    """The entry of `authority` that a foreign address imitates, by its domain or by what it shows beside; else None."""
    if is_authority(address, authority):
        return None
    beside = f"{address.name[:_LONGEST_NAME]} {address.address.rpartition('@')[0][:_LONGEST_NAME]}"
    for entry in authority:
        genuine = ascii_domain(entry.rpartition("@")[2])
        domain = ascii_domain(address.domain)
        if domain == genuine or domain.endswith("." + genuine):
            continue  # another office under the same roof
        shown = genuine if "@" not in entry else entry.lower()
        if genuine and (_imitates(domain, genuine) or _shows(beside, shown)):
            return entry
    return None


def imitated_authority(sender: Address | None, cases: Sequence[Case]) -> str | None:
    """The authority of one of `cases` that `sender` imitates, if one."""
    return next((i for c in cases if sender and (i := lookalike_of(sender, c.authority))), None)


def ascii_domain(domain: str) -> str:
    """`domain` as DNS has it. One that is written with signs that DNS would read as others stays as it is, and so is
    equal to none: letters of full width, other dots, what is not seen."""
    domain = domain.strip().rstrip(".").lower()
    if domain.isascii() or len(domain) > _LONGEST_DOMAIN:
        return domain
    try:
        encoded = domain.encode("idna")
        return encoded.decode("ascii") if encoded.decode("idna") == domain else domain
    except (UnicodeError, ValueError):
        return domain


def _is_below(domain: str, entry: str) -> bool:
    return domain.endswith("." + ascii_domain(entry))


def _shows(text: str, genuine: str) -> bool:
    """Whether the name before an address, or its part before the @, shows the authority's domain or address."""
    seen, true = _skeleton(text), _skeleton(genuine)
    return true in seen and bool(re.search(rf"(?<![a-z0-9]){re.escape(true)}(?![a-z0-9])", seen))


def _imitates(domain: str, genuine: str) -> bool:
    if not 0 < len(domain) <= _LONGEST_DOMAIN:
        return False
    plain, true = _skeleton(domain), _skeleton(genuine)
    return plain == true or _holds(plain, true) or _has_a_slip(plain, true) or _has_foreign_letters(plain, true)


def _holds(plain: str, true: str) -> bool:
    """Whether words of `plain` in a row are the whole of `true`, whatever parts them: `homeoffice-gov-uk.example`."""
    flat = _flat(true)
    return any(flat == run for run in _runs(re.findall(r"[^.-]+", plain), len(flat)))


def _runs(words: Sequence[str], longest: int) -> Iterator[str]:
    for start in range(len(words)):
        run = ""
        for word in words[start:]:
            run += word
            if len(run) > longest:
                break
            yield run


def _has_a_slip(plain: str, true: str) -> bool:
    """Whether one letter is wrong, in a name that is long enough for that to be no other name."""
    wrong = [(a, b) for a, b in zip(plain.split("."), true.split("."), strict=False) if a != b]
    if plain.count(".") == true.count(".") and len(wrong) == 1 and len(wrong[0][1]) < _LONG_LABEL:
        longest = max(map(len, true.split(".")))
        if longest < _LONG_LABEL or len(wrong[0][1]) == longest:
            return False
    return _distance_is_one(plain, true)


def _has_foreign_letters(plain: str, true: str) -> bool:
    """Whether the two differ only where `plain` has letters of no domain of the authority's."""
    return len(plain) == len(true) and not plain.isascii() and all(
        a == b or not a.isascii() for a, b in zip(plain, true, strict=True)
    )  # fmt: skip


@lru_cache(4096)  # a mailbox has many messages of few senders
def _skeleton(text: str) -> str:
    """The domain or name as a hasty reader sees it."""
    seen = text.casefold()
    if "xn--" in seen:
        with suppress(UnicodeError, ValueError):
            seen = seen.encode("ascii").decode("idna")
    if not seen.isascii():
        folded = unicodedata.normalize("NFKD", seen.replace("\u3002", "."))
        seen = "".join(c for c in folded if unicodedata.category(c) not in ("Mn", "Cf"))
    return seen.translate(_TWINS).replace("rn", "m").replace("vv", "w").replace("cl", "d")


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
