"""Files inside files: attachments of their own, once."""

import email
import io
import os
import zipfile
from collections.abc import Callable
from email import policy
from pathlib import Path
from typing import Any

import pikepdf
import pytest

from attachwatch.demo import damage, documents
from attachwatch.inspection import protocol, sandbox, zygote
from attachwatch.inspection.formats import file as files
from attachwatch.inspection.sandbox import Inspector
from attachwatch.inspection.workers import Job, Outcome, Workers
from attachwatch.ledger.blobs import Blobs
from attachwatch.model import Case, Cause, Verdict
from attachwatch.service import unpack as unpacking
from attachwatch.service import verify
from tests import packed
from tests.servers import Mailbox
from tests.service.test_pipeline import mail, poll, watching

GOOD = documents.report("Inside", 2)


def archive(**files: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as made:
        for name, data in files.items():
            made.writestr(f"annexes/{name.replace('_', ' ')}.pdf", data)
    return out.getvalue()


def test_what_a_zip_or_a_portfolio_holds_is_verified_beside_it(tmp_path: Path) -> None:
    (tmp_path / "Annex D.zip").write_bytes(archive(Annex_D_i=GOOD, Annex_D_ii=damage.truncate(GOOD)))
    (tmp_path / "Portfolio.pdf").write_bytes(documents.portfolio("Annexes"))
    blobs = Blobs(tmp_path / "store")
    case = Case(reference="", mailbox="", authority=(), annexes=(), sign_off="")
    with Inspector(jobs=1) as inspector:
        subjects = verify.collect([tmp_path / "Annex D.zip", tmp_path / "Portfolio.pdf"], blobs)
        report = verify.verify(subjects, case, inspector, blobs)
    said = [(Path(f.path).name, f.inspection.verdict, f.needs_attention) for f in report.files]
    assert said == [
        ("Annex D.zip", Verdict.OK, False),
        ("Annex D.zip: Annex D i.pdf", Verdict.OK, False),
        ("Annex D.zip: Annex D ii.pdf", Verdict.BROKEN, True),
        ("Portfolio.pdf", Verdict.PLACEHOLDER, False),
        ("Portfolio.pdf: Annex A.pdf", Verdict.OK, False),
        ("Portfolio.pdf: Annex B.pdf", Verdict.OK, False),
    ]


CASE = Case(reference="", mailbox="", authority=(), annexes=(), sign_off="")


def portfolio(*files: bytes | None) -> bytes:
    """A portfolio of these files; of None, one whose packed bytes are none."""
    with pikepdf.open(io.BytesIO(documents.portfolio("Files"))) as pdf:
        for name in list(pdf.attachments):
            del pdf.attachments[name]
        for number, data in enumerate(files):
            pdf.attachments[f"{number}.pdf"] = pikepdf.AttachedFileSpec(pdf, data or b"", filename=f"{number}.pdf")
            if data is None:
                stream = pdf.attachments[f"{number}.pdf"].obj.EF.F
                stream.write(b"this is not packed", filter=pikepdf.Name.FlateDecode)
        out = io.BytesIO()
        pdf.save(out, compress_streams=False, stream_decode_level=pikepdf.StreamDecodeLevel.none)
        return out.getvalue()


def verified(path: Path, blobs: Blobs, meanwhile: Callable[[], None] = lambda: None) -> dict[str, tuple[str, ...]]:
    """Verdict and findings' codes by name; `meanwhile` is what happens after the file was inspected."""
    with Inspector(jobs=1) as inspector:
        report = verify.verify(verify.collect([path], blobs), CASE, inspector, blobs, lambda _: meanwhile())
    return {f.name: (f.inspection.verdict, *(x.code for x in f.inspection.findings)) for f in report.files}


def test_a_file_inside_that_does_not_come_hides_no_other(tmp_path: Path) -> None:
    (tmp_path / "Files.pdf").write_bytes(portfolio(GOOD, None, damage.truncate(GOOD)))
    found = verified(tmp_path / "Files.pdf", Blobs(tmp_path / "store"))
    assert {name: found[name][0] for name in ("0.pdf", "1.pdf", "2.pdf")} == {
        "0.pdf": Verdict.OK,
        "1.pdf": Verdict.UNCHECKED,
        "2.pdf": Verdict.BROKEN,
    }
    assert found["1.pdf"][1:] == ("too-costly",)


def test_all_files_inside_come_in_one_go(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "Annexes.zip").write_bytes(archive(**{f"Annex_{n}": GOOD + b"%%%d" % n for n in range(20)}))
    asked: list[bytes] = []
    really = Workers._start

    def start(self: Workers, job: Job[object]) -> object:
        asked.append(job.what)
        return really(self, job)

    monkeypatch.setattr(Workers, "_start", start)
    assert len(verified(tmp_path / "Annexes.zip", Blobs(tmp_path / "store"))) == 21
    assert asked.count(protocol.EXTRACT) == 1


def answer(*said: bytes) -> io.BytesIO:
    return io.BytesIO(b"".join(said))


def piece(data: bytes) -> bytes:
    return protocol.FRAME.pack(protocol.PIECE, len(data)) + data


WHOLE, LOST = protocol.FRAME.pack(protocol.WHOLE, 0), protocol.FRAME.pack(protocol.LOST, 0)


def read(file: io.BytesIO, most: int = 9) -> list[tuple[bool, bytes]]:
    return [(m.whole, b"".join(sandbox._pieces(file, m))) for m in sandbox._members(file, most)]


def test_what_is_inside_is_bounded_in_total(monkeypatch: pytest.MonkeyPatch) -> None:
    assert files.MOST_BYTES == sandbox.MOST_UNPACKED
    monkeypatch.setattr(files, "MOST_BYTES", 10)
    for data in (archive(A=b"1234567", B=b"1234567", C=b"123"), portfolio(b"1234567", b"1234567", b"123")):
        assert read(answer(*zygote._extract(data, 0))) == [(True, b"1234567"), (False, b""), (True, b"123")]


def test_a_file_inside_that_is_too_large_to_be_inspected_is_not_unpacked(tmp_path: Path) -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made:
        made.writestr("large.pdf", bytes(2 << 20))
        made.writestr("small.pdf", GOOD)
    (tmp_path / "a.zip").write_bytes(out.getvalue())
    with Inspector(jobs=1, largest_mib=1) as inspector:
        sha256 = inspector.inspect(tmp_path / "a.zip").sha256
        found = [(n, b"".join(pieces)) for n, pieces in inspector.extract(tmp_path / "a.zip", sha256, 2)]
    assert found == [(1, GOOD)]


def test_a_worker_is_believed_only_in_the_one_form() -> None:
    good = (piece(b"ab"), piece(b"c"), WHOLE, WHOLE, piece(b"d"), LOST)
    assert read(answer(*good)) == [(True, b"abc"), (True, b""), (False, b"d")]
    assert read(answer(*good, piece(b"cut off")[:-2])) == read(answer(*good))
    assert read(answer(*good, piece(b"cut off")[:3])) == read(answer(*good))
    for bad in (b"?\0\0\0\0", piece(b""), protocol.FRAME.pack(protocol.WHOLE, 1) + b"x", *[WHOLE * 10]):
        with pytest.raises(sandbox._FramingError):
            read(answer(bad))


def test_a_file_inside_that_ends_the_worker_is_left_out_of_the_second_try(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "a.zip").write_bytes(b"any")
    tries = iter([(piece(b"a") + WHOLE + piece(b"b"), False), (piece(b"c") + WHOLE, True)])
    asked = []

    def do(_self: object, *job: Any) -> Outcome:
        _, _, _, first, into, _ = job
        asked.append(first)
        said, sound = next(tries)
        into.write(said)
        return Outcome(None if sound else "crashed a reader (signal 11)")

    monkeypatch.setattr(Inspector, "_do", do)
    found = [(n, b"".join(pieces)) for n, pieces in Inspector().extract(tmp_path / "a.zip", "", 3)]
    assert (found, asked) == ([(0, b"a"), (2, b"c")], [0, 2])


@pytest.fixture(params=["others", "gone", "pipe"])
def change(request: pytest.FixtureRequest) -> Callable[[Path], None]:
    def make(path: Path) -> None:
        path.unlink(missing_ok=True)
        if request.param == "others":
            path.write_bytes(archive(Annex_A=b"not what was inspected"))
        elif request.param == "pipe":
            os.mkfifo(path)

    return make


def test_an_archive_that_changes_after_its_inspection_is_not_unpacked(
    tmp_path: Path, change: Callable[[Path], None]
) -> None:
    path = tmp_path / "Annexes.zip"
    path.write_bytes(archive(Annex_A=GOOD))
    found = verified(path, Blobs(tmp_path / "store"), lambda: change(path))
    assert found["Annex A.pdf"] == (Verdict.UNCHECKED, "changed")
    assert found["Annexes.zip"][0] == Verdict.OK


def test_annexes_that_came_in_a_zip_are_matched_and_a_second_poll_adds_nothing(
    mailbox: Mailbox, tmp_path: Path
) -> None:
    annexes = archive(Annex_D_iii=GOOD, Annex_D_iv=damage.truncate(GOOD))
    message = email.message_from_bytes(mail(body="This is the final email."), policy=policy.SMTP)
    message.add_attachment(annexes, maintype="application", subtype="zip", filename="Annexes.zip")
    mailbox.append(message.as_bytes())
    with watching(mailbox, tmp_path, annexes="Annex D(iii)\nAnnex D(iv)\n") as pipeline:
        (draft,) = poll(pipeline)
        assert [(i.labels, i.file) for i in draft.items] == [(("D(iv)",), "Annex D iv.pdf")]
        assert draft.missing == ()
        before = pipeline.ledger.messages("foi")
        assert poll(pipeline) == []
        assert pipeline.ledger.messages("foi") == before
        assert len(before[0].attachments) == 3


def test_a_file_inside_that_does_not_come_is_kept_as_unchecked(mailbox: Mailbox, tmp_path: Path) -> None:
    message = email.message_from_bytes(mail(body="This is the final email."), policy=policy.SMTP)
    message.add_attachment(portfolio(GOOD, None), maintype="application", subtype="pdf", filename="Files.pdf")
    mailbox.append(message.as_bytes())
    with watching(mailbox, tmp_path, annexes="0.pdf\n1.pdf\n") as pipeline:
        poll(pipeline)
        poll(pipeline)
        (stored,) = pipeline.ledger.messages("foi")
        assert [(a.name, bool(a.sha256)) for a in stored.attachments][-2:] == [("0.pdf", True), ("1.pdf", False)]
        (progress,) = pipeline.overview(pipeline.settings.mailbox[0]).progress
        assert progress.standing.missing == ()
        verdicts = {f.attachment.name: f.inspection.verdict for f in progress.standing.files}
        assert verdicts["1.pdf"] is Verdict.UNCHECKED


def zipped(**files: bytes) -> bytes:
    """A zip of these; a file's name is its keyword with "." for "_"."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as made:
        for name, data in files.items():
            made.writestr(name.replace("_", "."), data)
    return out.getvalue()


def listed(path: Path, blobs: Blobs) -> list[tuple[str, bytes]]:
    """Path, as it is shown, behind that of the first file, and bytes of all that is found."""
    with Inspector(jobs=1) as inspector:
        report = verify.verify(verify.collect([path], blobs), CASE, inspector, blobs)
    return [(f.path.removeprefix(str(path)), f.blob.read_bytes()) for f in report.files]


def test_files_in_files_of_every_kind_are_found_level_by_level(tmp_path: Path) -> None:
    inner = zipped(a_pdf=GOOD)
    saved = packed.message(("inner.zip", inner))
    between = packed.msg(packed.msg_file(saved, long="saved.eml"), subject="In between", top=False)
    outlook = packed.compound(packed.msg(packed.msg_in_msg(between)))
    winmail = packed.winmail(packed.attached(b"note.msg", outlook))
    signed = packed.signed(packed.message(("winmail.dat", winmail)))
    (tmp_path / "mail.eml").write_bytes(packed.entity("application/pkcs7-mime", signed, ["smime.p7m"]))
    found = listed(tmp_path / "mail.eml", Blobs(tmp_path / "store"))
    names = ["smime.p7m", "winmail.dat", "note.msg", "saved.eml", "inner.zip", "a.pdf"]
    assert [path for path, _ in found] == [": " + ": ".join(names[: n + 1]) for n in range(6)]
    assert [data for _, data in found] == [signed, winmail, outlook, saved, inner, GOOD]


def test_a_signed_file_is_called_as_its_signature_is_without_the_last_ending(tmp_path: Path) -> None:
    (tmp_path / "Annex A.pdf.p7m").write_bytes(packed.signed(GOOD))
    (tmp_path / "smime.p7m").write_bytes(packed.signed(GOOD))
    blobs = Blobs(tmp_path / "store")
    assert listed(tmp_path / "Annex A.pdf.p7m", blobs)[1] == (": Annex A.pdf", GOOD)
    assert listed(tmp_path / "smime.p7m", blobs)[1] == (": part-0.1", GOOD)


def test_what_is_nested_too_deep_or_too_much_is_left_packed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    data = GOOD
    for _ in range(20):
        data = zipped(inner_zip=data)
    (tmp_path / "deep.zip").write_bytes(data)
    assert len(listed(tmp_path / "deep.zip", Blobs(tmp_path / "store"))) == 1 + unpacking.DEEPEST
    monkeypatch.setattr(unpacking, "MOST_FILES", 6)
    many = zipped(**{f"{n}_zip": zipped(a_txt=b"%d" % n, b_txt=b"") for n in range(4)})
    (tmp_path / "many.zip").write_bytes(many)
    names = [path.rpartition(": ")[2] for path, _ in listed(tmp_path / "many.zip", Blobs(tmp_path / "store"))]
    assert names == ["", "0.zip", "a.txt", "b.txt", "1.zip", "2.zip", "3.zip"]


def test_what_is_left_packed_was_not_checked_and_needs_attention(
    mailbox: Mailbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(unpacking, "MOST_FILES", 3)
    many = zipped(**{f"{n}_zip": zipped(a_txt=b"%d" % n) for n in range(3)})
    (tmp_path / "many.zip").write_bytes(many)
    found = verified(tmp_path / "many.zip", Blobs(tmp_path / "blobs"))
    assert {name: (said[0], said[1]) for name, said in found.items() if name != "many.zip"} == dict.fromkeys(
        ("0.zip", "1.zip", "2.zip"), (Verdict.UNCHECKED, Cause.TOO_COSTLY)
    )
    assert found["many.zip"][0] is Verdict.OK
    message = email.message_from_bytes(mail(body="This is the final email."), policy=policy.SMTP)
    message.add_attachment(many, maintype="application", subtype="zip", filename="many.zip")
    mailbox.append(message.as_bytes())
    with watching(mailbox, tmp_path, annexes="Annex A\n") as pipeline:
        assert poll(pipeline) == []
        standing = pipeline.overview(pipeline.settings.mailbox[0]).progress[0].standing
        assert {f.inspection.verdict for f in standing.unopened} == {Verdict.UNCHECKED}


def test_a_winmail_dat_that_keeps_its_worker_busy_is_too_costly_and_hides_nothing(
    tmp_path: Path,
) -> None:
    count = 1_000_000
    properties = count.to_bytes(4, "little") + b"\x03\x00\x01\x0e1234" * count
    (tmp_path / "winmail.dat").write_bytes(packed.winmail(packed.attribute(2, 0x9005, 6, properties)))
    with Inspector(jobs=1, seconds=0.3) as inspector:
        found = inspector.inspect(tmp_path / "winmail.dat")
    assert (found.verdict, found.cause, found.type) == (Verdict.UNCHECKED, Cause.TOO_COSTLY, "application/ms-tnef")


def test_a_pdf_that_is_still_uuencoded_is_broken_and_one_that_stands_in_a_text_is_found(tmp_path: Path) -> None:
    text = packed.uuencoded("Annex A.pdf", GOOD)
    (tmp_path / "Annex A.pdf").write_text(text)
    (tmp_path / "letter.txt").write_text(f"Here it is:\n{text}")
    blobs = Blobs(tmp_path / "store")
    found = verified(tmp_path / "Annex A.pdf", blobs)
    assert {name: said[0] for name, said in found.items()} == {"Annex A.pdf": Verdict.BROKEN}
    assert listed(tmp_path / "letter.txt", blobs)[1] == (": Annex A.pdf", GOOD)


def test_what_comes_by_mail_is_found_as_deep_and_a_second_poll_adds_nothing(mailbox: Mailbox, tmp_path: Path) -> None:
    outlook = packed.compound(packed.msg(packed.msg_file(archive(Annex_D_iii=GOOD), long="annexes.zip")))
    text = f"This is the final email.\n{packed.uuencoded('Annex D(iv).pdf', damage.truncate(GOOD))}Yours\n"
    message = email.message_from_bytes(mail(body=text), policy=policy.SMTP)
    winmail = packed.winmail(packed.attached(b"note.msg", outlook))
    message.add_attachment(winmail, maintype="application", subtype="ms-tnef", filename="winmail.dat")
    mailbox.append(message.as_bytes())
    with watching(mailbox, tmp_path, annexes="Annex D(iii)\nAnnex D(iv)\n") as pipeline:
        (draft,) = poll(pipeline)
        assert [(i.labels, i.file) for i in draft.items] == [(("D(iv)",), "Annex D(iv).pdf")]
        assert draft.missing == ()
        before = pipeline.ledger.messages("foi")
        assert poll(pipeline) == []
        assert pipeline.ledger.messages("foi") == before
        (stored,) = before
        assert stored.text.split() == ["This", "is", "the", "final", "email.", "Yours"]
        last = stored.attachments[-1]
        assert last.containers == ("winmail.dat", "note.msg", "annexes.zip", "annexes")
        assert (last.part, last.name) == ("2/1/1/1", "Annex D iii.pdf")


def test_an_encrypted_message_is_complained_of_and_nothing_is_called_missing(mailbox: Mailbox, tmp_path: Path) -> None:
    message = email.message_from_bytes(mail(body="This is the final email."), policy=policy.SMTP)
    message.add_attachment(packed.encrypted(GOOD), maintype="application", subtype="pkcs7-mime", filename="smime.p7m")
    mailbox.append(message.as_bytes())
    with watching(mailbox, tmp_path, annexes="Annex A\nAnnex B\n") as pipeline:
        (draft,) = poll(pipeline)
        assert [(i.file, i.cause) for i in draft.items] == [("smime.p7m", Cause.ENCRYPTED_MESSAGE)]
        assert draft.missing == ()


def test_a_pdf_behind_the_headers_of_an_email_is_the_annex_itself(tmp_path: Path) -> None:
    (tmp_path / "Annex A.pdf").write_bytes(damage.mail_headers_before(GOOD))
    found = verified(tmp_path / "Annex A.pdf", Blobs(tmp_path / "store"))
    assert {name: said[0] for name, said in found.items()} == {"Annex A.pdf": Verdict.OK}
