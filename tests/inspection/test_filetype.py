"""What bytes are, whatever they are called."""

import io
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from attachwatch.demo import damage, documents
from attachwatch.inspection.filetype import PDF, UNKNOWN, identify
from tests.inspection.arrivals import archive

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


def office(*names: str, mimetype: str = "") -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        if mimetype:
            archive.writestr("mimetype", mimetype)
        for name in names:
            archive.writestr(name, "x")
    return out.getvalue()


def picture(kind: str) -> bytes:
    out = io.BytesIO()
    Image.new("L", (8, 8)).save(out, kind)
    return out.getvalue()


@pytest.mark.parametrize(
    ("data", "media_type"),
    [
        (documents.report("a", 1), PDF),
        (b"\x00\x90" * 500 + b"%PDF-1.4", PDF),
        (b"\xef\xbb\xbf\r\n%PDF-1.4 only ascii", PDF),
        (b"The upload failed: a file begins with %PDF-, and this one does not.", "text/plain"),
        (b"<html><h1>%PDF-1.7 viewer</h1>1 0 obj</html>", "text/html"),
        (b"[InternetShortcut]\r\nURL=https://interior.example/a.pdf\r\n", "application/x-mswinurl"),
        (archive("zip", documents.report("a", 1)), "application/zip"),
        (archive("tar", documents.report("a", 1)), "application/x-tar"),
        (b"From: a@b.example\nSubject: c\n\n" + documents.report("a", 1), "message/rfc822"),
        (b"<!DOCTYPE html><html>", "text/html"),
        (b"\xef\xbb\xbf  <HTML><body>", "text/html"),
        (damage.word_document(), "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
        (office("xl/workbook.xml"), "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
        (office(mimetype="application/vnd.oasis.opendocument.text"), "application/vnd.oasis.opendocument.text"),
        (office("a.pdf"), "application/zip"),
        (damage.saved_email(), "message/rfc822"),
        (damage.PICTURE, "image/png"),
        (picture("JPEG"), "image/jpeg"),
        (picture("TIFF"), "image/tiff"),
        (picture("GIF"), "image/gif"),
        (b"{\\rtf1 hello}", "text/rtf"),
        (b"hello, plain text\n", "text/plain"),
        ("\u00dcber".encode(), "text/plain"),
        (OLE + bytes(512) + "WordDocument".encode("utf-16-le").ljust(64, b"\x00"), "application/msword"),
        (OLE + bytes(512) + "My Workbook of Books".encode("utf-16-le"), "application/x-ole-storage"),
        (office("word/letter.txt"), "application/zip"),
        (office("[Content_Types].xml", "visio/document.xml"), "application/vnd.openxmlformats-package"),
        (office(mimetype="application/epub+zip"), "application/epub+zip"),
        (
            office("[CONTENT_TYPES].XML", "WORD\\a.xml"),
            "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        ),
        ("\u00dcber\n".encode("utf-16"), "text/plain"),
        (b"\xfe\xff" + "<html><body>\u00dc".encode("utf-16-be"), "text/html"),
        (b"\xff\xfe\x00\xd8\x41\x00" * 50, UNKNOWN),
        ("Stra\u00dfe;Gr\u00f6\u00dfe\n".encode("latin-1"), "text/plain"),
        (b"Stra\xdfe\x01 und Platz", UNKNOWN),
        (b"II*\x00\x08\x00\x00\x00", "image/tiff"),
        (b"", UNKNOWN),
        (bytes(100), UNKNOWN),
    ],
)
def test_the_type_is_told_by_content(data: bytes, media_type: str) -> None:
    assert identify(data).media_type == media_type


def test_a_page_that_asks_to_sign_in_is_named_so() -> None:
    assert identify(damage.SIGN_IN_PAGE).words == "a sign-in page"
    assert identify(b"<html><p>news</p>").words == "a web page"


@given(st.binary(max_size=600))
def test_any_bytes_have_a_type_and_words(data: bytes) -> None:
    found = identify(data)
    assert "/" in found.media_type
    assert found.words
