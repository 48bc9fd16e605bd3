"""A letter as a file: read as PDF, email or text, and laid beside what came."""

import io
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from email.message import EmailMessage
from pathlib import Path

import pikepdf
import pytest

from attachwatch.annexes import expected
from attachwatch.demo import damage, documents
from attachwatch.errors import UsageError
from attachwatch.inspection.sandbox import Inspector
from attachwatch.ledger.blobs import Blobs
from attachwatch.model import Case, Filed, Header, Membership, Message, MessageKey
from attachwatch.service import letters, verify
from attachwatch.service.overview import standing
from attachwatch.service.verify import Report

LINES = (
    "Our ref: FOI2024/04608",
    "1 October 2024",
    "We attach Annexes A to C.",
    "Annex D is withheld under section 35.",
    "Annex E of this letter explains how to complain.",
    "We will send the rest by 4 November.",
)


@pytest.fixture(scope="module")
def inspector() -> Iterator[Inspector]:
    with Inspector(jobs=1) as started:
        yield started


def pdf(*lines: str, pages: int = 1, size: int = 11) -> bytes:
    made = pikepdf.new()
    for _ in range(pages):
        page = made.add_blank_page(page_size=(595, 842))
        font = pikepdf.Dictionary(Type=pikepdf.Name.Font, Subtype=pikepdf.Name.Type1, BaseFont=pikepdf.Name.Helvetica)
        page.Resources = pikepdf.Dictionary(Font=pikepdf.Dictionary(F1=font))
        said = " ".join(f"({line}) Tj T*" for line in lines)
        page.Contents = made.make_stream(f"BT /F1 {size} Tf 14 TL 50 780 Td {said} ET".encode())
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()


def email(text: str, attached: bytes | None = None) -> bytes:
    message = EmailMessage()
    message["Subject"], message["Date"] = "FOI2024/04608", "Tue, 01 Oct 2024 09:00:00 +0100"
    message.set_content(text)
    if attached:
        message.add_attachment(attached, maintype="application", subtype="pdf", filename="Response.pdf")
    return message.as_bytes()


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("letter.pdf", pdf(*LINES)),
        ("letter.txt", "\n\n".join(LINES).encode()),
        ("letter.eml", email("\n\n".join(LINES))),
        ("carrier.eml", email("Please see our response.", pdf(*LINES))),
    ],
)
def test_a_letter_is_read_whatever_it_is_written_in(
    name: str, data: bytes, tmp_path: Path, inspector: Inspector
) -> None:
    (tmp_path / name).write_bytes(data)
    reading = letters.read(tmp_path / name, inspector, Blobs(tmp_path / "blobs")).reading
    assert [a.label for a in reading.promised] == ["A", "B", "C"]
    assert [a.label for a in reading.withheld] == ["D"]
    assert [a.label for a in reading.inside] == ["E"]
    assert (reading.references, reading.deadline) == (("FOI2024/04608",), date(2024, 11, 4))


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("scan.pdf", pdf()),
        ("cut.pdf", damage.truncate(documents.report("x", 3), 0.2)),
        ("empty.txt", b"  \n"),
        ("program", b"\x7fELF\0\0"),
    ],
)
def test_where_there_is_nothing_to_read_the_user_is_told(
    name: str, data: bytes, tmp_path: Path, inspector: Inspector
) -> None:
    (tmp_path / name).write_bytes(data)
    with pytest.raises(UsageError):
        letters.read(tmp_path / name, inspector, Blobs(tmp_path / "blobs"))


def test_the_text_of_a_pdf_is_bounded(tmp_path: Path, inspector: Inspector) -> None:
    (tmp_path / "long.pdf").write_bytes(pdf(*["Annex A is attached " * 40] * 50, pages=30, size=1))
    assert 200_000 < len(inspector.text(tmp_path / "long.pdf")) <= 262_144
    (tmp_path / "thick.pdf").write_bytes(pdf("Page", pages=30))
    assert inspector.text(tmp_path / "thick.pdf").count("Page") == 20


def _report(tmp_path: Path, inspector: Inspector, listed: str | None) -> Report:
    (tmp_path / "letter.txt").write_text("\n\n".join(LINES))
    folder = tmp_path / "in"
    folder.mkdir()
    for label in "AB":
        (folder / f"Annex {label}.pdf").write_bytes(documents.report(label, 1))
    blobs = Blobs(tmp_path / "blobs")
    letter = replace(letters.read(tmp_path / "letter.txt", inspector, blobs), gives_list=listed is None)
    annexes = letters.expected(letter.reading) if listed is None else expected.from_text(listed)
    case = Case(reference="", mailbox="", authority=(), annexes=annexes, sign_off="")
    return verify.verify(verify.collect([folder], blobs), case, inspector, blobs, letter=letter)


def test_the_letter_gives_the_list(tmp_path: Path, inspector: Inspector) -> None:
    report = _report(tmp_path, inspector, None)
    assert [a.label for a in report.missing] == ["C"]
    assert (report.standing.proposed, report.unnamed) == ((), ())


def test_the_users_list_wins_and_the_differences_are_shown(tmp_path: Path, inspector: Inspector) -> None:
    report = _report(tmp_path, inspector, "Annex A\nAnnex B\nAnnex D\nAnnex E\nAnnex G\n")
    assert [a.label for a in report.missing] == ["G"]
    assert set(report.standing.excused) == {"D", "E"}
    assert [t.annex.label for t in report.standing.proposed] == ["C"]
    assert [a.label for a in report.unnamed] == ["G"]


def test_a_cases_messages_propose_and_excuse() -> None:
    annexes = expected.from_text("Annex D(i)\nAnnex D(ii)\nAnnex E\n")
    case = Case(reference="FOI1", mailbox="foi", authority=("x.example",), annexes=annexes, sign_off="")
    text = "Attached are Annex D(i) and Annex F. Annex E will be posted to you.\n\n> Annex Z is attached."
    message = Message(MessageKey("foi", "INBOX", 1, 1), datetime(2024, 10, 1, tzinfo=UTC), Header(), text, id=1)
    found = standing(case, [Filed(message, Membership.REFERENCE)], {})
    assert [t.annex.label for t in found.proposed] == ["F"]
    assert found.excused["E"].annex.sentence == "Annex E will be posted to you."
    assert [s.reason for s in found.annexes] == ["", "", "elsewhere: Annex E will be posted to you."]
    assert found.deliveries[0].reading.promised
