"""What the bytes are, whatever the name says."""

import io
import re
import zipfile
from dataclasses import dataclass

import puremagic

PDF = "application/pdf"
UNKNOWN = "application/octet-stream"
HEADER_WITHIN = 1024  # bytes; where readers look for %PDF- (ISO 32000-1 Annex H, implementation note 13)

_SIGN_IN = re.compile(rb"sign[ -]?in|log[ -]?in|password|sharepoint|authenticat|single sign", re.IGNORECASE)
_EMAIL_FIELDS = re.compile(
    rb"^(received|return-path|from|to|subject|date|message-id|mime-version):", re.IGNORECASE | re.MULTILINE
)
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_OFFICE = {
    "word/": ("application/vnd.openxmlformats-officedocument.wordprocessingml.document", "a Word document"),
    "xl/": ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "an Excel workbook"),
    "ppt/": ("application/vnd.openxmlformats-officedocument.presentationml.presentation", "a PowerPoint presentation"),
}
_IN_WORDS = {
    "image": "an image",
    "audio": "a sound recording",
    "video": "a video",
    "application/zip": "a zip archive",
    "application/rtf": "an RTF document",
    "text/rtf": "an RTF document",
    "application/postscript": "a PostScript file",
    "application/x-7z-compressed": "a 7-Zip archive",
    "application/gzip": "a gzip archive",
}


@dataclass(frozen=True, slots=True)
class FileType:
    """A media type, and the same in words for the sentence "it is ..."."""

    media_type: str
    words: str


def identify(data: bytes) -> FileType:
    """The type of `data` by its content alone; UNKNOWN where nothing fits."""
    head = data[:4096]
    if container := _container(data, head):  # which may hold a PDF close to its start, uncompressed
        return container
    if b"%PDF-" in head[:HEADER_WITHIN] and not _only_mentions_pdf(head):
        return FileType(PDF, "a PDF")
    if _is_text(head):
        return _text(head)
    return _by_signature(head)


def _container(data: bytes, head: bytes) -> FileType | None:
    if head.startswith(_OLE):
        return _ole(data)
    if head.startswith(b"PK\x03\x04"):
        return _zip(data)
    if head.startswith(b"\x78\x9f\x3e\x22"):
        return FileType("application/ms-tnef", "a winmail.dat of Outlook")
    if head[257:262] == b"ustar":
        return FileType("application/x-tar", "a tar archive")
    before = head[: max(head.find(b"%PDF-"), 0)]
    if _is_text(before) and (found := _text(before)).media_type in ("message/rfc822", "text/html"):
        return found
    return None


def _only_mentions_pdf(head: bytes) -> bool:
    """Whether this is text throughout and begins with other words, as a log or a web page about PDFs does."""
    return not head.lstrip(b"\xef\xbb\xbf \t\r\n\f\x00").startswith(b"%PDF-") and _is_text(head)


def _ole(data: bytes) -> FileType:
    directory = data[: 1 << 20]
    for stream, media_type, words in (
        ("__substg1.0_", "application/vnd.ms-outlook", "a saved Outlook message"),
        ("WordDocument", "application/msword", "a Word document"),
        ("Workbook", "application/vnd.ms-excel", "an Excel workbook"),
        ("PowerPoint Document", "application/vnd.ms-powerpoint", "a PowerPoint presentation"),
        ("EncryptedPackage", "application/x-ole-encrypted", "an encrypted Office document"),
    ):
        if stream.encode("utf-16-le") in directory:
            return FileType(media_type, words)
    return FileType("application/x-ole-storage", "an Office document of the old kind")


def _zip(data: bytes) -> FileType:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            names = archive.namelist()[:1000]
            if "mimetype" in names and archive.getinfo("mimetype").file_size < 200:
                declared = archive.read("mimetype").decode("ascii", "replace").strip()
                if declared.startswith("application/vnd.oasis.opendocument"):
                    return FileType(declared, "an OpenDocument file")
    except (zipfile.BadZipFile, OSError, ValueError, KeyError, NotImplementedError, RuntimeError):
        names = [m.decode("ascii", "replace") for m in re.findall(rb"(?:word|xl|ppt)/", data[: 1 << 16])]
    for folder, (media_type, words) in _OFFICE.items():
        if any(name.startswith(folder) for name in names):
            return FileType(media_type, words)
    return FileType("application/zip", "a zip archive")


def _is_text(head: bytes) -> bool:
    if not head or b"\x00" in head:
        return False
    try:
        text = head.decode("utf-8")
    except UnicodeDecodeError as error:
        if error.start < len(head) - 4:
            return False
        text = head[: error.start].decode("utf-8")
    controls = sum(c < " " and c not in "\t\r\n\f" for c in text)
    return controls * 50 <= len(text)


def _text(head: bytes) -> FileType:
    start = head.lstrip(b"\xef\xbb\xbf \t\r\n")[:512].lower()
    if start.startswith((b"<!doctype html", b"<html")) or b"<html" in start or b"<head" in start or b"<body" in start:
        return FileType("text/html", "a sign-in page" if _SIGN_IN.search(head) else "a web page")
    for begins, media_type, words in (
        (b"{\\rtf", "text/rtf", "an RTF document"),
        (b"%!ps", "application/postscript", "a PostScript file"),
        (b"[internetshortcut]", "application/x-mswinurl", "a shortcut to a web address"),
        (b"<?xml", "text/xml", "an XML file"),
    ):
        if start.startswith(begins):
            return FileType(media_type, words)
    if len({m.lower() for m in _EMAIL_FIELDS.findall(head)}) >= 2:
        return FileType("message/rfc822", "a saved email")
    return FileType("text/plain", "plain text")


def _by_signature(head: bytes) -> FileType:
    if head.startswith(b"BM") and head[6:10] == bytes(4):  # two letters alone could be anything
        return FileType("image/bmp", "an image")
    if head.startswith((b"II+\x00", b"MM\x00+")):  # BigTIFF
        return FileType("image/tiff", "an image")
    try:
        found = puremagic.magic_string(head)
    except (puremagic.PureError, ValueError):
        return FileType(UNKNOWN, "data of an unknown kind")
    best = next((f for f in found if f.mime_type and f.confidence >= 0.3), None)
    if best is None or best.mime_type == PDF:
        return FileType(UNKNOWN, "data of an unknown kind")
    words = _IN_WORDS.get(best.mime_type) or _IN_WORDS.get(
        best.mime_type.split("/")[0], f"a file of the type {best.mime_type}"
    )
    return FileType(best.mime_type, words)
