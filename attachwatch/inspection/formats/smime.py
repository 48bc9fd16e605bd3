"""Messages of S/MIME (RFC 8551, RFC 5652): signed ones, of which anybody has the content, and encrypted ones."""

from collections.abc import Iterator

from asn1crypto import cms, pem

from attachwatch.inspection import filetype
from attachwatch.inspection.formats import message
from attachwatch.inspection.formats.file import File
from attachwatch.inspection.formats.findings import encrypted_message, opens_with
from attachwatch.model import Finding

TYPES = ("application/pkcs7-mime",)
_SIGNED = b"\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x02"  # how the identifier of signed data is written
_OURS = (MemoryError, RecursionError, PermissionError, ImportError)


def look(data: bytes) -> Iterator[Finding]:
    """Nothing of a signed one that is cut, or written in a way which is not known here."""
    try:
        written = _written(data)
        signed = _signed(written) if _SIGNED in written[:40] else None
    except _OURS:
        raise
    except Exception:  # noqa: BLE001 - asn1crypto raises almost anything on what is no ASN.1
        return
    if signed is None:
        yield encrypted_message("S/MIME")
    else:
        yield from opens_with(_files(signed))


def files(data: bytes) -> list[File]:
    """What was signed: the files of a message, or a file by itself, whose name is that of the signed one without its
    last ending. None where the signature lies beside what it signs."""
    return _files(_signed(_written(data)))


def _files(signed: bytes) -> list[File]:
    if not signed:
        return []
    is_message = filetype.identify(signed).media_type in message.TYPES or signed[:8].lower() == b"content-"
    return message.parts(signed) if is_message else [File.of("", signed)]


def _written(data: bytes) -> bytes:
    """Without an armour."""
    if not data.startswith(b"-----"):
        return data
    written: bytes = pem.unarmor(data)[2]
    return written


def _signed(written: bytes) -> bytes:
    """What was signed, if that is in it."""
    if _SIGNED not in written[:40]:
        return b""
    content = cms.ContentInfo.load(written)["content"]["encap_content_info"]["content"]
    return bytes(content) if content.native is not None else b""
