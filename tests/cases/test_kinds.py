"""Reminders and thanks: when each is due, what it says, and that neither disturbs the rounds."""

from collections import Counter
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from attachwatch.cases.clock import clock
from attachwatch.cases.progress import Progress
from attachwatch.cases.reminders import reminded, replied, with_reminder
from attachwatch.cases.rounds import all_asked_for
from attachwatch.cases.standing import Delivery
from attachwatch.model import Annex, Case, CaseState, Draft, DraftKind, DraftState, FollowUp, SendingNote
from tests.cases.builders import BROKEN, CASE, LOCKED, MORNING, OK, delivery, drafted, named, where

FINAL = SendingNote(final=True)
APPROVED, DISCARDED, SUPERSEDED = DraftState.APPROVED, DraftState.DISCARDED, DraftState.SUPERSEDED
WAITING = CaseState.WAITING_FOR_RESEND
ROUND_ONE = (delivery(1, ("A.pdf@a", BROKEN), ("B.pdf", BROKEN)), delivery(2, ("C.pdf", OK), note=FINAL))
REPORT = drafted(where(*ROUND_ONE).follow_up, APPROVED, MORNING + timedelta(hours=3))  # on Tuesday 1 October
DAY = 24
FIVE_DAYS, LATER = 7 * DAY, 21 * DAY  # hours: of working days there are five, and fifteen


def at(*deliveries: Delivery, drafts: tuple[Draft, ...], hours: float, case: Case = CASE) -> Progress:
    """Where the case stands `hours` after the morning, with its reminders."""
    last = max(d.message.received for d in deliveries)
    now = MORNING + timedelta(hours=hours)
    place = where(*deliveries, drafts=drafts, case=case, hours_later=(now - last) / timedelta(hours=1))
    report = replied(drafts)
    ticks = clock(
        case,
        place.state,
        now.date(),
        replied=report.decided.date() if report and report.decided else None,
        heard=max(d.message.received for d in place.standing.correspondence).date(),
        reminded=[d.decided.date() for d in reminded(place.standing, drafts) if d.decided],
    )
    return with_reminder(place, ticks, drafts)


def due(place: Progress) -> FollowUp:
    assert place.follow_up is not None
    return place.follow_up


def decided(follow_up: FollowUp, state: DraftState, hours: float) -> Draft:
    return drafted(follow_up, state, MORNING + timedelta(hours=hours))


# --- reminders --------------------------------------------------------------------------------------------------


def test_a_reminder_is_due_when_nothing_came_for_five_working_days() -> None:
    before = at(*ROUND_ONE, drafts=(REPORT,), hours=FIVE_DAYS - DAY)
    assert (before.follow_up, before.state) == (None, WAITING)
    place = at(*ROUND_ONE, drafts=(REPORT,), hours=FIVE_DAYS)
    says = due(place)
    assert (says.kind, says.round, says.reminders, says.asked) == (DraftKind.REMINDER, 1, 0, REPORT.decided)
    assert (named(place), place.state) == (["A.pdf", "B.pdf"], CaseState.REVIEW_DRAFT)


def test_it_is_made_once_and_the_case_waits_for_review() -> None:
    pending = drafted(due(at(*ROUND_ONE, drafts=(REPORT,), hours=FIVE_DAYS)))
    for hours in (FIVE_DAYS, LATER, 100 * DAY):
        place = at(*ROUND_ONE, drafts=(REPORT, pending), hours=hours)
        assert (place.follow_up, place.stale, place.state) == (None, False, CaseState.REVIEW_DRAFT)


@pytest.mark.parametrize("state", [APPROVED, DISCARDED])
def test_the_second_comes_ten_working_days_after_the_first_was_decided_on_and_is_the_last(state: DraftState) -> None:
    first = decided(due(at(*ROUND_ONE, drafts=(REPORT,), hours=FIVE_DAYS)), state, FIVE_DAYS)
    assert at(*ROUND_ONE, drafts=(REPORT, first), hours=FIVE_DAYS + 13 * DAY).follow_up is None
    says = due(at(*ROUND_ONE, drafts=(REPORT, first), hours=LATER))
    assert (says.kind, says.reminders) == (DraftKind.REMINDER, int(state is APPROVED))
    second = decided(says, APPROVED, LATER)
    place = at(*ROUND_ONE, drafts=(REPORT, first, second), hours=1000 * DAY)
    assert (place.follow_up, place.state) == (None, WAITING)


def test_whatever_the_authority_writes_puts_a_reminder_off() -> None:
    pending = drafted(due(at(*ROUND_ONE, drafts=(REPORT,), hours=FIVE_DAYS)))
    note = delivery(FIVE_DAYS + 1)
    place = at(*ROUND_ONE, note, drafts=(REPORT, pending), hours=FIVE_DAYS + 2)
    assert (place.follow_up, place.stale, place.state) == (None, True, WAITING)
    put_aside = replace(pending, state=SUPERSEDED)
    says = due(at(*ROUND_ONE, note, drafts=(REPORT, put_aside), hours=2 * FIVE_DAYS + DAY))
    assert (says.kind, says.reminders, says.answers) == (DraftKind.REMINDER, 0, note.message)
    approved = decided(says, APPROVED, 2 * FIVE_DAYS + DAY)
    again, drafts = delivery(3 * FIVE_DAYS), (REPORT, put_aside, approved)
    assert at(*ROUND_ONE, note, again, drafts=drafts, hours=3 * FIVE_DAYS + DAY).follow_up is None
    assert due(at(*ROUND_ONE, note, again, drafts=drafts, hours=5 * FIVE_DAYS)).reminders == 1


def test_a_reminder_is_of_what_the_report_asked_for_and_is_still_outstanding() -> None:
    case = replace(CASE, annexes=(*CASE.annexes, Annex("D", "Annex")))
    came = (ROUND_ONE[0], delivery(2, ("C.pdf", OK), ("letter.pdf", BROKEN), note=FINAL))
    report = drafted(where(*came, case=case).follow_up, APPROVED, REPORT.decided)
    place = at(*came, drafts=(replace(report, items=report.items[1:]),), hours=FIVE_DAYS, case=case)
    assert named(place) == ["B.pdf", "letter.pdf"]
    assert [a.label for a in due(place).missing] == ["D"]


@pytest.mark.parametrize("state", [DraftState.PENDING, DISCARDED, SUPERSEDED])
def test_nobody_is_reminded_of_a_report_that_was_not_approved(state: DraftState) -> None:
    again = delivery(4, ("A.pdf", OK), ("B.pdf", LOCKED))
    second = drafted(where(*ROUND_ONE, again, drafts=(REPORT,)).follow_up, state)
    place = at(*ROUND_ONE, again, drafts=(REPORT, second), hours=LATER)
    assert place.follow_up is None or place.follow_up.kind is DraftKind.REPORT


def test_reminders_can_be_turned_off() -> None:
    place = at(*ROUND_ONE, drafts=(REPORT,), hours=LATER, case=replace(CASE, chase_after=0))
    assert (place.follow_up, place.state) == (None, WAITING)


def test_files_that_come_make_a_reminder_untrue_at_once_and_then_the_next_report() -> None:
    pending = drafted(due(at(*ROUND_ONE, drafts=(REPORT,), hours=FIVE_DAYS)))
    some = delivery(FIVE_DAYS + 1, ("A.pdf", OK))
    place = at(*ROUND_ONE, some, drafts=(REPORT, pending), hours=FIVE_DAYS + 2)
    assert (place.follow_up, place.stale, place.state) == (None, True, CaseState.RECEIVING)
    rest = delivery(FIVE_DAYS + 3, ("B.pdf", LOCKED))
    says = due(at(*ROUND_ONE, some, rest, drafts=(REPORT, pending), hours=FIVE_DAYS + 4))
    assert (says.kind, says.round, says.cured, says.basis) == (DraftKind.REPORT, 2, ("A",), (1, 2, 169, 171))
    assert [m.id for m in says.emails] == [169, 171]


def test_a_reminder_leaves_the_rounds_as_they_were() -> None:
    again = delivery(FIVE_DAYS + 3, ("A.pdf@a", BROKEN), ("B.pdf", OK))
    reminder = decided(due(at(*ROUND_ONE, drafts=(REPORT,), hours=FIVE_DAYS)), APPROVED, FIVE_DAYS)
    without, with_one = (
        at(*ROUND_ONE, again, drafts=drafts, hours=FIVE_DAYS + 4) for drafts in ((REPORT,), (REPORT, reminder))
    )
    assert with_one == without
    assert [p.unchanged for p in due(with_one).problems] == [True]


# --- thanks -----------------------------------------------------------------------------------------------------

MENDED = delivery(4, ("A.pdf", OK), ("B.pdf", OK))


def test_thanks_are_due_when_all_that_was_asked_for_came_and_opens() -> None:
    place = where(*ROUND_ONE, MENDED, drafts=(REPORT,))
    says = due(place)
    assert (says.kind, says.round, says.cured, says.problems, says.missing) == (DraftKind.THANKS, 2, ("A", "B"), (), ())
    assert (place.state, says.answers) == (CaseState.COMPLETE, MENDED.message)


@pytest.mark.parametrize("state", [DraftState.PENDING, APPROVED, DISCARDED])
def test_thanks_are_written_once(state: DraftState) -> None:
    thanks = drafted(where(*ROUND_ONE, MENDED, drafts=(REPORT,)).follow_up, state, MORNING)
    for more in ((), (delivery(5),), (delivery(5, ("A.pdf", OK)),)):
        place = where(*ROUND_ONE, MENDED, *more, drafts=(REPORT, thanks))
        assert (place.follow_up, place.stale, place.state) == (None, False, CaseState.COMPLETE)


def test_nobody_is_thanked_whom_nothing_was_asked() -> None:
    assert where(delivery(1, *((f"{x}.pdf", OK) for x in "ABC"), note=FINAL)).follow_up is None
    for state in (DISCARDED, SUPERSEDED):
        assert where(*ROUND_ONE, MENDED, drafts=(replace(REPORT, state=state),)).follow_up is None


def test_nor_while_something_is_wanting_or_if_the_user_does_not_want_it() -> None:
    assert where(*ROUND_ONE, MENDED, drafts=(REPORT,), case=replace(CASE, thanks=False)).follow_up is None
    wanting = replace(CASE, annexes=(*CASE.annexes, Annex("D", "Annex")))
    place = where(*ROUND_ONE, MENDED, drafts=(REPORT,), case=wanting)
    assert place.follow_up is None or place.follow_up.kind is DraftKind.REPORT


def test_a_report_that_was_never_sent_is_no_reason_to_thank_again() -> None:
    thanks = drafted(where(*ROUND_ONE, MENDED, drafts=(REPORT,)).follow_up, APPROVED)
    broken, mended = delivery(5, ("B.pdf", BROKEN)), delivery(6, ("B.pdf", OK))
    pending = drafted(where(*ROUND_ONE, MENDED, broken, drafts=(REPORT, thanks), hours_later=48).follow_up)
    place = where(*ROUND_ONE, MENDED, broken, mended, drafts=(REPORT, thanks, pending))
    assert (place.follow_up, place.stale, place.state) == (None, True, CaseState.COMPLETE)


def test_what_comes_broken_after_all_makes_the_thanks_untrue_and_is_reported() -> None:
    thanks = drafted(where(*ROUND_ONE, MENDED, drafts=(REPORT,)).follow_up)
    broken = delivery(5, ("B.pdf", BROKEN))
    place = where(*ROUND_ONE, MENDED, broken, drafts=(REPORT, thanks), hours_later=48)
    assert (due(place).kind, due(place).round, named(place), place.stale) == (DraftKind.REPORT, 2, ["B.pdf"], True)
    drafts = (REPORT, replace(thanks, state=APPROVED), drafted(place.follow_up, APPROVED))
    again = where(*ROUND_ONE, MENDED, broken, delivery(6, ("B.pdf", OK)), drafts=drafts)
    assert (due(again).kind, due(again).round) == (DraftKind.THANKS, 3)


# --- what they say of it ----------------------------------------------------------------------------------------


def test_that_it_opens_for_them_is_an_answer_that_asks_for_another() -> None:
    theirs = delivery(4, opened="They open for me.")
    place = where(*ROUND_ONE, theirs, drafts=(REPORT,))
    says = due(place)
    assert (says.kind, says.round, says.opened_for_them, says.emails) == (DraftKind.REPORT, 2, "They open for me.", ())
    assert (named(place), says.asked) == (["A.pdf", "B.pdf"], REPORT.decided)
    second = drafted(says, APPROVED)
    assert where(*ROUND_ONE, theirs, drafts=(REPORT, second)).follow_up is None
    again = where(*ROUND_ONE, theirs, delivery(5, ("A.pdf", OK), ("B.pdf", LOCKED)), drafts=(REPORT, second))
    assert (due(again).round, due(again).opened_for_them) == (3, "")


def test_what_they_said_before_our_reply_is_no_answer_to_it() -> None:
    told = (replace(ROUND_ONE[0], opened="They opened here before sending."), ROUND_ONE[1])
    again = delivery(4, ("A.pdf", OK), ("B.pdf", LOCKED))
    assert due(where(*told, again, drafts=(REPORT,))).opened_for_them == ""
    assert where(*told, drafts=(REPORT,)).follow_up is None


# --- whatever happens -------------------------------------------------------------------------------------------

VERDICTS = st.sampled_from([OK, OK, OK, BROKEN, LOCKED])
SOME = st.dictionaries(st.sampled_from(["A.pdf", "B.pdf", "x.pdf"]), VERDICTS)
ALL = st.fixed_dictionaries({"A.pdf": VERDICTS, "B.pdf": VERDICTS})
EVENTS = st.one_of(
    st.tuples(st.just("mail"), ALL | SOME, st.booleans()),
    st.just(("opened",)),
    st.tuples(st.just("wait"), st.sampled_from([1, 7, 30])),
    st.just(("approve",)),
    st.sampled_from([("approve",), ("discard",)]),
)
TWO = replace(CASE, annexes=CASE.annexes[:2])


def polled(deliveries: list[Delivery], drafts: list[Draft], hours: float) -> bool:
    """What a poll makes of the drafts; whether it changed anything."""
    place = at(*deliveries, drafts=tuple(drafts), hours=hours, case=TWO)
    pending = next((n for n, d in enumerate(drafts) if d.state is DraftState.PENDING), None)
    if pending is not None and (place.follow_up or place.stale):
        drafts[pending] = replace(drafts[pending], state=SUPERSEDED)
    if place.follow_up:
        drafts.append(drafted(place.follow_up))
    return bool(place.follow_up or place.stale)


@given(st.lists(EVENTS, min_size=5, max_size=25))
@settings(deadline=None, max_examples=200)
def test_a_second_poll_changes_nothing_and_no_letter_is_written_twice(events: list[tuple[Any, ...]]) -> None:
    deliveries, drafts, hours = [delivery(1, ("A.pdf", BROKEN), note=FINAL)], list[Draft](), 2
    for event in events:
        match event:
            case ("mail", files, final):
                deliveries.append(delivery(hours, *files.items(), note=FINAL if final else None))
            case ("opened",):
                deliveries.append(delivery(hours, opened="It opens for me."))
            case ("wait", days):
                hours += days * DAY
            case (decision,):
                state = APPROVED if decision == "approve" else DISCARDED
                when = MORNING + timedelta(hours=hours)
                waits = DraftState.PENDING
                drafts = [replace(d, state=state, decided=when) if d.state is waits else d for d in drafts]
        hours += 1
        polled(deliveries, drafts, hours)
        assert not polled(deliveries, drafts, hours)
        assert sum(d.state is DraftState.PENDING for d in drafts) <= 1
    sent = [d for d in drafts if d.state is APPROVED]
    kinds = Counter((d.kind, d.round) for d in sent)
    assert all(count == 1 for (kind, _), count in kinds.items() if kind is not DraftKind.REMINDER)
    silences = Counter(d.basis for d in drafts if d.kind is DraftKind.REMINDER and d.state in (APPROVED, DISCARDED))
    assert all(count <= 2 for count in silences.values())
    for number, draft in enumerate(sent):
        before = [d for d in sent[:number] if d.kind is DraftKind.REPORT]
        assert before or draft.kind is DraftKind.REPORT
        if draft.kind is DraftKind.REMINDER:
            assert all_asked_for(draft) <= all_asked_for(before[-1])
        if draft.kind is DraftKind.THANKS:
            assert sent[number - 1].kind is not DraftKind.THANKS
