"""Mail in files is read as mail in a mailbox is."""

import mailbox
from email.message import EmailMessage
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from attachwatch.ledger.blobs import Blobs
from attachwatch.mail.folders import is_mail, messages
from attachwatch.mime.parts import MOST, TOO_MANY


def email() -> EmailMessage:
    message = EmailMessage()
    message["From"], message["Subject"], message["Date"] = "foi@x.example", "Annexes", "Tue, 01 Oct 2024 10:00:00 +0100"
    message.set_content("Please find attached Annex A.")
    message.add_attachment(b"%PDF-1", maintype="application", subtype="pdf", filename="a.pdf")
    inner = EmailMessage()
    inner["Subject"] = "Forwarded"
    inner.set_content("inner text")
    inner.add_attachment(b"%PDF-22", maintype="application", subtype="pdf", filename="b.pdf")
    message.add_attachment(inner)
    return message


@pytest.fixture(params=["eml", "mbox", "maildir"])
def path(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    place = tmp_path / ("mail.eml" if request.param == "eml" else "mail")
    if request.param == "eml":
        place.write_bytes(email().as_bytes())
    elif request.param == "mbox":
        box = mailbox.mbox(place)
        box.add(email())
        box.close()
    else:
        mailbox.Maildir(place).add(email())
    return place


def test_each_kind_gives_the_same_message(path: Path, tmp_path: Path) -> None:
    assert is_mail(path)
    (message,) = messages(path, Blobs(tmp_path / "blobs"))
    assert (message.header.subject, message.text.strip()) == ("Annexes", "Please find attached Annex A.")
    assert [(a.name, a.size, a.containers) for a in message.attachments] == [
        ("a.pdf", 6, ()),
        ("b.pdf", 7, ("Forwarded",)),
    ]


def test_other_files_and_folders_are_no_mail(tmp_path: Path) -> None:
    (tmp_path / "a.pdf").write_bytes(b"From here on")
    (tmp_path / "plain").write_bytes(b"nothing")
    assert not any(is_mail(p) for p in (tmp_path, tmp_path / "a.pdf", tmp_path / "plain"))


def test_a_message_of_a_thousand_levels_is_shown_whole(tmp_path: Path) -> None:
    raw = b"".join(b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n" % (n, n) for n in range(1000))
    (tmp_path / "deep.eml").write_bytes(raw + b"Content-Type: application/pdf\r\n\r\nx")
    (message,) = messages(tmp_path / "deep.eml", Blobs(tmp_path / "blobs"))
    assert len(message.attachments) >= 1


@given(st.binary(max_size=600))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=60)
def test_no_bytes_whatsoever_raise(tmp_path: Path, raw: bytes) -> None:
    (tmp_path / "any.eml").write_bytes(b"MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n" + raw)
    assert len(list(messages(tmp_path / "any.eml", Blobs(tmp_path / "blobs")))) == 1


@pytest.mark.parametrize(
    ("parts", "levels", "is_told"), [(MOST - 1, 0, False), (MOST, 0, True), (1, 5, False), (1, 100, True)]
)
def test_a_message_of_more_parts_or_levels_than_are_looked_at_says_so(
    tmp_path: Path, parts: int, levels: int, is_told: bool
) -> None:
    raw = b"".join(b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n" % (n, n) for n in range(levels))
    raw += b"Content-Type: multipart/mixed; boundary=x\r\n\r\n" + b"--x\r\n\r\nwords\r\n" * parts
    raw += b"--x\r\nContent-Type: application/pdf\r\n\r\n%PDF\r\n--x--\r\n"
    (tmp_path / "many.eml").write_bytes(raw)
    (message,) = messages(tmp_path / "many.eml", Blobs(tmp_path / "blobs"))
    assert message.unread == (TOO_MANY if is_told else "")
