"""Who sent it, from the server to `status`: what was forged is held aside, named, and never drafted from."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path

from attachwatch.cli import shapes
from attachwatch.cli.documents import Status
from attachwatch.demo import damage, documents, story
from attachwatch.service.pipeline import Pipeline
from tests.cli.test_watch import configure
from tests.program import run
from tests.servers import Mailbox
from tests.service.test_pipeline import poll, watching

MX = "mx.newsroom.example"
CUT = damage.truncate(documents.report("Case handling manual", 3), 0.5)
GOOD = documents.report("Impact assessment", 1)
PASS = (
    f"{MX};\r\n dkim=pass (2048-bit key) header.d={story.AUTHORITY} header.s=s1;\r\n spf=none smtp.mailfrom=x.example"
)
FAIL = f"{MX};\r\n dkim=none; spf=softfail smtp.mailfrom={story.AUTHORITY}"
FORGED = f"{MX}; dkim=pass header.d={story.AUTHORITY}; dmarc=pass header.from={story.AUTHORITY}"


def mail(
    subject: str,
    *results: str,
    sender: str = f"FOI <foi@{story.AUTHORITY}>",
    body: str = "This is the final email.",
    file: tuple[str, bytes] | None = None,
    **fields: str,
) -> bytes:
    """An email as it lies in the mailbox: what the servers added at the top, the newest first."""
    message = EmailMessage(policy=SMTP)
    message["To"], message["Subject"] = story.USER, f"{story.REFERENCE} {subject}"
    message["Message-ID"] = f"<{subject.replace(' ', '-')}@{story.AUTHORITY}>"
    message["Date"] = "Tue, 01 Oct 2024 10:00:00 +0100"
    for name, value in fields.items():
        message[name.replace("_", "-")] = value
    message.set_content(body)
    if file:
        message.add_attachment(file[1], maintype="application", subtype="pdf", filename=file[0])
    added = ["Received: from out by in; Tue, 01 Oct 2024 10:00:00 +0100"]
    added += [f"Authentication-Results: {result}" for result in results]
    return "\r\n".join([*added, f"From: {sender}", ""]).encode() + message.as_bytes()


@contextmanager
def trusting(mailbox: Mailbox, folder: Path, trusted: str | None = MX) -> Iterator[Pipeline]:
    with watching(mailbox, folder, annexes="Annex A to C", trusted=trusted) as pipeline:
        yield pipeline


def polled(pipeline: Pipeline) -> Status:
    """What `status --json` says after a poll."""
    poll(pipeline)
    return shapes.status_document({"foi": pipeline.overview(pipeline.settings.mailbox[0])})


def drafted(pipeline: Pipeline) -> list[tuple[str, list[tuple[str, ...]]]]:
    return [(draft.state, [item.labels for item in draft.items]) for draft in pipeline.ledger.drafts()]


def test_only_what_the_server_verified_is_answered(mailbox: Mailbox, tmp_path: Path) -> None:
    mailbox.append(mail("without results", file=("Annex A.pdf", CUT)))
    mailbox.append(mail("of another server", FORGED.replace(MX, "mx.evil.example"), file=("Annex A.pdf", CUT)))
    mailbox.append(mail("forged below", FAIL, FORGED, file=("Annex A.pdf", CUT)))
    mailbox.append(mail("two addresses", PASS, sender=f"foi@{story.AUTHORITY}, x@evil.example"))
    with trusting(mailbox, tmp_path) as pipeline:
        document = polled(pipeline)
        assert [(h["subject"].removeprefix(f"{story.REFERENCE} "), h["reason"]) for h in document["held"]] == [
            ("without results", f"no result of {MX}"),
            ("of another server", f"no result of {MX}"),
            ("forged below", f"{MX} says: dkim=none, spf=softfail for {story.AUTHORITY}"),
            ("two addresses", "From names 2 addresses"),
        ]
        assert {(h["held_as"], h["sender"], h["mailbox"]) for h in document["held"]} == {
            ("unverified sender", f"foi@{story.AUTHORITY}", "foi")
        }
        (case,) = document["cases"]
        assert (case["state"], case["messages"], case["unexpected"]) == ("receiving", 0, [])
        assert {a["state"] for a in case["annexes"]} == {"missing"}
        assert drafted(pipeline) == []
        # They are stored all the same, for a person who may find that they are genuine.
        assert len(pipeline.ledger.messages("foi")) == 4

        mailbox.append(mail("our response", PASS, FAIL, file=("Annex B.pdf", CUT)))
        (case,) = polled(pipeline)["cases"]
        assert {a["label"]: a["state"] for a in case["annexes"]} == {"A": "missing", "B": "broken", "C": "missing"}
        assert case["messages"] == 1
        assert drafted(pipeline) == [("pending", [("B",)])]


def test_without_a_trusted_server_from_is_believed(mailbox: Mailbox, tmp_path: Path) -> None:
    mailbox.append(mail("failed", FAIL, file=("Annex A.pdf", CUT)))
    mailbox.append(mail("two addresses", sender=f"foi@{story.AUTHORITY}, x@evil.example"))
    with trusting(mailbox, tmp_path, trusted=None) as pipeline:
        assert [h["reason"] for h in polled(pipeline)["held"]] == ["From names 2 addresses"]
        assert drafted(pipeline) == [("pending", [("A",)])]


def test_a_server_that_is_trusted_later_is_asked_about_what_was_listed_before(mailbox: Mailbox, tmp_path: Path) -> None:
    mailbox.append(mail("forged", FAIL, file=("Annex A.pdf", CUT)))
    mailbox.append(mail("genuine", PASS, file=("Annex B.pdf", GOOD)))
    with trusting(mailbox, tmp_path, trusted=None) as pipeline:
        assert polled(pipeline)["held"] == []
        assert drafted(pipeline) == [("pending", [("A",)])]
    with trusting(mailbox, tmp_path) as pipeline:
        document = polled(pipeline)
        assert [h["subject"] for h in document["held"]] == [f"{story.REFERENCE} forged"]
        assert [a["state"] for a in document["cases"][0]["annexes"]] == ["missing", "ok", "missing"]
        assert drafted(pipeline) == [("superseded", [("A",)]), ("pending", [])]


def test_lookalikes_and_foreign_reply_addresses_are_named(mailbox: Mailbox, tmp_path: Path) -> None:
    mailbox.append(mail("trap 1", PASS, sender=f"FOI <foi@{story.AUTHORITY}.evil.example>"))
    mailbox.append(mail("trap 2", PASS, sender=f'"foi@{story.AUTHORITY}" <x@evil.example>'))
    mailbox.append(mail("trap 3", PASS, sender=f"y@evil.example, foi@{story.AUTHORITY}"))
    mailbox.append(mail("response", PASS, file=("Annex A.pdf", CUT), Reply_To="case-7@tickets.example"))
    with trusting(mailbox, tmp_path) as pipeline:
        document = polled(pipeline)
        assert sorted((x["sender"], x["name"]) for x in document["lookalikes"]) == [
            (f"foi@{story.AUTHORITY}.evil.example", "FOI"),
            ("x@evil.example", f"foi@{story.AUTHORITY}"),
            ("y@evil.example", f"foi@{story.AUTHORITY}"),
        ]
        assert document["held"] == []
        assert document["diverted"] == [
            {"mailbox": "foi", "sender": f"foi@{story.AUTHORITY}", "reply_to": "case-7@tickets.example"}
        ]
        (draft,) = pipeline.ledger.drafts()
        assert draft.to == (f"foi@{story.AUTHORITY}",)


def test_bounces_absences_and_receipts_are_no_answer_and_annexes_of_a_ticket_system_are(
    mailbox: Mailbox, tmp_path: Path
) -> None:
    mailbox.append(mail("bounce", sender=f"Mail <MAILER-DAEMON@{story.AUTHORITY}>", Return_Path="<>"))
    mailbox.append(mail("absent", PASS, Auto_Submitted="auto-replied"))
    mailbox.append(mail("rule", PASS, X_MS_Exchange_Inbox_Rules_Loop=f"foi@{story.AUTHORITY}"))
    mailbox.append(mail("receipt", PASS, body="This is an automated acknowledgement. This is the final email."))
    with trusting(mailbox, tmp_path) as pipeline:
        document = polled(pipeline)
        assert (document["held"], document["cases"][0]["messages"], drafted(pipeline)) == ([], 0, [])
        assert not pipeline.overview(pipeline.settings.mailbox[0]).needs_attention

        mailbox.append(mail("response", PASS, file=("Annex A.pdf", CUT), Auto_Submitted="auto-generated"))
        assert polled(pipeline)["cases"][0]["messages"] == 1
        assert drafted(pipeline) == [("pending", [("A",)])]


def test_status_shows_what_is_held_aside_and_who_is_imitated(mailbox: Mailbox, tmp_path: Path) -> None:
    path = configure(mailbox, tmp_path, trusted_authserv_id=MX)
    mailbox.append(mail("forged", FORGED.replace(MX, "mx.evil.example")))
    mailbox.append(mail("response", PASS, Reply_To="case-7@tickets.example"))
    assert run("watch", "--once", "--config", path).returncode == 1
    (held,) = json.loads(run("status", "--json", "--config", path).stdout)["held"]
    assert (held["held_as"], held["reason"]) == ("unverified sender", f"no result of {MX}")
    shown = run("status", "--config", path)
    assert shown.returncode == 1
    words = " ".join(shown.stdout.split())
    assert f"unverified sender: '{story.REFERENCE} forged' from foi@{story.AUTHORITY}: no result of {MX}" in words
    assert "asks for replies to case-7@tickets.example, which is not the authority's" in words
