"""Mailboxes in files: each kind is read as a server's is, changed by nothing, and known again after it was moved."""

import mailbox
import os
import time
from contextlib import ExitStack
from email.message import EmailMessage
from pathlib import Path

import pytest

from attachwatch.config import MailboxSettings
from attachwatch.errors import FolderError
from attachwatch.ledger.blobs import Blobs
from attachwatch.mail import folders
from attachwatch.mail.interface import Fetched, Source
from attachwatch.mail.local import opened

KINDS = ["maildir", "mbox", "eml"]


def email(number: int, size: int = 100) -> EmailMessage:
    message = EmailMessage()
    message["Received"] = f"from a by b; Wed, 02 Oct 2024 10:00:0{number} +0000"
    message["From"], message["Subject"] = "foi@x.example", f"Annex {number}"
    message["Date"] = "Tue, 01 Oct 2024 10:00:00 +0100"
    message.set_content("Please find attached.")
    message.add_attachment(b"x" * size, maintype="application", subtype="pdf", filename=f"{number}.pdf")
    return message


def make(kind: str, path: Path, *numbers: int) -> None:
    """Add messages to a mailbox, as another program did a while ago."""
    for number in numbers:
        if kind == "maildir":
            mailbox.Maildir(path).add(email(number))
        elif kind == "mbox":
            box = mailbox.mbox(path)
            box.add(email(number))
            box.close()
        else:
            path.mkdir(exist_ok=True)
            (path / f"{number}.eml").write_bytes(email(number).as_bytes())
    age(path)


def age(path: Path) -> None:
    for file in [path, *path.rglob("*")]:
        os.utime(file, (time.time() - 60,) * 2)


def settings(path: Path, **others: object) -> MailboxSettings:
    return MailboxSettings.model_validate({"name": "foi", "path": path, "username": "me@x.example"} | others)


def read(source: Source, tmp_path: Path, largest: int = 10**6) -> list[Fetched]:
    state = source.examine("INBOX")
    listed = list(source.list_messages("foi", "INBOX", state.uidvalidity, source.uids_from(1)))
    return sorted(source.fetch(listed, Blobs(tmp_path / "blobs"), largest), key=lambda f: f.listed.header.subject)


@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_is_read_whole_and_left_as_it_was(kind: str, tmp_path: Path) -> None:
    path = tmp_path / "mail"
    make(kind, path, 1, 2)
    before = {f: (f.read_bytes(), f.stat().st_mtime) for f in [path, *path.rglob("*")] if f.is_file()}
    with opened(settings(path), path) as source:
        one, two = [f.message for f in read(source, tmp_path)]
    assert one
    assert two
    assert [a.name for m in (one, two) for a in m.attachments] == ["1.pdf", "2.pdf"]
    assert f"{one.received:%d %H:%M:%S}" == "02 10:00:01"
    assert one.text.strip() == "Please find attached."
    assert {f: (f.read_bytes(), f.stat().st_mtime) for f in before} == before
    assert sorted(p.name for p in tmp_path.iterdir()) == ["blobs", "mail"]


@pytest.mark.parametrize("kind", KINDS)
def test_a_message_keeps_its_uid_when_others_come_and_go(kind: str, tmp_path: Path) -> None:
    path = tmp_path / "mail"
    make(kind, path, 1)
    with opened(settings(path), path) as source:
        source.examine("INBOX")
        (first,) = source.uids_from(1)
        make(kind, path, 2)
        source.examine("INBOX")
        assert first in source.uids_from(1)
        assert len(source.uids_from(1)) == 2


def test_a_message_of_a_maildir_that_is_read_meanwhile_is_the_same(tmp_path: Path) -> None:
    path = tmp_path / "mail"
    make("maildir", path, 1)
    with opened(settings(path), path) as source:
        state = source.examine("INBOX")
        uids = source.uids_from(1)
        (file,) = (path / "new").iterdir()
        file.rename(path / "cur" / f"{file.name}:2,S")
        listed = list(source.list_messages("foi", "INBOX", state.uidvalidity, uids))
        (found,) = source.fetch(listed, Blobs(tmp_path / "blobs"), 10**6)
        assert found.message
        source.examine("INBOX")
        assert source.uids_from(1) == uids


def test_flags_that_a_mail_program_writes_into_an_mbox_make_no_other_message(tmp_path: Path) -> None:
    path = tmp_path / "mail"
    make("mbox", path, 1)
    with opened(settings(path), path) as source:
        source.examine("INBOX")
        before = source.uids_from(1)
    path.write_bytes(path.read_bytes().replace(b"Subject:", b"Status: RO\nX-Status: A\nSubject:"))
    age(path)
    with opened(settings(path), path) as source:
        source.examine("INBOX")
        assert source.uids_from(1) == before


@pytest.mark.parametrize("kind", ["mbox", "eml"])
def test_what_may_still_be_being_written_waits(kind: str, tmp_path: Path) -> None:
    path = tmp_path / "mail"
    make(kind, path, 1)
    make(kind, path, 2)
    newest = path if kind == "mbox" else path / "2.eml"
    os.utime(newest)
    with ExitStack() as until:
        assert len(list(folders.entries(path, until))) == 1


def test_a_message_that_is_gone_is_left_out_and_one_gone_after_the_listing_has_a_problem(tmp_path: Path) -> None:
    path = tmp_path / "mail"
    make("eml", path, 1, 2)
    with opened(settings(path), path) as source:
        state = source.examine("INBOX")
        (path / "1.eml").unlink()
        (left,) = source.list_messages("foi", "INBOX", state.uidvalidity, source.uids_from(1))
        (path / "2.eml").unlink()
        (found,) = source.fetch([left], Blobs(tmp_path / "blobs"), 10**6)
        assert found.message is None
        assert "cannot be read" in found.problem


def test_a_file_over_the_limit_is_not_kept(tmp_path: Path) -> None:
    path = tmp_path / "mail"
    make("maildir", path, 1)
    with opened(settings(path), path) as source:
        (found,) = read(source, tmp_path, largest=99)
    assert found.message
    assert [(a.size, a.sha256) for a in found.message.attachments] == [(100, "")]


def test_a_folder_that_is_not_there_is_one_clear_error(tmp_path: Path) -> None:
    with opened(settings(tmp_path), tmp_path / "nothing") as source:
        with pytest.raises(FolderError, match="Correct `path`"):
            source.examine("INBOX")


def test_folders_beside_and_below_are_found(tmp_path: Path) -> None:
    mailbox.Maildir(tmp_path / "INBOX").add(email(1))
    mailbox.Maildir(tmp_path / ".Archive").add(email(2))
    with opened(settings(tmp_path), tmp_path) as source:
        assert source.examine("INBOX").exists == 1
        assert source.examine("Archive").exists == 1


def test_a_draft_is_put_into_the_maildir_for_drafts_once(tmp_path: Path) -> None:
    mailbox.Maildir(tmp_path / "INBOX")
    mailbox.Maildir(tmp_path / "Drafts")
    draft = b"Message-ID: <d1@x.example>\r\nSubject: Re: =?utf-8?q?=C3=9C?=\r\n\r\nDear all,\r\n"
    with opened(settings(tmp_path), tmp_path) as source:
        assert source.place_draft(draft, "<d1@x.example>", None) == "Drafts"
        assert source.place_draft(draft, "<d1@x.example>", "Drafts") == "Drafts"
    (placed,) = (tmp_path / "Drafts" / "cur").iterdir()
    assert placed.name.endswith(":2,DS")
    assert placed.read_bytes() == draft.replace(b"\r\n", b"\n")


def test_without_a_maildir_for_drafts_nothing_is_written(tmp_path: Path) -> None:
    make("eml", tmp_path / "mail", 1)
    with opened(settings(tmp_path / "mail"), tmp_path / "mail") as source:
        with pytest.raises(FolderError, match="--to-file"):
            source.place_draft(b"x", "<d1@x.example>", None)
    assert sorted(p.name for p in (tmp_path / "mail").iterdir()) == ["1.eml"]
