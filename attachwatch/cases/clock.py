"""By when an answer is due, and when to remind the authority of ours. Pure; the days off are those of `holidays`.

The periods are information, not advice: where the authority gave a date itself, that one counts.
"""

import calendar
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Protocol

from attachwatch.model import Case, CaseState

_DAY = timedelta(days=1)
_FARTHEST = timedelta(days=3660)  # beyond which working days are no longer told apart

_AWAITING = (CaseState.RECEIVING, CaseState.REVIEW_DRAFT, CaseState.WAITING_FOR_RESEND)

OWN_DATE = "the authority's own date"


@dataclass(frozen=True, slots=True)
class Period:
    """`count` of `unit`: working days, days or months. The last two end on a working day where they would not."""

    count: int
    unit: str

    def __str__(self) -> str:
        return f"{self.count} {self.unit}" if self.count != 1 else f"one {self.unit.removesuffix('s')}"


@dataclass(frozen=True, slots=True)
class Statute:
    """What a law gives an authority for its answer, and for an internal review where there is one; and where that
    stands."""

    answer: Period
    source: str
    review: Period | None = None
    review_source: str = ""


def _working(count: int) -> Period:
    return Period(count, "working days")


STATUTES = {
    "GB": Statute(
        _working(20),
        "Freedom of Information Act 2000 s 10; Environmental Information Regulations 2004 reg 5(2)",
        _working(20),
        "section 45 Code of Practice 2018, part 5",
    ),
    "GB-SCT": Statute(
        _working(20),
        "Freedom of Information (Scotland) Act 2002 s 10(1)",
        _working(20),
        "Freedom of Information (Scotland) Act 2002 s 21(1)",
    ),
    "IE": Statute(  # four and three weeks, of five weekdays each
        _working(20), "Freedom of Information Act 2014 s 13(1)", _working(15), "Freedom of Information Act 2014 s 21"
    ),
    "US": Statute(
        _working(20), "5 U.S.C. 552(a)(6)(A)(i), federal agencies", _working(20), "5 U.S.C. 552(a)(6)(A)(ii)"
    ),
    "EU": Statute(
        _working(15), "Regulation (EC) 1049/2001 art 7(1)", _working(15), "Regulation (EC) 1049/2001 art 8(1)"
    ),
    "AU": Statute(
        Period(30, "days"),
        "Freedom of Information Act 1982 (Cth) s 15(5)(b)",
        Period(30, "days"),
        "Freedom of Information Act 1982 (Cth) s 54C(3)",
    ),
    "CA": Statute(Period(30, "days"), "Access to Information Act s 7, federal institutions"),
    "DE": Statute(
        Period(1, "months"), "Informationsfreiheitsgesetz § 7(5), federal authorities", Period(3, "months"), "VwGO § 75"
    ),
}


@dataclass(frozen=True, slots=True)
class Deadline:
    day: date
    basis: str  # "the authority's own date", "20 working days after the request of ..."
    source: str = ""  # the law, where it is one


@dataclass(frozen=True, slots=True)
class Clock:
    """Where a case stands in time, on `today`.

    `answered` is the day on which the whole first answer was there. `left` counts working days to the deadline, and is
    negative some days after it; None where there is none, or it is settled. `replied` is the day on which our last
    approved reply was placed, and `chaser` the one on which to remind the authority of it; `chasing` says whether
    that is still awaited.
    """

    today: date
    deadline: Deadline | None = None
    answered: date | None = None
    left: int | None = None
    late: int = 0  # working days from the deadline to the answer
    replied: date | None = None
    chaser: date | None = None
    chasing: bool = False

    @property
    def is_overdue(self) -> bool:
        return self.left is not None and self.deadline is not None and self.deadline.day < self.today

    @property
    def is_chaser_due(self) -> bool:
        return self.chasing and self.chaser is not None and self.chaser <= self.today

    @property
    def needs_attention(self) -> bool:
        """Whether the user should write: the authority missed its day, or has been silent for long on our reply."""
        return self.is_overdue or self.is_chaser_due


def clock(  # noqa: PLR0913 - each is a date of its own
    case: Case,
    state: CaseState,
    today: date,
    *,
    answered: date | None = None,
    replied: date | None = None,
    heard: date | None = None,
    own_deadline: date | None = None,
) -> Clock:
    """The clock of `case`, which is in `state`, on `today`.

    `answered` is when the whole first answer was there, `replied` when our last approved reply was placed, `heard` when
    the authority wrote last. `own_deadline` is a date that it gave itself.
    """
    days = working_days(case.jurisdiction) if _matters(case, replied, own_deadline) else _EVERY_WEEKDAY
    deadline = _deadline(case, own_deadline, days)
    # After the answer there is a deadline only where the authority named a day for what it is to send again.
    is_new = own_deadline is not None and replied is not None and own_deadline > replied
    is_open = deadline is not None and state in _AWAITING and (answered is None or is_new)
    chaser = _chaser(case, replied, heard and min(heard, today), days)  # no clock of a server may be ahead
    return Clock(
        today=today,
        deadline=deadline,
        answered=answered,
        left=days.between(today, deadline.day) if deadline and is_open else None,
        late=max(0, days.between(deadline.day, answered)) if deadline and answered else 0,
        replied=replied,
        chaser=chaser,
        chasing=chaser is not None and state is CaseState.WAITING_FOR_RESEND,
    )


def _matters(case: Case, *days: date | None) -> bool:
    return any((case.requested, case.review_requested, *days))


def _deadline(case: Case, own: date | None, days: "WorkingDays") -> Deadline | None:
    if own:
        return Deadline(own, OWN_DATE)
    statute = statute_of(case.jurisdiction)
    if case.review_requested and statute and statute.review:
        said = f"{statute.review} after internal review was asked for on {in_words(case.review_requested)}"
        return Deadline(days.after(case.review_requested, statute.review), said, statute.review_source)
    if case.requested and statute:
        said = f"{statute.answer} after the request of {in_words(case.requested)}"
        return Deadline(days.after(case.requested, statute.answer), said, statute.source)
    return None


def _chaser(case: Case, replied: date | None, heard: date | None, days: "WorkingDays") -> date | None:
    """N working days after our reply, or after the authority's last word on it."""
    if not case.chase_after or replied is None:
        return None
    return days.after(max(replied, heard or replied), _working(case.chase_after))


def local(when: datetime) -> datetime:
    """`when` by the user's own time; by its own where that has no such day, as a stranger's date may have it."""
    try:
        return when.astimezone()
    except OverflowError:
        return when


def in_words(day: date) -> str:
    return f"{day.day} {calendar.month_name[day.month]} {day.year}"


# --- working days -------------------------------------------------------------------------------------------


class Holidays(Protocol):
    """Says of a day whether it is a public holiday."""

    def __contains__(self, day: object, /) -> bool: ...


@dataclass(frozen=True)
class WorkingDays:
    """The working days of a place: Monday to Friday, but for what any of `calendars` calls a holiday."""

    calendars: tuple[Holidays, ...] = ()

    def __contains__(self, day: date) -> bool:
        return day.weekday() < 5 and not any(day in holidays for holidays in self.calendars)

    def after(self, start: date, period: Period) -> date:
        """The last day of `period`, whose first day is the one after `start`."""
        match period.unit:
            case "working days":
                return self._counted(start, period.count)
            case "days":
                end = start + period.count * _DAY
            case _:
                end = _months_after(start, period.count)
        while end not in self:
            end += _DAY
        return end

    def between(self, first: date, second: date) -> int:
        """Working days after `first` up to and with `second`; negative where that is the earlier one."""
        if second < first:
            return -self.between(second, first)
        last = min(second, first + _FARTHEST)
        return sum(day in self for day in _days(first + _DAY, last))

    def _counted(self, day: date, count: int) -> date:
        while count:
            day += _DAY
            count -= day in self
        return day


_EVERY_WEEKDAY = WorkingDays()


def _days(first: date, last: date) -> Iterator[date]:
    day = first
    while day <= last:
        yield day
        day += _DAY


def _months_after(start: date, count: int) -> date:
    """The day of the same number, or the month's last where it has none such."""
    years, month = divmod(start.month - 1 + count, 12)
    year, month = start.year + years, month + 1
    return date(year, month, min(start.day, calendar.monthrange(year, month)[1]))


# --- jurisdictions ------------------------------------------------------------------------------------------


def statute_of(jurisdiction: str) -> Statute | None:
    """The law of a region where it has its own here, else its country's; None where neither is known."""
    return STATUTES.get(jurisdiction) or STATUTES.get(jurisdiction.partition("-")[0])


def jurisdiction_problem(jurisdiction: str) -> str | None:
    """What is wrong with an ISO 3166 code such as "GB", "DE-BE", and which are known; None where nothing is."""
    if jurisdiction in STATUTES:
        return None
    from holidays import list_supported_countries

    known = list_supported_countries(include_aliases=False)
    country, dash, region = jurisdiction.partition("-")
    if country not in known or (dash and country == "EU"):
        codes = sorted({*(c for c in known if len(c) == 2), *STATUTES})
        return f"there is no jurisdiction {jurisdiction!r}; known: {', '.join(codes)}"
    if dash and region not in known[country]:
        regions = ", ".join(f"{country}-{r}" for r in known[country]) or f"{country} alone"
        return f"there is no jurisdiction {jurisdiction!r}; known: {regions}"
    return None


@lru_cache(maxsize=64)
def working_days(jurisdiction: str) -> WorkingDays:
    """The working days by which `jurisdiction` counts."""
    from holidays import country_holidays, financial_holidays

    country, _, region = jurisdiction.partition("-")
    if jurisdiction == "EU":  # the institutions are in Belgium, and keep the days off of the central bank, too
        return WorkingDays((country_holidays("BE"), financial_holidays("XECB")))
    if country == "GB" and region != "SCT":  # a bank holiday in any part of the UK: FOIA s 10(6), EIR reg 2(1)
        parts = ("ENG", "NIR", "SCT", "WLS")
        return WorkingDays(tuple(country_holidays("GB", subdiv=part) for part in parts))
    return WorkingDays((country_holidays(country, subdiv=region or None),))
