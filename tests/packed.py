"""Makes what files are packed in, as programs make it: winmail.dat, .msg, S/MIME, uuencoded text."""

import binascii
import struct
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Union

import olefile
from asn1crypto import cms
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import pkcs7

Streams = Mapping[str, Union[bytes, "Streams"]]
_FREE, _END, _FAT = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD


# --- winmail.dat ([MS-OXTNEF]) ------------------------------------------------------------------------------------


def attribute(level: int, name: int, kind: int, data: bytes) -> bytes:
    return struct.pack("<BHHI", level, name, kind, len(data)) + data + struct.pack("<H", sum(data) & 0xFFFF)


def properties(*values: tuple[int, int, bytes]) -> bytes:
    """Of variable length: type, identifier, value."""
    packed = (
        struct.pack("<HHII", kind, name, 1, len(value)) + value + bytes(-len(value) % 4) for kind, name, value in values
    )
    return struct.pack("<I", len(values)) + b"".join(packed)


def winmail(*attachments: bytes, code_page: int = 1252) -> bytes:
    start = attribute(1, 0x9006, 8, struct.pack("<I", 0x10000)) + attribute(
        1, 0x9007, 6, struct.pack("<II", code_page, 0)
    )
    return struct.pack("<IH", 0x223E9F78, 1) + start + b"".join(attachments)


def attached(title: bytes, data: bytes | None, *more: tuple[int, int, bytes]) -> bytes:
    """An attachment of a winmail.dat: its short name, its bytes, and properties besides."""
    plain = attribute(2, 0x800F, 6, data) if data is not None else b""
    rest = attribute(2, 0x9005, 6, properties(*more)) if more else b""
    return attribute(2, 0x9002, 6, bytes(14)) + attribute(2, 0x8010, 1, title + b"\0") + plain + rest


# --- .msg ([MS-OXMSG]) in a compound file ([MS-CFB]) --------------------------------------------------------------


@dataclass
class _Entry:
    """One of the directory of a compound file."""

    name: str
    kind: int
    data: bytes = b""
    right: int = _FREE
    child: int = _FREE
    place: int = _END

    def packed(self) -> bytes:
        name = f"{self.name}\0".encode("utf-16-le")
        tree = struct.pack("<HBBIII", len(name), self.kind, 1, _FREE, self.right, self.child)
        return name.ljust(64, b"\0") + tree + bytes(36) + struct.pack("<IQ", self.place, len(self.data))


class _Sectors:
    """Pieces of data behind one another, and the table that chains the sectors of each."""

    def __init__(self, size: int) -> None:
        self._size = size
        self.data = b""
        self.table: list[int] = []

    def add(self, data: bytes) -> int:
        count = -(-len(data) // self._size)
        start = len(self.table)
        self.data += data.ljust(count * self._size, b"\0")
        self.table += [*range(start + 1, start + count), _END] if count else []
        return start if count else _END


def compound(streams: Streams) -> bytes:
    """A compound file with these streams and storages."""
    root = _Entry("Root Entry", 5)
    entries = [root, *_entries(root, streams, 1)]
    small, large = _Sectors(64), _Sectors(512)
    for entry in entries:
        entry.place = (small if len(entry.data) < 4096 else large).add(entry.data)
    root.data, root.place = small.data, large.add(small.data)
    small_table = large.add(b"".join(struct.pack("<I", n) for n in small.table).ljust(512, b"\xff"))
    directory = large.add(b"".join(entry.packed() for entry in entries))
    of_table = next(n for n in range(1, 110) if n * 128 >= len(large.table) + n)
    first = len(large.table)
    table = struct.pack(f"<{first + of_table}I", *large.table, *[_FAT] * of_table).ljust(of_table * 512, b"\xff")
    head = olefile.MAGIC + bytes(16) + struct.pack("<HHHHH6xII", 0x3E, 3, 0xFFFE, 9, 6, 0, of_table)
    head += struct.pack("<IIIIIII", directory, 0, 4096, small_table, -(-len(small.table) // 128), _END, 0)
    head += struct.pack(f"<{of_table}I", *range(first, first + of_table))
    return bytes(head.ljust(512, b"\xff") + large.data + table)


def _entries(parent: _Entry, streams: Streams, number: int) -> list[_Entry]:
    """Those below `parent`, of which the first has this number."""
    made: list[_Entry] = []
    before = None
    for name, held in streams.items():
        entry = _Entry(name, 2, held) if isinstance(held, bytes) else _Entry(name, 1)
        if before is None:
            parent.child = number + len(made)
        else:
            before.right = number + len(made)
        before = entry
        made.append(entry)
        if not isinstance(held, bytes):
            made += _entries(entry, held, number + len(made))
    return made


def msg(*attachments: Streams, subject: str = "", body: str = "", code_page: int = 1252, top: bool = True) -> Streams:
    """A message; `top` where it is no attachment itself. `compound` makes a file of it."""
    page = struct.pack("<HHIII", 3, 0x3FFD, 6, code_page, 0)
    return {
        "__properties_version1.0": bytes(32 if top else 24) + page,
        "__substg1.0_0037001F": subject.encode("utf-16-le"),
        "__substg1.0_1000001F": body.encode("utf-16-le"),
        **{f"__attach_version1.0_#{n:08X}": a for n, a in enumerate(attachments)},
    }


def msg_file(data: bytes | None, /, **names: str | bytes) -> Streams:
    """An attachment by its `long`, `short` and `shown` name: text, or bytes where the message is no Unicode."""
    tags = {"long": "3707", "short": "3704", "shown": "3001"}
    own: dict[str, bytes | Streams] = {"__properties_version1.0": bytes(8)}
    for key, name in names.items():
        coded = name.encode("utf-16-le") if isinstance(name, str) else name
        own[f"__substg1.0_{tags[key]}{'001F' if isinstance(name, str) else '001E'}"] = coded
    return own if data is None else {**own, "__substg1.0_37010102": data}


def msg_in_msg(message: Streams, shown: str = "") -> Streams:
    return {
        "__properties_version1.0": bytes(8),
        "__substg1.0_3001001F": shown.encode("utf-16-le"),
        "__substg1.0_3701000D": message,
    }


# --- S/MIME (RFC 8551) and text -----------------------------------------------------------------------------------


@cache
def signer() -> tuple[x509.Certificate, rsa.RSAPrivateKey]:
    key = rsa.generate_private_key(65537, 2048)
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "FOI team")])
    start = datetime(2024, 1, 1, tzinfo=UTC)
    made = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key()).serial_number(1)
    made = made.not_valid_before(start).not_valid_after(start + timedelta(days=9999))
    return made.sign(key, hashes.SHA256()), key


def signed(content: bytes, *, detached: bool = False, pem: bool = False) -> bytes:
    certificate, key = signer()
    made = pkcs7.PKCS7SignatureBuilder().set_data(content).add_signer(certificate, key, hashes.SHA256())
    options = [pkcs7.PKCS7Options.Binary, *([pkcs7.PKCS7Options.DetachedSignature] if detached else [])]
    return made.sign(serialization.Encoding.PEM if pem else serialization.Encoding.DER, options)


def encrypted(content: bytes) -> bytes:
    made = pkcs7.PKCS7EnvelopeBuilder().set_data(content).add_recipient(signer()[0])
    return made.encrypt(serialization.Encoding.DER, [pkcs7.PKCS7Options.Binary])


def compressed(content: bytes) -> bytes:
    inner = {"content_type": "data", "content": zlib.compress(content)}
    packed = {"version": "v0", "compression_algorithm": {"algorithm": "zlib"}, "encap_content_info": inner}
    made: bytes = cms.ContentInfo({"content_type": "compressed_data", "content": packed}).dump()
    return made


def uuencoded(name: str, data: bytes, *, backquote: bool = True, end: str = "end\n") -> str:
    lines = [binascii.b2a_uu(data[n : n + 45], backtick=backquote).decode() for n in range(0, len(data), 45)]
    return f"begin 644 {name}\n{''.join(lines)}{'`' if backquote else ' '}\n{end}"


def message(*parts: tuple[str, bytes], head: str = "Subject: Annexes", text: str = "Please find attached.") -> bytes:
    """A message of MIME with these files, by name."""
    packed = "".join(
        f'--b\nContent-Type: application/octet-stream; name="{name}"\nContent-Transfer-Encoding: base64\n\n'
        f"{binascii.b2a_base64(data).decode()}"
        for name, data in parts
    )
    start = f"{head}\nMIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=b\n\n--b\n\n{text}\n"
    return f"{start}{packed}--b--\n".encode()


def entity(kind: str, data: bytes, name: Sequence[str] = ()) -> bytes:
    """A message that is all one file."""
    named = f'; name="{name[0]}"' if name else ""
    head = f"From: foi@x.example\nSubject: Annexes\nMIME-Version: 1.0\nContent-Type: {kind}{named}\n"
    return f"{head}Content-Transfer-Encoding: base64\n\n{binascii.b2a_base64(data).decode()}".encode()
