"""The authority's own deadline: a date by which it says that it will answer. Pure.

Of the dates in a letter, those count that stand behind a word such as "by", in a sentence that binds the authority and
not the reader ("please reply by").
"""

from collections.abc import Iterator, Sequence
from datetime import date

from attachwatch.annexes.letters import fates, phrases
from attachwatch.annexes.letters.dates import Dated, dates, month_first
from attachwatch.annexes.letters.sentences import Unit
from attachwatch.model import Fate

_BY, _BETWEEN, _MOVED_TO = map(phrases.listed, ("by", "by-between", "moved-to"))
_MOVED, _READER, _BINDS, _ASKS, _ANSWER = map(phrases.pattern, ("moved", "reader", "binds", "asks", "answer"))


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
    before = [w.strip(",.:;()") for w in text[: dated.start].casefold().split()[-9:]]
    if before and before[-1] in _MOVED_TO and _MOVED.search(text):
        return True
    for word in reversed(before):
        if word in _BY:
            return True
        if word and word not in _BETWEEN and not word[:1].isdecimal():
            return False
    return False
