"""The clock: working days of a place, by when an answer is due, and when to remind the authority."""

import time
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from attachwatch.cases.clock import OWN_DATE, Clock, clock, local
from attachwatch.cases.statutes import STATUTES, Period, jurisdiction_problem, statute_of
from attachwatch.cases.workingdays import WorkingDays
from attachwatch.model import CaseState
from tests.cases.builders import CASE

RECEIVING, WAITING, COMPLETE = CaseState.RECEIVING, CaseState.WAITING_FOR_RESEND, CaseState.COMPLETE
REQUESTED = replace(CASE, requested=date(2023, 10, 18))
TWENTY = Period(20, "working days")


def after(jurisdiction: str, start: date, period: Period = TWENTY) -> date:
    return WorkingDays(jurisdiction).after(start, period)


# --- working days ---------------------------------------------------------------------------------------------


def test_a_bank_holiday_in_any_part_of_the_uk_is_no_working_day() -> None:
    assert after("GB", date(2023, 12, 19)) == date(2024, 1, 22)  # 2 January is one in Scotland alone
    assert date(2024, 3, 18) not in WorkingDays("GB")  # Northern Ireland: St Patrick's Day, a Sunday
    assert date(2024, 12, 2) not in WorkingDays("GB-ENG")  # Scotland: St Andrew's Day, a Saturday


def test_scotlands_own_law_counts_scotlands_holidays() -> None:
    assert date(2024, 3, 18) in WorkingDays("GB-SCT")
    assert date(2024, 1, 2) not in WorkingDays("GB-SCT")


def test_twenty_working_days_are_those_that_the_authority_counts() -> None:
    assert after("GB", date(2023, 10, 18)) == date(2023, 11, 15)


@pytest.mark.parametrize("day", [date(2023, 10, 21), date(2023, 10, 22)])
def test_a_request_on_a_weekend_is_counted_from_the_monday(day: date) -> None:
    assert after("GB", day, Period(1, "working days")) == date(2023, 10, 23)


def test_holidays_are_those_of_the_region() -> None:
    assert date(2024, 3, 8) not in WorkingDays("DE-BE")  # Women's Day, in Berlin
    assert date(2024, 3, 8) in WorkingDays("DE-BY")
    assert date(2024, 7, 4) not in WorkingDays("US")
    assert date(2024, 4, 16) in WorkingDays("US")  # Emancipation Day, in Washington
    assert date(2024, 4, 16) not in WorkingDays("US-DC")
    assert date(2024, 5, 9) not in WorkingDays("EU")  # Ascension, in Brussels


def test_a_month_ends_on_the_same_number_or_the_months_last_day_and_on_a_working_day() -> None:
    month = Period(1, "months")
    assert after("DE", date(2024, 2, 14), month) == date(2024, 3, 14)
    assert after("DE", date(2024, 1, 30), month) == date(2024, 2, 29)
    assert after("DE", date(2024, 2, 29), month) == date(2024, 4, 2)  # Good Friday, weekend, Easter Monday
    assert after("DE", date(2024, 12, 9), month) == date(2025, 1, 9)


@pytest.mark.parametrize(
    ("code", "requested", "due"),
    [
        ("GB", date(2023, 12, 19), date(2024, 1, 22)),
        (
            "GB-SCT",
            date(2024, 3, 4),
            date(2024, 4, 2),
        ),  # Good Friday is one, St Patrick's Day and Easter Monday are not
        ("IE", date(2024, 1, 22), date(2024, 2, 20)),  # St Brigid's Day
        ("US", date(2024, 6, 14), date(2024, 7, 16)),  # Juneteenth, Independence Day
        ("EU", date(2024, 4, 29), date(2024, 5, 23)),  # 1 and 9 May, Whit Monday, and the day after Ascension
        ("AU", date(2024, 2, 1), date(2024, 3, 4)),
        ("CA", date(2024, 3, 1), date(2024, 4, 1)),
        ("DE", date(2024, 1, 31), date(2024, 2, 29)),
        ("FR", date(2024, 4, 14), date(2024, 5, 14)),
        ("NL", date(2024, 4, 12), date(2024, 5, 10)),
        ("ES", date(2024, 7, 15), date(2024, 8, 16)),  # the Assumption
        ("IT", date(2024, 3, 2), date(2024, 4, 2)),  # Easter Monday
    ],
)
def test_each_law_as_its_country_counts(code: str, requested: date, due: date) -> None:
    now = clock(replace(CASE, jurisdiction=code, requested=requested), RECEIVING, requested)
    assert now.deadline
    assert now.deadline.day == due
    assert now.deadline.source == STATUTES[code].source


def test_days_that_end_on_a_weekend_end_after_it() -> None:
    assert after("AU", date(2024, 2, 1), Period(30, "days")) == date(2024, 3, 4)  # 2 March is a Saturday


@given(st.dates(date(1990, 1, 1), date(2090, 1, 1)), st.integers(0, 40), st.sampled_from(["GB", "US", "DE-BE", "EU"]))
def test_counting_forth_and_back_agrees(start: date, count: int, jurisdiction: str) -> None:
    days = WorkingDays(jurisdiction)
    end = days.after(start, Period(count, "working days"))
    assert days.between(start, end) == count
    assert days.between(end, start) == -count
    assert count == 0 or end in days


@pytest.mark.parametrize("zone", ["Asia/Tokyo", "America/New_York"])
@pytest.mark.parametrize("when", [datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)])
def test_the_ends_of_time_are_days_too(monkeypatch: pytest.MonkeyPatch, zone: str, when: datetime) -> None:
    monkeypatch.setenv("TZ", zone)
    time.tzset()
    try:
        assert abs(local(when).date() - when.date()) <= timedelta(days=1)
    finally:
        monkeypatch.undo()
        time.tzset()


def test_counting_is_bounded() -> None:
    assert WorkingDays("GB").between(date.min, date.max - timedelta(days=1)) < 3000


# --- jurisdictions --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("code", [*STATUTES, "DE-BE", "US-DC", "GB-NIR", "NZ", "FR"])
def test_countries_and_regions_are_known_by_their_iso_code(code: str) -> None:
    assert jurisdiction_problem(code) is None
    assert date(2024, 1, 1) not in WorkingDays(code)


@pytest.mark.parametrize(
    ("code", "known"),
    [("UK", " GB, "), ("Germany", " DE, "), ("gb", " GB, "), ("DE-XX", "DE-BE"), ("IE-D", "IE alone"), ("EU-BE", "EU")],
)
def test_what_is_not_known_is_said_with_what_is(code: str, known: str) -> None:
    problem = jurisdiction_problem(code)
    assert problem
    assert repr(code) in problem
    assert known in problem
    assert "\n" not in problem


def test_a_region_without_a_law_of_its_own_here_has_its_countrys() -> None:
    assert statute_of("DE-BE") == STATUTES["DE"]
    assert statute_of("GB-SCT") != STATUTES["GB"]
    assert statute_of("NZ") is None


def test_every_period_says_where_it_stands() -> None:
    assert all(s.source and bool(s.review) == bool(s.review_source) for s in STATUTES.values())


# --- the deadline ---------------------------------------------------------------------------------------------


def test_the_deadline_follows_from_the_day_of_the_request() -> None:
    now = clock(REQUESTED, RECEIVING, date(2023, 11, 13))
    assert now.deadline
    assert (now.deadline.day, now.left) == (date(2023, 11, 15), 2)
    assert now.deadline.basis == "20 working days after the request of 18 October 2023"
    assert "s 10" in now.deadline.source


def test_the_day_itself_is_in_time_and_the_next_is_overdue() -> None:
    on, next_day = (clock(REQUESTED, RECEIVING, date(2023, 11, d)) for d in (15, 16))
    assert (on.left, on.is_overdue) == (0, False)
    assert (next_day.left, next_day.is_overdue) == (-1, True)


def test_a_weekend_after_the_deadline_is_overdue_too() -> None:
    case = replace(CASE, requested=date(2023, 10, 20))  # until Friday 17 November
    assert clock(case, RECEIVING, date(2023, 11, 18)).is_overdue


def test_the_authoritys_own_date_comes_first() -> None:
    now = clock(REQUESTED, RECEIVING, date(2023, 11, 16), own_deadline=date(2023, 12, 1))
    assert now.deadline
    assert (now.deadline.basis, now.deadline.day, now.is_overdue) == (OWN_DATE, date(2023, 12, 1), False)


def test_an_internal_review_has_a_period_of_its_own() -> None:
    case = replace(REQUESTED, review_requested=date(2023, 12, 19))
    now = clock(case, RECEIVING, date(2024, 1, 20))
    assert now.deadline
    assert (now.deadline.day, now.left) == (date(2024, 1, 22), 1)
    assert now.deadline.basis == "20 working days after internal review was asked for on 19 December 2023"


def test_a_day_named_for_the_first_answer_is_none_for_the_internal_review() -> None:
    case = replace(REQUESTED, review_requested=date(2023, 12, 19))
    before, since = (
        clock(case, RECEIVING, date(2024, 1, 5), own_deadline=d).deadline
        for d in (date(2023, 11, 15), date(2024, 1, 26))
    )
    assert before
    assert since
    assert (before.day, since.day) == (date(2024, 1, 22), date(2024, 1, 26))


def test_what_was_complete_is_overdue_again_when_the_internal_review_is() -> None:
    case = replace(REQUESTED, review_requested=date(2023, 12, 19))
    assert clock(case, COMPLETE, date(2024, 1, 23)).is_overdue
    assert not clock(case, CaseState.CLOSED, date(2024, 1, 23)).is_overdue


def test_without_a_date_or_a_law_there_is_no_deadline() -> None:
    assert clock(CASE, RECEIVING, date(2024, 1, 1)) == Clock(date(2024, 1, 1))
    assert clock(replace(REQUESTED, jurisdiction="NZ"), RECEIVING, date(2024, 1, 1)).deadline is None


def test_an_answer_settles_the_deadline_and_how_late_it_was_is_kept() -> None:
    now = clock(REQUESTED, CaseState.REVIEW_DRAFT, date(2024, 1, 5), answered=date(2023, 11, 17))
    assert (now.left, now.is_overdue, now.late) == (None, False, 2)
    assert clock(REQUESTED, COMPLETE, date(2024, 1, 5), answered=date(2023, 11, 3)).late == 0


def test_a_day_that_the_authority_names_for_its_re_send_counts_after_the_answer() -> None:
    case = replace(REQUESTED, chase_after=0)
    dates: dict[str, Any] = {
        "answered": date(2023, 11, 3),
        "replied": date(2023, 11, 6),
        "own_deadline": date(2023, 11, 10),
    }
    assert clock(case, WAITING, date(2023, 11, 13), **dates).is_overdue
    assert not clock(case, COMPLETE, date(2023, 11, 13), **dates).is_overdue
    assert not clock(case, WAITING, date(2023, 11, 13), **(dates | {"replied": date(2023, 11, 12)})).is_overdue


# --- the chaser -----------------------------------------------------------------------------------------------


def test_a_chaser_is_due_some_working_days_after_our_reply() -> None:
    friday = date(2024, 10, 4)
    now = clock(CASE, WAITING, date(2024, 10, 10), replied=friday)
    assert (now.chaser, now.is_chaser_due) == (date(2024, 10, 11), False)
    assert clock(CASE, WAITING, date(2024, 10, 11), replied=friday).is_chaser_due


def test_a_word_of_the_authority_puts_it_off() -> None:
    now = clock(CASE, WAITING, date(2024, 10, 11), replied=date(2024, 10, 4), heard=date(2024, 10, 9))
    assert (now.chaser, now.is_chaser_due) == (date(2024, 10, 16), False)


def test_what_it_wrote_before_our_reply_does_not() -> None:
    assert clock(CASE, WAITING, date(2024, 10, 11), replied=date(2024, 10, 4), heard=date(2024, 10, 1)).is_chaser_due


@pytest.mark.parametrize("state", [s for s in CaseState if s is not WAITING])
def test_nobody_is_chased_unless_files_are_awaited(state: CaseState) -> None:
    now = clock(CASE, state, date(2024, 12, 1), replied=date(2024, 10, 4))
    assert (now.chasing, now.is_chaser_due) == (False, False)


def test_a_second_one_is_due_some_working_days_after_the_first() -> None:
    friday = date(2024, 10, 4)
    before = clock(CASE, WAITING, date(2024, 10, 24), replied=friday)
    assert (before.chaser, before.again, before.is_second) == (date(2024, 10, 11), date(2024, 10, 25), False)
    then = clock(CASE, WAITING, date(2024, 10, 25), replied=friday)
    assert (then.chaser, then.is_second, then.is_chaser_due) == (date(2024, 10, 25), True, True)
    assert not clock(CASE, WAITING, date(2024, 10, 25), replied=friday, heard=date(2024, 10, 22)).is_chaser_due


def test_none_is_due_before_what_they_were_to_post_is_awaited_again() -> None:
    now = clock(CASE, WAITING, date(2024, 10, 30), replied=date(2024, 10, 4), resumed=date(2024, 10, 30))
    assert (now.chaser, now.again, now.is_chaser_due) == (date(2024, 10, 30), date(2024, 11, 13), True)
    early = clock(CASE, WAITING, date(2024, 10, 30), replied=date(2024, 10, 4), resumed=date(2024, 10, 7))
    assert early.chaser == date(2024, 10, 25)


def test_zero_is_never() -> None:
    assert clock(replace(CASE, chase_after=0), WAITING, date(2025, 1, 1), replied=date(2024, 10, 4)).chaser is None
    once = clock(replace(CASE, chase_again=0), WAITING, date(2025, 1, 1), replied=date(2024, 10, 4))
    assert (once.chaser, once.again) == (date(2024, 10, 11), None)


def test_after_a_reminder_the_next_is_counted_from_it_and_after_two_there_is_none() -> None:
    replied, first, second = date(2024, 10, 4), date(2024, 10, 14), date(2024, 10, 29)
    once = clock(CASE, WAITING, date(2024, 10, 25), replied=replied, reminded=[first])
    assert (once.chaser, once.is_chaser_due, once.reminded) == (date(2024, 10, 28), False, 1)
    then = clock(CASE, WAITING, date(2024, 10, 28), replied=replied, reminded=[first])
    assert (then.is_chaser_due, then.is_second) == (True, True)
    twice = clock(CASE, WAITING, date(2025, 10, 28), replied=replied, reminded=[first, second])
    assert (twice.chaser, twice.is_chaser_due, twice.reminded) == (None, False, 2)
    never = clock(replace(CASE, chase_again=0), WAITING, date(2025, 1, 1), replied=replied, reminded=[first])
    assert (never.chaser, never.is_chaser_due) == (None, False)
    waits = clock(CASE, WAITING, date(2024, 10, 30), replied=replied, reminded=[first], resumed=date(2024, 11, 4))
    assert waits.chaser == date(2024, 11, 4)


def test_dates_of_strangers_do_not_run_out_of_the_calendar() -> None:
    case = replace(REQUESTED, review_requested=date(2200, 1, 1))
    for wild in (date.min, date.max):
        now = clock(case, WAITING, date(2024, 1, 1), answered=wild, replied=date(2024, 1, 1), heard=wild)
        assert now.chaser == date(2024, 1, 9)
        assert clock(REQUESTED, RECEIVING, date(2024, 1, 1), own_deadline=wild).is_overdue is (wild == date.min)
