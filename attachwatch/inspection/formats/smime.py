"""Messages of S/MIME (RFC 8551, RFC 5652, RFC 3274): signed and compressed ones, which anybody reads, and encrypted."""

import zlib
from collections.abc import Iterator

from asn1crypto import cms, pem

from attachwatch.inspection import filetype
from attachwatch.inspection.formats import message
from attachwatch.inspection.formats.file import MOST_BYTES, File
from attachwatch.inspection.formats.findings import encrypted_message, opens_with
from attachwatch.model import Finding

TYPES = ("application/pkcs7-mime",)
_SIGNED = b"\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x02"  # how the identifier of signed data is written
_COMPRESSED = b"\x06\x0b\x2a\x86\x48\x86\xf7\x0d\x01\x09\x10\x01\x09"  # the same of compressed data
_OURS = (MemoryError, RecursionError, PermissionError, ImportError)


def look(data: bytes) -> Iterator[Finding]:
    """Nothing of one that is not encrypted and is cut, or written in a way which is not known here."""
    try:
        written = _written(data)
        content = _content(written) if _is_open(written) else None
    except _OURS:
        raise
    except Exception:  # noqa: BLE001 - asn1crypto raises almost anything on what is no ASN.1
        return
    if content is None:
        yield encrypted_message("S/MIME")
    else:
        yield from opens_with(_files(content))


def files(data: bytes) -> list[File]:
    """What was signed: the files of a message, or a file by itself, whose name is that of the signed one without its
    last ending. None where the signature lies beside what it signs."""
    return _files(_content(_written(data)))


def _files(content: bytes) -> list[File]:
    if not content:
        return []
    is_message = filetype.identify(content).media_type in message.TYPES or content[:8].lower() == b"content-"
    return message.parts(content) if is_message else [File.of("", content)]


def _written(data: bytes) -> bytes:
    """Without an armour."""
    if not data.startswith(b"-----"):
        return data
    written: bytes = pem.unarmor(data)[2]
    return written


def _is_open(written: bytes) -> bool:
    """Whether its content can be had."""
    return any(identifier in written[:40] for identifier in (_SIGNED, _COMPRESSED))


def _content(written: bytes) -> bytes:
    """What was signed or compressed, if that is in it."""
    if not _is_open(written):
        return b""
    held = cms.ContentInfo.load(written)["content"]["encap_content_info"]["content"]
    content = bytes(held) if held.native is not None else b""
    return content if _SIGNED in written[:40] else zlib.decompressobj().decompress(content, MOST_BYTES)
