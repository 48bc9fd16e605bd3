"""Dates as letters write them, in the languages that are read. Pure.

A table of months serves better than a library here: dateutil reads English only and finds a date in "May" or "10",
dateparser guesses as freely and takes long; neither says where a date stands or whether the year was given.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

_MONTHS = (
    "january jan januar j\u00e4nner janvier janv januari enero ene gennaio gen ean\u00e1ir ionawr ion",
    "february feb februar f\u00e9vrier f\u00e9vr februari febrero febbraio feabhra chwefror chwef",
    "march mar m\u00e4rz mrz mars maart mrt marzo m\u00e1rta mawrth maw",
    "april apr avril avr abril abr aprile aibre\u00e1n ebrill",
    "may mai mei mayo maggio bealtaine fai",
    "june jun juni juin junio giugno giu meitheamh mehefin meh",
    "july jul juli juillet juil julio luglio lug i\u00fail gorffennaf gorff",
    "august aug ao\u00fbt augustus agosto ago l\u00fanasa awst",
    "september sep sept septembre septiembre settembre set m\u00e9an_f\u00f3mhair medi",
    "october oct oktober okt octobre octubre ottobre ott deireadh_f\u00f3mhair hydref hyd",
    "november nov novembre noviembre samhain tachwedd tach",
    "december dec dezember dez d\u00e9cembre d\u00e9c diciembre dic dicembre nollaig rhagfyr rhag",
)
_MONTH_OF = {word.replace("_", " "): n for n, words in enumerate(_MONTHS, 1) for word in words.split()}
_MONTH = "|".join(sorted(map(re.escape, _MONTH_OF), key=len, reverse=True))
_DAY = r"(?P<day{0}>\d{{1,2}})(?:st|nd|rd|th|er|\u00ba|[aei]dd|ain|fed|eg|\u00fa)?"
_YEAR = r"(?P<year{0}>(?:19|20)\d\d)"
_DATE = re.compile(
    rf"(?<![\w/.-])(?:{_YEAR.format(1)}-(?P<month1>\d\d)-{_DAY.format(1)}"
    rf"|{_DAY.format(2)}[./](?P<month2>\d\d?)[./](?:(?P<year2>(?:19|20)?\d\d)(?!\d))?"
    rf"|{_DAY.format(3)}\.? ?(?:of |de |d'|-)?(?P<month3>{_MONTH})\b\.?,?(?: ?(?:de |del |-)?{_YEAR.format(3)})?"
    rf"|(?P<month4>{_MONTH})\.? {_DAY.format(4)}(?![\d.:/-]*\d)\b,?(?: {_YEAR.format(4)})?)(?![\w/])",
    re.IGNORECASE,
)
_AMERICAN = re.compile(rf"\b(?:{_MONTH})\.? \d{{1,2}},? (?:19|20)\d\d\b|\bu\.s\.c\b", re.IGNORECASE)
_BACK = timedelta(days=120)  # a date without a year that is this long ago is next year's


@dataclass(frozen=True, slots=True)
class Dated:
    """A date of a text, and where it stands."""

    day: date
    start: int
    end: int


def is_month(text: str) -> bool:
    """Whether `text` begins with the name of a month."""
    return bool(re.match(rf"(?:{_MONTH})\b", text, re.IGNORECASE))


def month_first(text: str) -> bool:
    """Whether a letter writes its dates the American way."""
    return bool(_AMERICAN.search(text))


def dates(text: str, sent: date | None, *, american: bool = False) -> Iterator[Dated]:
    """The dates in plain `text`; one without a year is the next after `sent`, or one that has just been."""
    for found in _DATE.finditer(text):
        parts = found.groupdict()
        form = next(n for n in "1234" if parts[f"day{n}"])
        day, month, year = int(parts[f"day{form}"]), parts[f"month{form}"], parts[f"year{form}"]
        number = int(month) if month.isdecimal() else _MONTH_OF[month.casefold()]
        if form == "2" and ((american and day <= 12) or number > 12) and "." not in found[0]:
            day, number = number, day
        value = _dated(day, number, int(year) + (2000 if len(year) == 2 else 0) if year else None, sent)
        if value:
            yield Dated(value, found.start(), found.end())


def _dated(day: int, month: int, year: int | None, sent: date | None) -> date | None:
    try:
        if year is not None:
            return date(year, month, day)
        if sent is None:
            return None
        this = date(sent.year, month, day)
        if this < sent - _BACK:
            return date(sent.year + 1, month, day)
        return date(sent.year - 1, month, day) if this > sent + timedelta(days=365) - _BACK else this
    except ValueError:
        return None
