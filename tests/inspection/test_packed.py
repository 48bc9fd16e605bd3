"""What is packed in winmail.dat, .msg, saved and signed messages and texts: found whole, under its name."""

import struct
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from attachwatch.inspection import filetype, formats
from attachwatch.inspection.examination import examine
from attachwatch.inspection.formats.file import NotHereError
from attachwatch.inspection.sandbox import Inspector
from attachwatch.model import Cause, Inspection, Verdict
from tests import packed

PDF = b"%PDF-1.7\nsmall\0\0"
LARGE = b"%PDF-1.7\n" + bytes(range(256)) * 40
LONG, DATA = 0x3707, 0x3701
OBJECT, TEXT, UNICODE = 0x0D, 0x1E, 0x1F
OF_A_MESSAGE = bytes.fromhex("0703020000000000c000000000000046")
OF_A_STORAGE = bytes.fromhex("0b00000000000000c000000000000046")


TOO_COSTLY = (Verdict.UNCHECKED, Cause.TOO_COSTLY)


def files(data: bytes) -> list[tuple[str, bytes]]:
    kind = filetype.identify(data).media_type
    return [("/".join((*f.folders, f.name)), b"".join(f.pieces())) for f in formats.files(kind, data)]


def held(inspection: Inspection) -> object:
    return next((f.evidence["files"] for f in inspection.findings if f.code == "holds-files"), [])


# --- winmail.dat ------------------------------------------------------------------------------------------------


def test_attachments_of_a_winmail_dat_have_their_long_names_and_every_byte() -> None:
    data = packed.winmail(
        packed.attached(b"ANNEXA~1.PDF", PDF, (UNICODE, LONG, "Annex Ä.pdf\0".encode("utf-16-le"))),
        packed.attached(b"ANNEXB~1.PDF", LARGE, (TEXT, LONG, b"Annex \xc4.pdf\0")),
        packed.attached(b"short.pdf", b""),
    )
    assert files(data) == [("Annex Ä.pdf", PDF), ("Annex Ä.pdf", LARGE), ("short.pdf", b"")]
    found = examine(data)
    assert (found.type, found.verdict) == ("application/ms-tnef", Verdict.OK)
    assert held(found) == ["Annex Ä.pdf", "Annex Ä.pdf", "short.pdf"]


@pytest.mark.parametrize(
    ("code_page", "title", "name"),
    [
        (932, "附属書.pdf".encode("cp932"), "附属書.pdf"),
        (1251, "Акт.pdf".encode("cp1251"), "Акт.pdf"),
        (7, b"a\xe4", "aä"),
    ],
)
def test_names_are_in_the_code_page_that_the_winmail_dat_names(code_page: int, title: bytes, name: str) -> None:
    assert files(packed.winmail(packed.attached(title, PDF), code_page=code_page)) == [(name, PDF)]


def test_a_message_in_a_winmail_dat_is_one_and_an_object_comes_without_its_mark() -> None:
    inner = packed.winmail(packed.attached(b"in.pdf", PDF))
    document = packed.compound({"WordDocument": LARGE})
    data = packed.winmail(
        packed.attached(b"Re: Annexes", b"not supported by this mail system", (OBJECT, DATA, OF_A_MESSAGE + inner)),
        packed.attached(b"document", None, (OBJECT, DATA, OF_A_STORAGE + document)),
        packed.attached(b"plain", None, (0x102, DATA, b"1234567")),
    )
    assert files(data) == [("Re: Annexes", inner), ("document", document), ("plain", b"1234567")]
    odd = packed.attribute(2, 0x9005, 6, struct.pack("<IHHI", 1, 3, DATA, 7))
    assert files(packed.winmail(packed.attached(b"a.pdf", PDF) + odd)) == [("a.pdf", PDF)]
    assert files(inner) == [("in.pdf", PDF)]


def test_a_winmail_dat_that_is_cut_gives_what_came_and_one_without_files_holds_none() -> None:
    data = packed.winmail(packed.attached(b"a.pdf", PDF), packed.attached(b"b.pdf", LARGE))
    (first, second) = files(data[:-1000])
    assert first == ("a.pdf", PDF)
    assert second[0] == "b.pdf"
    assert LARGE.startswith(second[1])
    bare = examine(packed.winmail())
    assert (bare.verdict, held(bare)) == (Verdict.OK, [])
    assert examine(packed.winmail()[:10]).verdict is Verdict.UNCHECKED


def test_counts_that_lie_keep_nobody_busy() -> None:
    many = struct.pack("<I", 0xFFFFFFFF) + bytes(8)
    recipients = packed.attribute(1, 0x9004, 6, many)
    attachment = packed.attached(b"a.pdf", PDF) + packed.attribute(2, 0x9005, 6, many)
    assert files(packed.winmail(recipients, attachment)) == [("a.pdf", PDF)]


def test_more_files_than_are_unpacked_are_too_costly() -> None:
    many = [packed.attached(b"a.pdf", PDF)] * 1001
    assert (examine(packed.winmail(*many)).verdict, examine(packed.winmail(*many)).cause) == TOO_COSTLY
    assert held(examine(packed.winmail(*many[1:]))) == ["a.pdf"] * 1000
    message = packed.message(*[(f"{n}.pdf", b"") for n in range(1001)])
    assert (examine(message).verdict, examine(message).cause) == TOO_COSTLY


# --- .msg ---------------------------------------------------------------------------------------------------------


def test_attachments_of_a_msg_have_their_long_names_and_every_byte() -> None:
    message = packed.msg(
        packed.msg_file(PDF, long="Annex Ä, a long name.pdf", short="ANNEX~1.PDF", shown="Annex"),
        packed.msg_file(LARGE, short="附属書.pdf".encode("cp932")),
        packed.msg_file(b"", shown="shown.pdf"),
        packed.msg_file(PDF),
        code_page=932,
    )
    expected = [("Annex Ä, a long name.pdf", PDF), ("附属書.pdf", LARGE), ("shown.pdf", b""), ("", PDF)]
    assert files(packed.compound(message)) == expected


def test_what_is_attached_to_a_message_in_a_msg_stands_under_its_subject_and_else_its_text() -> None:
    inner = packed.msg(packed.msg_file(PDF, long="in.pdf"), subject="Re: FOI 1/2", top=False)
    bare = packed.msg(subject="Note", body="as we said", top=False)
    outer = packed.msg(
        packed.msg_in_msg(packed.msg(packed.msg_in_msg(inner), subject="Fwd", top=False)), packed.msg_in_msg(bare)
    )
    data = packed.compound(outer)
    assert files(data) == [("Fwd/Re: FOI 1/2/in.pdf", PDF), ("Note.txt", b"as we said")]
    finding = next(f for f in examine(data).findings if f.code == "holds-files")
    assert finding.evidence == {"files": ["in.pdf", "Note.txt"], "folders": ["Fwd/Re: FOI 1-2", ""]}


def test_a_contact_or_an_appointment_holds_nothing_and_opens() -> None:
    found = examine(packed.compound(packed.msg(subject="A person")))
    assert (found.type, found.verdict, held(found)) == ("application/vnd.ms-outlook", Verdict.OK, [])


def test_a_file_that_is_merely_linked_is_named_and_does_not_come() -> None:
    (file,) = formats.files(
        "application/vnd.ms-outlook", packed.compound(packed.msg(packed.msg_file(None, long="on a drive.pdf")))
    )
    assert file.name == "on a drive.pdf"
    with pytest.raises(NotHereError):
        list(file.pieces())


# --- saved and signed messages --------------------------------------------------------------------------------------


def test_a_saved_email_holds_its_attachments_and_what_stands_in_its_text() -> None:
    text = f"Hello,\n{packed.uuencoded('in text.pdf', LARGE)}Regards\n"
    data = packed.message(("Annex A.pdf", PDF), text=text)
    assert files(data) == [("Annex A.pdf", PDF), ("in text.pdf", LARGE)]
    forwarded = b"Subject: outer\nMIME-Version: 1.0\nContent-Type: message/rfc822\n\n" + data
    assert files(forwarded)[0] == ("Annexes/Annex A.pdf", PDF)


def test_a_saved_page_is_one_file_with_all_its_pictures() -> None:
    head = "From: <Saved by Blink>\nSubject: Annexes"
    page = packed.message(("picture.png", PDF), head=head).replace(b"multipart/mixed", b"multipart/related")
    assert (examine(page).verdict, held(examine(page))) == (Verdict.OK, [])
    sent = page.replace(b"Subject:", b"To: a@b.example\nSubject:")
    assert held(examine(sent)) == ["picture.png"]


@pytest.mark.parametrize("pem", [False, True])
def test_a_signed_message_holds_the_files_of_what_is_signed(pem: bool) -> None:
    data = packed.signed(packed.message(("Annex A.pdf", LARGE), head="Content-Language: en"), pem=pem)
    assert files(data) == [("Annex A.pdf", LARGE)]
    assert (examine(data).type, examine(data).verdict) == ("application/pkcs7-mime", Verdict.OK)
    related = b"Content-Type: multipart/related; boundary=b\n\n--b\nContent-Type: image/png; name=a.png\n\nx\n--b--\n"
    assert [name for name, _ in files(packed.signed(related, pem=pem))] == ["a.png"]


def test_a_compressed_message_holds_the_files_of_what_is_compressed() -> None:
    data = packed.compressed(packed.message(("Annex A.pdf", LARGE)))
    assert files(data) == [("Annex A.pdf", LARGE)]
    assert (examine(data).type, examine(data).verdict) == ("application/pkcs7-mime", Verdict.OK)


def test_a_signed_file_has_the_name_of_its_signature_and_a_signature_alone_holds_nothing() -> None:
    assert files(packed.signed(LARGE)) == [("", LARGE)]
    alone = examine(packed.signed(LARGE, detached=True))
    assert (alone.verdict, held(alone)) == (Verdict.OK, [])


def test_an_encrypted_message_is_locked() -> None:
    found = examine(packed.encrypted(packed.message(("Annex A.pdf", PDF))))
    assert (found.verdict, found.cause) == (Verdict.LOCKED, Cause.ENCRYPTED_MESSAGE)
    assert files(packed.encrypted(PDF)) == []
    assert examine(packed.encrypted(PDF)[:100]).cause is Cause.ENCRYPTED_MESSAGE
    assert examine(packed.signed(PDF)[:100]).verdict is Verdict.UNCHECKED


def test_of_pgp_only_what_is_encrypted_is_called_so() -> None:
    armour = "-----BEGIN PGP MESSAGE-----\nVersion: 1\n\n{}\n=abcd\n-----END PGP MESSAGE-----\n"
    for start, is_encrypted in (("hQEM", True), ("jA0E", True), ("owGb", False), ("", False)):
        found = examine(armour.format(f"{start}AAAAAAAA" if start else "").encode())
        assert found.type == "application/pgp-encrypted"
        assert (found.cause is Cause.ENCRYPTED_MESSAGE) == is_encrypted
    assert examine(b"-----BEGIN PGP SIGNED MESSAGE-----\n\nhello").type == "text/plain"
    assert examine(b"\x85\x01\x0c\x03" + b"12345678" + b"\x01" + bytes(range(256))).cause is Cause.ENCRYPTED_MESSAGE


# --- any bytes ------------------------------------------------------------------------------------------------------

WHOLE = (
    packed.winmail(packed.attached(b"a.pdf", PDF, (UNICODE, LONG, "Annex A.pdf".encode("utf-16-le")))),
    packed.compound(packed.msg(packed.msg_file(PDF, long="a.pdf"), packed.msg_in_msg(packed.msg(top=False)))),
    packed.message(("a.pdf", PDF), text=packed.uuencoded("b.pdf", PDF)),
    packed.signed(packed.message(("a.pdf", PDF))),
    packed.encrypted(PDF),
)


def test_confinement_keeps_nothing_of_it_from_being_found(tmp_path: Path) -> None:
    for number, data in enumerate(WHOLE):
        (tmp_path / str(number)).write_bytes(data)
    with Inspector(jobs=1) as inspector:
        confined = dict(inspector.inspect_all((n, tmp_path / str(n)) for n in range(len(WHOLE))))
        taken = {n: list(inspector.extract(tmp_path / str(n), i.sha256, 9)) for n, i in confined.items()}
    for number, data in enumerate(WHOLE):
        free = examine(data)
        assert (confined[number].verdict, confined[number].findings) == (free.verdict, free.findings)
        assert len(taken[number]) == len(files(data))


@settings(max_examples=300, deadline=2000)
@given(
    st.sampled_from(WHOLE),
    st.lists(st.tuples(st.integers(0, 1 << 16), st.integers(0, 255)), max_size=8),
    st.integers(0, 99),
)
@example(WHOLE[0], [(0, 0x78)], 5)
def test_any_change_is_survived(data: bytes, changes: list[tuple[int, int]], cut: int) -> None:
    changed = bytearray(data[: len(data) * (100 - cut) // 100])
    for place, value in changes:
        if changed:
            changed[place % len(changed)] = value
    kind = filetype.identify(bytes(changed)).media_type
    assert len(list(formats.look(kind, bytes(changed)))) <= 2
