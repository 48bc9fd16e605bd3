"""Files inside files: attachments of their own, once."""

import email
import io
import zipfile
from email import policy
from pathlib import Path

from attachwatch.demo import damage, documents
from attachwatch.inspection.sandbox import Inspector
from attachwatch.ledger.blobs import Blobs
from attachwatch.model import Case, Verdict
from attachwatch.service import verify
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


def test_annexes_that_came_in_a_zip_are_matched_and_a_second_poll_adds_nothing(
    mailbox: Mailbox, tmp_path: Path
) -> None:
    packed = archive(Annex_D_iii=GOOD, Annex_D_iv=damage.truncate(GOOD))
    message = email.message_from_bytes(mail(body="This is the final email."), policy=policy.SMTP)
    message.add_attachment(packed, maintype="application", subtype="zip", filename="Annexes.zip")
    mailbox.append(message.as_bytes())
    with watching(mailbox, tmp_path, annexes="Annex D(iii)\nAnnex D(iv)\n") as pipeline:
        (draft,) = poll(pipeline)
        assert [(i.labels, i.file) for i in draft.items] == [(("D(iv)",), "Annex D iv.pdf")]
        assert draft.missing == ()
        before = pipeline.ledger.messages("foi")
        assert poll(pipeline) == []
        assert pipeline.ledger.messages("foi") == before
        assert len(before[0].attachments) == 3
