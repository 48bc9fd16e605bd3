"""Whether the mailbox's own server found that a message is from whom it says: Authentication-Results (RFC 8601). Pure.

A field of this name is worth what its writer is. A forger writes one as well as anybody, but can only put it below
those that the receiving server adds; so of the fields that bear a trusted authserv-id the topmost counts and no other.
What stands in a field is in part the sender's words, so one that does not come apart cleanly proves nothing.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from attachwatch.mail.header import LONGEST_RESULTS
from attachwatch.mail.sender import ascii_domain
from attachwatch.model import Header

NAMELESS = "microsoft365"  # Microsoft 365 signs its fields with no authserv-id; this word trusts them

_QUOTED = r'"(?:[^"\\]|\\.)*"'
_TOKEN = re.compile(rf'{_QUOTED}|\\.|[()]|[^"\\()]+', re.DOTALL)
_CLAUSE = re.compile(rf'(?:{_QUOTED}|[^";])+')
_ID = re.compile(rf"\s*({_QUOTED}|[^\s;=\"]+)(?:\s+(\d+))?\s*")
_PAIR = re.compile(rf"\s*([a-z][\w-]*(?:\s*[./]\s*[\w-]+)*)\s*=\s*({_QUOTED}(?:@[^\s\"]+)?|[^\s\"]*)", re.IGNORECASE)
_MOST = 200  # results of one field
_LONGEST_REASON = 200  # characters


@dataclass(frozen=True, slots=True)
class Result:
    """One result: `dkim`, `pass`, and its properties such as `header.d`, all lower case."""

    method: str
    result: str
    properties: tuple[tuple[str, str], ...] = ()

    def domain(self, *names: str) -> str:
        """The domain of the first of these properties that is there; empty where it says two things."""
        for name in names:
            if values := {value for key, value in self.properties if key == name}:
                return ascii_domain(values.pop().strip("<>").rpartition("@")[2]) if len(values) == 1 else ""
        return ""


@dataclass(frozen=True, slots=True)
class Results:
    """One field, taken apart; `server` is its authserv-id, None where it has none."""

    server: str | None
    results: tuple[Result, ...]


def unverified(header: Header, authority: tuple[str, ...], trusted: Sequence[str]) -> str | None:
    """Why it is not certain that `header` is from the `authority` that it names in From; None where it is.

    `trusted` are the authserv-ids of the mailbox's own server. Where none is configured, From is believed, and so it is
    for a message whose results were not looked for when it was listed.
    """
    if header.doubt or header.sender is None:
        return header.doubt or "From names nobody"
    if not trusted or header.authentication is None:
        return None
    named = " or ".join(trusted)
    for field in header.authentication:
        read = parse(field)
        if read is None:
            return f"a result that stands above any of {named} cannot be read"
        if _is_trusted(read, trusted):
            return _failing(read.results, header.sender.domain, authority, read.server or NAMELESS)
    return f"no result of {named}"


def parse(field: str) -> Results | None:
    """Take the value of one field apart; None where it does not come apart cleanly. Nothing is raised."""
    bare = _without_comments(field) if len(field) < LONGEST_RESULTS else None
    if bare is None:
        return None
    first, *clauses = _CLAUSE.findall(bare) or [""]
    server = _ID.fullmatch(first)
    if server is None:
        if not (result := _result(first)):
            return None
        return Results(None, (result, *_results(clauses)))
    if server[2] not in (None, "1"):
        return None
    return Results(server[1].strip('"').lower(), _results(clauses))


def _is_trusted(read: Results, trusted: Iterable[str]) -> bool:
    return any(read.server == server.lower() if server != NAMELESS else read.server is None for server in trusted)


def _failing(results: Sequence[Result], sender: str, authority: tuple[str, ...], server: str) -> str | None:
    """What is lacking; None where one result shows that the domain of From stands behind the message."""
    own = ascii_domain(sender)
    dmarc = [r for r in results if r.method == "dmarc" and r.domain("header.from") == own]
    dkim = [r for r in results if r.method == "dkim"]
    spf = [r for r in results if r.method == "spf"]
    if not any(r.result == "fail" for r in dmarc):
        if any(r.result == "pass" for r in dmarc):
            return None
        passed = [r.domain("header.d", "header.i") for r in dkim if r.result == "pass"]
        passed += [r.domain("smtp.mailfrom", "smtp.mail") for r in spf if r.result == "pass"]
        if any(_is_aligned(domain, own, authority) for domain in passed):
            return None
    said = [f"{r.method}={r.result}{_of(r)}" for r in (*dmarc, *dkim, *spf)]
    return f"{server} says: {', '.join(said) or 'nothing was checked'}"[:_LONGEST_REASON]


def _of(result: Result) -> str:
    domain = result.domain("header.d", "header.i", "smtp.mailfrom", "smtp.mail", "header.from")
    return f" for {domain}" if domain else ""


def _is_aligned(domain: str, own: str, authority: tuple[str, ...]) -> bool:
    """Whether `domain` speaks for `own` (RFC 7489 section 3.1, relaxed), without a list of public suffixes: they are
    the same, or one is below the other, or both are below one entry of the authority.

    What only such a list could tell, the server's own dmarc result does.
    """
    if "." not in domain or not own:
        return False
    if domain == own or own.endswith("." + domain) or domain.endswith("." + own):
        return True
    return any(_is_below(domain, entry) and _is_below(own, entry) for entry in authority if "@" not in entry)


def _is_below(domain: str, entry: str) -> bool:
    return domain == ascii_domain(entry) or domain.endswith("." + ascii_domain(entry))


def _results(clauses: Iterable[str]) -> tuple[Result, ...]:
    return tuple(r for clause in list(clauses)[:_MOST] if (r := _result(clause)))


def _result(clause: str) -> Result | None:
    """One `method=result reason="..." ptype.property=value ...`; None for `none` and what is no such clause."""
    pairs: list[tuple[str, str]] = []
    end = len(clause.rstrip())
    place = 0
    while place < end:
        pair = _PAIR.match(clause, place)
        if pair is None:
            return None
        pairs.append((re.sub(r"\s", "", pair[1]).lower(), _value(pair[2])))
        place = pair.end()
    if not pairs or "." in pairs[0][0]:
        return None
    return Result(pairs[0][0].partition("/")[0], pairs[0][1], tuple(pairs[1:]))


def _value(raw: str) -> str:
    return re.sub(r"\\(.)", r"\1", raw[1:-1]).lower() if re.fullmatch(_QUOTED, raw) else raw.lower()


def _without_comments(field: str) -> str | None:
    """`field` with a blank for each comment; None where quotes or parentheses do not pair, or a backslash stands alone.

    Within a comment, too, a quoted string is one thing: servers quote the sender's address there, which may hold any
    sign.
    """
    kept: list[str] = []
    depth = place = 0
    while place < len(field):
        token = _TOKEN.match(field, place)
        if token is None or (depth == 0 and token[0][0] == "\\"):
            return None
        place = token.end()
        if token[0] == ")":
            depth -= 1
            if depth < 0:
                return None
        if depth == 0:
            kept.append(token[0] if token[0] not in "()" else " ")
        if token[0] == "(":
            depth += 1
    return "".join(kept) if depth == 0 else None
