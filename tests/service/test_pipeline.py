"""The whole path over a real IMAP server: what came, what is said of it, and that nothing is said twice."""

import mailbox as stdlib_mailbox
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from email.message import EmailMessage
from pathlib import Path

import pytest

from attachwatch.config import Settings
from attachwatch.demo import damage, documents, story
from attachwatch.inspection.sandbox import Inspector
from attachwatch.ledger.ledger import Ledger
from attachwatch.mail.session import Session
from attachwatch.mail.streams import Wanted
from attachwatch.mime.parts import MOST, TOO_MANY
from attachwatch.model import CaseState, Draft, DraftKind, DraftState
from attachwatch.service import review, setup
from attachwatch.service.pipeline import Pipeline
from attachwatch.service.review import Placed
from tests.servers import Mailbox

HEALTHY = documents.report("Case handling manual", 3)
CUT = damage.truncate(HEALTHY, 0.5)
SIX = [f"D({n})" for n in ("iii", "iv", "vi", "vii", "viii", "ix")]


@contextmanager
def watching(
    mailbox: Mailbox,
    folder: Path,
    *,
    annexes: str = story.ANNEXES,
    trusted: str | None = None,
    database: str = "",
    **case: object,
) -> Iterator[Pipeline]:
    (folder / "annexes.txt").write_text(annexes)
    values = {
        "reference": story.REFERENCE,
        "mailbox": "foi",
        "authority": (story.AUTHORITY,),
        "annexes": folder / "annexes.txt",
    }
    settings = Settings.model_validate(
        {
            "store": {"path": folder / "store", "database": database},
            "mailbox": [mailbox.settings(name="foi", **({"trusted_authserv_id": trusted} if trusted else {}))],
            "case": [values | case],
        }
    )
    with Ledger.open(folder / "store", database) as ledger, Inspector(jobs=1) as inspector:
        yield Pipeline(settings, setup.cases(settings), ledger, inspector)


def poll(pipeline: Pipeline) -> list[Draft]:
    return pipeline.poll(pipeline.settings.mailbox[0])


def state(pipeline: Pipeline) -> CaseState:
    return pipeline.overview(pipeline.settings.mailbox[0]).progress[0].state


def mail(
    subject: str = story.REFERENCE, body: str = "", sender: str = f"foi@{story.AUTHORITY}", **files: bytes
) -> bytes:
    """An email; a file's name is its keyword with "_" for a blank, and ".pdf" behind it."""
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = sender, story.USER, subject
    message["Message-ID"] = f"<{abs(hash((subject, body, sender, *files)))}@x.example>"
    message["Date"] = "Tue, 01 Oct 2024 10:00:00 +0100"
    message.set_content(body)
    for name, data in files.items():
        filename = f"{name.replace('_', ' ')}.pdf"
        message.add_attachment(data, maintype="application", subtype="pdf", filename=filename)
    return message.as_bytes()


def test_the_six_that_do_not_open_are_named_and_after_the_re_sends_the_two(
    mailbox: Mailbox, tmp_path: Path, database_url: str
) -> None:
    for message in story.first_response():
        mailbox.append(message)
    before = mailbox.flags()
    with watching(mailbox, tmp_path, database=database_url) as pipeline:
        (first,) = poll(pipeline)
        assert [i.labels for i in first.items] == [(label,) for label in SIX]
        assert all(f"{n}. {i.file}" in first.body for n, i in enumerate(first.items, 1))
        assert first.missing == ()
        assert poll(pipeline) == []
        assert mailbox.flags() == before

        review.approve(pipeline.settings, pipeline.ledger, first.id)
        assert state(pipeline) is CaseState.WAITING_FOR_RESEND
        for message in story.resends(first.message_id):
            mailbox.append(message)
        (second,) = poll(pipeline)
        assert [i.labels for i in second.items] == [("D(viii)",), ("D(ix)",)]
        assert second.round == 2
        assert poll(pipeline) == []
        assert len(pipeline.ledger.drafts()) == 2


def test_re_sends_that_come_one_by_one_make_no_draft_before_the_last(mailbox: Mailbox, tmp_path: Path) -> None:
    for message in story.first_response():
        mailbox.append(message)
    with watching(mailbox, tmp_path) as pipeline:
        (first,) = poll(pipeline)
        *early, last = story.resends(None)
        for message in early:
            mailbox.append(message)
            assert poll(pipeline) == []
        assert [d.state for d in pipeline.ledger.drafts()] == [DraftState.SUPERSEDED]
        mailbox.append(last)
        (second,) = poll(pipeline)
        assert (second.round, len(second.items)) == (2, 2)
        assert first.id != second.id


def test_an_approved_draft_stands_once_in_the_drafts_folder_and_is_threaded(mailbox: Mailbox, tmp_path: Path) -> None:
    mailbox.append(mail(body="This is the final email.", Annex_A=CUT))
    with watching(mailbox, tmp_path, annexes="Annex A") as pipeline:
        (draft,) = poll(pipeline)
        assert review.approve(pipeline.settings, pipeline.ledger, draft.id) == Placed(folder="Drafts")
        (placed,) = mailbox.drafts()
        assert draft.message_id.encode() in placed
        assert draft.in_reply_to is not None
        assert f"In-Reply-To: {draft.in_reply_to}".encode() in placed
        with pytest.raises(Exception, match="approved already"):
            review.approve(pipeline.settings, pipeline.ledger, draft.id)
        assert len(mailbox.drafts()) == 1


def test_a_stranger_with_the_reference_is_not_even_fetched(mailbox: Mailbox, tmp_path: Path) -> None:
    mailbox.append(mail(sender=f"foi@{story.AUTHORITY}.example.net", body="The final email.", Annex_A=CUT))
    with watching(mailbox, tmp_path, annexes="Annex A") as pipeline:
        assert poll(pipeline) == []
        assert pipeline.ledger.messages("foi") == []
        picture = pipeline.overview(pipeline.settings.mailbox[0])
        assert [imitated for _, imitated in picture.lookalikes] == [story.AUTHORITY]


def test_a_case_that_is_configured_later_finds_the_mail_that_was_there_before(mailbox: Mailbox, tmp_path: Path) -> None:
    mailbox.append(mail(body="This is the final email.", Annex_A=CUT))
    with watching(mailbox, tmp_path, annexes="Annex A", authority=("other.example",)) as pipeline:
        assert poll(pipeline) == []
    with watching(mailbox, tmp_path, annexes="Annex A") as pipeline:
        assert [i.labels for i in poll(pipeline)[0].items] == [("A",)]


def test_a_message_that_cannot_be_fetched_stops_no_other_but_the_draft(
    mailbox: Mailbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mailbox.append(mail(body="Please find attached.", Annex_A=CUT))
    mailbox.append(mail(body="Please find attached.", Annex_B=CUT))
    mailbox.append(mail(body="This is the final email.", Annex_C=CUT))
    stream = Session.stream

    def broken_line(session: Session, wanted: Iterable[Wanted], in_flight: int) -> Iterator[tuple[Wanted, str]]:
        for one, problem in stream(session, wanted, in_flight):
            yield one, "the line broke" if one.uid == 2 else problem

    with watching(mailbox, tmp_path, annexes="Annex A to C") as pipeline:
        with monkeypatch.context() as patch:
            patch.setattr(Session, "stream", broken_line)
            assert poll(pipeline) == []
        assert [m.key.uid for m in pipeline.ledger.messages("foi")] == [1, 3]
        assert len(pipeline.overview(pipeline.settings.mailbox[0]).unfetched) == 1
        (draft,) = poll(pipeline)
        assert [i.labels for i in draft.items] == [("A",), ("B",), ("C",)]
        assert pipeline.overview(pipeline.settings.mailbox[0]).unfetched == ()


def test_a_message_that_is_deleted_before_it_was_read_holds_nothing_up(
    mailbox: Mailbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mailbox.append(mail(body="This is the final email.", Annex_A=CUT))
    mailbox.append(mail(subject="gone", Annex_B=CUT))
    with watching(mailbox, tmp_path, annexes="Annex A") as pipeline:
        stopped = Pipeline(pipeline.settings, pipeline.cases, pipeline.ledger, pipeline.inspector)
        stopped.stopping.set()  # lists, and fetches nothing
        assert poll(stopped) == []
        with mailbox.client() as client:
            client.select_folder("INBOX")
            client.delete_messages([2])
            client.expunge()
        assert [i.labels for i in poll(pipeline)[0].items] == [("A",)]


def test_a_file_beyond_the_limit_is_neither_missing_nor_broken(mailbox: Mailbox, tmp_path: Path) -> None:
    mailbox.append(mail(body="This is the final email.", Annex_A=b"%PDF-1.4" + bytes(3 << 20)))
    with watching(mailbox, tmp_path, annexes="Annex A") as pipeline:
        settings = pipeline.settings.model_copy(
            update={"limits": pipeline.settings.limits.model_copy(update={"attachment": 1})}
        )
        small = Pipeline(settings, pipeline.cases, pipeline.ledger, pipeline.inspector)
        assert poll(small) == []
        (place,) = small.overview(settings.mailbox[0]).progress
        assert [s.state for s in place.standing.annexes] == ["unchecked"]


def test_odd_names_and_missing_headers_are_stored_and_shown(mailbox: Mailbox, tmp_path: Path) -> None:
    odd = EmailMessage()
    odd["From"], odd["Subject"] = f"foi@{story.AUTHORITY}", f"Re: {story.REFERENCE}"
    odd.set_content("This is the final email.")
    names = ["../../etc/passwd.pdf", "a" * 300 + ".pdf", "same.pdf", "same.pdf", "right\u202efdp.exe.pdf"]
    for number, name in enumerate(names):
        odd.add_attachment(CUT + bytes([number]), maintype="application", subtype="pdf", filename=name)
    odd.add_attachment(CUT, maintype="application", subtype="pdf")
    mailbox.append(odd.as_bytes())
    with watching(
        mailbox,
        tmp_path,
        annexes="",
    ) as pipeline:
        poll(pipeline)
        (stored,) = pipeline.ledger.messages("foi")
        assert [a.name for a in stored.attachments] == [*names, "part-7.pdf"]
        assert [a.is_nameless for a in stored.attachments] == [False] * len(names) + [True]
        assert stored.header.message_id is None
        assert {p.name for p in tmp_path.iterdir()} == {"annexes.txt", "store"}
        for attachment in stored.attachments:
            assert pipeline.ledger.blobs.path(attachment.sha256).stat().st_size == attachment.size


def test_a_server_that_refuses_the_password_leaves_a_note_for_status(mailbox: Mailbox, tmp_path: Path) -> None:
    with watching(mailbox, tmp_path) as pipeline:
        wrong = mailbox.settings(name="foi", password_command="echo wrong", password_env=None)
        with pytest.raises(Exception, match="refused"):
            pipeline.poll(wrong)
        assert "refused" in (pipeline.ledger.polls()[0].problem or "")


def test_a_link_that_the_html_alone_has_keeps_the_annexes_from_being_called_missing(
    mailbox: Mailbox, tmp_path: Path
) -> None:
    message = EmailMessage()
    message["From"], message["Subject"], message["Message-ID"] = (
        f"foi@{story.AUTHORITY}",
        story.REFERENCE,
        "<1@x.example>",
    )
    message.set_content("Please find the letter attached, and the annexes below.\nThis is the final email.\nDownload\n")
    message.add_alternative(
        "<p>Please find the letter attached, and the annexes below.</p><p>This is the final email.</p>"
        '<p><a href="https://interior.sharepoint.com/:f:/s/foi/EvW">Download</a></p>',
        subtype="html",
    )
    message.add_attachment(HEALTHY, maintype="application", subtype="pdf", filename="Letter.pdf")
    mailbox.append(message.as_bytes())
    with watching(mailbox, tmp_path, annexes="Annex A\nAnnex B") as pipeline:
        assert poll(pipeline) == []
        picture = pipeline.overview(pipeline.settings.mailbox[0])
        (notice,) = picture.progress[0].standing.notices
        assert (notice.finding.code, notice.finding.evidence["service"]) == ("cloud-link", "SharePoint")
        assert picture.needs_attention

        mailbox.append(mail(body="As files now. This is the final email.", Annex_A=HEALTHY, Annex_B=HEALTHY))
        assert poll(pipeline) == []
        assert state(pipeline) is CaseState.COMPLETE
        assert not pipeline.overview(pipeline.settings.mailbox[0]).needs_attention


def test_more_parts_than_are_looked_at_are_told_of_and_nothing_is_called_missing(
    mailbox: Mailbox, tmp_path: Path
) -> None:
    head = f"From: foi@{story.AUTHORITY}\r\nSubject: {story.REFERENCE}, final email\r\nMessage-ID: <1@x.example>\r\n"
    empty = "--b\r\n\r\nThis is the final email.\r\n" * (MOST + 10)
    last = '--b\r\nContent-Type: application/pdf; name="Annex A.pdf"\r\n\r\n%PDF-\r\n--b--\r\n'
    mailbox.append(
        f"{head}MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n{empty}{last}".encode()
    )
    with watching(mailbox, tmp_path, annexes="Annex A") as pipeline:
        assert poll(pipeline) == []
        (notice,) = pipeline.overview(pipeline.settings.mailbox[0]).progress[0].standing.notices
        assert (notice.finding.code, notice.finding.message) == ("too-many-parts", TOO_MANY)


def test_a_maildir_that_another_program_fills_is_watched_like_a_server(tmp_path: Path) -> None:
    (tmp_path / "mail").mkdir()
    inbox = stdlib_mailbox.Maildir(tmp_path / "mail" / "INBOX")
    drafts = stdlib_mailbox.Maildir(tmp_path / "mail" / "Drafts")
    inbox.add(mail(body="This is the final email.", Annex_D_iii=CUT))
    case = {
        "reference": story.REFERENCE,
        "mailbox": "foi",
        "authority": (story.AUTHORITY,),
        "annexes": ("Annex D(iii)",),
    }
    mailbox = {"name": "foi", "path": tmp_path / "mail", "username": story.USER}
    settings = Settings.model_validate({"store": {"path": tmp_path / "store"}, "mailbox": [mailbox], "case": [case]})
    with Ledger.open(tmp_path / "store") as ledger, Inspector(jobs=1) as inspector:
        pipeline = Pipeline(settings, setup.cases(settings), ledger, inspector)
        (draft,) = poll(pipeline)
        assert [(i.labels, i.file) for i in draft.items] == [(("D(iii)",), "Annex D iii.pdf")]
        assert poll(pipeline) == []
        assert review.approve(settings, ledger, draft.id) == Placed(folder="Drafts")
        assert len(drafts) == 1
        inbox.add(mail(subject=f"Re: {story.REFERENCE}", body="Here it is again.", Annex_D_iii=HEALTHY))
        assert [d.kind for d in poll(pipeline)] == [DraftKind.THANKS]
        assert state(pipeline) is CaseState.COMPLETE
        assert len(ledger.messages("foi")) == 2
