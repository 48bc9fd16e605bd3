"""The authority's own deadline: a date by which it says that it will answer. Pure.

Of the dates in a letter, those count that stand behind a word such as "by", in a sentence that binds the authority and
not the reader ("please reply by").
"""

import re
from collections.abc import Iterator, Sequence
from datetime import date

from attachwatch.annexes import fates
from attachwatch.annexes.dates import Dated, dates, month_first
from attachwatch.annexes.sentences import Unit, listed
from attachwatch.model import Fate

# By language: English; German; French; Dutch; Spanish; Italian; Irish; Welsh.
_BY = listed(
    "by before until till than due deadline cob;bis sp\u00e4testens;avant tard d'ici jusqu'au pour;"
    "uiterlijk v\u00f3\u00f3r voor tot;antes hasta tardar;entro oltre;faoi faoin roimh n\u00e1;erbyn cyn"
)
_BETWEEN = listed(  # may stand between that word and the date
    "on or the of is are be date day close business play end at latest midnight noon pm am around about approximately "
    "zum am den dem ende jedoch aber;le la au plus fin du;op de het einde;el d\u00eda de del;il la fine di;an "
    "an\u00ed;y yr diwedd "
    "later before monday tuesday wednesday thursday friday saturday sunday montag dienstag mittwoch donnerstag freitag "
    "lundi mardi mercredi jeudi vendredi maandag dinsdag woensdag donderdag vrijdag lunes martes mi\u00e9rcoles jueves "
    "viernes luned\u00ec marted\u00ec mercoled\u00ec gioved\u00ec venerd\u00ec luain m\u00e1irt c\u00e9adaoin "
    "d\u00e9ardaoin aoine d\u00e9 "
    "llun mawrth mercher iau gwener dydd"
)
_MOVED = re.compile(
    r"\b(?:exten[ds]|new (?:deadline|date)|deadline|verl\u00e4nger|frist|prolong|d\u00e9lai|verleng|verdaag|termijn|"
    r"ampl[i\u00ed]|prorrog|plazo|prorog|termine|s\u00edn|ymest)",
    re.IGNORECASE,
)
_MOVED_TO = frozenset(["to", "is", "zum", "am", "au", "op", "al", "el", "il", "go", "i"])
_READER = re.compile(  # what the reader must or may do by then, or what has nothing to do with an answer
    r"\b(?:if (?:you|we do not|we don't|we have not)|unless|(?:hear|heard) from you|let us know|you have until|"
    r"send us|provide us|reply to us|get back to us|your (?:comments|clarification|payment)|expires?|available until|"
    r"wenn sie|sollten sie|teilen sie|falls (?:sie|wir)|si vous|faute de|sans r\u00e9ponse|indien u|als u|"
    r"si usted|si no|se lei|se non|mura|m\u00e1s mian|os (?:na|ydych|hoffech))\b",
    re.IGNORECASE,
)
_BINDS = re.compile(
    r"\bwe (?:\w+ )?(?:will|shall|aim|expect|hope|intend|plan|must|anticipate|are|now|should|would|have|need|can|"
    r"undertake)\b|\bwe'll\b|\bwill (?:now )?(?:follow|be with you|reach you|be (?:\w+ )?(?!closed|removed|"
    r"deleted|treated)\w+(?:ed|nt|"
    r"ade))\b|"
    r"\byou (?:will|should|shall|can|may) (?:\w+ ){0,3}?(?:expect|receive|hear|have|get|be)\b|"
    r"\byou can expect\b|\b(?:it|they|authority|council|department|agency|office|body|ministry|"
    r"team) (?:\w+ ){0,2}(?:will|aims?|expects?|hopes?|intends?|plans?)\b|"
    r"\b(?:werden|wird|erhalten|wollen|beabsichtigen|antworten|melden) (?:wir|sie|\u00fcber)\b|\bwir werden\b|"
    r"\bentschieden\b|"
    r"\bnous (?:vous )?\w+(?:ons|rons)\b|\bvous (?:recevrez|sera|seront|parviendr\w+)\b|\bontvangt u\b|"
    r"\bu ontvangt\b|\b(?:zullen|streven) (?:wij|we)\b|"
    r"\b\w+remos\b|\brecibir\u00e1\b|\b\w+remo\b|\bricever\u00e0\b|\b\w+imid\b|\bgheobhaidh t\u00fa\b|\bbyddwn\b|"
    r"\bbyddwch\b",
    re.IGNORECASE,
)
_ASKS = re.compile(
    r"\b(?:please|you (?:must|should|can|may|need|wish|want|could)|appeal|complain|"
    r"bitte|sie (?:k\u00f6nnen|m\u00fcssen)|k\u00f6nnen sie|widerspr\u00fcche?|widerspruch|klage|"
    r"veuillez|vous (?:pouvez|devez)|recours|u (?:kunt|dient)|kunt u|gelieve|bezwaar|"
    r"puede|debe|recurso|pu\u00f2|deve|ricorso|achomharc|f\u00e9idir leat|gallwch|ap\u00eal|ap\u00eel)\b",
    re.IGNORECASE,
)
_ANSWER = re.compile(
    r"\b(?:we|our|response|reply|decision|answer|release|determination|request|case|review|due|deadline|date|"
    r"ich|wir|antwort\w*|bescheid\w*|entscheid\w*|frist\w*|nous|notre|r\u00e9ponse|d\u00e9cision|d\u00e9lai|wij|"
    r"antwoord|besluit|"
    r"beslissing|beslis\w*|termijn|respuesta|resoluci\u00f3n|plazo|risposta|decisione|riscontro|termine|"
    r"freagra\w*|cinneadh|ymateb\w*|ateb\w*|penderfyniad)\b",
    re.IGNORECASE,
)


def deadline(units: Sequence[Unit], sent: date | None) -> date | None:
    """The latest date by which the authority says that it will answer; none where that has passed."""
    american = any(month_first(u.text) for u in units)
    found = [day for unit in units for day in _of_sentence(unit.text, sent, american=american)]
    return max((d for d in found if sent is None or d >= sent), default=None)


def _of_sentence(text: str, sent: date | None, *, american: bool) -> Iterator[date]:
    found = [d for d in dates(text, sent, american=american) if _is_by(text, d)]
    if not found or _READER.search(text):
        return
    speaks_of_it = _ANSWER.search(text) or fates.fate(text) is Fate.PENDING
    if _BINDS.search(text) or (speaks_of_it and not _ASKS.search(text)):
        yield from (d.day for d in found)


def _is_by(text: str, dated: Dated) -> bool:
    words = [w.strip(",.:;()") for w in text[: dated.start].casefold().split()[-9:]]
    if words and words[-1] in _MOVED_TO and _MOVED.search(text):
        return True
    for word in reversed(words):
        if word in _BY:
            return True
        if word and word not in _BETWEEN and not word[:1].isdecimal():
            return False
    return False
