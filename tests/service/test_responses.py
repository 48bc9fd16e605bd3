"""Response letters that come as files: read once, told by their first page, and joined with what the email says."""

import json
from dataclasses import replace
from datetime import date
from email.message import EmailMessage
from pathlib import Path

import pytest

from attachwatch.annexes.letters import letter
from attachwatch.demo import damage, documents, story
from attachwatch.model import Fate, Reading, SendingNote
from attachwatch.service.overview import Overview
from attachwatch.service.pipeline import Pipeline
from attachwatch.service.responses import is_named_annex, is_named_letter, joined, kept
from tests.cli.test_watch import configure
from tests.program import run
from tests.servers import Mailbox
from tests.service.test_letters import pdf
from tests.service.test_pipeline import mail, poll, watching

LIST = "Annex A\nAnnex B\nAnnex C\nAnnex D\n"
FINAL = "This is the final email."
LETTER = (
    f"Our ref: {story.REFERENCE}",
    "1 October 2024",
    "Dear Ms Roe,",
    "Thank you for your request of 2 September 2024.",
    "We attach Annexes A to D.",
    "Annex C is withheld under section 35 of the Act.",
    "This is our final response.",
)
A, B, D = (documents.report(f"Annex {x}", 2) for x in "ABD")


def email(body: str, **files: bytes) -> bytes:
    return mail(story.REFERENCE, body, f"foi@{story.AUTHORITY}", **files)


def picture(pipeline: Pipeline) -> Overview:
    return pipeline.overview(pipeline.settings.mailbox[0])


def excused(found: Overview) -> dict[str, tuple[Fate, str, str]]:
    said = found.progress[0].standing.excused
    return {label: (t.annex.fate, t.annex.sentence, t.annex.file) for label, t in said.items()}


def test_a_letter_beside_the_annexes_says_what_is_missing_and_what_is_refused(mailbox: Mailbox, tmp_path: Path) -> None:
    mailbox.append(email(FINAL, Response_letter=pdf(*LETTER), Annex_A=A, Annex_B=B))
    with watching(mailbox, tmp_path, annexes=LIST) as pipeline:
        (draft,) = poll(pipeline)
        assert [m.label for m in draft.missing] == ["D"]
        refused = (Fate.REFUSED, "Annex C is withheld under section 35 of the Act.", "Response letter.pdf")
        assert excused(picture(pipeline)) == {"C": refused}
        statuses = picture(pipeline).progress[0].standing.annexes
        assert [s.reason for s in statuses if s.annex.label == "C"] == [
            "refused: Annex C is withheld under section 35 of the Act. (in Response letter.pdf)"
        ]


def test_a_letter_is_read_once(mailbox: Mailbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    mailbox.append(email(FINAL, Response_letter=pdf(*LETTER), Statistics=A, Annex_B=B))
    with watching(mailbox, tmp_path, annexes=LIST) as pipeline:
        read: list[str] = []
        whole = pipeline.inspector.text

        def counting(path: Path) -> str:
            read.append(path.name)
            return whole(path)

        monkeypatch.setattr(pipeline.inspector, "text", counting)
        poll(pipeline)
        assert len(read) == 2  # not what the list names
        poll(pipeline)
        assert len(read) == 2
        assert [bool(t) for t in pipeline.ledger.letters(read, 1).values()].count(True) == 1


@pytest.mark.parametrize("number", [1, 2])
def test_a_letter_may_come_in_any_email_of_a_round(mailbox: Mailbox, tmp_path: Path, number: int) -> None:
    def part(n: int, **files: bytes) -> bytes:
        letters = {"Decision": pdf(*LETTER)} if n == number else {}
        return email(f"This is email {n} of 2.", **letters, **files)

    mailbox.append(part(1, Annex_A=A))
    with watching(mailbox, tmp_path, annexes=LIST) as pipeline:
        assert poll(pipeline) == []  # "our final response" is no final email
        mailbox.append(part(2, Annex_B=B))
        (draft,) = poll(pipeline)
        assert ([m.label for m in draft.missing], draft.round) == (["D"], 1)
        assert excused(picture(pipeline))["C"][2] == "Decision.pdf"


def test_a_letter_that_comes_again_says_nothing_new(mailbox: Mailbox, tmp_path: Path) -> None:
    mailbox.append(email(body="This is email 1 of 2.", Response=pdf(*LETTER), Annex_A=A, Annex_B=B))
    mailbox.append(email(body=f"Annex C is attached after all. {FINAL}", Response=pdf(*LETTER), Annex_D=D))
    with watching(mailbox, tmp_path, annexes=LIST) as pipeline:
        poll(pipeline)
        assert excused(picture(pipeline)) == {}
        assert [a.label for a in picture(pipeline).progress[0].standing.missing] == ["C"]


def test_an_annex_that_is_pages_of_the_letter_is_not_missing(mailbox: Mailbox, tmp_path: Path) -> None:
    lines = (*LETTER[:4], "We attach Annex B.", "Annex A of this letter sets out the public interest test.")
    mailbox.append(email(FINAL, Response=pdf(*lines), Annex_B=B))
    with watching(mailbox, tmp_path, annexes="Annex A\nAnnex B\n") as pipeline:
        assert poll(pipeline) == []
        assert excused(picture(pipeline))["A"][0] is Fate.INSIDE


def test_the_users_list_wins_and_the_differences_are_told(mailbox: Mailbox, tmp_path: Path) -> None:
    mailbox.append(email(FINAL, Response=pdf(*LETTER), Annex_A=A))
    with watching(mailbox, tmp_path, annexes="Annex A\nAnnex F\n") as pipeline:
        (draft,) = poll(pipeline)
        assert [m.label for m in draft.missing] == ["F"]
        place = picture(pipeline).progress[0].standing
        assert [(t.annex.label, t.annex.file) for t in place.proposed] == [("B", "Response.pdf"), ("D", "Response.pdf")]
        assert [a.label for a in place.unnamed] == ["F"]


def test_a_case_without_a_list_and_a_proposed_case_take_it_from_the_letter(mailbox: Mailbox, tmp_path: Path) -> None:
    mailbox.append(email(FINAL, Response=pdf(*LETTER)))
    other = "FOI2024/09999"
    lines = (f"Our ref: {other}", *LETTER[1:])
    mailbox.append(mail(subject=other, body="Please see our response.", Response_to_Roe=pdf(*lines)))
    with watching(mailbox, tmp_path, annexes="# none yet") as pipeline:
        poll(pipeline)
        found = picture(pipeline)
        assert [t.annex.label for t in found.progress[0].standing.proposed] == ["A", "B", "D"]
        assert [(p.reference, [a.label for a in p.annexes]) for p in found.proposed] == [(other, ["A", "B", "D"])]


def test_an_email_that_names_no_case_belongs_where_its_letter_does(mailbox: Mailbox, tmp_path: Path) -> None:
    other = "FOI2024/09999"
    lines = (f"Our ref: {other}", *LETTER[1:])
    mailbox.append(mail("Response", "Please see our letter.", f"foi@{story.AUTHORITY}", Decision_Roe=pdf(*lines)))
    with watching(mailbox, tmp_path, annexes=LIST) as pipeline:
        assert poll(pipeline) == []  # it is no answer to the only case
        assert not picture(pipeline).progress[0].standing.deliveries
        assert [(p.reference, [a.label for a in p.annexes]) for p in picture(pipeline).proposed] == [
            (other, ["A", "B", "D"])
        ]
        second = replace(pipeline.cases[0], reference=other)
        both = replace(pipeline, cases=(*pipeline.cases, second))
        poll(both)
        assert [len(p.standing.deliveries) for p in picture(both).progress] == [0, 1]
        assert not picture(both).held


def test_of_several_cases_the_letter_tells_which(mailbox: Mailbox, tmp_path: Path) -> None:
    mailbox.append(mail("Response", "Please see our letter.", f"foi@{story.AUTHORITY}", Decision_Roe=pdf(*LETTER)))
    with watching(mailbox, tmp_path, annexes=LIST) as pipeline:
        second = replace(pipeline.cases[0], reference="FOI2024/09999")
        both = replace(pipeline, cases=(*pipeline.cases, second))
        poll(both)
        assert [len(p.standing.deliveries) for p in picture(both).progress] == [1, 0]
        assert list(excused(picture(both))) == ["C"]


UNREADABLE = {
    "a scan": pdf(),
    "locked": documents.locked("Response", 1),
    "cut": damage.truncate(pdf(*LETTER), 0.3),
    "long": pdf(*LETTER, pages=13),
}
NO_RESPONSE = {
    "of another case": ("Response", (f"Our ref: {story.REFERENCE[:-3]}999", *LETTER[1:])),
    "old": ("Response", (LETTER[0], "3 May 2021", *LETTER[2:3], "Thank you for your letter.", *LETTER[4:])),
    "of no request": ("Response", (*LETTER[:3], "The minister will see the chairman.", *LETTER[4:])),
    "neither named a letter nor of the case": ("Correspondence", LETTER[1:]),
    "named an annex": ("Annex_E", LETTER),
}


@pytest.mark.parametrize(
    ("name", "data"),
    [("Response_letter", data) for data in UNREADABLE.values()]
    + [(name, pdf(*lines)) for name, lines in NO_RESPONSE.values()],
    ids=[*UNREADABLE, *NO_RESPONSE],
)
def test_what_is_no_response_or_cannot_be_read_changes_nothing(
    mailbox: Mailbox, tmp_path: Path, name: str, data: bytes
) -> None:
    mailbox.append(email(FINAL, **{name: data}, Annex_A=A, Annex_B=B))
    with watching(mailbox, tmp_path, annexes=LIST) as pipeline:
        (draft,) = poll(pipeline)
        assert [m.label for m in draft.missing] == ["C", "D"]
        assert picture(pipeline).progress[0].standing.told == ()


def test_a_letter_in_an_attached_email_is_none_of_this_response(mailbox: Mailbox, tmp_path: Path) -> None:
    outer, inner = EmailMessage(), EmailMessage()
    for message in (outer, inner):
        message["From"], message["To"], message["Subject"] = f"foi@{story.AUTHORITY}", story.USER, story.REFERENCE
        message["Date"] = "Tue, 01 Oct 2024 10:00:00 +0100"
        message.set_content("See below.")
    inner.add_attachment(pdf(*LETTER), maintype="application", subtype="pdf", filename="Response letter.pdf")
    outer.add_attachment(inner)
    mailbox.append(outer.as_bytes())
    with watching(mailbox, tmp_path, annexes=LIST) as pipeline:
        poll(pipeline)
        assert picture(pipeline).progress[0].standing.told == ()


def test_a_letter_in_plain_text_is_read_too(mailbox: Mailbox, tmp_path: Path) -> None:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = f"foi@{story.AUTHORITY}", story.USER, story.REFERENCE
    message["Date"] = "Tue, 01 Oct 2024 10:00:00 +0100"
    message.set_content(FINAL)
    message.add_attachment("\n\n".join(LETTER).encode(), maintype="text", subtype="plain", filename="Response.txt")
    mailbox.append(message.as_bytes())
    with watching(mailbox, tmp_path, annexes=LIST) as pipeline:
        poll(pipeline)
        assert excused(picture(pipeline))["C"][2] == "Response.txt"


def test_status_names_the_letter_behind_its_sentences(mailbox: Mailbox, tmp_path: Path) -> None:
    mailbox.append(email(FINAL, Response_letter=pdf(*LETTER), Annex_A=A))
    path = configure(mailbox, tmp_path)
    (tmp_path / "annexes.txt").write_text("Annex A\nAnnex B\nAnnex C\nAnnex G(i)\n")
    assert run("watch", "--once", "--config", path).returncode == 1
    said = run("status", "--config", path).stdout
    sentence = "Annex C is withheld under section 35 of the Act."
    assert f"Not expected: C, refused: '{sentence}' (in Response letter.pdf)" in said
    assert "Promised, and not on your list: D: 'We attach Annexes A to D.' (in Response letter.pdf)" in said
    assert "On your list, and not named in their letter: G(i)" in said
    (case,) = json.loads(run("status", "--json", "--config", path).stdout)["cases"]
    assert case["unnamed"] == ["G(i)"]
    assert [(f["file"], f["reason"]) for f in case["unexpected"]] == [
        ("Response letter.pdf", "read as the authority's letter")
    ]
    assert [(e["label"], e["sentence"], e["in"]) for e in case["excused"]] == [("C", sentence, "Response letter.pdf")]
    (draft,) = json.loads(run("drafts", "--json", "--config", path).stdout)["drafts"]
    assert [m["label"] for m in draft["missing"]] == ["B", "G(i)"]


# --- pure -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "is_letter", "is_annex"),
    [
        ("Response letter.pdf", True, False),
        ("FOI 04608 - Final Response.pdf", True, False),
        ("Bescheid.pdf", True, False),
        ("Response letter re Annex A.pdf", False, False),
        ("Annex A - Letter to the Minister.pdf", False, True),
        ("Scan 001.pdf", False, False),
        ("All annexes.pdf", False, False),
        ("", False, False),
    ],
)
def test_names_of_letters_and_of_annexes(name: str, is_letter: bool, is_annex: bool) -> None:
    assert (is_named_letter(name), is_named_annex(name)) == (is_letter, is_annex)


def read(text: str) -> Reading:
    return letter.read(text, "", date(2024, 10, 1))


@pytest.mark.parametrize(
    ("own", "response", "fates"),
    [
        ("Annexes A to C are attached.", "Annex C is withheld.", {"A": "sent", "B": "sent", "C": "refused"}),
        ("Annex C will be posted to you.", "We attach Annex C.", {"C": "elsewhere"}),
        ("Annex C will be posted to you.", "Annex C is withheld.", {"C": "elsewhere"}),
        ("Please see our response.", "We attach Annex C.", {"C": "sent"}),
    ],
)
def test_of_an_annex_the_exception_counts_then_the_email(own: str, response: str, fates: dict[str, str]) -> None:
    assert {a.label: a.fate for a in joined(read(own), [read(response)]).annexes} == fates


@pytest.mark.parametrize(
    ("own", "response", "note"),
    [
        ("This is email 1 of 3.", "This is email 1 of 4.", SendingNote(1, 3)),
        ("Please see our response.", "This is email 1 of 4.", SendingNote(1, 4)),
        ("Please see our response.", "This is our final response.", SendingNote()),
        ("This is the final email.", "This is email 1 of 4.", SendingNote(final=True)),
    ],
)
def test_of_the_sending_the_emails_own_word_counts(own: str, response: str, note: SendingNote) -> None:
    assert joined(read(own), [read(response)]).note == note


def test_the_deadline_and_the_references_are_the_letters_where_the_email_has_none() -> None:
    found = joined(read("Please see our response."), [read("Our ref: FOI2024/04608\n\nWe will send it by 4 November.")])
    assert (found.deadline, found.references) == (date(2024, 11, 4), ("FOI2024/04608",))
    assert joined(read("We will send it by 5 November."), [read("We will send it by 4 November.")]).deadline == date(
        2024, 11, 5
    )


def test_nothing_is_kept_of_what_is_no_letter_and_little_of_what_is() -> None:
    assert not kept("Minutes of the board. " * 100)
    assert len(kept("Thank you for your request. " + "\u00e9" * 100_000).encode()) <= 65_536
