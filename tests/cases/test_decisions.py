"""What a person decided stays decided, through all that comes later, until the person decides otherwise."""

from dataclasses import replace
from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from attachwatch.cases import decisions as decided
from attachwatch.cases.progress import Progress, progress
from attachwatch.cases.standing import Delivery, Standing, Told, counted, notice_key, stand
from attachwatch.model import (
    CaseState,
    Decides,
    Decision,
    DraftState,
    Fate,
    Finding,
    Match,
    Matching,
    NamedAnnex,
    Notice,
    SendingNote,
)
from tests.cases.builders import BROKEN, CASE, MORNING, OK, delivery, drafted

FINAL = SendingNote(final=True)
TODAY = MORNING.date()


def decision(number: int, kind: Decides, subject: str = "", value: str = "", *, hours: float = 0) -> Decision:
    return Decision(CASE.reference, kind, subject, value, MORNING + timedelta(hours=hours), number)


def put(file: str, annex: str = "", *, number: int = 1, hours: float = 100, part: bool = False) -> Decision:
    return decision(number, Decides.PART if part else Decides.FILE, file, annex, hours=hours)


def standing(*deliveries: Delivery, by: tuple[Decision, ...] = (), today: date = TODAY) -> Standing:
    """Where the case stands, after the rule that "A.pdf" is Annex A, and after decisions."""
    kept = counted(deliveries)
    files = [f for d in kept for f in d.files]
    places = {f"{a.label}.pdf": n for n, a in enumerate(CASE.annexes)}
    names = [f.attachment.name for f in files]
    matches = tuple(
        sorted((Match(places[x], n, "label") for n, x in enumerate(names) if x in places), key=lambda m: m.annex)
    )
    matching = Matching(matches, tuple(n for n, x in enumerate(names) if x not in places))
    in_force = decided.in_force(by)
    return stand(CASE, kept, decided.as_put(CASE, files, matching, in_force), decided.aside(in_force, today))


def shown(place: Standing) -> dict[str, list[str]]:
    annexes = {s.annex.label: [f.attachment.sha256 for f in s.files] for s in place.annexes if s.files}
    return annexes | ({"": [f.attachment.sha256 for f in place.unexpected]} if place.unexpected else {})


def going(place: Standing, *drafts: object, closed: str | None = None) -> Progress:
    return progress(CASE, place, drafts, MORNING + timedelta(days=9), closed)  # type: ignore[arg-type]


# --- files ------------------------------------------------------------------------------------------------------


def test_a_file_is_the_annex_on_which_it_was_put_and_says_so() -> None:
    place = standing(delivery(1, ("scan.pdf@s", OK)), by=(put("s", "B"),))
    assert shown(place) == {"B": ["s"]}
    assert place.annexes[1].reason == f"put there by hand on {(MORNING + timedelta(hours=100)).astimezone():%Y-%m-%d}"


def test_a_file_that_was_put_aside_is_no_annex_whatever_its_name() -> None:
    assert shown(standing(delivery(1, ("A.pdf@a", OK)), by=(put("a"),))) == {"": ["a"]}


def test_it_stays_so_when_other_mail_comes() -> None:
    first, later = delivery(1, ("A.pdf@a", BROKEN)), delivery(200, ("B.pdf@b", OK), ("C.pdf@c", OK))
    assert shown(standing(first, later, by=(put("a", "C", hours=2),))) == {"B": ["b"], "C": ["c"]}
    assert shown(standing(first, delivery(200, ("B.pdf@b", OK)), by=(put("a", "C", hours=2),))) == {
        "B": ["b"],
        "C": ["a"],
    }


def test_it_counts_before_what_the_rules_had_put_there() -> None:
    assert shown(standing(delivery(1, ("scan.pdf@s", OK)), delivery(2, ("A.pdf@a", BROKEN)), by=(put("s", "A"),))) == {
        "A": ["s"]
    }


def test_the_same_bytes_that_come_again_are_the_same_annex() -> None:
    place = standing(delivery(1, ("x.pdf@s", OK)), delivery(200, ("y.pdf@s", OK)), by=(put("s", "A", hours=2),))
    assert [f.attachment.name for f in place.annexes[0].history] == ["x.pdf", "y.pdf"]


def test_a_new_copy_under_the_name_of_what_does_not_open_replaces_it() -> None:
    first, again = delivery(1, ("scan.pdf@s", BROKEN)), delivery(200, ("Scan.PDF@t", OK))
    assert shown(standing(first, again, by=(put("s", "A", hours=2),))) == {"A": ["t"]}


def test_a_later_file_of_that_name_is_no_new_copy_where_the_first_opens_or_two_were_put() -> None:
    opens, broken = delivery(1, ("scan.pdf@s", OK)), delivery(1, ("scan.pdf@s", BROKEN), ("scan.pdf@t", BROKEN))
    again = delivery(200, ("scan.pdf@u", OK))
    assert shown(standing(opens, again, by=(put("s", "A", hours=2),))) == {"A": ["s"], "": ["u"]}
    two = (put("s", "A", number=1, hours=2), put("t", "B", number=2, hours=2))
    assert shown(standing(broken, again, by=two)) == {"A": ["s"], "B": ["t"], "": ["u"]}


def test_parts_count_together_and_one_file_can_be_several_annexes() -> None:
    came = delivery(1, ("x.pdf@x", OK), ("y.pdf@y", OK))
    parts = (put("x", "A", number=1, part=True), put("y", "A", number=2, part=True))
    assert shown(standing(came, by=parts)) == {"A": ["x", "y"]}
    assert shown(standing(came, by=(put("x", "A\nB"),))) == {"A": ["x"], "B": ["x"], "": ["y"]}


def test_a_decision_on_an_annex_that_is_on_the_list_no_longer_changes_nothing() -> None:
    assert shown(standing(delivery(1, ("A.pdf@a", OK)), by=(put("a", "Z"),))) == {"A": ["a"]}


def test_the_last_decision_counts_and_one_undone_does_not() -> None:
    came = delivery(1, ("scan.pdf@s", OK))
    first, second = put("s", "A", number=1), put("s", "B", number=2)
    undo, redo = decision(3, Decides.UNDONE, "2"), decision(4, Decides.UNDONE, "3")
    assert shown(standing(came, by=(first, second))) == {"B": ["s"]}
    assert shown(standing(came, by=(first, second, undo))) == {"A": ["s"]}
    assert shown(standing(came, by=(first, second, undo, redo))) == {"B": ["s"]}


@given(st.lists(st.tuples(st.sampled_from("xyz"), st.sampled_from(["", "A", "B", "C", "Z"])), max_size=6))
def test_no_decision_loses_a_file_or_has_it_in_two_places(said: list[tuple[str, str]]) -> None:
    came = delivery(1, ("A.pdf@x", OK), ("B.pdf@y", BROKEN), ("other.pdf@z", OK))
    files = came.files
    matching = Matching((Match(0, 0, "label"), Match(1, 1, "label")), (2,))
    made = decided.as_put(CASE, files, matching, [put(f, a, number=n) for n, (f, a) in enumerate(said, 1)])
    placed = [m.received for m in made.matches]
    assert sorted([*placed, *made.unexpected]) == [0, 1, 2]


# --- annexes ----------------------------------------------------------------------------------------------------


def closed(label: str, why: str = "received on paper", number: int = 1) -> Decision:
    return decision(number, Decides.ANNEX_CLOSED, label, why)


def test_a_closed_annex_is_neither_missing_nor_complained_of_and_says_why() -> None:
    came = delivery(1, ("A.pdf@a", BROKEN), ("C.pdf@c", OK), note=FINAL)
    assert going(standing(came)).state is CaseState.REVIEW_DRAFT
    place = standing(came, by=(closed("A"), closed("B", "no longer wanted", 2)))
    assert [(s.state, s.reason) for s in place.annexes] == [
        ("closed", "received on paper"),
        ("closed", "no longer wanted"),
        ("ok", "label"),
    ]
    assert (place.missing, place.accused) == ((), ())
    assert going(place).state is CaseState.COMPLETE


def test_a_file_that_opens_is_shown_although_its_annex_was_closed() -> None:
    assert standing(delivery(1, ("A.pdf", OK)), by=(closed("A"),)).annexes[0].state == "ok"


def test_a_suspended_annex_is_awaited_again_from_that_day_on() -> None:
    came = delivery(1, ("A.pdf", OK), ("C.pdf", OK), note=FINAL)
    wait = decision(1, Decides.ANNEX_SUSPENDED, "B", (TODAY + timedelta(days=5)).isoformat())
    place = standing(came, by=(wait,), today=TODAY + timedelta(days=4))
    assert (place.annexes[1].state, place.missing) == ("suspended", ())
    assert going(place).state is CaseState.RECEIVING
    assert [a.label for a in standing(came, by=(wait,), today=TODAY + timedelta(days=5)).missing] == ["B"]


def test_an_annex_that_is_to_come_by_post_is_asked_for_again_when_it_did_not() -> None:
    first = delivery(1, ("A.pdf", OK), ("B.pdf@b", BROKEN), ("C.pdf", BROKEN), note=FINAL)
    post = decision(1, Decides.ANNEX_POSTED, "B", (TODAY + timedelta(days=14)).isoformat(), hours=30)
    waiting = standing(first, by=(post,), today=TODAY + timedelta(days=13))
    since = (TODAY + timedelta(days=1)).isoformat()
    assert waiting.annexes[1].state == "suspended"
    assert waiting.annexes[1].reason.startswith(f"to come by post since {since}")
    assert [f.attachment.name for f in waiting.accused] == ["C.pdf"]
    assert waiting.resumed is None
    approved = drafted(going(waiting).follow_up, DraftState.APPROVED)
    over = standing(first, by=(post,), today=TODAY + timedelta(days=14))
    assert over.resumed == TODAY + timedelta(days=14)
    again = going(over, approved).follow_up
    assert again is not None
    assert [p.labels for p in again.problems] == [("B",), ("C",)]  # one that the last reply did not ask for
    assert going(over, drafted(again, DraftState.DISCARDED)).follow_up is None  # but once


def test_an_offer_of_the_authority_excuses_no_longer_once_the_user_has_waited_for_the_post() -> None:
    first = delivery(1, ("A.pdf", OK), ("B.pdf", OK), note=FINAL)
    offer = Told(NamedAnnex("C", "annex", None, Fate.ELSEWHERE, "We will post Annex C."), first.message, "C")
    later = replace(offer, message=delivery(500).message, annex=replace(offer.annex, fate=Fate.REFUSED))
    post = decision(1, Decides.ANNEX_POSTED, "C", (TODAY + timedelta(days=14)).isoformat(), hours=30)
    over = standing(first, by=(post,), today=TODAY + timedelta(days=14))
    assert [a.label for a in replace(over, told=(offer,)).unexplained] == ["C"]
    assert replace(over, told=(offer, later)).unexplained == ()  # which they said since
    assert replace(standing(first), told=(offer,)).unexplained == ()


def test_a_draft_that_asks_for_a_closed_annex_is_stale_and_a_round_does_not_wait_for_it() -> None:
    came = delivery(1, ("A.pdf@a", BROKEN), ("B.pdf@b", BROKEN), ("C.pdf", OK), note=FINAL)
    draft = drafted(going(standing(came)).follow_up)
    after = going(standing(came, by=(closed("A"),)), draft)
    assert after.stale
    assert after.follow_up is not None
    assert [p.labels for p in after.follow_up.problems] == [("B",)]
    approved = drafted(going(standing(came)).follow_up, DraftState.APPROVED)
    again = delivery(2, ("B.pdf@b2", BROKEN))
    now = MORNING + timedelta(hours=3)
    assert progress(CASE, standing(came, again), (approved,), now).state is CaseState.RECEIVING
    assert progress(CASE, standing(came, again, by=(closed("A"),)), (approved,), now).follow_up is not None


# --- notices and cases ------------------------------------------------------------------------------------------


def test_a_dismissed_notice_is_told_of_no_more_and_other_news_of_the_message_is() -> None:
    mail = delivery(1, ("A.pdf", OK), note=FINAL)
    told = [Notice(mail.message, Finding("cloud-link", "A link", {"service": s})) for s in ("Box", "Dropbox")]
    mail = Delivery(mail.message, mail.membership, mail.note, mail.files, tuple(told))
    dismissed = decision(1, Decides.NOTICE_DISMISSED, notice_key(told[0]))
    assert standing(mail).notices == tuple(told)
    assert standing(mail, by=(dismissed,)).notices == (told[1],)


def test_a_closed_case_drafts_nothing_until_it_is_reopened() -> None:
    came = delivery(1, ("A.pdf@a", BROKEN), note=FINAL)
    shut = decision(1, Decides.CASE_CLOSED, value="appealed")
    assert decided.closed([shut]) == "appealed"
    assert decided.closed([shut, decision(2, Decides.CASE_REOPENED)]) is None
    draft = drafted(going(standing(came)).follow_up)
    after = going(standing(came), draft, closed="appealed")
    assert (after.state, after.follow_up, after.stale) == (CaseState.CLOSED, None, True)
