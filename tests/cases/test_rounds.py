"""Which messages form one response, and which bring again what came before."""

from dataclasses import replace
from datetime import timedelta

from attachwatch.cases.rounds import Part, answered_on, parts
from attachwatch.cases.standing import Delivery, Standing
from attachwatch.model import Draft, DraftState, Membership, SendingNote
from tests.cases.builders import BROKEN, CASE, OK, delivery, drafted, where

FINAL = SendingNote(final=True)
ROUND_ONE = (delivery(1, ("A.pdf", BROKEN), ("B.pdf", BROKEN)), delivery(2, ("C.pdf", OK), note=FINAL))
FIRST = drafted(where(*ROUND_ONE).follow_up, DraftState.APPROVED)


def told(*deliveries: Delivery, drafts: tuple[Draft, ...] = ()) -> list[Part]:
    place = where(*deliveries, drafts=drafts)
    return list(parts(place.standing, drafts, place.round))


def test_the_emails_of_one_answer_are_one_round() -> None:
    assert [(p.round, p.brings, p.resends) for p in told(*ROUND_ONE)] == [(1, ("A", "B"), ()), (1, ("C",), ())]


def test_what_comes_after_our_reply_is_the_next_and_re_sends_are_told() -> None:
    again = told(*ROUND_ONE, delivery(3, ("A.pdf", OK), ("letter.pdf", OK)), drafts=(FIRST,))[-1]
    assert (again.round, again.brings, again.resends) == (2, ("letter.pdf",), ("A",))


def test_a_file_on_no_list_is_known_again_by_its_name() -> None:
    first, second = told(delivery(1, ("Letter 1.pdf", BROKEN)), delivery(2, ("letter_1.PDF", OK)))
    assert (first.brings, second.resends) == (("Letter 1.pdf",), ("letter_1.PDF",))


def test_rounds_are_those_of_the_drafts() -> None:
    again = delivery(3, ("A.pdf", OK), ("B.pdf", BROKEN))
    second = drafted(where(*ROUND_ONE, again, drafts=(FIRST,)).follow_up, DraftState.APPROVED)
    third = told(*ROUND_ONE, again, delivery(4, ("B.pdf", OK)), drafts=(FIRST, second))
    assert [p.round for p in third] == [1, 1, 2, 3]


def test_a_message_that_is_here_by_chance_is_of_no_round() -> None:
    news = delivery(3, ("newsletter.pdf", OK), membership=Membership.ONLY_CASE)
    assert [p.round for p in told(*ROUND_ONE, news)] == [1, 1, None]


# --- when the answer was there ----------------------------------------------------------------------------------


def answered(*deliveries: Delivery, drafts: tuple[Draft, ...] = (), hours_later: float = 1) -> int | None:
    """The number of the email with which the answer was whole."""
    standing: Standing = where(*deliveries).standing
    last = max(d.message.received for d in deliveries)
    when = answered_on(CASE, standing, drafts, last + timedelta(hours=hours_later))
    return next((d.message.id for d in deliveries if d.message.received == when), None)


def test_the_answer_is_there_with_its_final_email() -> None:
    assert answered(ROUND_ONE[0]) is None
    assert answered(*ROUND_ONE) == 2
    assert answered(delivery(1, note=FINAL)) == 1


def test_after_an_internal_review_was_asked_for_its_answer_is_awaited() -> None:
    answer, receipt, review = ROUND_ONE[1], delivery(300), delivery(400, ("A.pdf", OK), note=FINAL)
    case = replace(CASE, review_requested=receipt.message.received.date())

    def answered_in(*deliveries: Delivery) -> object:
        place = where(*deliveries, drafts=(FIRST,)).standing
        return answered_on(case, place, (FIRST,), review.message.received)

    assert answered_in(ROUND_ONE[0], answer) is None
    assert answered_in(ROUND_ONE[0], answer, receipt) is None
    assert answered_in(ROUND_ONE[0], answer, receipt, review) == review.message.received


def test_or_with_the_last_before_a_silence() -> None:
    assert answered(delivery(1), delivery(2, ("A.pdf", OK)), hours_later=48) == 2


def test_an_acknowledgement_is_no_answer() -> None:
    assert answered(delivery(1), hours_later=1000) is None


def test_re_sends_do_not_put_it_off() -> None:
    assert answered(*ROUND_ONE, delivery(3, ("A.pdf", OK)), drafts=(FIRST,)) == 2


def test_a_later_word_does_not_put_it_off_where_nothing_was_drafted() -> None:
    whole = delivery(1, ("A.pdf", OK), ("B.pdf", OK), ("C.pdf", OK), note=replace(FINAL))
    assert answered(whole, delivery(90)) == 1
