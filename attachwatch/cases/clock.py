"""By when an answer is due, and when to remind the authority of ours. Pure; the days off are those of `holidays`.

The periods are information, not advice: where the authority gave a date itself, that one counts.
"""

import calendar
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Protocol

from attachwatch.model import Case, CaseState

_DAY = timedelta(days=1)
_FARTHEST = timedelta(days=3660)  # beyond which working days are no longer told apart

MOST_REMINDERS = 2  # unanswered; what else there is to do then is for the user to choose

_AWAITING = (CaseState.RECEIVING, CaseState.REVIEW_DRAFT, CaseState.WAITING_FOR_RESEND)

OWN_DATE = "the authority's own date"


@dataclass(frozen=True, slots=True)
class Period:
    """`count` of `unit`: working days, days, weeks or months. All but the first end on the next working day where they
    would not end on one."""

    count: int
    unit: str

    def __str__(self) -> str:
        return f"{self.count} {self.unit}" if self.count != 1 else f"one {self.unit.removesuffix('s')}"


@dataclass(frozen=True, slots=True)
class Statute:
    """What a law gives an authority for its answer, and for an internal review where there is one; and where that
    stands. `extension` is what the authority may add to the answer's period, and when."""

    answer: Period
    source: str
    review: Period | None = None
    review_source: str = ""
    extension: str = ""


def _working(count: int) -> Period:
    return Period(count, "working days")


STATUTES = {
    # Working days are those of the whole United Kingdom: s 10(6), reg 2(1).
    "GB": Statute(
        _working(20),
        "Freedom of Information Act 2000 s 10(1); Environmental Information Regulations 2004 reg 5(2)",
        _working(20),
        "section 45 Code of Practice 2018, part 5; under the Environmental Information Regulations 40: reg 11(4)",
        "by a reasonable time for the public interest test: s 10(3); to 40 working days: reg 7(1)",
    ),
    # Working days are those of Scotland: s 73.
    "GB-SCT": Statute(
        _working(20),
        "Freedom of Information (Scotland) Act 2002 s 10(1)",
        _working(20),
        "Freedom of Information (Scotland) Act 2002 s 21(1)",
        "to 40 working days, for environmental information alone: Environmental Information (Scotland) Regulations "
        "2004 reg 7(1)",
    ),
    # Four and three weeks; a week is five weekdays that are no public holidays: s 2(1).
    "IE": Statute(
        _working(20),
        "Freedom of Information Act 2014 s 13(1)",
        _working(15),
        "Freedom of Information Act 2014 s 21",
        "by up to 4 weeks: s 14(1)",
    ),
    "US": Statute(
        _working(20),
        "5 U.S.C. 552(a)(6)(A)(i), federal agencies",
        _working(20),
        "5 U.S.C. 552(a)(6)(A)(ii)",
        "by up to 10 working days in unusual circumstances: 5 U.S.C. 552(a)(6)(B)(i)",
    ),
    # Working days are those of the institutions: Regulation (EEC, Euratom) 1182/71 art 2(2).
    "EU": Statute(
        _working(15),
        "Regulation (EC) 1049/2001 art 7(1)",
        _working(15),
        "Regulation (EC) 1049/2001 art 8(1)",
        "by 15 working days in exceptional cases: art 7(3)",
    ),
    # The end on a working day: Acts Interpretation Act 1901 s 36(2).
    "AU": Statute(
        Period(30, "days"),
        "Freedom of Information Act 1982 (Cth) s 15(5)(b)",
        Period(30, "days"),
        "Freedom of Information Act 1982 (Cth) s 54C(3)",
        "by 30 days for consultation: s 15(6), or with your consent: s 15AA",
    ),
    "CA": Statute(
        Period(30, "days"),
        "Access to Information Act s 7, federal institutions",
        extension="by a reasonable time: s 9(1)",
    ),
    # The end on a working day: VwVfG § 31(3).
    "DE": Statute(
        Period(1, "months"), "Informationsfreiheitsgesetz § 7(5), federal authorities", Period(3, "months"), "VwGO § 75"
    ),
    # Silence for a month is a refusal, of which the CADA may then be told within two: R. 343-1.
    "FR": Statute(
        Period(1, "months"), "Code des relations entre le public et l'administration R. 311-12 and R. 311-13"
    ),
    # The end on a working day: Algemene termijnenwet art 1(1).
    "NL": Statute(
        Period(4, "weeks"), "Wet open overheid art 4.4(1)", extension="by up to 2 weeks: Wet open overheid art 4.4(2)"
    ),
    # The end on a working day: Ley 39/2015 art 30.5.
    "ES": Statute(
        Period(1, "months"), "Ley 19/2013 art 20.1", extension="by a month where there is much to find: art 20.1"
    ),
    "IT": Statute(
        Period(30, "days"),
        "decreto legislativo 33/2013 art 5(6)",
        Period(20, "days"),
        "decreto legislativo 33/2013 art 5(7)",
        "by up to 10 days while others are heard: art 5(5)",
    ),
}


@dataclass(frozen=True, slots=True)
class Deadline:
    day: date
    basis: str  # "the authority's own date", "20 working days after the request of ..."
    source: str = ""  # the law, where it is one
    extension: str = ""  # what the law lets the authority add


@dataclass(frozen=True, slots=True)
class Clock:
    """Where a case stands in time, on `today`.

    `answered` is the day on which the whole first answer was there. `left` counts working days to the deadline, and is
    negative some days after it; None where there is none, or it is settled. `replied` is the day on which our last
    approved reply was placed, and `chaser` the one on which to remind the authority of it: the first time, or, from the
    day on which to do it once more, that one. `chasing` says whether that is still awaited, and `reminded` how often it
    was done since they wrote last.
    """

    today: date
    deadline: Deadline | None = None
    answered: date | None = None
    left: int | None = None
    late: int = 0  # working days from the deadline to the answer
    replied: date | None = None
    chaser: date | None = None
    again: date | None = None  # when to remind them once more; None where never
    chasing: bool = False
    reminded: int = 0

    @property
    def is_second(self) -> bool:
        """Whether the reminder that counts now is the second one."""
        return self.again is not None and self.again <= self.today

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
    reminded: Sequence[date] = (),
    resumed: date | None = None,
    own_deadline: date | None = None,
) -> Clock:
    """The clock of `case`, which is in `state`, on `today`.

    `answered` is when the whole first answer was there, `replied` when our last approved reply was placed, `heard` when
    the authority wrote last, `reminded` when reminders were decided on since then, `resumed` from when something that
    was suspended is awaited again. `own_deadline` is a date that it gave itself.
    """
    if own_deadline and case.review_requested and own_deadline < case.review_requested:
        own_deadline = None  # it was one for the first answer
    days = working_days(case.jurisdiction) if _matters(case, replied, own_deadline) else _EVERY_WEEKDAY
    deadline = _deadline(case, own_deadline, days)
    # After the answer there is a deadline only where the authority named a day for what it is to send again.
    is_new = own_deadline is not None and replied is not None and own_deadline > replied and state in _AWAITING
    is_open = deadline is not None and state is not CaseState.CLOSED and (answered is None or is_new)
    heard = heard and min(heard, today)  # no clock of a server may be ahead
    first, again = _chasers(case, replied, heard, resumed, days)
    if reminded:
        first = again = _next_chaser(case, reminded, resumed, days)
    return Clock(
        today=today,
        deadline=deadline,
        answered=answered,
        left=days.between(today, deadline.day) if deadline and is_open else None,
        late=max(0, days.between(deadline.day, answered)) if deadline and answered else 0,
        replied=replied,
        chaser=again if again and again <= today else first,
        again=again,
        chasing=first is not None and state is CaseState.WAITING_FOR_RESEND,
        reminded=len(reminded),
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
        return Deadline(days.after(case.requested, statute.answer), said, statute.source, statute.extension)
    return None


def _chasers(
    case: Case, replied: date | None, heard: date | None, resumed: date | None, days: "WorkingDays"
) -> tuple[date | None, date | None]:
    """When to remind the authority: N working days after our reply, or after its last word on it, but not before what
    was suspended is awaited again; and M after that."""
    if not case.chase_after or replied is None:
        return None, None
    first = days.after(max(replied, heard or replied), _working(case.chase_after))
    first = max(first, resumed or first)
    return first, days.after(first, _working(case.chase_again)) if case.chase_again else None


def _next_chaser(case: Case, reminded: Sequence[date], resumed: date | None, days: "WorkingDays") -> date | None:
    """When to remind them after a reminder; never after the second that they left unanswered."""
    if not case.chase_again or len(reminded) >= MOST_REMINDERS:
        return None
    then = days.after(reminded[-1], _working(case.chase_again))
    return max(then, resumed or then)


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
            case "weeks":
                end = start + 7 * period.count * _DAY
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
