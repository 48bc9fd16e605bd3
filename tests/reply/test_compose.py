"""The reply's words, held against golden letters. `pytest --golden` writes them anew, to be read before committing."""

import re
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from attachwatch.model import (
    Address,
    Annex,
    Attachment,
    Cause,
    DraftState,
    Finding,
    FollowUp,
    Inspection,
    Problem,
    ReceivedFile,
    Verdict,
)
from attachwatch.reply.compose import _causes, compose, compose_body
from tests.cases.builders import CASE, message

GOLDEN = Path(__file__).parent / "golden"
NOW = datetime(2024, 10, 2, 8, tzinfo=UTC)
MARKED = "Annex D {} OFF SEN Case Handling Manual v01 REDACTED.pdf"


def problem(
    number: str,
    cause: Cause,
    verdict: Verdict = Verdict.BROKEN,
    name: str = "",
    unchanged: bool = False,
    **evidence: str | int | list[int],
) -> Problem:
    mail = message(1)
    inspection = Inspection("ab" * 32, 48213, "application/pdf", verdict, cause, None, (Finding(cause, "", evidence),))
    file = ReceivedFile(mail, Attachment("2", name or MARKED.format(number), "", 48213, "ab" * 32), inspection)
    return Problem((f"D({number})",) if number else (), file, unchanged)


def follow_up(*problems: Problem, **changes: object) -> FollowUp:
    emails = tuple(message(n) for n in range(1, 5))
    values: dict[str, object] = {
        "case": CASE, "round": 1, "problems": problems, "missing": (), "cured": (), "opened": 14,
        "emails": emails, "answers": emails[-1], "basis": (1, 2, 3, 4),
    }  # fmt: skip
    return FollowUp(**(values | changes))  # type: ignore[arg-type]


LETTERS = {
    "first-report": follow_up(
        problem("iii", Cause.TRUNCATED),
        problem("iv", Cause.ZERO_FILLED),
        problem("vi", Cause.RIGHTS_MANAGED, Verdict.PLACEHOLDER, label="OFFICIAL-SENSITIVE"),
        problem("vii", Cause.PASSWORD, Verdict.LOCKED),
        problem("viii", Cause.CHARSET_CHANGED),
        problem("ix", Cause.NOT_A_PDF, instead="a web page"),
    ),
    "second-report": follow_up(
        problem("viii", Cause.CHARSET_CHANGED, unchanged=True),
        problem("ix", Cause.TRUNCATED),
        round=2,
        cured=("D(iii)", "D(iv)", "D(vi)", "D(vii)"),
        opened=18,
    ),
    "one-file": follow_up(problem("", Cause.EMPTY, name="letter.pdf"), emails=(message(1),), opened=0),
    "missing-alone": follow_up(missing=(Annex("A", "Annex"), Annex("C", "Annex", "Minutes")), opened=1),
    "missing-beside": follow_up(problem("iii", Cause.TRUNCATED), missing=(Annex("A", "Annex"),)),
    "damaged": follow_up(problem("iii", Cause.PAGES_MISSING, Verdict.DAMAGED, pages=[3, 7]), opened=2),
    "folder": follow_up(problem("iii", Cause.TRUNCATED), emails=(), case=replace(CASE, reference="")),
}


@pytest.mark.parametrize("name", LETTERS)
def test_the_letter_is_the_golden_one(name: str, request: pytest.FixtureRequest) -> None:
    letter = compose_body(LETTERS[name])
    golden = GOLDEN / f"{name}.txt"
    if request.config.getoption("--golden"):
        golden.parent.mkdir(exist_ok=True)
        golden.write_text(letter, encoding="utf-8")
    assert letter == golden.read_text(encoding="utf-8")


@pytest.mark.parametrize("name", LETTERS)
def test_lines_are_short_but_for_names_which_are_never_broken(name: str) -> None:
    for line in compose_body(LETTERS[name]).splitlines():
        assert len(line) < 78 or ".pdf" in line


@pytest.mark.parametrize("name", LETTERS)
def test_no_line_is_left_over_from_the_template(name: str) -> None:
    letter = compose_body(LETTERS[name])
    assert "\n\n\n" not in letter
    assert not re.search(r"[{}]|%\}| $|^ *\.$", letter, re.MULTILINE)


def test_every_cause_that_can_accuse_has_words() -> None:
    silent = {Cause.TOO_COSTLY, Cause.READER_CRASHED}  # these are limits of ours, and never in a draft
    assert {c.value for c in Cause} - {c.value for c in silent} == set(_causes("en")) - {"default"}


def test_every_cause_can_be_worded_without_evidence() -> None:
    for cause in Cause:
        assert "{" not in compose_body(follow_up(problem("i", cause)))


def test_a_request_is_made_once_for_all_files_that_it_would_cure() -> None:
    letter = compose_body(follow_up(*(problem(n, Cause.PASSWORD, Verdict.LOCKED) for n in ("i", "ii", "iii"))))
    assert letter.count("let us have the") == 1
    assert "Numbers 1, 2 and 3:" in letter


def test_what_a_mail_filter_left_under_a_pdfs_name_is_to_be_released_and_not_saved_anew() -> None:
    stub = problem("iii", Cause.NOT_A_PDF)
    told = (*stub.file.inspection.findings, Finding(Cause.GATEWAY_NOTICE, ""))
    file = replace(stub.file, inspection=replace(stub.file.inspection, findings=told))
    said = " ".join(compose_body(follow_up(replace(stub, file=file))).split())
    assert "only the notice of a mail filter" in said
    assert "rather than renaming" not in said


def test_a_file_whose_name_does_not_say_so_is_told_with_its_annex() -> None:
    letter = compose_body(follow_up(problem("ix", Cause.PASSWORD, Verdict.LOCKED, name="scan.pdf")))
    assert "1. scan.pdf\n   This is D(ix). It asks for a password" in letter


def test_nothing_is_called_corrupt() -> None:
    assert not any("corrupt" in compose_body(letter) for letter in LETTERS.values())


def test_the_draft_answers_the_authoritys_last_message() -> None:
    draft = compose(LETTERS["first-report"], "me@newsroom.example", ["foi@interior.example"], NOW)
    assert (draft.in_reply_to, draft.to, draft.sender) == (
        "<4@interior.example>",
        ("foi@interior.example",),
        "me@newsroom.example",
    )
    assert [i.file for i in draft.items] == [MARKED.format(n) for n in ("iii", "iv", "vi", "vii", "viii", "ix")]
    assert draft.state is DraftState.PENDING


def test_the_same_follow_up_has_the_same_message_id_and_another_has_another() -> None:
    letters = [compose(f, "me@x.example", ["a@b"], NOW).message_id for f in (*LETTERS.values(), LETTERS["damaged"])]
    assert len(set(letters)) == len(LETTERS)


@given(name=st.text(max_size=60), sender=st.text(max_size=60), subject=st.text(max_size=60))
def test_whatever_the_names_hold_a_letter_is_made_and_holds_no_control_character(
    name: str, sender: str, subject: str
) -> None:
    answers = message(1, sender=Address(sender, "foi@interior.example"), subject=subject)
    says = follow_up(problem("", Cause.TRUNCATED, name=f"{name}.pdf"), answers=answers)
    letter = compose(says, "me@newsroom.example", ["foi@interior.example"], NOW).body
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", letter)


def test_template_syntax_in_a_name_is_shown_as_it_is() -> None:
    name = "{{ 7*7 }}{% raw %}{size}.pdf"
    assert f"1. {name}" in compose_body(follow_up(problem("", Cause.TRUNCATED, name=name)))
