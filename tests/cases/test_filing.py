"""Filing: by the sender first, then by reference, thread, and the only case there is."""

from collections.abc import Mapping, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from attachwatch.cases.filing import Filing, file_messages, names
from attachwatch.model import Address, Case, Membership, Message
from tests.cases.builders import CASE, message

OTHER = Case(reference="FOI2024/09999", mailbox="foi", authority=("interior.example",))


def filing(*messages: Message, cases: Sequence[Case] = (CASE,), drafted: Mapping[str, str] | None = None) -> Filing:
    return file_messages(messages, cases, drafted or {}, lambda a, authority: a.domain in authority)


def filed(
    *messages: Message, cases: Sequence[Case] = (CASE,), drafted: Mapping[str, str] | None = None
) -> dict[str, list[tuple[int, str]]]:
    outcome = filing(*messages, cases=cases, drafted=drafted)
    return {r: [(f.message.id, f.membership.value) for f in own] for r, own in outcome.by_case.items() if own}


def test_a_reference_in_the_subject_decides() -> None:
    assert filed(message(1), cases=(CASE, OTHER)) == {CASE.reference: [(1, "reference")]}


def test_a_reference_in_the_body_decides_where_the_subject_names_none() -> None:
    mail = message(1, subject="Your request", text="Our ref: FOI 2024-09999.")
    assert filed(mail, cases=(CASE, OTHER)) == {OTHER.reference: [(1, "reference")]}


def test_a_stranger_is_never_filed_whatever_reference_is_named() -> None:
    stranger = message(1, sender=Address("FOI Team", "foi@interior.example.net"))
    assert filing(stranger).by_case == {CASE.reference: ()}
    assert filing(stranger).held == ()


def test_an_answer_in_the_thread_belongs_to_its_case() -> None:
    first = message(1)
    answer = message(2, subject="Annexes", in_reply_to=("<1@interior.example>",))
    assert filed(first, answer, cases=(CASE, OTHER)) == {CASE.reference: [(1, "reference"), (2, "thread")]}


def test_an_answer_to_our_draft_belongs_to_the_drafts_case() -> None:
    answer = message(1, subject="Annexes", references=("<ours@newsroom.example>",))
    drafted = {"<ours@newsroom.example>": OTHER.reference}
    assert filed(answer, cases=(CASE, OTHER), drafted=drafted) == {OTHER.reference: [(1, "thread")]}


def test_a_message_without_any_sign_belongs_to_the_only_case() -> None:
    assert filed(message(1, subject="Annexes")) == {CASE.reference: [(1, "only-case")]}


def test_a_message_without_any_sign_waits_where_there_are_several_cases() -> None:
    outcome = filing(message(1, subject="Annexes"), cases=(CASE, OTHER))
    assert [h.message.id for h in outcome.held] == [1]
    assert "could belong to" in outcome.held[0].reason


def test_a_message_that_names_two_cases_waits_for_a_person() -> None:
    both = message(1, subject="FOI2024/01234 and FOI2024/09999")
    assert "names several cases" in filing(both, cases=(CASE, OTHER)).held[0].reason


def test_a_newsletter_of_the_authority_is_not_filed_for_want_of_another_case() -> None:
    newsletter = message(1, subject="News", automatic="bulk")
    assert filing(newsletter).by_case == {CASE.reference: ()}
    assert filing(newsletter).held == ()


@pytest.mark.parametrize("text", ["Ref FOI2024/01234", "foi 2024 01234", "FOI-2024-01234.", "[FOI2024/01234] RE"])
def test_a_reference_is_known_in_any_dress(text: str) -> None:
    assert names("FOI2024/01234", text)


@pytest.mark.parametrize("text", ["FOI2024/012345", "1FOI2024/01234", "FOI2024/1234", "FOI2024", ""])
def test_another_reference_is_not_taken_for_it(text: str) -> None:
    assert not names("FOI2024/01234", text)


@given(reference=st.text(min_size=1, max_size=30), text=st.text(max_size=200))
def test_any_reference_and_any_text_can_be_compared(reference: str, text: str) -> None:
    names(reference, text)
    if any(c.isalnum() for c in reference):
        assert names(reference, f"({reference})")


def test_memberships_are_ordered_words() -> None:
    assert [m.value for m in Membership] == ["reference", "thread", "only-case"]
