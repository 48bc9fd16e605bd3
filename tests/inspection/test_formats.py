"""Files that are no PDF: what the programs that they are for would say of them."""

import io
import random
import zipfile

import msoffcrypto
import pytest
from PIL import Image

from attachwatch.inspection import judge
from attachwatch.inspection.examination import examine
from attachwatch.model import Cause, Inspection, Verdict

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


def with_password() -> bytes:
    out = io.BytesIO()
    msoffcrypto.OfficeFile(io.BytesIO(word())).encrypt("secret", out)
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
    return judge.as_named(examine(data), name, "")


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
        (with_password()[:1024], "a.docx", Verdict.BROKEN, Cause.STRUCTURE_DAMAGED),
        (picture("PNG")[:4000], "a.png", Verdict.BROKEN, Cause.TRUNCATED),
        (picture("JPEG")[:2000], "a.jpg", Verdict.BROKEN, Cause.TRUNCATED),
        (picture("BMP")[:2000], "a.bmp", Verdict.BROKEN, Cause.TRUNCATED),
        (picture("TIFF", 3)[:-9000], "a.tiff", Verdict.BROKEN, Cause.TRUNCATED),
        (picture("PNG")[:20] + bytes(400), "a.png", Verdict.BROKEN, Cause.STRUCTURE_DAMAGED),
        (b"{\\rtf1 {\\b Dear Sir or Madam,", "a.rtf", Verdict.BROKEN, Cause.TRUNCATED),
        (packed(a_txt="a" * 9000)[:60], "a.zip", Verdict.BROKEN, Cause.TRUNCATED),
        (b"<!doctype html><html>Sign in to SharePoint</html>", "a.docx", Verdict.BROKEN, Cause.WRONG_TYPE),
        (bytes(range(256)) * 8, "a.png", Verdict.BROKEN, Cause.WRONG_TYPE),
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
