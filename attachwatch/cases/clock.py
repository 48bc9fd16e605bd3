"""By when an answer is due, and when to remind the authority of ours. Pure.

Where the authority gave a date itself, that one counts.
"""

import calendar
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from attachwatch.cases.statutes import statute_of, working
from attachwatch.cases.workingdays import WorkingDays
from attachwatch.model import Case, CaseState

MOST_REMINDERS = 2  # unanswered; what else there is to do then is for the user to choose

_AWAITING = (CaseState.RECEIVING, CaseState.REVIEW_DRAFT, CaseState.WAITING_FOR_RESEND)

OWN_DATE = "the authority's own date"


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
    days = WorkingDays(case.jurisdiction)
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


def _deadline(case: Case, own: date | None, days: WorkingDays) -> Deadline | None:
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
    case: Case, replied: date | None, heard: date | None, resumed: date | None, days: WorkingDays
) -> tuple[date | None, date | None]:
    """When to remind the authority: N working days after our reply, or after its last word on it, but not before what
    was suspended is awaited again; and M after that."""
    if not case.chase_after or replied is None:
        return None, None
    first = days.after(max(replied, heard or replied), working(case.chase_after))
    first = max(first, resumed or first)
    return first, days.after(first, working(case.chase_again)) if case.chase_again else None


def _next_chaser(case: Case, reminded: Sequence[date], resumed: date | None, days: WorkingDays) -> date | None:
    """When to remind them after a reminder; never after the second that they left unanswered."""
    if not case.chase_again or len(reminded) >= MOST_REMINDERS:
        return None
    then = days.after(reminded[-1], working(case.chase_again))
    return max(then, resumed or then)


def local(when: datetime) -> datetime:
    """`when` by the user's own time; by its own where that has no such day, as a stranger's date may have it."""
    try:
        return when.astimezone()
    except OverflowError:
        return when


def in_words(day: date) -> str:
    return f"{day.day} {calendar.month_name[day.month]} {day.year}"
