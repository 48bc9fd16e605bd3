"""Drafts over a real server, from the first report to the thanks; and what a person typed outlives each new one."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import update

from attachwatch.cli import status
from attachwatch.cli.page import MOST
from attachwatch.demo import documents
from attachwatch.errors import UsageError
from attachwatch.ledger.ledger import Ledger
from attachwatch.ledger.schema import DraftRow
from attachwatch.model import CaseState, Draft, DraftKind, DraftState
from attachwatch.reply.revision import END, FRESH, YOURS, conflicts
from attachwatch.service import pipeline as pipeline_module
from attachwatch.service import review
from attachwatch.service.pipeline import Pipeline
from tests.servers import Mailbox
from tests.service.test_pipeline import CUT, HEALTHY, mail, poll, state, watching

FINAL = "This is the final email."
ALSO_CUT = documents.report("Another report", 4)[:-900]


def days_ago(days: float) -> datetime:
    return datetime.now(UTC) - timedelta(days=days)


def approve(pipeline: Pipeline, draft: Draft, when: datetime | None = None) -> None:
    """Approve it; as if that had been at another time."""
    review.approve(pipeline.settings, pipeline.ledger, draft.id)
    if when:
        decided(pipeline.ledger, draft, when)


def decided(ledger: Ledger, draft: Draft, when: datetime) -> None:
    with ledger._database.engine.begin() as connection:
        connection.execute(update(DraftRow).where(DraftRow.id == draft.id).values(decided=when))


def test_a_template_that_was_spoilt_meanwhile_holds_its_own_case_up_alone(mailbox: Mailbox, tmp_path: Path) -> None:
    mailbox.append(mail(body=FINAL, Annex_A=CUT))
    template = tmp_path / "words" / "en" / "follow_up.txt"
    template.parent.mkdir(parents=True)
    template.write_text("{{ no_such_word }}")
    with watching(mailbox, tmp_path, annexes="Annex A") as before:
        reply = before.settings.reply.model_copy(update={"templates": tmp_path / "words"})
        pipeline = replace(before, settings=before.settings.model_copy(update={"reply": reply}))
        assert poll(pipeline) == []
        template.write_text("It does not open.")
        (draft,) = poll(pipeline)
        assert draft.body == "It does not open.\n"


def test_the_whole_story(mailbox: Mailbox, tmp_path: Path, database_url: str) -> None:
    """Round 1, approved; nothing for long, a reminder; re-sent, round 2; re-sent, thanks."""
    mailbox.append(mail(body=FINAL, Annex_A=CUT, Annex_B=ALSO_CUT, Annex_C=HEALTHY), days_ago(40))
    with watching(mailbox, tmp_path, annexes="Annex A\nAnnex B\nAnnex C", database=database_url) as pipeline:
        (report,) = poll(pipeline)
        assert (report.kind, report.round, len(report.items)) == (DraftKind.REPORT, 1, 2)
        approve(pipeline, report, days_ago(3))
        assert (poll(pipeline), state(pipeline)) == ([], CaseState.WAITING_FOR_RESEND)

        decided(pipeline.ledger, report, days_ago(15))
        (reminder,) = poll(pipeline)
        assert (reminder.kind, reminder.round, state(pipeline)) == (DraftKind.REMINDER, 1, CaseState.REVIEW_DRAFT)
        assert all(item.file in reminder.body for item in report.items)
        assert reminder.body != report.body
        assert poll(pipeline) == []
        approve(pipeline, reminder, days_ago(2))
        assert (poll(pipeline), state(pipeline)) == ([], CaseState.WAITING_FOR_RESEND)

        mailbox.append(mail(body=f"Again. {FINAL}", Annex_A=HEALTHY, Annex_B=CUT), days_ago(1))
        (second,) = poll(pipeline)
        assert (second.kind, second.round, [i.labels for i in second.items]) == (DraftKind.REPORT, 2, [("B",)])
        assert "Annex A" in second.body
        approve(pipeline, second)

        mailbox.append(mail(body=f"And again. {FINAL}", Annex_B=HEALTHY))
        (thanks,) = poll(pipeline)
        assert (thanks.kind, thanks.round, thanks.items) == (DraftKind.THANKS, 3, ())
        assert state(pipeline) is CaseState.COMPLETE
        approve(pipeline, thanks)
        assert (poll(pipeline), state(pipeline)) == ([], CaseState.COMPLETE)
        kinds = [(d.kind, d.state) for d in pipeline.ledger.drafts()]
        assert kinds == [(k, DraftState.APPROVED) for k in ("report", "reminder", "report", "thanks")]
    assert len(mailbox.drafts()) == 4
    assert len({d.message_id for d in (report, reminder, second, thanks)}) == 4


def test_that_it_opens_for_them_is_answered_with_what_was_tried(mailbox: Mailbox, tmp_path: Path) -> None:
    mailbox.append(mail(body=FINAL, Annex_A=CUT), days_ago(9))
    with watching(mailbox, tmp_path, annexes="Annex A") as pipeline:
        (report,) = poll(pipeline)
        approve(pipeline, report)
        mailbox.append(mail(body="I have checked the attachment and it opens correctly for me.", subject="Re: FOI"))
        (second,) = poll(pipeline)
        assert (second.kind, second.round, second.items) == (DraftKind.REPORT, 2, report.items)
        assert "it opens correctly for me" in second.body
        assert report.items[0].sha256 in second.body.replace("\n", "").replace(" ", "")
        assert poll(pipeline) == []


# --- what a person typed ------------------------------------------------------------------------------------------


def edited(pipeline: Pipeline, draft: Draft, old: str, new: str) -> Draft:
    assert old in draft.body
    return review.edit(pipeline.ledger, draft.id, draft.body.replace(old, new), draft.body)


def test_edits_outlive_a_draft_that_is_made_anew(mailbox: Mailbox, tmp_path: Path) -> None:
    mailbox.append(mail(body=FINAL, Annex_A=CUT))
    with watching(mailbox, tmp_path, annexes="Annex A\nAnnex B") as pipeline:
        (first,) = poll(pipeline)
        mine = edited(pipeline, first, "Yours faithfully", "Kind regards,\nAnn Requester")
        mailbox.append(mail(body=f"One more. {FINAL}", Annex_B=ALSO_CUT))
        (second,) = poll(pipeline)
        assert len(second.items) == 2
        assert "Annex B.pdf" in second.body
        assert "Kind regards,\nAnn Requester" in second.body
        assert (conflicts(second.body), second.is_edited) == (0, True)
        assert "Yours faithfully" in second.generated
        kept, now = pipeline.ledger.drafts()
        assert (kept.state, kept.body, now.state) == (DraftState.SUPERSEDED, mine.body, DraftState.PENDING)
        assert review.previous(pipeline.ledger, second) == kept
        approve(pipeline, second)
    (placed,) = mailbox.drafts()
    assert b"Ann Requester" in placed


def test_where_both_changed_the_same_words_a_person_chooses_before_it_is_approved(
    mailbox: Mailbox, tmp_path: Path
) -> None:
    mailbox.append(mail(body=FINAL, Annex_A=CUT))
    with watching(mailbox, tmp_path, annexes="Annex A\nAnnex B") as pipeline:
        (first,) = poll(pipeline)
        edited(pipeline, first, "We note that the following document does not open:", "Your document is unreadable:")
        mailbox.append(mail(body=f"One more. {FINAL}", Annex_B=ALSO_CUT))
        (second,) = poll(pipeline)
        assert all(words in second.body for words in (YOURS, FRESH, END, "Your document is unreadable:"))
        with pytest.raises(UsageError, match="you have still to choose"):
            approve(pipeline, second)
        assert mailbox.drafts() == []
        approve(pipeline, review.edit(pipeline.ledger, second.id, second.generated, second.body))
        assert len(mailbox.drafts()) == 1


def test_edits_of_a_draft_that_was_put_aside_are_in_the_next_one(mailbox: Mailbox, tmp_path: Path) -> None:
    """The draft is untrue as soon as a re-send comes; the next is made when the sending has ended."""
    mailbox.append(mail(body=FINAL, Annex_A=CUT, Annex_B=ALSO_CUT))
    with watching(mailbox, tmp_path, annexes="Annex A\nAnnex B") as pipeline:
        (first,) = poll(pipeline)
        edited(pipeline, first, "Yours faithfully", "Kind regards")
        mailbox.append(mail(body="Here is one again.", Annex_A=HEALTHY))
        assert poll(pipeline) == []
        assert [d.state for d in pipeline.ledger.drafts()] == [DraftState.SUPERSEDED]
        mailbox.append(mail(body=f"And the other. {FINAL}", Annex_B=CUT))
        (second,) = poll(pipeline)
        assert (second.round, "Kind regards" in second.body) == (2, True)


def test_a_case_that_is_closed_and_opened_again_has_its_draft_anew(mailbox: Mailbox, tmp_path: Path) -> None:
    """With the same words, and the person's; under another Message-ID, since the ledger has each but once."""
    mailbox.append(mail(body=FINAL, Annex_A=CUT))
    with watching(mailbox, tmp_path, annexes="Annex A") as pipeline:
        (first,) = poll(pipeline)
        mine = edited(pipeline, first, "Yours faithfully", "Kind regards")
        for _ in range(2):
            pipeline.ledger.supersede(first.case)
            (again,) = poll(pipeline)
            assert (again.body, again.generated) == (mine.body, first.body)
        assert len({d.message_id for d in pipeline.ledger.drafts()}) == 3


def test_an_edit_while_the_draft_is_made_anew_is_in_it(
    mailbox: Mailbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mailbox.append(mail(body=FINAL, Annex_A=CUT))
    with watching(mailbox, tmp_path, annexes="Annex A\nAnnex B") as pipeline:
        (first,) = poll(pipeline)
        mailbox.append(mail(body=f"One more. {FINAL}", Annex_B=ALSO_CUT))
        done: list[Draft] = []

        def reached(step: str) -> None:
            if step == "drafted" and not done:
                done.append(edited(pipeline, first, "Yours faithfully", "Kind regards"))

        monkeypatch.setattr(pipeline_module, "reached", reached)
        (second,) = poll(pipeline)
        assert done
        assert "Kind regards" in second.body
        assert [d.state for d in pipeline.ledger.drafts()] == [DraftState.SUPERSEDED, DraftState.PENDING]


def test_an_approval_while_the_draft_is_made_anew_stands(
    mailbox: Mailbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What came meanwhile is told in the next round, not in a second draft of this one."""
    mailbox.append(mail(body=FINAL, Annex_A=CUT))
    with watching(mailbox, tmp_path, annexes="Annex A\nAnnex B") as pipeline:
        (first,) = poll(pipeline)
        mailbox.append(mail(body=f"One more. {FINAL}", Annex_B=ALSO_CUT))
        approved: list[int] = []

        def reached(step: str) -> None:
            if step == "drafted" and not approved:
                approved.append(first.id)
                approve(pipeline, first)

        monkeypatch.setattr(pipeline_module, "reached", reached)
        made = poll(pipeline)
        assert [d.round for d in made] == [2]
        assert [(d.round, d.state) for d in pipeline.ledger.drafts()] == [
            (1, DraftState.APPROVED),
            (2, DraftState.PENDING),
        ]


def test_whoever_edits_while_polls_run_loses_nothing(mailbox: Mailbox, tmp_path: Path, database_url: str) -> None:
    mailbox.append(mail(body=FINAL, Annex_A=CUT))
    with watching(mailbox, tmp_path, annexes="Annex A\nAnnex B", database=database_url) as pipeline:
        poll(pipeline)
        saved: list[str] = []

        def write(number: int) -> None:
            """A line in front of the others, again and again until it is saved."""
            with Ledger.open(tmp_path / "store", database_url) as ledger:
                while True:
                    now = ledger.drafts()[-1]
                    try:
                        review.edit(ledger, now.id, f"Line {number} is mine.\n{now.body}", now.body)
                    except UsageError:
                        continue
                    saved.append(f"Line {number} is mine.")
                    return

        with ThreadPoolExecutor() as pool:
            writing = [pool.submit(write, n) for n in range(8)]
            for number in range(3):
                mailbox.append(mail(body=f"More: {number}. {FINAL}", Annex_B=ALSO_CUT[: -1 - number]))
                poll(pipeline)
            for done in writing:
                done.result()
        now = pipeline.ledger.drafts()[-1]
        assert len(saved) == 8
        assert all(line in now.body for line in saved)
        assert now.state is DraftState.PENDING


# --- what is told of it -------------------------------------------------------------------------------------------


def test_status_names_what_waits_and_says_when_nothing_more_is_drafted(
    mailbox: Mailbox, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    mailbox.append(mail(body=FINAL, Annex_A=CUT), days_ago(300))
    with watching(mailbox, tmp_path, annexes="Annex A") as pipeline:

        def said() -> str:
            status._show(status._pages({"foi": pipeline.overview(pipeline.settings.mailbox[0])}, MOST), {})
            return capsys.readouterr().out

        for number, (what, ago) in enumerate([("A reply", 200), ("A reminder", 150), ("A reminder", 90)], 1):
            (draft,) = poll(pipeline)
            assert f"{what} is for you to review: attachwatch drafts show {number}" in said()
            approve(pipeline, draft, days_ago(ago))
        assert poll(pipeline) == []
        assert "They left two reminders unanswered" in said()
