"""Before damage is held against the authority, the part is fetched once more: the line may be at fault."""

import base64
import email
import hashlib
import io
import zipfile
from email import policy
from pathlib import Path

import pytest

from attachwatch.cli.shapes import status_document
from attachwatch.config import MailboxSettings
from attachwatch.errors import ServerError
from attachwatch.model import Attachment, Cause, Finding, Header, Inspection, Message, MessageKey, Verdict
from attachwatch.service import copies
from attachwatch.service.pipeline import Pipeline
from corrupt_samples import generate
from tests.ledger.test_ledger import NOON
from tests.proxy import Change, Proxy, proxy
from tests.servers import Mailbox
from tests.service.test_pipeline import CUT, HEALTHY, mail, watching

SAMPLES = Path(generate.__file__).parent
FINAL = "This is the final email."


def encoded(data: bytes) -> list[bytes]:
    """The lines that `data` comes in."""
    return base64.encodebytes(data).splitlines()


def zeroed(data: bytes, first: int = 0, last: int | None = None) -> Change:
    """These lines of a file come as zeros; its length stays."""
    there = b"\r\n".join(encoded(data)[first:last])
    zeros = b"\r\n".join(b"A" * len(line) for line in encoded(data)[first:last])
    return lambda piece: piece.replace(there, zeros)


def cut(data: bytes) -> Change:
    """The second half of a file is lost on the way; the length that was announced stays true."""
    there = b"\r\n".join(encoded(data)[len(encoded(data)) // 2 :])
    return lambda piece: piece.replace(there, b"\r\n" * (len(there) // 2) + b"\n" * (len(there) % 2))


def zipped(files: dict[str, bytes]) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return made.getvalue()


def by(line: Proxy, mailbox: Mailbox) -> MailboxSettings:
    """The way to the mailbox on which nothing protects the bytes."""
    return mailbox.settings(name="foi", host="127.0.0.1", port=line.port, tls="none", ca_file=None)


def verdicts(pipeline: Pipeline) -> list[tuple[Verdict, Cause | None, list[str]]]:
    (progress,) = pipeline.overview(pipeline.settings.mailbox[0]).progress
    found = [f.inspection for f in progress.standing.files]
    return [(i.verdict, i.cause, [f.code for f in i.findings if f.code.startswith("fetche")]) for i in found]


def only_attachment(pipeline: Pipeline) -> Attachment:
    ((attachment,),) = [m.attachments for m in pipeline.ledger.messages("foi")]
    return attachment


@pytest.mark.parametrize("damage", [cut(HEALTHY), zeroed(HEALTHY), zeroed(HEALTHY, 3, -3)], ids=["cut", "zeros", "mid"])
def test_what_the_line_damaged_is_held_against_nobody(mailbox: Mailbox, tmp_path: Path, damage: Change) -> None:
    mailbox.append(mail(body=FINAL, Annex_A=HEALTHY))
    before = mailbox.flags()
    with proxy(mailbox.server.plain) as line, watching(mailbox, tmp_path, annexes="Annex A") as pipeline:
        line.changes.append(damage)
        assert pipeline.poll(by(line, mailbox)) == []
        assert line.connections == 2
        assert verdicts(pipeline) == [(Verdict.OK, None, ["fetches-differ"])]
        attachment = only_attachment(pipeline)
        assert attachment.sha256 == hashlib.sha256(HEALTHY).hexdigest()
        assert attachment.size == len(HEALTHY)
        assert attachment.again not in ("", None, attachment.sha256)
        assert pipeline.ledger.blobs.path(attachment.again or "").exists()  # nothing that came is lost
        ((annex,),) = [c["annexes"] for c in status_document({"foi": pipeline.overview(by(line, mailbox))})["cases"]]
        assert (annex["state"], "fetches-differ" in annex["findings"]) == ("ok", True)
        assert pipeline.poll(by(line, mailbox)) == []
        assert (line.connections, only_attachment(pipeline)) == (3, attachment)
    assert mailbox.flags() == before


def test_what_came_damaged_twice_alike_is_the_authority_s_and_not_fetched_a_third_time(
    mailbox: Mailbox, tmp_path: Path
) -> None:
    mailbox.append(mail(body=FINAL, Annex_A=CUT, Annex_B=HEALTHY))
    with proxy(mailbox.server.plain) as line, watching(mailbox, tmp_path, annexes="Annex A, B") as pipeline:
        (draft,) = pipeline.poll(by(line, mailbox))
        assert [i.labels for i in draft.items] == [("A",)]
        assert line.connections == 2
        ((damaged, sound),) = [m.attachments for m in pipeline.ledger.messages("foi")]
        assert (damaged.again, sound.again) == (damaged.sha256, None)
        pipeline.poll(by(line, mailbox))
        assert line.connections == 3


def test_what_came_damaged_in_two_ways_is_for_a_person_to_judge(mailbox: Mailbox, tmp_path: Path) -> None:
    mailbox.append(mail(body=FINAL, Annex_A=HEALTHY))
    with proxy(mailbox.server.plain) as line, watching(mailbox, tmp_path, annexes="Annex A") as pipeline:
        line.changes.extend([zeroed(HEALTHY), cut(HEALTHY)])
        assert pipeline.poll(by(line, mailbox)) == []
        assert verdicts(pipeline) == [(Verdict.UNCHECKED, None, ["fetches-differ"])]
        assert pipeline.overview(by(line, mailbox)).needs_attention


def test_a_worse_second_copy_does_not_replace_the_first(mailbox: Mailbox, tmp_path: Path) -> None:
    damaged = (SAMPLES / "damaged/content-mangled.pdf").read_bytes()
    mailbox.append(mail(body=FINAL, Annex_A=damaged))
    with proxy(mailbox.server.plain) as line, watching(mailbox, tmp_path, annexes="Annex A") as pipeline:
        line.changes.extend([None, zeroed(damaged)])
        assert pipeline.poll(by(line, mailbox)) == []
        assert verdicts(pipeline) == [(Verdict.UNCHECKED, None, ["fetches-differ"])]
        kept = only_attachment(pipeline)
        assert (kept.sha256, kept.size) == (hashlib.sha256(damaged).hexdigest(), len(damaged))


def test_no_draft_is_made_while_the_line_is_gone_and_one_when_it_is_back(mailbox: Mailbox, tmp_path: Path) -> None:
    mailbox.append(mail(body=FINAL, Annex_A=CUT))
    with proxy(mailbox.server.plain) as line, watching(mailbox, tmp_path, annexes="Annex A") as pipeline:
        line.cuts.extend([None, 0])
        with pytest.raises(ServerError):
            pipeline.poll(by(line, mailbox))
        assert pipeline.ledger.drafts() == []
        ((_, why),) = pipeline.overview(by(line, mailbox)).unfetched
        assert why == "Annex A.pdf came damaged, and was not fetched once more yet"
        assert pipeline.settle(by(line, mailbox)) == []
        (draft,) = pipeline.poll(by(line, mailbox))
        assert [i.labels for i in draft.items] == [("A",)]


def test_a_part_that_breaks_the_line_each_time_keeps_its_case_waiting(mailbox: Mailbox, tmp_path: Path) -> None:
    mailbox.append(mail(body=FINAL, Annex_A=CUT + bytes(200_000)))
    with proxy(mailbox.server.plain) as line, watching(mailbox, tmp_path, annexes="Annex A") as pipeline:
        line.cuts.extend([None, *[20_000] * 3])
        assert pipeline.poll(by(line, mailbox)) == []
        assert len(pipeline.overview(by(line, mailbox)).unfetched) == 1
        assert len(pipeline.poll(by(line, mailbox))) == 1


def test_a_message_that_was_moved_meanwhile_is_judged_by_its_one_copy(mailbox: Mailbox, tmp_path: Path) -> None:
    mailbox.append(mail(body=FINAL, Annex_A=CUT))
    with proxy(mailbox.server.plain) as line, watching(mailbox, tmp_path, annexes="Annex A") as pipeline:
        line.cuts.extend([None, 0])
        with pytest.raises(ServerError):
            pipeline.poll(by(line, mailbox))
        with mailbox.client() as client:
            client.select_folder("INBOX")
            client.delete_messages([1])
            client.expunge()
        (draft,) = pipeline.poll(by(line, mailbox))
        assert [i.labels for i in draft.items] == [("A",)]
        assert only_attachment(pipeline).again == ""
        assert verdicts(pipeline) == [(Verdict.BROKEN, Cause.TRUNCATED, ["fetched-once"])]


def test_what_is_damaged_in_an_archive_has_the_archive_fetched_again(mailbox: Mailbox, tmp_path: Path) -> None:
    packed = zipped({"Annex A.pdf": CUT, "Annex B.pdf": HEALTHY})
    message = email.message_from_bytes(mail(body=FINAL), policy=policy.SMTP)
    message.add_attachment(packed, maintype="application", subtype="zip", filename="Annexes.zip")
    mailbox.append(message.as_bytes())
    with proxy(mailbox.server.plain) as line, watching(mailbox, tmp_path, annexes="Annex A, B") as pipeline:
        (draft,) = pipeline.poll(by(line, mailbox))
        assert [i.labels for i in draft.items] == [("A",)]
        ((archive, *inside),) = [m.attachments for m in pipeline.ledger.messages("foi")]
        assert archive.again == archive.sha256
        assert [a.again for a in inside] == [None, None]
        assert line.connections == 2


def test_an_archive_that_the_line_changed_is_unpacked_anew(mailbox: Mailbox, tmp_path: Path) -> None:
    packed = zipped({"Annex A.pdf": HEALTHY, "Annex B.pdf": CUT})
    message = email.message_from_bytes(mail(body=FINAL), policy=policy.SMTP)
    message.add_attachment(packed, maintype="application", subtype="zip", filename="Annexes.zip")
    mailbox.append(message.as_bytes())
    with proxy(mailbox.server.plain) as line, watching(mailbox, tmp_path, annexes="Annex A, B") as pipeline:
        line.changes.append(zeroed(packed, 4, 8))  # in the first file, where nothing but its checksum tells
        assert pipeline.poll(by(line, mailbox)) == []
        ((archive, first, second),) = [m.attachments for m in pipeline.ledger.messages("foi")]
        assert archive.sha256 == hashlib.sha256(packed).hexdigest()
        assert archive.again not in (None, "", archive.sha256)
        assert first.sha256 == hashlib.sha256(HEALTHY).hexdigest()
        assert second.sha256 == hashlib.sha256(CUT).hexdigest()


# --- what is decided, without a server ----------------------------------------------------------------------------

BAD = Inspection("bad", 5, "application/pdf", Verdict.BROKEN, Cause.TRUNCATED, findings=(Finding("truncated", "x."),))
WORSE = Inspection("worse", 6, "application/pdf", Verdict.BROKEN, Cause.EMPTY)
GOOD = Inspection("good", 7, "application/pdf", Verdict.OK)
LOCKED = Inspection("locked", 8, "application/pdf", Verdict.LOCKED, Cause.PASSWORD)
KNOWN = {i.sha256: i for i in (BAD, WORSE, GOOD, LOCKED)}


def attachment(sha256: str, part: str = "2", again: str | None = None) -> Attachment:
    return Attachment(part, "a.pdf", "application/pdf", KNOWN[sha256].size if sha256 else 0, sha256, (), again)


def message(*attachments: Attachment, uidvalidity: int = 7) -> Message:
    return Message(MessageKey("foi", "INBOX", uidvalidity, 1), NOON, Header(), attachments=attachments)


@pytest.mark.parametrize(
    ("one", "doubts"),
    [
        (message(attachment("bad"), attachment("good", "3")), ["2"]),
        (message(attachment("locked")), []),  # no line locks a file
        (message(attachment("bad", again="bad")), []),
        (message(attachment("bad", again="")), []),
        (message(attachment("bad"), uidvalidity=0), []),  # from a file
        (message(attachment("good"), attachment("bad", "2/1")), ["2"]),
        (message(attachment("good"), attachment("good", "2/1"), attachment("bad", "2/1/3")), ["2"]),
        (message(attachment("good", again="good"), attachment("bad", "2/1")), []),
        (message(attachment("")), []),
    ],
)
def test_what_is_to_be_fetched_once_more(one: Message, doubts: list[str]) -> None:
    assert [a.part for a in copies.doubted(one, KNOWN)] == doubts


def test_of_two_copies_the_better_one_counts() -> None:
    found = copies.better(attachment("bad", again="good"), KNOWN)
    assert found == attachment("good", again="bad")
    for settled in (found, attachment("bad", again="worse"), attachment("worse", again="bad"), attachment("bad")):
        assert copies.better(settled, KNOWN) is None


def test_bytes_that_differ_accuse_nobody() -> None:
    told = copies.as_fetched(BAD, attachment("bad", again="worse"))
    assert (told.verdict, told.cause, [f.code for f in told.findings]) == (
        Verdict.UNCHECKED,
        None,
        ["fetches-differ", "truncated"],
    )
    assert copies.as_fetched(BAD, attachment("bad", again="bad")) == BAD
    assert copies.as_fetched(BAD, attachment("bad")) == BAD
    assert copies.as_fetched(GOOD, attachment("good", again="bad")).verdict is Verdict.OK
