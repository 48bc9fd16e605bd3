"""What the authority's own words say of annexes: what is proposed to the user, and what is not called missing."""

from dataclasses import replace
from datetime import timedelta

import pytest

from attachwatch.cases.progress import Progress, progress
from attachwatch.cases.standing import Delivery, Told
from attachwatch.model import CaseState, Fate, NamedAnnex, SendingNote
from tests.cases.builders import CASE, MORNING, OK, delivery, where

FINAL = SendingNote(final=True)


def told(by: Delivery, label: str, fate: Fate, *, listed: bool = True) -> Told:
    named = NamedAnnex(label, "annex", None, fate, f"Annex {label} is {fate}.")
    return Told(named, by.message, label if listed else None)


def after(*deliveries: Delivery, says: tuple[Told, ...]) -> Progress:
    found = where(*deliveries)
    standing = replace(found.standing, told=says)
    return progress(CASE, standing, (), MORNING.replace(month=12))


def missing(found: Progress) -> list[str]:
    return [a.label for a in found.follow_up.missing] if found.follow_up else []


@pytest.mark.parametrize("fate", [Fate.REFUSED, Fate.ELSEWHERE, Fate.INSIDE])
def test_what_is_refused_posted_or_in_the_letter_is_not_asked_for(fate: Fate) -> None:
    sent = delivery(1, ("A.pdf", OK), ("B.pdf", OK), note=FINAL)
    found = after(sent, says=(told(sent, "C", fate),))
    assert (missing(found), found.state) == ([], CaseState.COMPLETE)
    assert found.standing.excused["C"].annex.sentence == f"Annex C is {fate}."


def test_what_is_said_to_have_been_sent_before_is_asked_for() -> None:
    sent = delivery(1, ("A.pdf", OK), ("B.pdf", OK), note=FINAL)
    assert missing(after(sent, says=(told(sent, "C", Fate.EARLIER),))) == ["C"]


def test_what_is_still_to_come_is_asked_for_once_more_has_come() -> None:
    first = delivery(1, ("A.pdf", OK))
    last = delivery(2, ("B.pdf", OK), note=FINAL)
    assert missing(after(first, says=(told(first, "C", Fate.PENDING),))) == ["B"]
    assert missing(after(first, last, says=(told(first, "C", Fate.PENDING),))) == ["C"]
    promised_again = after(first, last, says=(told(last, "C", Fate.PENDING),))
    assert (missing(promised_again), promised_again.state) == ([], CaseState.RECEIVING)


def test_what_is_still_to_come_is_promised_once_the_quiet_period_and_the_day_they_named_are_over() -> None:
    sent = delivery(1, ("A.pdf", OK), ("B.pdf", OK))
    said, received = told(sent, "C", Fate.PENDING), sent.message.received
    patience, named = timedelta(days=2), (received + timedelta(days=9)).date()
    assert said.by(received + timedelta(hours=47), patience, None) == said
    assert said.by(received + timedelta(days=9), patience, named) == said
    over = said.by(received + timedelta(days=2), patience, None)
    assert over.annex.fate is said.by(received + timedelta(days=10), patience, named).annex.fate is Fate.SENT
    assert missing(after(sent, says=(over,))) == ["C"]
    refused = told(sent, "C", Fate.REFUSED)
    assert refused.by(received + timedelta(days=99), patience, None) == refused


def test_the_last_word_counts() -> None:
    first, last = delivery(1, ("A.pdf", OK), ("B.pdf", OK)), delivery(2, ("A.pdf", OK), note=FINAL)
    says = (told(first, "C", Fate.REFUSED), told(last, "C", Fate.SENT))
    assert missing(after(first, last, says=says)) == ["C"]


def test_what_came_after_all_needs_no_excuse() -> None:
    sent = delivery(1, ("A.pdf", OK), ("B.pdf", OK), ("C.pdf", OK), note=FINAL)
    assert after(sent, says=(told(sent, "C", Fate.REFUSED),)).standing.excused == {}


def test_what_is_promised_and_on_no_list_is_proposed_once() -> None:
    sent = delivery(1, ("A.pdf", OK))
    says = tuple(told(sent, x, f, listed=False) for x, f in (("D", Fate.SENT), ("D", Fate.SENT), ("E", Fate.REFUSED)))
    assert [t.annex.label for t in after(sent, says=says).standing.proposed] == ["D"]
