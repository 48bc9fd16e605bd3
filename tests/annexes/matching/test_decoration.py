"""What is nobody's document, and what only looks like it."""

import pytest

from attachwatch.annexes.expected import from_items
from attachwatch.annexes.matching.match import match
from attachwatch.model import EmailText, Matching, Received

LISTED = from_items(["Annex B", "Attachment 1", "Logo of the project", "Schedule 1", "image004.png"])


def matching(name: str, content_type: str = "", size: int | None = None) -> Matching:
    return match(LISTED, [Received(1, name, (), content_type, size)], {1: EmailText()})


@pytest.mark.parametrize(
    ("name", "content_type", "size"),
    [
        ("image001.png", "image/png", 14_000),
        ("image001.png", "", None),
        ("image-1-2.jpg", "image/jpeg", 30_000),
        ("Outlook-abc123.png", "image/png", 9000),
        ("Midshire_Council_Logo_RGB.jpg", "image/jpeg", 48_000),
        ("email-signature.png", "image/png", 22_000),
        ("facebook.png", "image/png", 1400),
        ("x.png", "image/png", 1400),
        ("part-1.2.gif", "image/gif", 43),
        ("1.gif", "image/gif", 43),
        ("invite.ics", "text/calendar", 2000),
        ("part-3.ics", "text/calendar", 2000),
        ("meeting", "text/calendar", 2000),
        ("Jane Roe.vcf", "text/vcard", 800),
        ("smime.p7s", "application/pkcs7-signature", 5000),
        ("signature.asc", "application/pgp-signature", 800),
        ("OpenPGP_signature", "application/pgp-signature", 800),
        ("OpenPGP_0xA1B2C3D4.asc", "application/pgp-keys", 3000),
        ("ATT00001.htm", "text/html", 300),
        ("ATT00001.txt", "text/plain", 168),
        ("ATT12345.c", "text/plain", 168),
        ("disclaimer.txt", "text/plain", 900),
        ("email_disclaimer.html", "text/html", 900),
        ("Annex B.pdf", "application/applefile", 400),
        ("~$Annex B.docx", "application/octet-stream", 162),
        ("._Annex B.pdf", "", 4096),
        (".DS_Store", "", 6148),
        ("oledata.mso", "", 9000),
    ],
)
def test_what_is_nobodys_document_is_left_out(name: str, content_type: str, size: int | None) -> None:
    found = matching(name, content_type, size)
    assert (found.matches, found.unexpected, found.ignored) == ((), (), (0,))


@pytest.mark.parametrize(
    ("name", "content_type", "size"),
    [
        ("Annex B.jpg", "image/jpeg", 900_000),
        ("Annex B.jpg", "image/jpeg", 3000),
        ("Annex B diary.ics", "text/calendar", 3000),
        ("Logo of the project.png", "image/png", 20_000),
        ("Attachment1.png", "image/png", 80_000),
        ("image004.png", "image/png", 20_000),
        ("Schedule 1.vcf", "text/vcard", 900),
    ],
)
def test_a_picture_or_entry_that_is_on_the_list_is_an_annex(name: str, content_type: str, size: int) -> None:
    assert len(matching(name, content_type, size).matches) == 1


@pytest.mark.parametrize(
    ("name", "content_type", "size"),
    [
        ("IMG_2034.jpg", "image/jpeg", 2_400_000),
        ("image0.jpeg", "image/jpeg", 1_800_000),
        ("image001.jpg", "image/jpeg", 450_000),
        ("scan.jpg", "image/jpeg", 300_000),
        ("imagery report.jpg", "image/jpeg", 60_000),
        ("Facebook post of 3 May.png", "image/png", 60_000),
        ("signature page.png", "image/png", 60_000),
        ("Annex Z.png", "image/png", 2000),
        ("encrypted.asc", "application/octet-stream", 9000),
        ("Annex Q.pdf.asc", "application/octet-stream", 900),
        ("minister's diary.ics", "text/calendar", 400_000),
        ("notes.txt", "text/plain", 300),
        ("Response.pdf", "application/pdf", 300),
        ("legal notice of eviction scan.pdf", "application/pdf", 300_000),
    ],
)
def test_what_may_be_a_document_is_shown_to_a_person(name: str, content_type: str, size: int) -> None:
    found = matching(name, content_type, size)
    assert (found.matches, found.unexpected) == ((), (0,))


def test_a_photo_that_its_email_names_is_the_annex() -> None:
    found = match(
        LISTED, [Received(1, "image0.jpeg", (), "image/jpeg", 1_800_000)], {1: EmailText("", "Annex B is attached.")}
    )
    assert [m.annex for m in found.matches] == [0]


def test_no_name_takes_long() -> None:
    for name in ("logo_" * 5000 + "!", "a-" * 5000 + ".png", "image" + "0" * 9000, "." * 9000 + ".asc"):
        matching(name, "image/png", 9000)
