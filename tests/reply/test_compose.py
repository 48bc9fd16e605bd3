"""The reply's words, held against golden letters. `pytest --golden` writes them anew, to be read before committing."""

import re
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from attachwatch.model import (
    Address,
    Annex,
    Attachment,
    Cause,
    DraftKind,
    DraftState,
    Finding,
    FollowUp,
    Inspection,
    Notice,
    Problem,
    ReaderReport,
    ReceivedFile,
    Verdict,
)
from attachwatch.reply.compose import Style, compose, compose_body
from attachwatch.reply.lines import printable
from attachwatch.reply.words import LANGUAGES, words
from tests.cases.builders import CASE, message

GOLDEN = Path(__file__).parent / "golden"
NOW = datetime(2024, 10, 2, 8, tzinfo=UTC)
READERS = (ReaderReport("qpdf", "12.2.0", opened=False), ReaderReport("pdfium", "140.0@build", opened=False))
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
    found = (Finding(cause, "", evidence),)
    readers = () if cause in (Cause.NOT_A_PDF, Cause.EMPTY) else READERS
    inspection = Inspection("ab" * 32, 48213, "application/pdf", verdict, cause, None, found, readers)
    file = ReceivedFile(mail, Attachment("2", name or MARKED.format(number), "", 48213, "ab" * 32), inspection)
    return Problem((f"D({number})",) if number else (), file, unchanged)


def notice(code: str, *files: str, **evidence: str) -> Notice:
    return Notice(message(4), Finding(code, "", evidence), (), files)


def follow_up(*problems: Problem, **changes: object) -> FollowUp:
    emails = tuple(message(n) for n in range(1, 5))
    values: dict[str, object] = {
        "case": CASE, "round": 1, "problems": problems, "missing": (), "cured": (), "opened": 14,
        "emails": emails, "answers": emails[-1], "basis": (1, 2, 3, 4),
    }  # fmt: skip
    return FollowUp(**(values | changes))  # type: ignore[arg-type]


REPORTS = {
    "first-report": follow_up(
        problem("iii", Cause.TRUNCATED),
        problem("iv", Cause.ZERO_FILLED),
        problem("vi", Cause.RIGHTS_MANAGED, Verdict.PLACEHOLDER, label="OFFICIAL-SENSITIVE", label_date="2024-09-27"),
        problem("vii", Cause.PASSWORD, Verdict.LOCKED),
        problem("viii", Cause.CHARSET_CHANGED),
        problem("ix", Cause.NOT_A_PDF, instead="a web page"),
    ),
    "second-report": follow_up(
        problem("viii", Cause.CHARSET_CHANGED, unchanged=True),
        problem("ix", Cause.TRUNCATED),
        written=1,
        cured=("D(iii)", "D(iv)", "D(vi)", "D(vii)"),
        opened=18,
    ),
    "third-report": follow_up(problem("ix", Cause.TRUNCATED), written=2, emails=(message(5),), cured=("D(viii)",)),
    "one-file": follow_up(problem("", Cause.EMPTY, name="letter.pdf"), emails=(message(1),), opened=0),
    "one-cause": follow_up(
        *(problem(n, Cause.RIGHTS_MANAGED, Verdict.PLACEHOLDER, label="OFFICIAL") for n in ("i", "ii", "iii", "iv")),
        problem("v", Cause.PASSWORD, Verdict.LOCKED),
    ),
    "missing-alone": follow_up(missing=(Annex("A", "Annex"), Annex("C", "Annex", "Minutes")), opened=1),
    "mixed": follow_up(
        problem("iii", Cause.TRUNCATED),
        problem("iv", Cause.PASSWORD, Verdict.LOCKED),
        missing=(Annex("A", "Annex"),),
        notices=(
            notice("cloud-link", "Annex B.pdf", "Annex C.pdf", service="SharePoint", expiry="expires on 5 October"),
            notice("gateway-notice", "Annex E.pdf"),
            notice("too-many-parts"),
        ),
    ),
    "damaged": follow_up(
        problem("iii", Cause.CONTENT_UNREADABLE, Verdict.DAMAGED, pages=[3, 7]),
        problem("iv", Cause.PAGES_MISSING, Verdict.DAMAGED, pdfium=5, qpdf=8),
        opened=2,
    ),
    "opened-for-them": follow_up(
        problem("viii", Cause.TRUNCATED, unchanged=True),
        problem("ix", Cause.RIGHTS_MANAGED, Verdict.PLACEHOLDER),
        written=1,
        opened_for_them="I can confirm that this document has just opened correctly for me.",
    ),
    "folder": follow_up(problem("iii", Cause.TRUNCATED), emails=(), case=replace(CASE, reference="")),
}
ASKED = datetime(2024, 10, 2, 8, tzinfo=UTC)
SHORT = {
    "reminder": follow_up(
        problem("iii", Cause.TRUNCATED), missing=(Annex("A", "Annex"),), kind=DraftKind.REMINDER, asked=ASKED
    ),
    "second-reminder": follow_up(
        problem("iii", Cause.TRUNCATED), problem("iv", Cause.EMPTY), kind=DraftKind.REMINDER, asked=ASKED, reminders=1
    ),
    "thanks": follow_up(kind=DraftKind.THANKS, opened=20),
}
LETTERS = REPORTS | SHORT
IN_OTHERS = {
    f"{language}-{name}": replace(letter, case=replace(letter.case, language=language, sign_off=""))
    for language in ("de", "fr")
    for name, letter in LETTERS.items()
}
FIRM = {
    f"firm-{place}": follow_up(
        problem("iii", Cause.TRUNCATED), case=replace(CASE, language=language, jurisdiction=place, sign_off="")
    )
    for place, language in (("GB", "en"), ("GB-SCT", "en"), ("IE", "en-IE"), ("DE", "de"), ("FR", "fr"))
}
GOLDEN_LETTERS = LETTERS | IN_OTHERS | FIRM


@pytest.mark.parametrize("name", GOLDEN_LETTERS)
def test_the_letter_is_the_golden_one(name: str, request: pytest.FixtureRequest) -> None:
    letter = compose_body(GOLDEN_LETTERS[name], Style(firm=name in FIRM))
    golden = GOLDEN / f"{name}.txt"
    if request.config.getoption("--golden"):
        golden.parent.mkdir(exist_ok=True)
        golden.write_text(letter, encoding="utf-8")
    assert letter == golden.read_text(encoding="utf-8")


@pytest.mark.parametrize("name", GOLDEN_LETTERS)
def test_lines_are_short_but_for_names_which_are_never_broken(name: str) -> None:
    for line in compose_body(GOLDEN_LETTERS[name]).splitlines():
        assert len(line) < 78 or ".pdf" in line


@pytest.mark.parametrize("name", GOLDEN_LETTERS)
def test_no_line_is_left_over_from_the_template(name: str) -> None:
    letter = compose_body(GOLDEN_LETTERS[name])
    assert "\n\n\n" not in letter
    assert not re.search(r"[{}]|%\}| $|^ *\.$| [,.]|[^ \n] {2}[^ ]", letter, re.MULTILINE)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_cause_that_can_accuse_has_words_of_its_own(language: str) -> None:
    silent = {Cause.TOO_COSTLY, Cause.READER_CRASHED}  # these are limits of ours, and never in a draft
    causes = words(language).causes
    assert {c.value for c in Cause} - {c.value for c in silent} == set(causes) - {"default"}
    assert len({c.what for c in causes.values()}) == len(causes)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("cause", Cause)
def test_every_cause_can_be_worded_without_evidence_in_every_report(cause: Cause, language: str) -> None:
    case = replace(CASE, language=language)
    for number in range(1, 5):
        one = compose_body(follow_up(problem("i", cause), case=case, written=number - 1))
        several = compose_body(follow_up(*(problem(n, cause) for n in ("i", "ii", "v")), case=case, written=number - 1))
        assert not re.search(r"[{}|]", one + several)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("cause", [c for c in Cause if c not in (Cause.TOO_COSTLY, Cause.READER_CRASHED)])
def test_each_report_asks_for_another_way(cause: Cause, language: str) -> None:
    case = replace(CASE, language=language)
    reports = [compose_body(follow_up(problem("i", cause), case=case, written=n - 1, emails=())) for n in range(1, 5)]
    assert len(set(reports[:3])) == 3
    assert reports[2] == reports[3]


def test_the_languages_know_the_same_words() -> None:
    english, *others = (words(language) for language in LANGUAGES)
    for other in others:
        assert {c: (w.ask, w.shows) for c, w in other.causes.items()} == {
            c: (w.ask, w.shows) for c, w in english.causes.items()
        }


def test_a_request_is_made_once_for_all_files_that_it_would_cure() -> None:
    letter = compose_body(follow_up(*(problem(n, Cause.PASSWORD, Verdict.LOCKED) for n in ("i", "ii", "iii"))))
    assert letter.count("let us have the passwords") == 1
    assert "Numbers 1, 2 and 3: each asks for a password" in letter


def test_two_files_of_one_cause_are_told_under_each_name() -> None:
    letter = compose_body(follow_up(*(problem(n, Cause.PASSWORD, Verdict.LOCKED) for n in ("i", "ii"))))
    assert letter.count("It asks for a password") == 2


def test_five_hundred_files_make_no_longer_requests_than_five() -> None:
    letter = compose_body(follow_up(*(problem(str(n), Cause.TRUNCATED) for n in range(500))))
    assert "Numbers 1 to 500: each is cut off" in letter


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


@pytest.mark.parametrize(
    ("name", "greeting"),
    [
        ("FOI Team", "Dear FOI Team,"),
        (" FOI \t Team ", "Dear FOI Team,"),
        ("FOI \u202e Team", "Dear Sir or Madam,"),
        ("FOI Requests", "Dear Sir or Madam,"),
        ("foi@interior.example", "Dear Sir or Madam,"),
        ("", "Dear Sir or Madam,"),
        ("x" * 5_000, "Dear Sir or Madam,"),
    ],
)
def test_who_wrote_is_greeted_by_name_and_not_by_address(name: str, greeting: str) -> None:
    answers = message(1, sender=Address(name, "foi@interior.example"))
    assert compose_body(follow_up(problem("i", Cause.EMPTY), answers=answers)).startswith(f"{greeting}\n\n")


def test_who_is_greeted_by_name_is_taken_leave_of_sincerely() -> None:
    case = replace(CASE, sign_off="")
    for kind in DraftKind:
        named, unnamed = (
            compose_body(follow_up(case=case, kind=kind, answers=message(1, sender=Address(name, "foi@x.example"))))
            for name in ("Ann Smith", "FOI Requests")
        )
        assert (named.splitlines()[0], named.splitlines()[-1]) == ("Dear Ann Smith,", "Yours sincerely")
        assert (unnamed.splitlines()[0], unnamed.splitlines()[-1]) == ("Dear Sir or Madam,", "Yours faithfully")


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("year", [1, 1970, 9999])
def test_dates_beyond_reason_are_written_too(year: int, language: str) -> None:
    mail = message(1, date=datetime(year, 12, 31, tzinfo=UTC))
    case = replace(CASE, language=language)
    assert str(year) in compose_body(follow_up(problem("i", Cause.EMPTY), emails=(mail,), answers=mail, case=case))


def test_a_file_out_of_an_archive_says_so() -> None:
    packed = problem("iii", Cause.TRUNCATED)
    attachment = replace(packed.file.attachment, containers=("All  annexes.zip", "D.zip"))
    letter = compose_body(follow_up(replace(packed, file=replace(packed.file, attachment=attachment))))
    assert f"1. {MARKED.format('iii')}\n   (inside All  annexes.zip > D.zip)\n   It is cut off" in letter


def test_files_of_one_name_are_told_apart_by_their_emails() -> None:
    letter = compose_body(follow_up(*(problem("", Cause.PASSWORD, name=n) for n in ("scan.pdf", "scan.pdf", "a.pdf"))))
    assert letter.count("It came with your email of 1 October 2024.") == 2


def test_days_of_labels_do_not_keep_files_from_sharing_a_cause() -> None:
    protected = [
        problem(n, Cause.RIGHTS_MANAGED, Verdict.PLACEHOLDER, label="OFFICIAL", label_date=f"2024-09-2{n}T10:00:00Z")
        for n in ("1", "2", "3")
    ]
    assert "“OFFICIAL”, set on 21 September 2024." in " ".join(compose_body(follow_up(*protected[:2])).split())
    assert "each shows only a notice" in compose_body(follow_up(*protected))


@pytest.mark.parametrize("said", ["", "soon", "2024-13-45", "9" * 500, "{label}"])
def test_a_label_of_no_day_is_told_without_one(said: str) -> None:
    letter = compose_body(follow_up(problem("i", Cause.RIGHTS_MANAGED, label="OFFICIAL", label_date=said)))
    assert "“OFFICIAL”. The protection" in " ".join(letter.split())


def test_nothing_is_called_corrupt() -> None:
    for letter in GOLDEN_LETTERS.values():
        assert not re.search("corrupt|korrupt|corrompu|defekt|kaputt", compose_body(letter))


def test_what_came_as_a_link_is_not_said_not_to_have_been_sent() -> None:
    letter = compose_body(follow_up(notices=(notice("cloud-link", "Annex C.pdf", service="OneDrive"),), opened=0))
    assert "a link to OneDrive" in letter
    assert "  Annex C.pdf\n" in letter
    assert "could not find" not in letter


def test_a_limit_of_ours_is_no_reproach() -> None:
    silent = follow_up(notices=(notice("too-many-parts"),), missing=(Annex("A"),))
    assert compose_body(silent) == compose_body(replace(silent, notices=()))


def test_where_it_opened_for_them_they_are_told_what_to_compare() -> None:
    letter = compose_body(follow_up(problem("iii", Cause.TRUNCATED), opened_for_them="It opens\nfine here."))
    said = " ".join(letter.split())
    assert f"48,213 bytes SHA-256 {'ab' * 32}" in said
    assert "we tried it with qpdf 12.2.0 and PDFium 140.0 (as in Chrome and Edge)." in said
    assert "You wrote: “It opens fine here.”" in said


@pytest.mark.parametrize("language", LANGUAGES)
def test_an_email_that_says_that_it_opens_and_brings_nothing_is_thanked_for_by_its_day(language: str) -> None:
    case = replace(CASE, language=language)
    says = follow_up(problem("i", Cause.TRUNCATED), case=case, emails=(), opened_for_them="It opens.", written=1)
    thanks = compose_body(says).split("\n\n")[1]
    assert "2024 (FOI2024/01234)." in " ".join(thanks.split())


def test_nothing_is_legal_unless_the_user_wants_it_firm() -> None:
    plain, firm = (compose_body(LETTERS["first-report"], Style(firm=firm)) for firm in (False, True))
    assert "Act" not in plain
    assert "Freedom of Information Act 2000" in " ".join(firm.split())


def test_a_reminder_is_never_legal_and_the_second_is_shorter() -> None:
    asked = follow_up(problem("iii", Cause.TRUNCATED), kind=DraftKind.REMINDER, asked=ASKED)
    first, second = (compose_body(replace(asked, reminders=n), Style(firm=True)) for n in (0, 1))
    assert "2 October 2024" in first
    assert MARKED.format("iii") in second
    assert len(second) < len(first)
    assert "Act" not in first + second


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_no_pdf_engine_was_given_is_not_said_to_have_been_tried_with_one(language: str) -> None:
    case = replace(CASE, language=language)
    pdf, page = problem("i", Cause.TRUNCATED), problem("ii", Cause.NOT_A_PDF)
    tried, untried = (compose_body(follow_up(*found, case=case)) for found in ((pdf, pdf), (pdf, page)))
    claim = {"de": "PDF-Programmen geprüft", "en": "PDF engines", "fr": "logiciels PDF courants"}[language]
    assert claim in " ".join(tried.split())
    assert claim not in " ".join(untried.split())
    assert "SHA-256" in untried


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_reminder_of_files_that_open_in_part_does_not_say_that_they_do_not_open(language: str) -> None:
    asked = replace(SHORT["reminder"], case=replace(CASE, language=language), missing=())
    part = replace(asked, problems=(problem("iii", Cause.CONTENT_UNREADABLE, Verdict.DAMAGED, pages=[3]),))
    said = {"de": "nur zum Teil lesen", "en": "opens only in part", "fr": "qu'en partie"}[language]
    assert said in " ".join(compose_body(part).split())
    assert said not in " ".join(compose_body(asked).split())


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("reminders", [0, 1])
def test_a_reminder_of_links_alone_announces_no_list(reminders: int, language: str) -> None:
    link = notice("cloud-link", "Annex B.pdf", service="SharePoint")
    case = replace(CASE, language=language)
    letter = compose_body(
        follow_up(case=case, kind=DraftKind.REMINDER, asked=ASKED, reminders=reminders, notices=(link,))
    )
    assert not re.search(r":\n", letter)


@pytest.mark.parametrize(
    ("language", "date"),
    [
        ("en", "1 October 2024"), ("en-IE", "1 October 2024"), ("en-US", "October 1, 2024"),
        ("en-ZZ", "1 October 2024"), ("de", "1. Oktober 2024"), ("de-AT", "1. Oktober 2024"),
        ("fr", "1er octobre 2024"), ("fr-BE", "1er octobre 2024"),
    ],
)  # fmt: skip
def test_dates_are_as_the_country_writes_them(language: str, date: str) -> None:
    assert date in compose_body(replace(LETTERS["one-file"], case=replace(CASE, language=language)))


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
    again = replace(SHORT["reminder"], reminders=1)
    assert len({compose(f, "me@x.example", ["a@b"], NOW).message_id for f in (SHORT["reminder"], again)}) == 2


@settings(deadline=None)
@given(name=st.text(max_size=60), sender=st.text(max_size=60), subject=st.text(max_size=60))
def test_whatever_the_names_hold_a_letter_is_made_and_holds_no_control_character(
    name: str, sender: str, subject: str
) -> None:
    answers = message(1, sender=Address(sender, "foi@interior.example"), subject=subject)
    says = follow_up(problem("", Cause.TRUNCATED, name=f"{name}.pdf"), answers=answers)
    letter = compose(says, "me@newsroom.example", ["foi@interior.example"], NOW).body
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]", letter)
    assert f"\n1. {printable(name)}.pdf\n" in letter or says.problems[0].file.attachment.is_nameless


def test_template_syntax_in_a_name_is_shown_as_it_is() -> None:
    name = "{{ 7*7 }}{% raw %}{size}{a|b}.pdf"
    assert f"1. {name}\n" in compose_body(follow_up(problem("", Cause.TRUNCATED, name=name)))


def test_template_syntax_in_evidence_is_shown_as_it_is() -> None:
    label = "{{ 7*7 }}{label}{it|each}{"
    letter = compose_body(follow_up(problem("i", Cause.RIGHTS_MANAGED, Verdict.PLACEHOLDER, label=label)))
    assert f"“{label}”" in " ".join(letter.split())


HOSTILE = (
    "{{ 7*7 }}.pdf", "<script>alert(1)</script>.pdf", "a\r\nBcc: x@example.org.pdf", "\u202efdp.exe", "\0\x1b[2J.pdf",
    "\u2028.pdf", "x" * 5_000 + ".pdf", "\ud800.pdf", "'; DROP TABLE drafts;--.pdf", "=cmd|'/c calc'!A1.pdf",
)  # fmt: skip


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("hostile", HOSTILE)
def test_a_hostile_name_is_one_line_of_the_letter_wherever_it_stands(hostile: str, language: str) -> None:
    answers = message(1, sender=Address(hostile, "foi@interior.example"), subject=hostile)
    case = replace(CASE, language=language, annexes=(Annex(hostile, hostile),))
    says = follow_up(
        replace(problem("", Cause.TRUNCATED, name=hostile, label=hostile), labels=(hostile,)),
        answers=answers, case=case, missing=(Annex(hostile, hostile, hostile),), cured=(hostile,), written=1,
        notices=(notice("cloud-link", hostile, service=hostile, expiry=hostile),), opened_for_them=hostile,
    )  # fmt: skip
    letter = compose_body(says)
    shown = printable(hostile)
    assert letter.splitlines().count(f"1. {shown}") == 1
    assert letter.splitlines().count(f"  {shown}") == 1
    assert letter.splitlines() == letter.split("\n")[:-1]
