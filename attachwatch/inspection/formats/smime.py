"""Messages of S/MIME (RFC 8551, RFC 5652): signed ones, of which anybody has the content, and encrypted ones."""

from collections.abc import Iterator

from asn1crypto import cms, pem

from attachwatch.inspection import filetype
from attachwatch.inspection.formats import message
from attachwatch.inspection.formats.file import File
from attachwatch.inspection.formats.findings import encrypted_message, opens_with
from attachwatch.model import Finding

TYPES = ("application/pkcs7-mime",)
_SIGNED = "1.2.840.113549.1.7.2"
_OURS = (MemoryError, RecursionError, PermissionError, ImportError)


def look(data: bytes) -> Iterator[Finding]:
    """Nothing of one that is cut, or written in a way which is not known here."""
    try:
        is_signed, signed = _read(data)
    except _OURS:
        raise
    except Exception:  # noqa: BLE001 - asn1crypto raises almost anything on what is no ASN.1
        return
    if not is_signed:
        yield encrypted_message("S/MIME")
        return
    yield from opens_with(_files(signed))


def files(data: bytes) -> list[File]:
    """What was signed: the files of a message, or a file by itself, whose name is that of the signed one without its
    last ending. None where the signature lies beside what it signs."""
    return _files(_read(data)[1])


def _files(signed: bytes) -> list[File]:
    if not signed:
        return []
    is_message = filetype.identify(signed).media_type in message.TYPES or signed[:8].lower() == b"content-"
    return message.files(signed) if is_message else [File.of("", signed)]


def _read(data: bytes) -> tuple[bool, bytes]:
    """Whether it is signed and no more, and what was signed, if that is in it."""
    if data.startswith(b"-----"):
        _, _, data = pem.unarmor(data)
    found = cms.ContentInfo.load(data)
    if found["content_type"].dotted != _SIGNED:
        return False, b""
    content = found["content"]["encap_content_info"]["content"]
    return True, bytes(content) if content.native is not None else b""
