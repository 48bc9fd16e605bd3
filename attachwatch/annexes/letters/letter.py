"""What an authority's letter or email says, in its own words apart from the quoted ones. Pure."""

import re
from collections.abc import Sequence
from datetime import date

from attachwatch.annexes.letters import fates, phrases
from attachwatch.annexes.letters.dates import dates, month_first
from attachwatch.annexes.letters.deadlines import deadline
from attachwatch.annexes.letters.promises import named
from attachwatch.annexes.letters.references import references
from attachwatch.annexes.letters.sending import sending
from attachwatch.annexes.letters.sentences import Shape, Unit, plain, units
from attachwatch.model import Fate, NamedAnnex, Reading

_REPLIES = re.compile(r"\s*(?:re|fwd?|aw|wg|tr|sv|rv|r|antw|doorst|res)\s*:", re.IGNORECASE)
_LINKS = re.compile(r"\b(?:https?://|www\.)\S+", re.IGNORECASE)
_QUOTED = re.compile(r"\s*>")
_SAYS_WHO = re.compile(rf"\s*{phrases.source('says-who')}", re.IGNORECASE)
_QUOTE_BEGINS = re.compile(
    rf"\s*(?:-{{2,}}\s*{phrases.source('quote-begins')}|_{{10,}}\s*$|{phrases.source('header-from')}\s*:\s.*@|"
    r"begin forwarded message)",
    re.IGNORECASE,
)
_HEADER = re.compile(rf"[ \t*]*{phrases.source('header-from')}\s*:", re.IGNORECASE)
_HEADER_TO = re.compile(rf"[ \t*]*{phrases.source('header-to')}\s*:", re.IGNORECASE)
_HEADER_DATE = re.compile(rf"[ \t*]*{phrases.source('header-date')}\s*:", re.IGNORECASE)


def own_text(body: str) -> str:
    """`body` without what it quotes of other messages, be it marked line by line, or all that follows."""
    lines = body.splitlines()
    kept: list[str] = []
    first = True  # nothing but blank lines so far
    for place, line in enumerate(lines):
        if _QUOTED.match(line[:300]):
            continue
        if _SAYS_WHO.match(line[:300]):
            if _QUOTED.match(next((x for x in lines[place + 1 : place + 4] if x.strip()), "")):
                continue
            break
        if _QUOTE_BEGINS.match(line[:300]) or _is_header(lines[place : place + 5], first=first):
            break
        kept.append(line)
        first = first and not line.strip()
    return "\n".join(kept)


def _is_header(lines: Sequence[str], *, first: bool) -> bool:
    """Whether the header of a quoted message begins here; a memorandum's own head has no date beside who writes."""
    if not _HEADER.match(lines[0][:300]):
        return False
    dated = any(_HEADER_DATE.match(x[:300]) for x in lines[1:])
    return dated or (not first and any(_HEADER_TO.match(x[:300]) for x in lines[1:3]))


def read(text: str, subject: str = "", sent: date | None = None) -> Reading:
    """Read a letter's or an email's own `text`. `sent` gives dates their year; else the letter's first date does."""
    own = _LINKS.sub("website", plain(own_text(text)))
    pieces = tuple(units(own))
    dated = sent or next((d.day for d in dates(own, None, american=month_first(own))), None)
    head = plain(subject)
    return Reading(
        named(pieces) or _by_subject(head, pieces),
        sending([p.text for p in pieces], head),
        deadline(pieces, dated),
        references(head, own),
    )


def _by_subject(subject: str, pieces: tuple[Unit, ...]) -> tuple[NamedAnnex, ...]:
    """The annexes of a subject that is no reply's, where the text merely says that something is attached."""
    if _REPLIES.match(subject) or not any(fates.is_attached(p.text) and fates.says_so(p.text) for p in pieces):
        return ()
    return tuple(a for a in named([Unit(subject, Shape.SENTENCE)]) if a.fate is Fate.SENT)
