"""What a letter says of annexes: attached, refused, posted, pages of the letter itself. Pure.

The words are those of `phrases.toml`; here stands in which order they count, and which of them others take back: "will
be sent by email" is no delay, and a part that is withheld leaves the rest.
"""

import re

from attachwatch.annexes.letters import phrases
from attachwatch.model import Fate
from attachwatch.patterns import Pattern

_later_emails, _undecided, _partly, _in_full, _again = map(
    phrases.pattern, ("later-emails", "undecided", "partly", "in-full", "again")
)
_inside, _attached, _at_its_end, _handed_over, _excepts, _part_of = map(
    phrases.pattern, ("inside", "attached", "at-its-end", "handed-over", "except", "part-of")
)
_none_of, _now, _mention, _negation = map(phrases.pattern, ("none-of", "now", "mention", "negation"))
_explains = Pattern(  # "Annex B sets out your rights", "your rights are explained in Annex B"
    rf"{phrases.source('rights-told')}.{{0,60}}{phrases.source('rights')}|"
    rf"{phrases.source('rights')}.{{0,40}}{phrases.source('rights-told-in')}|{phrases.source('rights-named')}",
    re.IGNORECASE,
)
_ORDER = (
    (Fate.REFUSED, phrases.pattern("refused")),
    (Fate.ELSEWHERE, phrases.pattern("elsewhere")),
    (Fate.EARLIER, phrases.pattern("earlier")),
    (Fate.INSIDE, _inside),
    (Fate.INSIDE, _explains),
    (Fate.PENDING, phrases.pattern("pending")),
    (Fate.PENDING, _undecided),
    (Fate.SENT, phrases.pattern("sent")),
)


def fate(clause: str) -> Fate | None:
    """What `clause` says of the annexes that stand in or beside it; None where it says nothing of the kind."""
    return outright(clause) or (Fate.SENT if _partly.search(clause) else None)


def outright(clause: str) -> Fate | None:
    """The same, where that parts are withheld does not yet tell that the rest is sent."""
    for found, pattern in _ORDER:
        if pattern.search(clause) and not _is_softened(found, clause):
            return found
    return None


def of_clause(clause: str) -> Fate | None:
    """The same for one clause, in which a denied verb refuses whatever it means."""
    found = outright(clause)
    return Fate.REFUSED if found in (None, Fate.SENT) and _negation.search(clause) else found


def is_attached(sentence: str) -> bool:
    """Whether a sentence says that something is a file beside the letter."""
    return bool(_attached.search(sentence))


def hands_over(clause: str) -> bool:
    """Whether `clause` says that what follows it is given to the reader, which a mere mention does not."""
    return bool(_attached.search(clause) or _handed_over.search(clause))


def excepts(sentence: str) -> bool:
    """Whether a sentence takes some out of what it says of the others."""
    return bool(_excepts.search(sentence))


def is_in_part(clause: str) -> bool:
    """Whether `clause` is of parts of what follows it: "some information in"."""
    return bool(_partly.search(clause) and _part_of.search(clause))


def is_none_of(before: str) -> bool:
    """Whether the annexes behind `before` are denied, whatever verb follows: "neither Annex 4"."""
    return bool(_none_of.search(before))


def is_mention(before: str) -> bool:
    """Whether an annex behind `before` is named for another's sake: "is a duplicate of record 3"."""
    return bool(_mention.search(before))


def is_now(sentence: str) -> bool:
    """Whether a sentence tells of a change of mind."""
    return bool(_now.search(sentence))


def is_inside(behind: str, clause: str) -> bool:
    """Whether what stands right behind a label says that it is part of the letter: "Annex D below"."""
    found = _inside.search(behind)
    return found is not None and not behind[: found.start()].strip(" ,(") and not _is_softened(Fate.INSIDE, clause)


def says_so(clause: str) -> bool:
    """Whether `clause` says that files come with this very message."""
    return fate(clause) is Fate.SENT


def again(clause: str) -> bool:
    """Whether `clause` sends once more what was sent before."""
    return bool(_again.search(clause))


def _is_softened(found: Fate, clause: str) -> bool:
    """Whether other words of the clause take back what one of them says."""
    if found is Fate.REFUSED:
        partly = _partly.search(clause)
        return partly is not None and (not _in_full.search(clause) or fate(clause[: partly.start()]) is Fate.SENT)
    if found is Fate.PENDING:
        return bool(_later_emails.search(clause)) and not _undecided.search(clause)
    if found is Fate.EARLIER:
        return again(clause)
    if found is Fate.INSIDE:
        return bool(_attached.search(clause)) and not _at_its_end.search(clause)
    return False
