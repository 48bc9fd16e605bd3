"""Makes the samples beside it, and manifest.csv: `python corrupt_samples/generate.py`. The same bytes at every run."""

import csv
from collections.abc import Iterator
from dataclasses import astuple, dataclass, fields
from pathlib import Path

from attachwatch.demo import damage, documents

FOLDER = Path(__file__).parent
BASE = documents.report("Case handling manual", 6)
SCAN = documents.with_picture("Scanned page", 96)


@dataclass(frozen=True)
class Sample:
    """A file with the verdict, cause and page count that attachwatch must find in it."""

    file: str
    verdict: str
    cause: str
    pages: str
    note: str
    findings: str = ""  # codes of what else must be said of it, with a blank between


def samples() -> Iterator[tuple[Sample, bytes]]:
    """Every sample with its bytes: healthy ones first."""
    yield Sample("healthy/report.pdf", "ok", "", "6", "text, six pages"), BASE
    yield Sample("healthy/scan.pdf", "ok", "", "1", "a picture"), SCAN
    yield Sample("healthy/linearized.pdf", "ok", "", "3", "for the web"), documents.report("Web", 3, linearize=True)
    objects = documents.report("Object streams", 3, object_stream_mode=documents.OBJECT_STREAMS)
    yield Sample("healthy/object-streams.pdf", "ok", "", "3", "compressed structure"), objects
    yield (
        Sample("healthy/pdf-2.0.pdf", "ok", "", "2", "a new version alone harms nobody"),
        documents.report("Newer", 2, force_version="2.0"),
    )
    yield Sample("healthy/updated.pdf", "ok", "", "2", "with an appended revision"), documents.updated("Revised", 2)
    yield (
        Sample("healthy/restricted.pdf", "ok", "", "2", "an owner password alone", "restricted"),
        documents.restricted("Strict", 2),
    )
    yield (
        Sample("healthy/labelled.pdf", "ok", "", "2", "a label that encrypts nothing", "labelled"),
        documents.labelled("Marked", 2),
    )
    yield (
        Sample("healthy/footer-behind.pdf", "ok", "", "6", "a disclaimer behind the end", "trailing-junk"),
        damage.footer_behind(BASE),
    )
    yield (
        Sample("healthy/headers-before.pdf", "ok", "", "6", "200 bytes in front", "leading-junk"),
        damage.mail_headers_before(BASE),
    )
    yield (
        Sample("healthy/startxref-wrong.pdf", "ok", "", "6", "every viewer looks itself"),
        (damage.cross_reference_moved(BASE)),
    )

    yield Sample("broken/empty.pdf", "broken", "empty", "", "0 bytes"), b""
    yield Sample("broken/zeros.pdf", "broken", "zero-filled", "", "nothing but zeros"), bytes(4096)
    yield Sample("broken/cut-at-20-percent.pdf", "broken", "truncated", "", ""), damage.truncate(BASE, 0.2)
    yield Sample("broken/cut-at-half.pdf", "broken", "truncated", "", ""), damage.truncate(BASE, 0.5)
    yield Sample("broken/cut-at-90-percent.pdf", "broken", "truncated", "", ""), damage.truncate(BASE, 0.9)
    yield (
        Sample("broken/zero-tail.pdf", "broken", "zero-filled", "", "never downloaded to its end"),
        (damage.zero_fill(BASE, 0.4, 1.0)),
    )
    yield Sample("broken/base64.pdf", "broken", "transfer-encoding-left", "", ""), damage.still_base64(BASE)
    yield Sample("broken/sign-in-page.pdf", "broken", "not-a-pdf", "", "saved instead"), damage.SIGN_IN_PAGE
    yield Sample("broken/word.pdf", "broken", "not-a-pdf", "", "renamed"), damage.word_document()
    yield Sample("broken/email.pdf", "broken", "not-a-pdf", "", "renamed"), damage.saved_email()
    yield Sample("broken/text.pdf", "broken", "not-a-pdf", "", "renamed"), b"Please see the annex.\n" * 40
    yield Sample("broken/picture.pdf", "broken", "not-a-pdf", "", "renamed"), damage.PICTURE
    yield Sample("broken/objects-lost.pdf", "broken", "structure-damaged", "", ""), damage.objects_blotted_out(BASE)

    yield (
        Sample("damaged/line-feeds-only.pdf", "damaged", "line-endings-changed", "6", ""),
        damage.line_feeds_only(BASE),
    )
    yield (
        Sample("damaged/line-feeds-doubled.pdf", "damaged", "line-endings-changed", "6", ""),
        (damage.every_line_feed_doubled(BASE)),
    )
    yield Sample("damaged/latin-1-to-utf-8.pdf", "damaged", "charset-changed", "6", ""), damage.latin_1_to_utf_8(BASE)
    yield (
        Sample("damaged/replaced-characters.pdf", "damaged", "charset-changed", "6", ""),
        (damage.replaced_characters(BASE)),
    )
    yield Sample("damaged/question-marks.pdf", "damaged", "charset-changed", "6", ""), damage.question_marks(BASE)
    yield (
        Sample("damaged/quoted-printable.pdf", "damaged", "transfer-encoding-left", "6", ""),
        (damage.still_quoted_printable(BASE)),
    )
    yield Sample("damaged/bytes-lost.pdf", "damaged", "bytes-changed", "6", "one in 997"), damage.bytes_lost(BASE)
    yield (
        Sample("damaged/8-kB-before.pdf", "damaged", "leading-junk", "6", "Chrome does not open it"),
        (damage.mail_headers_before(BASE, 8000)),
    )
    mangled = documents.content_mangled("One page is lost", 4, page=3)
    yield Sample("damaged/content-mangled.pdf", "damaged", "content-unreadable", "4", "page 3"), mangled
    yield Sample("damaged/pages-lost.pdf", "damaged", "pages-missing", "4", ""), documents.pages_lost("Short", 4)

    yield Sample("locked/password.pdf", "locked", "password", "", ""), documents.locked("Secret", 2)
    yield (
        Sample("locked/no-owner-password.pdf", "locked", "password", "", "parsers open it"),
        (documents.locked_without_owner("Secret", 2)),
    )
    yield Sample("locked/certificate.pdf", "locked", "certificate", "", ""), documents.certificate("Sealed", 2)
    yield (
        Sample("locked/rights-managed.pdf", "locked", "rights-managed", "", "the whole file"),
        (documents.rights_managed_file("Protected", 2)),
    )

    yield (
        Sample("placeholder/rights-managed.pdf", "placeholder", "rights-managed", "1", "Purview's wrapper"),
        (documents.rights_managed("Protected")),
    )
    yield (
        Sample("placeholder/rights-managed-of-old.pdf", "placeholder", "rights-managed", "1", "SharePoint's"),
        (documents.rights_managed_of_old("Protected")),
    )
    yield Sample("placeholder/xfa-form.pdf", "placeholder", "xfa-form", "1", "please wait"), documents.form("Form")
    yield (
        Sample("placeholder/portfolio.pdf", "placeholder", "portfolio", "1", "its cover", "holds-files"),
        documents.portfolio("Folder"),
    )
    yield (
        Sample("placeholder/secure-envelope.pdf", "placeholder", "secure-envelope", "1", ""),
        documents.envelope("Mail"),
    )
    yield (
        Sample("placeholder/gateway-notice.pdf", "placeholder", "gateway-notice", "1", ""),
        (documents.gateway_notice("Annex 4")),
    )
    yield (
        Sample("placeholder/attachment-removed.txt", "placeholder", "gateway-notice", "", "beside it", "other-type"),
        documents.filters_text("Annex 4.zip"),
    )
    yield (
        Sample("placeholder/scan-in-progress.html", "placeholder", "gateway-notice", "", "for minutes", "other-type"),
        documents.SCAN_IN_PROGRESS,
    )
    yield from more_samples()


def more_samples() -> Iterator[tuple[Sample, bytes]]:
    """What is lost of a document that opens; what opens and is worth a note; and files of other kinds."""
    blank = documents.blank_with_text("A page is white", 4, page=2)
    yield Sample("damaged/blank-page.pdf", "damaged", "content-unreadable", "4", "page 2", "blank-pages"), blank
    yield (
        Sample("damaged/instructions-lost.pdf", "damaged", "content-unreadable", "2", "unknown operators"),
        documents.instructions_lost("No longer drawn", 2),
    )
    yield (
        Sample("damaged/fonts-lost.pdf", "damaged", "content-unreadable", "3", "text in no font"),
        documents.fonts_lost("In no font", 3),
    )
    yield (
        Sample("damaged/emptied.pdf", "damaged", "content-unreadable", "3", "nothing on any page"),
        documents.emptied("Nothing", 3),
    )
    yield (
        Sample("damaged/picture-unreadable.pdf", "damaged", "content-unreadable", "1", "noise for JPEG 2000"),
        documents.picture_unreadable("Noise"),
    )
    yield (
        Sample("damaged/form-emptied.pdf", "damaged", "content-unreadable", "2", "a letterhead without letters"),
        documents.form_emptied("Letterhead", 2),
    )
    yield (
        Sample("damaged/picture-gone.pdf", "damaged", "content-unreadable", "2", "drawn, and not in the file"),
        documents.picture_gone("A scan is missing", 2),
    )
    yield (
        Sample("damaged/text-cut.pdf", "damaged", "content-unreadable", "2", "page 2 breaks off"),
        documents.text_cut("Breaks off", 2),
    )
    yield (
        Sample("damaged/picture-shortened.pdf", "damaged", "bytes-changed", "1", "57 bytes of it lost"),
        damage.picture_shortened(SCAN),
    )
    yield (
        Sample("broken/base64-character-lost.pdf", "broken", "bytes-changed", "", "all bits behind it moved"),
        damage.base64_character_lost(SCAN, 4000),
    )
    together = damage.run_together(documents.report("First", 5), documents.report("Second", 2))
    yield (
        Sample("damaged/run-together.pdf", "damaged", "concatenated", "5", "hides 2 more", "unreached-pages"),
        together,
    )
    yield (
        Sample("healthy/last-update-lost.pdf", "ok", "", "2", "shows what it was before", "update-cut-off"),
        damage.update_cut(documents.updated("Revised", 2)),
    )
    yield (
        Sample("healthy/page-behind.pdf", "ok", "", "6", "a gateway's web page", "trailing-junk"),
        (damage.page_behind(BASE)),
    )
    yield (
        Sample("healthy/lengthy.pdf", "ok", "", "5", "200 MiB of blanks in the content", "not-looked-into"),
        documents.lengthy("Mostly blanks", 5, 40),
    )
    yield Sample("unchecked/too-many-pages.pdf", "unchecked", "too-costly", "", "10,001"), documents.many_pages(10_001)
    yield Sample("other/word.docx", "ok", "", "", "a Word document", "other-type"), damage.word_document()
    yield (
        Sample("other/cut.docx", "broken", "truncated", "", "a Word document", "other-type"),
        damage.word_document()[:-60],
    )
    yield (
        Sample("other/sign-in-page.docx", "broken", "wrong-type", "", "saved instead", "other-type"),
        damage.SIGN_IN_PAGE,
    )
    yield Sample("other/picture.png", "ok", "", "", "", "other-type"), documents.picture()
    yield Sample("other/annexes.zip", "ok", "", "", "two reports", "holds-files other-type"), documents.archive("Zip")
    yield (
        Sample("locked/smime.p7m", "locked", "encrypted-message", "", "S/MIME", "other-type"),
        documents.smime_message("Sealed"),
    )
    yield (
        Sample("locked/message.asc", "locked", "encrypted-message", "", "PGP", "other-type"),
        documents.pgp_message("Sealed"),
    )
    yield (
        Sample("locked/message.rpmsg", "locked", "rights-managed", "", "Outlook's", "other-type"),
        documents.rpmsg("Managed"),
    )


def main() -> None:
    made = list(samples())
    for sample, data in made:
        path = FOLDER / sample.file
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(data)
    with (FOLDER / "manifest.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow([field.name for field in fields(Sample)])
        writer.writerows(astuple(sample) for sample, _ in made)


if __name__ == "__main__":
    main()
