"""A person's edits survive words that were made anew, or stand beside them."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from attachwatch.model import Draft, DraftKind, DraftState
from attachwatch.reply.revision import END, FRESH, YOURS, after, conflicts, merged, revised
from tests.reply.test_envelope import DRAFT

BASE = "Dear FOI Team,\n\n1. Annex A.pdf\n   It is empty.\n\nYours faithfully,\nA. Requester\n"
LATER = BASE.replace("\nYours", "\n2. Annex B.pdf\n   It is cut off.\n\nYours")

lines = st.lists(st.sampled_from(["", "a", "b", "c", "1. x.pdf", "   It is empty."]), max_size=12)
texts = lines.map("\n".join)


def test_what_the_person_added_stands_in_what_was_made_anew() -> None:
    edited = BASE.replace("\nYours", "\nMany thanks for your help.\n\nYours", 1).replace("FOI Team", "Ms Smith")
    made = merged(BASE, edited, LATER)
    assert "Dear Ms Smith," in made
    assert made.count("Many thanks for your help.") == 1
    assert "2. Annex B.pdf" in made


def test_what_the_person_deleted_stays_deleted() -> None:
    assert "It is empty" not in merged(BASE, BASE.replace("   It is empty.\n", ""), BASE.replace("Dear", "Hello"))


def test_two_changes_of_one_line_are_both_shown_and_counted() -> None:
    made = merged(BASE, BASE.replace("is empty", "has no pages"), BASE.replace("is empty", "is cut off"))
    assert conflicts(made) == 1
    inside = made[made.index(YOURS) : made.index(END)]
    assert inside.splitlines() == [YOURS, "   It has no pages.", FRESH, "   It is cut off."]


def test_the_same_change_on_both_sides_is_no_conflict() -> None:
    changed = BASE.replace("empty", "cut off")
    assert merged(BASE, changed, changed) == changed


@pytest.mark.parametrize("left", [YOURS, FRESH, END])
def test_a_mark_that_was_left_alone_is_still_a_conflict(left: str) -> None:
    assert conflicts(f"Dear FOI Team,\r\n  {left} \r\nThank you.\r\n") == 1


def test_a_files_name_that_looks_like_a_mark_is_none() -> None:
    assert conflicts(f"1. {YOURS}\n") == 0


def test_line_ends_of_a_browser_are_no_edit() -> None:
    assert merged(BASE, BASE.replace("\n", "\r\n"), LATER) == LATER


@settings(deadline=None)
@given(base=texts, fresh=texts)
def test_without_an_edit_the_fresh_words_stand(base: str, fresh: str) -> None:
    assert merged(base, base, fresh) == fresh


@settings(deadline=None)
@given(base=texts, edited=texts)
def test_without_fresh_words_the_edit_stands(base: str, edited: str) -> None:
    assert merged(base, edited, base) == edited


@settings(deadline=None)
@given(base=texts, edited=texts, fresh=texts)
def test_no_line_of_the_person_is_lost(base: str, edited: str, fresh: str) -> None:
    made = merged(base, edited, fresh).split("\n")
    known = base.split("\n")
    assert all(made.count(line) >= edited.split("\n").count(line) for line in edited.split("\n") if line not in known)


@settings(deadline=None)
@given(base=texts, edited=texts, fresh=texts)
def test_no_new_line_is_lost_where_nothing_is_left_to_choose(base: str, edited: str, fresh: str) -> None:
    made = merged(base, edited, fresh).split("\n")
    assert all(line in made for line in fresh.split("\n") if line not in base.split("\n"))


@settings(deadline=None)
@given(base=st.text(max_size=80), edited=st.text(max_size=80), fresh=st.text(max_size=80))
def test_any_text_is_merged(base: str, edited: str, fresh: str) -> None:
    assert conflicts(merged(base, edited, fresh)) >= 0


def test_long_letters_are_merged_at_once() -> None:
    base = "".join(f"{n}. Annex {n}.pdf\n   It is empty.\n\n" for n in range(5_000))
    edited = base.replace("7.pdf\n   It is empty", "7.pdf\n   It was empty")
    fresh = base.replace("1. Annex 1.pdf\n", "")
    assert "   It was empty.\n" in merged(base, edited, fresh)


# --- drafts -----------------------------------------------------------------------------------------------------

MADE = replace(DRAFT, message_id="<attachwatch.0123@newsroom.example>", body="a\nb\nc\n", generated="a\nb\nc\n")
FRESHLY = replace(MADE, message_id="<attachwatch.4567@newsroom.example>", body="a\nb\nc\nd\n", generated="a\nb\nc\nd\n")


def test_a_draft_that_was_edited_remembers_its_words_and_has_another_identifier() -> None:
    edited = revised(MADE, "a\nB\nc\n")
    assert (edited.body, edited.generated, edited.is_edited) == ("a\nB\nc\n", MADE.body, True)
    assert edited.message_id not in (MADE.message_id, revised(MADE, "other").message_id)
    assert edited.message_id == revised(revised(MADE, "other"), "a\nB\nc\n").message_id
    assert revised(edited, MADE.body) == MADE


def test_a_draft_of_an_old_ledger_is_as_it_was_generated_until_it_is_edited() -> None:
    old = replace(MADE, generated="")
    assert not old.is_edited
    assert revised(old, "x").generated == MADE.body


@pytest.mark.parametrize("state", [DraftState.PENDING, DraftState.SUPERSEDED])
def test_edits_of_a_draft_that_was_not_decided_on_are_in_the_next_one(state: DraftState) -> None:
    earlier = replace(revised(MADE, "a\nB\nc\n"), state=state)
    now = after(FRESHLY, [earlier])
    assert (now.body, now.generated) == ("a\nB\nc\nd\n", FRESHLY.body)


@pytest.mark.parametrize(
    "earlier",
    [
        MADE,
        replace(revised(MADE, "a\nB\nc\n"), state=DraftState.APPROVED),
        replace(revised(MADE, "a\nB\nc\n"), state=DraftState.DISCARDED),
        replace(revised(MADE, "a\nB\nc\n"), kind=DraftKind.REMINDER),
    ],
)
def test_others_are_not(earlier: Draft) -> None:
    assert after(FRESHLY, [earlier]) == FRESHLY


def test_edits_outlive_many_drafts_and_what_was_decided_on_ends_them() -> None:
    second = after(FRESHLY, [revised(MADE, "a\nB\nc\n")])
    third = after(replace(MADE, body="a\nb\nc\ne\n", generated="a\nb\nc\ne\n"), [second])
    assert third.body == "a\nB\nc\ne\n"
    assert after(FRESHLY, [third, replace(third, state=DraftState.APPROVED)]).body == FRESHLY.body


def test_no_two_drafts_of_a_case_have_one_identifier() -> None:
    drafts = [MADE]
    for body in ("a\nB\nc\n", MADE.body, "x\n"):
        drafts.append(after(replace(MADE, body=body, generated=body), drafts))
        drafts[-1] = revised(drafts[-1], f"{body}mine\n")
    assert len({d.message_id for d in drafts}) == 4
    assert all(d.message_id.endswith("@newsroom.example>") for d in drafts)
