"""Progress: when a round has ended, what the reply then names, and when it is made anew."""

from dataclasses import replace
from datetime import timedelta

import pytest

from attachwatch.cases.standing import stand
from attachwatch.model import Annex, CaseState, DraftState, Matching, Membership, SendingNote, Verdict
from tests.cases.builders import BROKEN, CASE, LOCKED, OK, delivery, drafted, named, where

FINAL = SendingNote(final=True)
APPROVED = DraftState.APPROVED


# --- when a round has ended -----------------------------------------------------------------------------------


def test_nothing_is_said_before_anything_came() -> None:
    assert where().state is CaseState.RECEIVING
    assert where().follow_up is None


def test_nothing_is_said_while_emails_are_awaited() -> None:
    place = where(delivery(1, ("A.pdf", BROKEN), note=SendingNote(number=1)))
    assert (place.state, place.follow_up) == (CaseState.RECEIVING, None)


def test_the_final_email_ends_the_round() -> None:
    place = where(delivery(1, ("A.pdf", BROKEN)), delivery(2, ("B.pdf", OK), ("C.pdf", OK), note=FINAL))
    assert named(place) == ["A.pdf"]
    assert place.state is CaseState.REVIEW_DRAFT


def test_a_numbered_final_email_waits_for_those_before_it() -> None:
    one, two = delivery(1, ("A.pdf", BROKEN), note=SendingNote(1)), delivery(2, ("B.pdf", OK), note=SendingNote(2))
    three = delivery(3, ("C.pdf", OK), note=SendingNote(3, final=True))
    assert where(one, three).follow_up is None
    assert named(where(one, three, two)) == ["A.pdf"]


def test_email_2_of_3_waits_for_the_third() -> None:
    one, two = (delivery(n, ("A.pdf", BROKEN), note=SendingNote(n, 3)) for n in (1, 2))
    assert where(one, two).follow_up is None


def test_silence_ends_the_round() -> None:
    came = delivery(1, ("A.pdf", BROKEN))
    assert where(came, hours_later=47).follow_up is None
    assert named(where(came, hours_later=48)) == ["A.pdf"]


def test_an_acknowledgement_alone_ends_nothing() -> None:
    assert where(delivery(1), hours_later=1000).follow_up is None


def test_an_automatic_reply_is_no_answer() -> None:
    place = where(delivery(1, ("A.pdf", BROKEN)), delivery(2, note=FINAL, automatic="auto-replied"))
    assert place.follow_up is None


@pytest.mark.parametrize("why", ["auto-generated", "auto-replied", "bounce", "bulk"])
def test_an_answer_with_files_from_a_ticket_system_is_an_answer(why: str) -> None:
    place = where(delivery(1, ("A.pdf", BROKEN), ("B.pdf", OK), ("C.pdf", OK), note=FINAL, automatic=why))
    assert named(place) == ["A.pdf"]


def test_automatic_mail_without_files_does_not_break_the_silence() -> None:
    answer, absent = delivery(1, ("A.pdf", BROKEN)), delivery(40, automatic="auto-replied")
    assert named(where(answer, absent, hours_later=48)) == ["A.pdf"]
    assert len(where(answer, absent).standing.deliveries) == 1


# --- what the reply names ---------------------------------------------------------------------------------------


def test_files_are_named_in_the_order_of_the_list_and_missing_ones_apart() -> None:
    place = where(delivery(1, ("C.pdf", LOCKED), ("A.pdf", BROKEN), note=FINAL))
    assert named(place) == ["A.pdf", "C.pdf"]
    assert place.follow_up
    assert [a.label for a in place.follow_up.missing] == ["B"]


def test_a_file_that_opens_or_was_not_judged_is_never_named() -> None:
    place = where(delivery(1, ("A.pdf", OK), ("B.pdf", Verdict.UNCHECKED), ("C.pdf", OK), note=FINAL))
    assert place.follow_up is None
    assert place.state is CaseState.COMPLETE


def test_files_without_a_name_do_not_stand_for_one_another() -> None:
    place = where(delivery(1, ("part-2.pdf", BROKEN)), delivery(2, ("part-2.pdf", OK), note=FINAL))
    assert named(place) == ["part-2.pdf"]


def test_what_may_be_in_an_archive_that_was_not_unpacked_is_not_called_missing() -> None:
    place = where(delivery(1, ("A.pdf", BROKEN), ("Annexes.zip", Verdict.UNCHECKED), note=FINAL))
    assert named(place) == ["A.pdf"]
    assert place.follow_up
    assert place.follow_up.missing == ()


def test_a_case_whose_annexes_may_be_in_such_an_archive_is_not_complete() -> None:
    place = where(delivery(1, ("A.pdf", OK), ("Annexes.zip", Verdict.UNCHECKED), note=FINAL))
    assert place.follow_up is None
    assert place.state is CaseState.RECEIVING


def test_a_file_for_several_annexes_is_named_once() -> None:
    place = where(delivery(1, ("A+B.pdf", BROKEN), ("C.pdf", OK), note=FINAL))
    assert place.follow_up
    assert [p.labels for p in place.follow_up.problems] == [("A", "B")]


def test_a_broken_letter_beside_the_annexes_is_named_after_them() -> None:
    place = where(delivery(1, ("letter.pdf", BROKEN), ("A.pdf", BROKEN), ("B.pdf", OK), ("C.pdf", OK), note=FINAL))
    assert named(place) == ["A.pdf", "letter.pdf"]


def test_a_stray_file_of_a_message_that_names_no_case_is_shown_but_not_complained_of() -> None:
    stray = delivery(2, ("newsletter.pdf", BROKEN), membership=Membership.ONLY_CASE)
    place = where(delivery(1, ("A.pdf", BROKEN), ("B.pdf", OK), ("C.pdf", OK), note=FINAL), stray)
    assert named(place) == ["A.pdf"]
    assert [f.attachment.name for f in place.standing.unexpected] == ["newsletter.pdf"]


def test_without_a_list_every_file_that_does_not_open_is_named() -> None:
    case = replace(CASE, annexes=())
    place = where(delivery(1, ("x.pdf", BROKEN), ("y.pdf", OK), note=FINAL), case=case)
    assert named(place) == ["x.pdf"]


def test_the_later_copy_of_an_annex_counts() -> None:
    place = where(delivery(1, ("A.pdf", BROKEN)), delivery(2, ("A.pdf", OK), ("B.pdf", OK), ("C.pdf", OK), note=FINAL))
    assert place.state is CaseState.COMPLETE
    assert len(place.standing.annexes[0].history) == 2


def test_the_same_message_in_two_folders_counts_once() -> None:
    came = delivery(1, ("A.pdf@x", BROKEN))
    copy = replace(came, message=replace(came.message, id=9))
    assert len(where(came, copy).standing.deliveries) == 1


# --- the second round ---------------------------------------------------------------------------------------------

ROUND_ONE = (delivery(1, ("A.pdf@a", BROKEN), ("B.pdf", BROKEN)), delivery(2, ("C.pdf", OK), note=FINAL))
FIRST = drafted(where(*ROUND_ONE).follow_up)
FIRST_APPROVED = replace(FIRST, state=APPROVED)


def test_a_draft_is_made_once() -> None:
    again = where(*ROUND_ONE, drafts=(FIRST,))
    assert (again.follow_up, again.stale, again.state) == (None, False, CaseState.REVIEW_DRAFT)


def test_after_approval_the_case_waits_for_the_files_to_come_again() -> None:
    assert where(*ROUND_ONE, drafts=(FIRST_APPROVED,)).state is CaseState.WAITING_FOR_RESEND


def test_a_discarded_draft_does_not_come_back_by_itself() -> None:
    assert where(*ROUND_ONE, drafts=(replace(FIRST, state=DraftState.DISCARDED),)).follow_up is None


def test_the_second_reply_waits_until_all_that_was_asked_for_came_again() -> None:
    some = where(*ROUND_ONE, delivery(3, ("A.pdf", OK)), drafts=(FIRST_APPROVED,))
    assert (some.follow_up, some.state) == (None, CaseState.RECEIVING)


def test_the_second_reply_names_only_what_is_still_broken() -> None:
    place = where(*ROUND_ONE, delivery(3, ("A.pdf", OK)), delivery(4, ("B.pdf", BROKEN)), drafts=(FIRST_APPROVED,))
    assert named(place) == ["B.pdf"]
    assert place.follow_up
    assert (place.follow_up.round, place.follow_up.cured) == (2, ("A",))
    assert [m.id for m in place.follow_up.emails] == [3, 4]


def test_all_cured_completes_the_case() -> None:
    place = where(*ROUND_ONE, delivery(3, ("A.pdf", OK), ("B.pdf", OK)), drafts=(FIRST_APPROVED,))
    assert place.state is CaseState.COMPLETE


def test_a_re_send_of_the_very_bytes_is_said_to_be_unchanged() -> None:
    place = where(*ROUND_ONE, delivery(3, ("A.pdf@a", BROKEN), ("B.pdf", BROKEN)), drafts=(FIRST_APPROVED,))
    assert place.follow_up
    assert [p.unchanged for p in place.follow_up.problems] == [True, False]


@pytest.mark.parametrize("state", [DraftState.SUPERSEDED, DraftState.DISCARDED])
def test_what_was_drafted_and_never_approved_was_not_complained_of(state: DraftState) -> None:
    """The first letter that is approved is the first that they get, however often they sent."""
    again = delivery(3, ("A.pdf@a", BROKEN), ("B.pdf", BROKEN), note=FINAL)
    place = where(*ROUND_ONE, again, drafts=(replace(FIRST, state=state),))
    assert place.follow_up
    assert [p.unchanged for p in place.follow_up.problems] == [False, False]
    assert (place.follow_up.written, place.follow_up.asked, place.follow_up.cured) == (0, None, ())
    assert [m.id for m in place.follow_up.emails] == [1, 2, 3]
    after_one = where(*ROUND_ONE, again, drafts=(FIRST_APPROVED,)).follow_up
    assert after_one
    assert (after_one.written, [m.id for m in after_one.emails]) == (1, [3])


def test_the_bytes_of_another_annex_are_no_copy_of_this_one() -> None:
    place = where(*ROUND_ONE, delivery(3, ("A.pdf", BROKEN), ("B.pdf@a", BROKEN)), drafts=(FIRST_APPROVED,))
    assert place.follow_up
    assert [p.unchanged for p in place.follow_up.problems] == [False, False]


def test_re_sends_make_a_pending_draft_stale_at_once() -> None:
    place = where(*ROUND_ONE, delivery(3, ("A.pdf", OK)), drafts=(FIRST,))
    assert (place.stale, place.follow_up) == (True, None)
    superseded = replace(FIRST, state=DraftState.SUPERSEDED)
    done = where(*ROUND_ONE, delivery(3, ("A.pdf", OK)), delivery(4, ("B.pdf", BROKEN)), drafts=(superseded,))
    assert named(done) == ["B.pdf"]
    assert done.round == 2


def test_silence_ends_a_round_of_re_sends_too() -> None:
    place = where(*ROUND_ONE, delivery(3, ("A.pdf", OK)), drafts=(FIRST_APPROVED,), hours_later=48)
    assert named(place) == ["B.pdf"]


def test_what_was_called_missing_holds_nothing_up() -> None:
    case = replace(CASE, annexes=(*CASE.annexes, Annex("D", "Annex")))
    first = drafted(where(*ROUND_ONE, case=case).follow_up, APPROVED)
    place = where(*ROUND_ONE, delivery(3, ("A.pdf", OK), ("B.pdf", BROKEN)), drafts=(first,), case=case)
    assert named(place) == ["B.pdf"]
    assert place.follow_up
    assert [a.label for a in place.follow_up.missing] == ["D"]


def test_a_newsletter_of_the_authority_begins_no_round() -> None:
    news = delivery(3, ("newsletter.pdf", BROKEN), membership=Membership.ONLY_CASE)
    place = where(*ROUND_ONE, news, drafts=(FIRST_APPROVED,), hours_later=1000)
    assert (place.follow_up, place.state) == (None, CaseState.WAITING_FOR_RESEND)
    again = where(*ROUND_ONE, news, drafts=())
    assert again.follow_up
    assert (again.follow_up.answers.id, len(again.follow_up.emails)) == (2, 2)


def test_an_email_that_numbers_itself_is_part_of_the_response_whatever_it_carries() -> None:
    letter = delivery(1, ("letter.pdf", OK), note=SendingNote(1), membership=Membership.ONLY_CASE)
    rest = delivery(2, ("A.pdf", BROKEN), ("B.pdf", OK), ("C.pdf", OK), note=SendingNote(2, final=True))
    assert named(where(letter, rest)) == ["A.pdf"]


def test_a_late_email_of_the_first_round_makes_its_pending_draft_anew() -> None:
    late = delivery(3, ("letter.pdf", BROKEN))
    place = where(*ROUND_ONE, late, drafts=(FIRST,))
    assert place.round == 1
    assert place.stale
    assert named(place) == ["A.pdf", "B.pdf", "letter.pdf"]


def test_a_mere_note_from_the_authority_changes_no_draft() -> None:
    place = where(*ROUND_ONE, delivery(3), drafts=(FIRST,))
    assert (place.follow_up, place.stale) == (None, False)


def test_a_new_judgement_of_the_same_bytes_makes_the_pending_draft_anew() -> None:
    mended = (delivery(1, ("A.pdf@a", OK), ("B.pdf", BROKEN)), ROUND_ONE[1])
    place = where(*mended, drafts=(FIRST,))
    assert named(place) == ["B.pdf"]
    assert (place.round, place.stale) == (1, True)


def test_a_third_round_follows_the_second() -> None:
    again = delivery(3, ("A.pdf", OK), ("B.pdf", BROKEN))
    second = drafted(where(*ROUND_ONE, again, drafts=(FIRST_APPROVED,)).follow_up, APPROVED)
    third = where(*ROUND_ONE, again, delivery(4, ("B.pdf", LOCKED)), drafts=(FIRST_APPROVED, second))
    assert third.follow_up
    assert (third.round, third.follow_up.cured, [m.id for m in third.follow_up.emails]) == (3, (), [4])


def test_the_quiet_period_is_the_cases_own() -> None:
    hasty = replace(CASE, quiet_period=timedelta(hours=1))
    assert named(where(delivery(1, ("A.pdf", BROKEN)), case=hasty)) == ["A.pdf"]


def test_what_is_packed_under_the_name_of_a_decoration_is_none_while_it_is_packed() -> None:
    came = (delivery(1, ("smime.zip", LOCKED), ("picture.png", OK)),)
    standing = stand(CASE, came, Matching(unexpected=(), ignored=(0, 1)))
    assert [f.attachment.name for f in standing.unopened] == ["smime.zip"]
    assert [f.attachment.name for f in standing.files] == ["smime.zip"]
