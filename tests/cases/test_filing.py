"""Filing: by the sender first, then by reference, thread, and the only case there is."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from attachwatch.cases.filing import Doubt, Filing, Grounds, HeldAs, file_messages, is_elsewhere, names, other_reference
from attachwatch.model import Address, Attachment, Case, Membership, Message
from tests.cases.builders import CASE, message

FILE = Attachment("2", "Annex A.pdf", "application/pdf", 1000, "ab")
OTHER = Case(reference="FOI2024/09999", mailbox="foi", authority=("interior.example",))


def filing(
    *messages: Message,
    cases: Sequence[Case] = (CASE,),
    drafted: Mapping[str, str] | None = None,
    unverified: Doubt = lambda *_: None,
    accepted: Mapping[int, str | None] | None = None,
) -> Filing:
    own_words = lambda text: text.partition("\n>")[0] if text[:1] != ">" else ""  # noqa: E731
    of = lambda a, authority: a.domain in authority  # noqa: E731
    grounds = Grounds(of, unverified, drafted or {}, accepted or {}, own_words)
    return file_messages(messages, cases, grounds)


def filed(
    *messages: Message,
    cases: Sequence[Case] = (CASE,),
    drafted: Mapping[str, str] | None = None,
    unverified: Doubt = lambda *_: None,
) -> dict[str, list[tuple[int, str]]]:
    outcome = filing(*messages, cases=cases, drafted=drafted, unverified=unverified)
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


def test_a_message_that_names_two_cases_belongs_to_both_and_so_does_its_thread() -> None:
    both = message(1, subject="FOI2024/01234 and FOI2024/09999")
    answer = message(2, subject="Annexes", in_reply_to=(_id(1),))
    assert filed(both, answer, cases=(CASE, OTHER)) == {
        CASE.reference: [(1, "reference"), (2, "thread")],
        OTHER.reference: [(1, "reference"), (2, "thread")],
    }
    assert filing(both, cases=(CASE, OTHER)).by_case[CASE.reference][0].others == (OTHER,)


def test_a_case_that_only_the_quoted_text_names_is_not_meant_where_the_authority_names_one() -> None:
    mail = message(1, subject="Your request", text="Our ref FOI2024/09999.\n> and FOI2024/01234?")
    assert filed(mail, cases=(CASE, OTHER)) == {OTHER.reference: [(1, "reference")]}


# --- references that no case has ----------------------------------------------------------------------------------


UNKNOWN = "FOI2024/00077"


def proposed(*messages: Message, cases: Sequence[Case] = (CASE,)) -> list[tuple[str, list[int]]]:
    return [(p.reference, [m.id for m in p.messages]) for p in filing(*messages, cases=cases).proposed]


@pytest.mark.parametrize("cases", [(CASE,), (CASE, OTHER)])
@pytest.mark.parametrize(
    "header",
    [
        {"subject": "Response to FOI 2024-00077"},
        {"subject": "Response", "text": "Our reference: foi2024/00077\nDear requester"},
        {"subject": "FOI2024/00077", "text": "> you wrote of FOI2024/01234"},
        {"subject": "FOI2024/00077", "in_reply_to": ("<ours@newsroom.example>",)},
    ],
)
def test_another_reference_of_the_same_form_proposes_a_case_and_is_not_swallowed_by_the_only_one(
    cases: Sequence[Case], header: dict[str, object]
) -> None:
    mail = message(1, **header)
    outcome = filing(mail, cases=cases, drafted={"<ours@newsroom.example>": CASE.reference})
    assert not any(outcome.by_case.values())
    ((held,), (proposal,)) = outcome.held, outcome.proposed
    assert (held.held_as, held.reason) == (HeldAs.UNKNOWN, f"names {UNKNOWN}, which no case has")
    assert (proposal.reference, proposal.like, proposal.messages) == (UNKNOWN, CASE, (mail,))


def test_all_messages_that_name_it_are_of_one_proposal() -> None:
    assert proposed(message(1, subject=UNKNOWN), message(2, subject="Re: foi 2024/77 bis, FOI2024-00077")) == [
        (UNKNOWN, [1, 2])
    ]


@pytest.mark.parametrize(
    "header",
    [
        {"subject": "FOI2024/01234 and FOI2024/00077"},
        {"subject": "FOI2024/00077", "text": "This is about your request FOI2024/01234 as well."},
        {"subject": "Re: Your request", "text": "See also FOI2024/00077.", "in_reply_to": ("<ours@newsroom.example>",)},
    ],
)
def test_a_message_that_says_that_it_belongs_to_a_case_proposes_none(header: dict[str, object]) -> None:
    mail = message(1, **header)
    outcome = filing(mail, drafted={"<ours@newsroom.example>": CASE.reference})
    assert [f.message.id for f in outcome.by_case[CASE.reference]] == [1]
    assert outcome.proposed == ()


@pytest.mark.parametrize(
    "text", ["FOI2024/1234", "foi-2024-001234", "FOI 2000", "Call 2024 00077", "XFOI2024/00077", ""]
)
def test_the_same_reference_in_another_dress_and_mere_numbers_are_no_other_reference(text: str) -> None:
    assert other_reference(text, CASE.all_references, CASE.all_references) == ""


def test_a_reference_of_digits_alone_is_looked_for_behind_a_word_that_says_so() -> None:
    assert other_reference("Request 12399: our answer", ["12345"], ["12345"]) == "12399"
    assert other_reference("Call us: 12399, room 12345", ["12345"], ["12345"]) == ""


def test_a_letter_tells_the_case_where_neither_words_nor_thread_do() -> None:
    bare = message(2, subject="Response")
    answer = replace(bare, header=replace(bare.header, in_reply_to=("<1@interior.example>",)))

    def found(mail: Message, letter: str, *cases: Case) -> Filing:
        grounds = Grounds(lambda a, authority: a.domain in authority, letters=lambda m: letter if m.id == 2 else "")
        return file_messages([message(1), mail], cases, grounds)

    by_letter = found(bare, "Our ref: FOI2024/09999", CASE, OTHER).by_case
    assert [(f.message.id, f.membership) for f in by_letter[OTHER.reference]] == [(2, Membership.REFERENCE)]
    by_thread = found(answer, "Our ref: FOI2024/09999", CASE, OTHER).by_case
    assert [f.message.id for f in by_thread[CASE.reference]] == [1, 2]
    of_none = found(bare, "Our ref: FOI2024/00777", CASE)
    assert [(h.held_as, h.reference) for h in of_none.held] == [(HeldAs.UNKNOWN, "FOI2024/00777")]


def test_a_case_of_another_mailbox_is_said_to_be_there_and_is_not_proposed() -> None:
    grounds = Grounds(lambda a, authority: a.domain in authority, elsewhere={"foi2024/0077": "archive"})
    outcome = file_messages([message(1, subject=UNKNOWN)], [CASE], grounds)
    assert [(h.held_as, h.reason) for h in outcome.held] == [
        ("another mailbox", "names foi2024/0077, a case in the mailbox 'archive'")
    ]
    assert (outcome.proposed, outcome.by_case[CASE.reference]) == ((), ())


def test_neither_a_stranger_nor_automatic_mail_nor_an_unverified_sender_proposes_a_case() -> None:
    assert proposed(message(1, subject=UNKNOWN, sender=Address("", "foi@interior.example.net"))) == []
    assert proposed(message(1, subject=UNKNOWN, automatic="auto-replied")) == []
    (held,) = filing(message(1, subject=UNKNOWN), unverified=doubted(1)).held
    assert held.held_as is HeldAs.UNVERIFIED
    assert filing(message(1, subject=UNKNOWN), unverified=doubted(1)).proposed == ()


@given(reference=st.text(max_size=30), text=st.text(max_size=200))
def test_any_text_can_be_searched_for_others_of_any_form(reference: str, text: str) -> None:
    assert other_reference(reference, [reference], [reference]) == ""
    found = other_reference(text, [reference], [reference])
    assert not found or other_reference(found, [reference], [reference, found]) == ""


def test_a_newsletter_of_the_authority_is_not_filed_for_want_of_another_case() -> None:
    newsletter = message(1, subject="News", automatic="bulk")
    assert filing(newsletter).by_case == {CASE.reference: ()}
    assert filing(newsletter).held == ()


@pytest.mark.parametrize("why", ["auto-generated", "auto-replied", "auto_reply", "bounce"])
def test_automatic_mail_without_a_sign_is_filed_for_its_files_alone(why: str) -> None:
    assert filed(message(1, subject="Annexes", automatic=why)) == {}
    answer = replace(message(1, subject="Annexes", automatic=why), attachments=(FILE,))
    assert filed(answer) == {CASE.reference: [(1, "only-case")]}


def test_a_newsletter_is_not_filed_for_its_files() -> None:
    assert filed(replace(message(1, subject="News", automatic="bulk"), attachments=(FILE,))) == {}


@pytest.mark.parametrize(
    ("texts", "elsewhere"),
    [
        (("Annex A.pdf",), False),
        (("FOI2024-09999 Annex A.pdf",), True),
        (("Annex A.pdf", "FOI 2024 09999.zip"), True),
        (("FOI2024-01234, FOI2024-09999.pdf",), False),
    ],
)
def test_a_file_whose_name_names_the_other_case_is_the_others(texts: tuple[str, ...], elsewhere: bool) -> None:
    assert is_elsewhere(CASE, (OTHER,), texts) is elsewhere


# --- senders that were not verified -----------------------------------------------------------------------------


def doubted(*numbers: int) -> Doubt:
    return lambda header, _: "no result of mx.example.org" if header.message_id in [_id(n) for n in numbers] else None


def _id(number: int) -> str:
    return f"<{number}@interior.example>"


def test_what_is_unverified_is_held_aside_with_the_reason_and_filed_nowhere() -> None:
    outcome = filing(message(1), message(2), unverified=doubted(2))
    assert [f.message.id for f in outcome.by_case[CASE.reference]] == [1]
    ((held),) = outcome.held
    assert (held.message.id, held.held_as, held.reason) == (2, "unverified sender", "no result of mx.example.org")


def test_what_is_unverified_is_no_part_of_a_thread() -> None:
    forged, answer = message(1), message(2, subject="Annexes", in_reply_to=(_id(1),))
    assert filed(forged, answer, cases=(CASE, OTHER), unverified=doubted(1)) == {}


def test_that_it_is_unverified_is_said_before_that_it_could_belong_to_several() -> None:
    (held,) = filing(message(1, subject="Annexes"), cases=(CASE, OTHER), unverified=doubted(1)).held
    assert held.held_as is HeldAs.UNVERIFIED


def test_one_authority_for_which_it_is_verified_is_enough() -> None:
    sister = Case(reference="FOI2024/09999", mailbox="foi", authority=("interior.example", "sister.example"))
    only_for_sister: Doubt = lambda _, authority: None if "sister.example" in authority else "not aligned"  # noqa: E731
    assert filed(message(1), cases=(CASE, sister), unverified=only_for_sister) == {CASE.reference: [(1, "reference")]}


def test_automatic_mail_without_files_is_nobodys_answer_and_keeps_nobody_busy() -> None:
    bounce = message(1, automatic="bounce")
    assert filing(bounce, unverified=doubted(1)).held == ()
    with_files = replace(bounce, attachments=(FILE,))
    assert [h.message.id for h in filing(with_files, unverified=doubted(1)).held] == [1]


# --- what a person said ----------------------------------------------------------------------------------------


def test_a_message_belongs_where_a_person_accepted_it_whatever_it_names() -> None:
    outcome = filing(message(1), cases=(CASE, OTHER), accepted={1: OTHER.reference}, unverified=doubted(1))
    assert {r: [f.membership for f in own] for r, own in outcome.by_case.items()} == {
        CASE.reference: [],
        OTHER.reference: [Membership.BY_HAND],
    }
    assert outcome.held == ()


def test_an_answer_to_an_accepted_message_is_in_its_thread() -> None:
    answer = message(2, subject="Annexes", in_reply_to=(_id(1),))
    outcome = filing(message(1, subject="Annexes"), answer, cases=(CASE, OTHER), accepted={1: OTHER.reference})
    assert [f.message.id for f in outcome.by_case[OTHER.reference]] == [1, 2]


def test_a_dismissed_message_belongs_to_no_case_and_waits_for_nobody() -> None:
    outcome = filing(message(1), message(2, subject="Annexes"), cases=(CASE, OTHER), accepted={1: None, 2: None})
    assert (sum(map(len, outcome.by_case.values())), outcome.held) == (0, ())


def test_a_stranger_is_accepted_into_no_case() -> None:
    stranger = message(1, sender=Address("FOI Team", "foi@interior.example.net"))
    assert filing(stranger, accepted={1: CASE.reference}).by_case == {CASE.reference: ()}


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
    assert [m.value for m in Membership] == ["by-hand", "reference", "thread", "only-case"]
