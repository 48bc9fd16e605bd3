"""Messages of S/MIME (RFC 8551, RFC 5652): signed ones, of which anybody has the content, and encrypted ones."""

from collections.abc import Iterator

from asn1crypto import cms, pem

from attachwatch.inspection import filetype
from attachwatch.inspection.formats import message
from attachwatch.inspection.formats.file import File
from attachwatch.inspection.formats.findings import encrypted_message, holds, opens
from attachwatch.model import Finding

TYPES = ("application/pkcs7-mime",)
_SIGNED = "1.2.840.113549.1.7.2"
_OURS = (MemoryError, RecursionError, PermissionError, ImportError)


def look(data: bytes) -> Iterator[Finding]:
    """Nothing of one that is written in a way which is not known here."""
    found = _read(data)
    if found is None:
        return
    if found["content_type"].dotted != _SIGNED:
        yield encrypted_message("S/MIME")
        return
    if held := files(data):
        yield holds(held)
    yield opens()


def files(data: bytes) -> list[File]:
    """What was signed: the files of a message, or a file by itself, whose name is that of the signed one without its
    last ending. None where the signature lies beside what it signs."""
    found = _read(data)
    if found is None or found["content_type"].dotted != _SIGNED:
        return []
    content = found["content"]["encap_content_info"]["content"]
    signed = bytes(content) if content.native is not None else b""
    if not signed:
        return []
    if filetype.identify(signed).media_type in message.TYPES or signed[:8].lower() == b"content-":
        return message.files(signed)
    return [File.of("", signed)]


def _read(data: bytes) -> cms.ContentInfo | None:
    try:
        if data.startswith(b"-----"):
            _, _, data = pem.unarmor(data)
        found = cms.ContentInfo.load(data)
        found["content_type"].dotted  # noqa: B018 - what is read late may fail late
    except _OURS:
        raise
    except Exception:  # noqa: BLE001 - asn1crypto raises almost anything on what is no ASN.1
        return None
    return found
