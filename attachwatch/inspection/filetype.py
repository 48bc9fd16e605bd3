"""What the bytes are, whatever the name says."""

import io
import re
import zipfile
import zlib
from dataclasses import dataclass

import olefile
import puremagic

PDF = "application/pdf"
UNKNOWN = "application/octet-stream"
OLE = "application/x-ole-storage"  # a compound file ([MS-CFB]) of whatever program
OPC = "application/vnd.openxmlformats-package"  # a package of parts, of whatever program
HEADER_WITHIN = 1024  # bytes; where readers look for %PDF- (ISO 32000-1 Annex H, implementation note 13)

_SIGN_IN = re.compile(rb"sign[ -]?in|log[ -]?in|password|sharepoint|authenticat|single sign", re.IGNORECASE)
_EMAIL_FIELDS = re.compile(
    rb"^(received|return-path|from|to|subject|date|message-id|mime-version):", re.IGNORECASE | re.MULTILINE
)
_MIME_FIELD = re.compile(rb"content-type:[ \t]*(multipart|message)/|mime-version:[ \t]*1\.0\s", re.IGNORECASE)
_RPMSG = b"\x76\xe8\x04\x60\xc4\x11\xe3\x86"  # [MS-OXORMMS] section 2.2.4.1
# How the identifiers of signed, enveloped, authenticated and compressed data are written (RFC 5652, 5083 and 3274).
_CMS = (
    b"\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x02",
    b"\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x03",
    b"\x06\x0b\x2a\x86\x48\x86\xf7\x0d\x01\x09\x10\x01\x17",
    b"\x06\x0b\x2a\x86\x48\x86\xf7\x0d\x01\x09\x10\x01\x09",
)
# A session key for a recipient, by RSA, Elgamal or a curve, as what is encrypted begins with (RFC 9580 section 5.1).
_PGP = re.compile(rb"(\x84.|\x85..|\xc1[\x00-\xbf]|\xc1[\xc0-\xdf].)\x03.{8}[\x01\x02\x10\x12\x19]", re.DOTALL)
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_UTF_16_MARKS = (b"\xff\xfe", b"\xfe\xff")
_OFFICE = {
    "word/": ("application/vnd.openxmlformats-officedocument.wordprocessingml.document", "a Word document"),
    "xl/": ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "an Excel workbook"),
    "ppt/": ("application/vnd.openxmlformats-officedocument.presentationml.presentation", "a PowerPoint presentation"),
}
_OFFICE_MAIN = re.compile(r"(word/document|xl/workbook|ppt/presentation)\.(xml|bin)")
_OFFICE_NAME = re.compile(rb"\[Content_Types\]\.xml|(?:word|xl|ppt)/[A-Za-z0-9]+\.(?:xml|bin)|(?:word|xl|ppt)/")
_MEDIA_TYPE = re.compile(r"application/(?!zip$)[a-z0-9][a-z0-9.+-]{2,100}")
_PICTURES = {  # some of which puremagic takes for something else
    b"\x89PNG\r\n\x1a\n": "image/png",
    b"\xff\xd8\xff": "image/jpeg",
    b"II*\x00": "image/tiff",
    b"MM\x00*": "image/tiff",
    b"II+\x00": "image/tiff",  # BigTIFF
    b"MM\x00+": "image/tiff",
}
_BMP_HEADERS = tuple(size.to_bytes(4, "little") for size in (12, 40, 52, 56, 64, 108, 124))
_STREAMS = (  # of compound files; the first that is there tells
    ("__substg1.0_", "application/vnd.ms-outlook", "a saved Outlook message"),
    ("__properties_version1.0", "application/vnd.ms-outlook", "a saved Outlook message"),
    ("WordDocument", "application/msword", "a Word document"),
    ("Workbook", "application/vnd.ms-excel", "an Excel workbook"),
    ("Book", "application/vnd.ms-excel", "an Excel workbook"),
    ("PowerPoint Document", "application/vnd.ms-powerpoint", "a PowerPoint presentation"),
    ("EncryptedPackage", "application/x-ole-encrypted", "an encrypted Office document"),
)
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
    if text := _readable(head):
        return _text(text)
    return _by_signature(head)


def _container(data: bytes, head: bytes) -> FileType | None:
    if head.startswith(_OLE):
        return _ole(data)
    if head.startswith(b"PK\x03\x04"):
        return _zip(data)
    if found := _packed_message(head):
        return found
    if head[257:262] == b"ustar":
        return FileType("application/x-tar", "a tar archive")
    before = head[: max(head.find(b"%PDF-"), 0)]
    if _is_text(before) and (found := _text(before)).media_type in ("message/rfc822", "text/html"):
        return found
    return None


def _packed_message(head: bytes) -> FileType | None:
    if head.startswith(b"\x78\x9f\x3e\x22"):
        return FileType("application/ms-tnef", "a winmail.dat of Outlook")
    if head.startswith(_RPMSG):
        return FileType("application/x-microsoft-rpmsg-message", "a rights-managed message of Outlook")
    if head.startswith(b"\x30") and any(identifier in head[:40] for identifier in _CMS):
        return FileType("application/pkcs7-mime", "a message of S/MIME")
    return FileType("application/pgp-encrypted", "a message of PGP") if _PGP.match(head) else None


def _only_mentions_pdf(head: bytes) -> bool:
    """Whether this is text throughout and begins with other words, as a log or a web page about PDFs does."""
    return not head.lstrip(b"\xef\xbb\xbf \t\r\n\f\x00").startswith(b"%PDF-") and _is_text(head)


def _ole(data: bytes) -> FileType:
    """By the names of its streams, or where they cannot be listed, by such names anywhere in the file."""
    try:
        with olefile.OleFileIO(io.BytesIO(data)) as file:
            names = ["/".join(path).lower() for path in file.listdir(streams=True, storages=False)]
    except Exception:  # noqa: BLE001 - olefile raises anything on what is no compound file any more
        names = None
    for stream, media_type, words in _STREAMS:
        if _is_listed(stream, data) if names is None else _is_stream(stream.lower(), names):
            return FileType(media_type, words)
    return FileType(OLE, "an OLE file")


def _is_listed(stream: str, data: bytes) -> bool:
    """Whether a directory entry bears this name, which zeros follow up to 64 bytes ([MS-CFB] section 2.6.1)."""
    name = stream.encode("utf-16-le")
    return (name if stream.endswith("_") else name.ljust(64, b"\x00")) in data


def _is_stream(stream: str, names: list[str]) -> bool:
    """Whether there is one of this name, or that begins so where it ends in "_"; what a document holds inside, does not
    count."""
    return any(name.startswith(stream) if stream.endswith("_") else name == stream for name in names)


def _zip(data: bytes) -> FileType:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            names = [name.replace("\\", "/") for name in archive.namelist()]
            if "mimetype" in names and archive.getinfo("mimetype").file_size < 200:
                declared = archive.read("mimetype").decode("ascii", "replace").strip()
                if declared.startswith("application/vnd.oasis.opendocument"):
                    return FileType(declared, "an OpenDocument file")
                if _MEDIA_TYPE.fullmatch(declared):  # a book, or an office's of before OpenDocument
                    return FileType(declared, f"a file of the type {declared}")
    except (zipfile.BadZipFile, OSError, ValueError, KeyError, NotImplementedError, RuntimeError, zlib.error):
        names = [m.decode("ascii", "replace") for m in _OFFICE_NAME.findall(data[: 1 << 16])]
    return _package(names)


def _package(names: list[str]) -> FileType:
    """What a zip of these names is. A folder's name alone makes no Office document: an archive may have such, too."""
    lower = [name.lower().lstrip("/") for name in names]
    is_package = "[content_types].xml" in lower
    for folder, (media_type, words) in _OFFICE.items():
        inside = [name for name in lower if name.startswith(folder)]
        if inside and (is_package or any(_OFFICE_MAIN.fullmatch(name) for name in inside)):
            return FileType(media_type, words)
    if is_package:
        return FileType(OPC, "a package of the kind that Office files are")
    return FileType("application/zip", "a zip archive")


def _readable(head: bytes) -> bytes | None:
    """The beginning of a text, as UTF-8; None where it is none.

    UTF-16 counts with its mark in front, as Excel's "Unicode text" has it; Windows-1252, and so Latin-1, where most is
    ASCII and no control character is there.
    """
    head = head.removesuffix(b"\x1a")  # which is how DOS marks an end
    if _is_text(head):
        return head
    if head.startswith(_UTF_16_MARKS):
        text = head[: len(head) // 2 * 2].decode("utf-16", "replace")
        is_text = text and "\ufffd" not in text[:-1] and not _has_controls(text, 0.02)  # the last may be cut
        return text.encode() if is_text else None
    return _windows_text(head)


def _is_text(head: bytes) -> bool:
    """Whether it is UTF-8 in which control characters are no great part."""
    if not head or b"\x00" in head:
        return False
    try:
        text = head.decode("utf-8")
    except UnicodeDecodeError as error:
        if error.start < len(head) - 4:
            return False
        text = head[: error.start].decode("utf-8")
    return not _has_controls(text, 0.02)


def _windows_text(head: bytes) -> bytes | None:
    try:
        text = head.decode("cp1252")
    except UnicodeDecodeError:  # of its 256 places, five are empty
        return None
    mostly_ascii = sum(c > "\x7f" for c in text) * 3 <= len(text)
    return text.encode() if text and mostly_ascii and not _has_controls(text, 0) else None


def _has_controls(text: str, at_most: float) -> bool:
    """Whether more than this share are control characters."""
    return sum(c < " " and c not in "\t\r\n\f" for c in text) > at_most * len(text)


def _text(head: bytes) -> FileType:
    start = head.lstrip(b"\xef\xbb\xbf \t\r\n")[:512].lower()
    if start.startswith((b"<!doctype html", b"<html")) or b"<html" in start or b"<head" in start or b"<body" in start:
        return FileType("text/html", "a sign-in page" if _SIGN_IN.search(head) else "a web page")
    for begins, media_type, words in (
        (b"{\\rtf", "text/rtf", "an RTF document"),
        (b"%!ps", "application/postscript", "a PostScript file"),
        (b"[internetshortcut]", "application/x-mswinurl", "a shortcut to a web address"),
        (b"<?xml", "text/xml", "an XML file"),
        (b"-----begin pgp message-----", "application/pgp-encrypted", "a message of PGP"),
        (b"-----begin pkcs7-----", "application/pkcs7-mime", "a message of S/MIME"),
        (b"-----begin cms-----", "application/pkcs7-mime", "a message of S/MIME"),
    ):
        if start.startswith(begins):
            return FileType(media_type, words)
    if _MIME_FIELD.match(start) or len({m.lower() for m in _EMAIL_FIELDS.findall(head)}) >= 2:
        return FileType("message/rfc822", "a saved email")
    return FileType("text/plain", "plain text")


def _by_signature(head: bytes) -> FileType:
    if head.startswith(b"BM") and (head[6:10] == bytes(4) or head[14:18] in _BMP_HEADERS):  # two letters say nothing
        return FileType("image/bmp", "an image")
    for begins, media_type in _PICTURES.items():
        if head.startswith(begins):
            return FileType(media_type, "an image")
    try:
        found = puremagic.magic_string(head)
    except (puremagic.PureError, ValueError):
        return FileType(UNKNOWN, "data of an unknown kind")
    best = next((f for f in found if f.mime_type and f.confidence >= 0.3), None)
    if best is None or best.mime_type in (PDF, UNKNOWN):
        return FileType(UNKNOWN, "data of an unknown kind")
    words = _IN_WORDS.get(best.mime_type) or _IN_WORDS.get(
        best.mime_type.split("/")[0], f"a file of the type {best.mime_type}"
    )
    return FileType(best.mime_type, words)
