"""What an authority's letter or email says, in its own words apart from the quoted ones. Pure."""

import re
from datetime import date

from attachwatch.annexes import fates
from attachwatch.annexes.dates import dates, month_first
from attachwatch.annexes.deadlines import deadline
from attachwatch.annexes.promises import named
from attachwatch.annexes.references import references
from attachwatch.annexes.sending import sending
from attachwatch.annexes.sentences import Shape, Unit, plain, units
from attachwatch.model import Fate, NamedAnnex, Reading, SendingNote

_REPLIES = re.compile(r"\s*(?:re|fwd?|aw|wg|tr|sv|rv|r|antw|doorst|res)\s*:", re.IGNORECASE)
_LINKS = re.compile(r"\b(?:https?://|www\.)\S+", re.IGNORECASE)
_QUOTED = re.compile(r"\s*>")
_SAYS_WHO = re.compile(  # "On Tuesday ... wrote:", above what is quoted
    r"\s*(on|am|le|op|el|il giorno|il|ar) .{5,120} (wrote|schrieb|a \u00e9crit|schreef|escribi\u00f3|ha scritto|"
    r"scr\u00edobh|ysgrifennodd)\b",
    re.IGNORECASE,
)
_QUOTE_BEGINS = re.compile(
    r"^\s*(-{2,}\s*(original message|urspr\u00fcngliche nachricht|message d'origine|oorspronkelijk bericht|"
    r"mensaje original|messaggio originale|forwarded message)|_{10,}\s*$|"
    r"(from|von|de|van|da|\u00f3|oddi wrth)\s*:\s.*@|begin forwarded message)",
    re.IGNORECASE,
)


_HEADER = re.compile(r"[ \t*]*(from|von|de|van|da|\u00f3|oddi wrth)\s*:", re.IGNORECASE)
_HEADER_GOES_ON = re.compile(
    r"[ \t*]*(sent|date|to|subject|gesendet|datum|an|betreff|envoy\u00e9|\u00e0|objet|verzonden|aan|onderwerp|"
    r"enviado( el)?|"
    r"para|asunto|inviato|a|oggetto|seolta|chuig|\u00e1bhar|anfonwyd|at|pwnc)\s*:",
    re.IGNORECASE,
)


def own_text(body: str) -> str:
    """`body` without what it quotes of other messages, be it marked line by line, or all that follows."""
    lines = body.splitlines()
    kept = []
    for place, line in enumerate(lines):
        if _QUOTED.match(line[:300]):
            continue
        if _SAYS_WHO.match(line[:300]):
            if _QUOTED.match(next((x for x in lines[place + 1 : place + 4] if x.strip()), "")):
                continue
            break
        if _QUOTE_BEGINS.match(line[:300]) or (
            _HEADER.match(line[:300]) and any(_HEADER_GOES_ON.match(x[:300]) for x in lines[place + 1 : place + 3])
        ):
            break
        kept.append(line)
    return "\n".join(kept)


def sending_note(text: str, subject: str) -> SendingNote:
    """What the email's own `text` and its subject say: which email of how many, and whether it is the last."""
    return sending([u.text for u in units(plain(text))], plain(subject))


def read(text: str, subject: str = "", sent: date | None = None) -> Reading:
    """Read a letter's or an email's own `text`. `sent` gives dates their year; else the letter's first date does."""
    own = _LINKS.sub("", plain(own_text(text)))
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
