"""Cases as they are in a store after some mail, for reports on them: a Maildir, the real pipeline, and no server."""

import mailbox
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path

from attachwatch import config
from attachwatch.demo import story
from attachwatch.inspection.sandbox import Inspector
from attachwatch.ledger.ledger import Ledger
from attachwatch.service import review, setup
from attachwatch.service.desk import Desk
from attachwatch.service.pipeline import Pipeline

ACKNOWLEDGEMENT = f"""\
From: FOI Requests <foi.responses@{story.AUTHORITY}>
To: {story.USER}
Subject: Automatic reply: your request {story.REFERENCE}
Date: Mon, 02 Sep 2024 09:00:00 +0100
Message-ID: <auto-1@mail.{story.AUTHORITY}>
Auto-Submitted: auto-replied

Thank you for your email. It has reached us.
""".encode()


@contextmanager
def watching(
    folder: Path, case: str = 'annexes = "annexes.txt"', annexes: str = story.ANNEXES
) -> Iterator[tuple[Path, Pipeline]]:
    """A configuration in `folder` whose mailbox is a Maildir there, and the pipeline on it."""
    for name in ("mail", "mail/.Drafts"):
        mailbox.Maildir(folder / name)
    (folder / "annexes.txt").write_text(annexes, encoding="utf-8")
    path = folder / config.FILE_NAME
    path.write_text(
        f"""\
[store]
path = "store"

[[mailbox]]
name = "foi"
path = "mail"
username = "{story.USER}"

[[case]]
reference = "{story.REFERENCE}"
mailbox = "foi"
authority = ["{story.AUTHORITY}"]
{case}
""",
        encoding="utf-8",
    )
    settings = config.load(path)
    with Ledger.open(settings.store.path) as ledger, Inspector(jobs=1) as inspector:
        yield path, Pipeline(settings, setup.cases(settings), ledger, inspector)


def deliver(folder: Path, mail: Sequence[bytes]) -> None:
    box = mailbox.Maildir(folder / "mail")
    for message in mail:
        box.add(message)


def six_annexes(folder: Path) -> Path:
    """The story of the six annexes up to the second draft, with an acknowledgement before it and two decisions; the
    configuration is returned."""
    with watching(folder, 'annexes = "annexes.txt"\nrequested = 2024-09-02') as (path, pipeline):
        account = pipeline.settings.mailbox[0]
        deliver(folder, [ACKNOWLEDGEMENT, *story.first_response()])
        (first,) = pipeline.poll(account)
        review.approve(pipeline.settings, pipeline.ledger, first.id)
        deliver(folder, story.resends(first.message_id))
        pipeline.poll(account)
        desk = Desk(pipeline.settings, pipeline.cases, pipeline.ledger)
        case = desk.case(None)
        (taken_back,) = desk.receive(["Annex E"], case, "on paper")
        desk.undo(taken_back.id)
        pipeline.poll(account)
    return path


def email(subject: str, body: str, files: dict[str, bytes], sender: str = "FOI") -> bytes:
    """An email of the authority; names of files go in as RFC 2231 has them."""
    message = EmailMessage(policy=SMTP)
    message["From"], message["To"] = f"{sender} <foi.responses@{story.AUTHORITY}>", story.USER
    message["Subject"], message["Date"] = subject, "Tue, 01 Oct 2024 10:00:00 +0100"
    message["Message-ID"] = f"<h-{len(files)}@mail.{story.AUTHORITY}>"
    message.set_content(body)
    for name, data in files.items():
        message.add_attachment(data, maintype="application", subtype="pdf", filename=name)
    return message.as_bytes()
