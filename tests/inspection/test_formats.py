"""Files that are no PDF: what the programs that they are for would say of them."""

import io
import random
import struct
import zipfile

import msoffcrypto
import olefile
import pytest
from PIL import Image

from attachwatch.demo import documents
from attachwatch.inspection import claims
from attachwatch.inspection.examination import examine
from attachwatch.model import HOLDS_FILES, Cause, Inspection, Verdict

TYPES = '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>'
PARAGRAPHS = f"<w:document xmlns:w='w'>{'<w:p/>' * 5000}{random.Random(1).randbytes(4000).hex()}</w:document>"


def packed(**parts: str) -> bytes:
    """A zip of these parts; "__" in a keyword stands for "/"."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in parts.items():
            archive.writestr(name.replace("__", "/").replace("_xml", ".xml").replace("Types_", "Types]"), text)
    return out.getvalue()


def word(document: str = PARAGRAPHS) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", TYPES)
        archive.writestr("word/document.xml", document)
    return out.getvalue()


def opendocument(manifest: str = "<manifest/>", content: str = "<office/>") -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.text")
        archive.writestr("META-INF/manifest.xml", manifest)
        archive.writestr("content.xml", content)
    return out.getvalue()


def picture(kind: str, pages: int = 1, **options: object) -> bytes:
    frames = [Image.frombytes("L", (120, 90), random.Random(n).randbytes(120 * 90)) for n in range(pages)]
    out = io.BytesIO()
    more = {"save_all": True, "append_images": frames[1:]} if pages > 1 else {}
    frames[0].save(out, kind, **more, **options)
    return out.getvalue()


def package(parts: dict[str, str], main: str = "") -> bytes:
    """An Office package of these parts, of which `main` is said to be the main one."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", TYPES)
        if main:
            archive.writestr("_rels/.rels", relationships(officeDocument=main))
        for name, text in parts.items():
            archive.writestr(name, text)
    return out.getvalue()


def relationships(more: str = "", **targets: str) -> str:
    """From each kind to its target."""
    kinds = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    each = "".join(f"<Relationship Id='{k}' Type='{kinds}/{k}' Target='{t}'/>" for k, t in targets.items())
    space = "http://schemas.openxmlformats.org/package/2006/relationships"
    return f"<Relationships xmlns='{space}'>{each}{more}</Relationships>"


def workbook(sheet: str = "worksheets/sheet1.xml", **parts: str) -> bytes:
    """A workbook that refers to this sheet, with other parts than the usual ones where given ("__" for "/")."""
    all_parts = {
        "xl/workbook.xml": "<workbook/>",
        "xl/_rels/workbook.xml.rels": relationships(worksheet=sheet, styles="styles.xml"),
        "xl/worksheets/sheet1.xml": "<worksheet/>",
        "xl/styles.xml": "<styleSheet/>",
    }
    all_parts |= {name.replace("__", "/").replace("_xml", ".xml"): text for name, text in parts.items()}
    return package({name: text for name, text in all_parts.items() if text}, "xl/workbook.xml")


def compound(*streams: str) -> bytes:
    """A compound file ([MS-CFB]) with these streams, empty: header, sector 0 for the FAT, then the directory."""
    names = ["Root Entry", *streams]
    sectors = -(-len(names) // 4)
    entries = []
    for number in range(4 * sectors):
        name = f"{names[number]}\0".encode("utf-16-le") if number < len(names) else b""
        kind = 0 if not name else 2 if number else 5
        right = number + 1 if 0 < number < len(names) - 1 else 0xFFFFFFFF
        child = 1 if number == 0 and len(names) > 1 else 0xFFFFFFFF
        tree = struct.pack("<BBIII", kind, 1, 0xFFFFFFFF, right, child)
        entries.append(
            name.ljust(64, b"\0") + struct.pack("<H", len(name)) + tree + bytes(36) + b"\xfe\xff\xff\xff" + bytes(8)
        )
    chain = [0xFFFFFFFD, *range(2, sectors + 1), 0xFFFFFFFE]
    fat = struct.pack("<128I", *chain, *[0xFFFFFFFF] * (128 - len(chain)))
    head = (
        olefile.MAGIC
        + bytes(16)
        + struct.pack("<HHHHH6xIIIIIIIIII", 0x3E, 3, 0xFFFE, 9, 6, 0, 1, 1, 0, 4096, 0xFFFFFFFE, 0, 0xFFFFFFFE, 0, 0)
    )
    return bytes(head.ljust(512, b"\xff")) + fat + b"".join(entries)


def with_password(secret: str = "secret") -> bytes:
    out = io.BytesIO()
    msoffcrypto.OfficeFile(io.BytesIO(word())).encrypt(secret, out)
    return out.getvalue()


def rights_managed() -> bytes:
    """The same container, with the transform that rights management names."""
    data = bytearray(with_password())
    was, becomes = "StrongEncryptionTransform".encode("utf-16-le"), "DRMEncryptedTransform".encode("utf-16-le")
    place = data.index(was + bytes(64 - len(was)))  # a directory entry ([MS-CFB] section 2.6.1)
    data[place : place + 64] = becomes + bytes(64 - len(becomes))
    data[place + 64 : place + 66] = (len(becomes) + 2).to_bytes(2, "little")
    return bytes(data)


def inspected(data: bytes, name: str) -> Inspection:
    return claims.as_named(examine(data), name, "")


@pytest.mark.parametrize(
    ("data", "name", "pages"),
    [
        (word(), "a.docx", None),
        (opendocument(), "a.odt", None),
        (picture("PNG"), "a.png", None),
        (picture("JPEG"), "a.jpg", None),
        (picture("TIFF", 3), "a.tiff", 3),
        (picture("GIF", 2), "a.gif", None),
        (picture("BMP"), "a.bmp", None),
        (picture("WEBP"), "a.webp", None),
        (picture("TIFF", big_tiff=True), "a.tif", 1),
        (b"Dear Sir or Madam,\n", "a.txt", None),
        (b"label,title\nA,Costs\n", "a.csv", None),
        (b"{\\rtf1 Dear \\{Sir\\}}", "a.rtf", None),
        (b"{\\rtf1 {\\b{{ Dear Sir}\r\n\x00", "a.rtf", None),  # strange inside, and not cut
        (b"{\\rtf1 Dear Sir} -- sent from a phone", "a.rtf", None),
        ("Name\tWert\r\nÜbergröße\t1\r\n".encode("utf-16"), "a.txt", None),  # Excel's "Unicode text"
        ("Straße;“Nr.” – €\r\n".encode("cp1252") * 9, "a.csv", None),
        (picture("JPEG")[:-2], "a.jpg", None),
        (picture("JPEG", progressive=True)[:-1], "a.jpg", None),
        (picture("PNG")[:-12], "a.png", None),
        (picture("PNG"), "a.jpg", None),  # viewers go by the content
        (word(), "a.doc", None),
        (packed(a_txt="a", b__c_txt="c"), "a.zip", None),
    ],
    ids=lambda v: v if isinstance(v, str) else "",
)
def test_what_opens_is_ok(data: bytes, name: str, pages: int | None) -> None:
    found = inspected(data, name)
    assert (found.verdict, found.cause, found.pages) == (Verdict.OK, None, pages)


@pytest.mark.parametrize(
    ("data", "name", "verdict", "cause"),
    [
        (word()[:-400], "a.docx", Verdict.BROKEN, Cause.TRUNCATED),
        (word("<w:document><w:p></w:document>"), "a.docx", Verdict.BROKEN, Cause.STRUCTURE_DAMAGED),
        (opendocument(content="<office>"), "a.odt", Verdict.BROKEN, Cause.STRUCTURE_DAMAGED),
        (opendocument(manifest="<encryption-data/>"), "a.odt", Verdict.LOCKED, Cause.PASSWORD),
        (with_password(), "a.docx", Verdict.LOCKED, Cause.PASSWORD),
        (rights_managed(), "a.docx", Verdict.LOCKED, Cause.RIGHTS_MANAGED),
        (with_password()[:1024], "a.docx", Verdict.BROKEN, Cause.TRUNCATED),
        (with_password()[:2688], "a.docx", Verdict.BROKEN, Cause.TRUNCATED),
        (with_password()[:-600], "a.docx", Verdict.BROKEN, Cause.TRUNCATED),
        (picture("PNG")[:4000], "a.png", Verdict.DAMAGED, Cause.TRUNCATED),
        (picture("JPEG")[:2000], "a.jpg", Verdict.DAMAGED, Cause.TRUNCATED),
        (picture("JPEG", progressive=True)[:2000], "a.jpg", Verdict.DAMAGED, Cause.TRUNCATED),
        (picture("JPEG")[:-100], "a.jpg", Verdict.DAMAGED, Cause.TRUNCATED),
        (picture("GIF")[:4000], "a.gif", Verdict.DAMAGED, Cause.TRUNCATED),
        (picture("BMP")[:2000], "a.bmp", Verdict.DAMAGED, Cause.TRUNCATED),
        (picture("TIFF")[:4000], "a.tiff", Verdict.DAMAGED, Cause.TRUNCATED),
        (picture("TIFF", 3)[:-9000], "a.tiff", Verdict.DAMAGED, Cause.TRUNCATED),
        (picture("PNG")[:60], "a.png", Verdict.BROKEN, Cause.TRUNCATED),
        (picture("JPEG")[:200], "a.jpg", Verdict.BROKEN, Cause.TRUNCATED),
        (picture("BMP")[:60], "a.bmp", Verdict.BROKEN, Cause.TRUNCATED),
        (picture("TIFF", compression="tiff_lzw")[:-2000], "a.tiff", Verdict.BROKEN, Cause.TRUNCATED),
        (picture("WEBP")[:-200], "a.webp", Verdict.BROKEN, Cause.TRUNCATED),
        (picture("PNG")[:20] + bytes(400), "a.png", Verdict.BROKEN, Cause.STRUCTURE_DAMAGED),
        (b"{\\rtf1 {\\b Dear Sir or Madam,", "a.rtf", Verdict.DAMAGED, Cause.TRUNCATED),
        (b"{\\rtf1 {\\b Dear} Sir\\pa", "a.rtf", Verdict.DAMAGED, Cause.TRUNCATED),
        (opendocument(manifest="<manifest>"), "a.odt", Verdict.DAMAGED, Cause.CONTENT_UNREADABLE),
        (packed(a_txt="a" * 9000)[:60], "a.zip", Verdict.BROKEN, Cause.TRUNCATED),
        (package({"visio/document.xml": PARAGRAPHS})[:900], "a.vsdx", Verdict.BROKEN, Cause.TRUNCATED),
        (b"<!doctype html><html>Sign in to SharePoint</html>", "a.docx", Verdict.BROKEN, Cause.WRONG_TYPE),
        (bytes(range(256)) * 8, "a.png", Verdict.BROKEN, Cause.WRONG_TYPE),
        (picture("PNG"), "a.docx", Verdict.BROKEN, Cause.WRONG_TYPE),
        (word(), "a.xlsx", Verdict.BROKEN, Cause.WRONG_TYPE),
        (word(), "a.pptx", Verdict.BROKEN, Cause.WRONG_TYPE),
        (word(), "a.png", Verdict.BROKEN, Cause.WRONG_TYPE),
        (packed(a_txt="a"), "a.docx", Verdict.BROKEN, Cause.WRONG_TYPE),
        (word(), "a.pdf", Verdict.BROKEN, Cause.NOT_A_PDF),
        (with_password(), "a.pdf", Verdict.BROKEN, Cause.NOT_A_PDF),
    ],
)
def test_what_does_not_is_told_why(data: bytes, name: str, verdict: Verdict, cause: Cause) -> None:
    found = inspected(data, name)
    assert (found.verdict, found.cause) == (verdict, cause)
    assert found.findings[0].code == cause


@pytest.mark.parametrize(
    ("data", "name"),
    [
        (b"\x1aE\xdf\xa3" + bytes(60), "a.mkv"),
        (b"<html>a table</html>", "a.xls"),  # which the program opens, with a word of warning
        (b"<html>a page</html>", "a.html"),
        (compound("VisioDocument"), "a.vsd"),
        (compound("Catalog"), "Thumbs.db"),
        (package({"visio/document.xml": "<v/>"}), "a.vsdx"),
    ],
)
def test_what_is_not_judged_is_said_so_and_never_accused(data: bytes, name: str) -> None:
    found = inspected(data, name)
    assert (found.verdict, found.cause) == (Verdict.UNCHECKED, None)


def test_a_member_that_does_not_match_its_sum_is_found() -> None:
    data = bytearray(word())
    place = data.index(b"word/document.xml") + 300
    data[place : place + 50] = bytes(50)
    assert inspected(bytes(data), "a.docx").verdict.accuses


def test_a_locked_archive_asks_for_its_password() -> None:
    data = bytearray(packed(a_txt="a" * 100))
    data[6] |= 1
    data[data.index(b"PK\x01\x02") + 8] |= 1
    assert inspected(bytes(data), "a.zip").cause is Cause.PASSWORD


def test_entities_are_not_expanded_and_nothing_is_fetched() -> None:
    bomb = "".join(f"<!ENTITY e{n} '{f'&e{n - 1};' * 10 if n else 'x' * 100}'>" for n in range(10))
    found = inspected(word(f"<!DOCTYPE w [{bomb}<!ENTITY f SYSTEM 'file:///etc/passwd'>]><w>&e9;&f;</w>"), "a.docx")
    assert found.seconds < 2
    assert "root:" not in str(found)


@pytest.mark.parametrize(
    "data",
    [
        workbook(),
        workbook("/xl/worksheets/sheet1.xml"),  # as openpyxl writes it
        workbook("Worksheets/SHEET1.xml"),  # case does not count
        workbook(**{"xl/styles.xml": ""}),  # no reader misses it
        package({"xl/workbook.xml": "<workbook/>"}),  # without relationships
        workbook(
            **{
                "xl/_rels/workbook.xml.rels": relationships(
                    "<Relationship Id='1' Type='a/worksheet' TargetMode='External' Target='gone.xml'/>"
                    "<Relationship Id='2' Type='a/comments' Target='file:///c:/gone.xml'/>",
                    image="NULL",
                    customXml="../customXml/item1.xml",
                ),
                "customXml/item1.xml": "<a>",
            }
        ),
    ],
)
def test_a_workbook_whose_parts_are_there_is_ok(data: bytes) -> None:
    assert inspected(data, "a.xlsx").verdict is Verdict.OK


@pytest.mark.parametrize(
    ("data", "part"),
    [
        (workbook("worksheets/sheet2.xml"), "xl/worksheets/sheet2.xml"),
        (workbook(**{"xl/worksheets/sheet1.xml": "<worksheet><row>"}), "xl/worksheets/sheet1.xml"),
        (workbook(**{"xl/styles.xml": "<styleSheet>"}), "xl/styles.xml"),
        (workbook(**{"xl/_rels/workbook.xml.rels": "<Relationships>"}), "xl/_rels/workbook.xml.rels"),
    ],
)
def test_a_part_that_the_main_one_refers_to_is_named_when_it_is_lost(data: bytes, part: str) -> None:
    found = inspected(data, "a.xlsx")
    assert (found.verdict, found.cause) == (Verdict.DAMAGED, Cause.CONTENT_UNREADABLE)
    assert found.findings[0].evidence["part"] == part


@pytest.mark.parametrize(
    "data",
    [
        workbook(**{"xl/workbook.xml": "<workbook>"}),
        package({"xl/styles.xml": "<a/>"}, "xl/workbook.xml"),
        package({"xl/styles.xml": "<a/>", "_rels/.rels": "<Relationships>"}),
    ],
)
def test_without_a_main_part_it_is_broken(data: bytes) -> None:
    assert (found := inspected(data, "a.xlsx")).verdict is Verdict.BROKEN
    assert found.cause is Cause.STRUCTURE_DAMAGED


def test_what_excel_opens_without_asking_is_not_locked() -> None:
    assert inspected(with_password("VelvetSweatshop"), "a.xlsx").verdict is Verdict.OK


def test_a_compound_file_of_another_program_is_never_accused_for_what_it_holds() -> None:
    data = compound("Contents") + "Book".encode("utf-16-le") + bytes(2 << 20)
    assert inspected(data, "a.pub").verdict is Verdict.UNCHECKED
    assert inspected(compound("Contents")[:1024], "a.pub").cause is Cause.TRUNCATED  # its directory is gone


def test_limits_of_libraries_accuse_nobody_and_keep_the_type() -> None:
    bomb = "".join(f"<!ENTITY e{n} '{f'&e{n - 1};' * 10 if n else 'x' * 1000}'>" for n in range(10))
    for data, name, media_type in (
        (word(f"<!DOCTYPE w [{bomb}]><w>&e9;</w>"), "a.docx", "application/vnd.openxmlformats"),
        (word("<?xml version='1.0' encoding='x-not-known'?><w/>"), "a.docx", "application/vnd.openxmlformats"),
        (picture("BMP").replace(b"\x08\x00", b"\x07\x00", 1), "a.bmp", "image/bmp"),
        (packed(**{f"a{n}": "" for n in range(1001)}), "a.zip", "application/zip"),
    ):
        found = inspected(data, name)
        assert (found.verdict, found.cause) == (Verdict.UNCHECKED, Cause.TOO_COSTLY), name
        assert found.type.startswith(media_type)


def test_deep_and_large_xml_is_no_fault() -> None:
    assert inspected(word("<w>" * 5000 + "</w>" * 5000), "a.docx").verdict is Verdict.OK
    assert inspected(word(f"<w>{'x' * (11 << 20)}</w>"), "a.docx").verdict is Verdict.OK


def test_an_archive_in_an_archive_is_judged_as_one_and_named() -> None:
    inner = packed(a_txt="a")
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("inner.zip", inner)
        archive.writestr("b.txt", "b")
    held = next(f for f in inspected(out.getvalue(), "a.zip").findings if f.code == HOLDS_FILES)
    assert held.evidence == {"files": ["inner.zip", "b.txt"]}
    inside = inspected(inner, "inner.zip")
    assert inside.verdict is Verdict.OK
    assert HOLDS_FILES in {f.code for f in inside.findings}


def test_an_archive_that_was_cut_behind_another_in_it_is_not_taken_for_that() -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("ppt/presentation.xml", "<p/>")
        archive.writestr("ppt/embeddings/a.xlsx", workbook())
        archive.writestr("ppt/slides/slide1.xml", PARAGRAPHS)
    assert inspected(out.getvalue()[: 400 + len(workbook())], "a.pptx").cause is Cause.TRUNCATED
    assert inspected(out.getvalue(), "a.pptx").cause is Cause.STRUCTURE_DAMAGED  # without a list of types


def test_a_folder_that_is_called_like_an_office_files_makes_no_office_file() -> None:
    assert inspected(packed(word__letter_txt="a"), "a.zip").type == "application/zip"


def test_a_name_that_only_the_local_header_has_otherwise_is_no_fault() -> None:
    data = packed(a_txt="a")
    assert inspected(data.replace(b"a_txt", b"b_txt", 1), "a.zip").verdict is Verdict.OK
    assert inspected(data.replace(b"a_txt", b"\xff_txt", 1), "a.zip").verdict is Verdict.OK
    both = bytearray(packed(a_txt="a" * 50 + PARAGRAPHS).replace(b"a_txt", b"b_txt", 1))
    both[60:90] = bytes(30)
    assert inspected(bytes(both), "a.zip").cause is Cause.CONTENT_UNREADABLE


def test_a_pdf_inside_an_archive_that_is_cut_costs_the_archive_nothing() -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("a.pdf", documents.report("a", 2)[:-900])
    assert inspected(out.getvalue(), "a.zip").verdict is Verdict.OK


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "cp1252"])
def test_a_text_that_a_mail_filter_left_is_a_notice_under_any_name_though_no_pdf(encoding: str) -> None:
    text = "Der Anhang Anlage 3.zip wurde aus Sicherheitsgr\u00fcnden vom Mailfilter entfernt."
    found = examine(text.encode(encoding))
    assert (found.verdict, found.cause) == (Verdict.PLACEHOLDER, Cause.GATEWAY_NOTICE)
    assert found.findings[0].evidence["files"] == ["Anlage 3.zip"]
    for name, cause in (
        ("notice.txt", "gateway-notice"),
        ("Anlage 3.pdf", "not-a-pdf"),
        ("Anlage 3.docx", "wrong-type"),
    ):
        named = claims.as_named(found, name, "application/octet-stream")
        assert (named.cause, named.is_filters_notice) == (cause, True)


def test_a_web_page_that_a_mail_filter_left_is_a_notice_and_others_are_not_judged() -> None:
    page = "<html><style>p { }</style><body><p>Unsafe attachments blocked</p><p>Annex B.docm</p></body></html>"
    found = examine(page.encode())
    assert (found.verdict, found.cause) == (Verdict.PLACEHOLDER, Cause.GATEWAY_NOTICE)
    other = examine(page.replace("Unsafe attachments blocked", "Minutes of the mail gateway board").encode())
    assert (other.verdict, other.cause) == (Verdict.UNCHECKED, None)


@pytest.mark.parametrize(
    "text",
    [
        "Annex B was withheld under section 40; the file was removed from the bundle at our mail gateway.",
        "Log of the mail gateway\n2024-05-01 message 1: attachment removed by the virus scanner\n" * 60,
        "We hold no record of attachments that were blocked.",
    ],
)
def test_a_text_about_mail_filters_is_a_text(text: str) -> None:
    assert examine(text.encode()).verdict is Verdict.OK


def test_a_web_page_of_any_depth_is_looked_at_or_left() -> None:
    for page in ("<html>" + "<div>" * 30_000, "<html><!-- x", "<html>" + "&" * 5000, "<html>"):
        assert examine(page.encode()).verdict is Verdict.UNCHECKED
