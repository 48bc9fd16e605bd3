"""Working days, as `holidays` knows them: by the weekends and days off of a country or region. Pure."""

from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING

from dateutil.relativedelta import relativedelta

from attachwatch.cases.statutes import Period

if TYPE_CHECKING:
    from holidays import HolidayBase

_DAY = timedelta(days=1)
_FARTHEST = timedelta(days=3660)  # beyond which working days are no longer told apart


@dataclass(frozen=True, slots=True)
class WorkingDays:
    """Those by which a jurisdiction counts."""

    jurisdiction: str

    def __contains__(self, day: date) -> bool:
        return _calendar(self.jurisdiction).is_working_day(day)

    def after(self, start: date, period: Period) -> date:
        """The last day of `period`, whose first day is the one after `start`."""
        calendar = _calendar(self.jurisdiction)
        if period.unit == "working days":
            return calendar.get_nth_working_day(start, period.count) if period.count else start
        end = start + relativedelta(**{period.unit: period.count})
        return calendar.get_nth_working_day(end, 0)

    def between(self, first: date, second: date) -> int:
        """Working days after `first` up to and with `second`; negative where that is the earlier one."""
        if second <= first:
            return -self.between(second, first) if second < first else 0
        last = min(second, first + _FARTHEST)
        return _calendar(self.jurisdiction).get_working_days_count(first + _DAY, last)


@lru_cache(maxsize=64)
def _calendar(jurisdiction: str) -> "HolidayBase":
    from holidays import country_holidays, financial_holidays

    country, _, region = jurisdiction.partition("-")
    if jurisdiction == "EU":  # the institutions are in Belgium, and keep the days off of the central bank, too
        return country_holidays("BE") + financial_holidays("XECB")
    if country == "GB" and region != "SCT":  # a bank holiday in any part of the UK: FOIA s 10(6), EIR reg 2(1)
        england, *others = (country_holidays("GB", subdiv=part) for part in ("ENG", "NIR", "SCT", "WLS"))
        return sum(others, start=england)
    return country_holidays(country, subdiv=region or None)
