"""What an authority's email says of itself: its own words apart from the quoted ones, and "email 2 of 4". Pure."""

import re

from attachwatch.annexes.label import ordinal
from attachwatch.model import SendingNote

_QUOTE_BEGINS = re.compile(
    r"^\s*(>|-{2,}\s*(original message|urspr\u00fcngliche nachricht|message d'origine|forwarded message)|_{10,}\s*$|"
    r"(on|am|le) .{5,120} (wrote|schrieb|a \u00e9crit)\b|(from|von|de)\s*:\s.*@|begin forwarded message)",
    re.IGNORECASE,
)
_NUMBER = r"(?:(\d{1,3})|([a-z]{3,9}))"
_EMAIL_NUMBER = re.compile(
    rf"\b(?:e-?mail|message)\s*(?:(?:number|no\.?|nr\.?|#)\s*{_NUMBER}(?:\s*(?:of|/|out of)\s*{_NUMBER})?"
    rf"|{_NUMBER}\s*(?:of|/|out of)\s*{_NUMBER})\b",
    re.IGNORECASE,
)
_THIS_IS = re.compile(rf"\bthis is e-?mail {_NUMBER}\b", re.IGNORECASE)
_PART_OF = re.compile(rf"\b(?:part|response)\s*{_NUMBER}\s*(?:of|/|out of)\s*{_NUMBER}\b", re.IGNORECASE)
_COUNTED = re.compile(rf"\b{_NUMBER}\s+of\s+{_NUMBER}\s+(?:e-?mails?|messages?)\b", re.IGNORECASE)
_IN_SUBJECT = re.compile(r"\b(\d{1,2}) of (\d{1,2})\b|[(\[](\d{1,2})/(\d{1,2})[)\]]")
_FINAL = re.compile(
    r"\bfinal (e-?mail|message|instal?ment)\b|"
    r"\b(this|which) (is|will be) (also )?(the|our|my) (final|last) (e-?mail|message|part)\b|"
    r"\blast (e-?mail|message|part) of (this|our|the) (response|reply|series|sequence|disclosure)\b|"
    r"\bno (more|further|other) (e-?mails|messages)\b|\blast of (the )?\w+ (e-?mails|messages)\b|"
    r"\b(completes|concludes) (our|the|this) (response|reply|disclosure)\b",
    re.IGNORECASE,
)
_NOT_YET = re.compile(
    r"\b(until|before|after|with|in|wait for) (the|our) (final|last) (e-?mail|message)\b", re.IGNORECASE
)


def own_text(body: str) -> str:
    """`body` up to where it quotes another message."""
    kept = []
    for line in body.splitlines():
        if _QUOTE_BEGINS.match(line[:300]):
            break
        kept.append(line)
    return "\n".join(kept)


def sending_note(text: str, subject: str) -> SendingNote:
    """What the email's own `text` and its subject say: which email of how many, and whether it is the last."""
    number, total = _series(" ".join(text.split()), subject)
    final = bool(_FINAL.search(text)) and not _NOT_YET.search(text)
    if final and number and total is None:
        total = number
    return SendingNote(number, total, final or (number is not None and number == total))


def _series(text: str, subject: str) -> tuple[int | None, int | None]:
    for pattern in (_EMAIL_NUMBER, _THIS_IS, _COUNTED, _PART_OF):
        for found in (*pattern.finditer(text), *_EMAIL_NUMBER.finditer(subject)):
            said = [_value(word) for word in found.groups() if word]
            number, total = (*said, None)[:2]
            if number and len(said) == sum(v is not None for v in said) and (total is None or number <= total):
                return number, total
    if counted := _IN_SUBJECT.search(subject):
        number, total = int(counted[1] or counted[3]), int(counted[2] or counted[4])
        if 0 < number <= total <= 50:
            return number, total
    return None, None


def _value(word: str | None) -> int | None:
    found = ordinal(word) if word else None
    return found.arabic if found else None
