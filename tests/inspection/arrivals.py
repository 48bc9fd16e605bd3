"""What else may arrive in place of a document, beside what attachwatch.demo.damage makes. Pure."""

import binascii
import io
import tarfile
import zipfile


def archive(kind: str, data: bytes) -> bytes:
    """`data` as it is, close to the start of an archive."""
    out = io.BytesIO()
    if kind == "zip":
        with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as zipped:
            zipped.writestr("a.pdf", data)
    else:
        with tarfile.open(fileobj=out, mode="w") as tar:
            member = tarfile.TarInfo("a.pdf")
            member.size = len(data)
            tar.addfile(member, io.BytesIO(data))
    return out.getvalue()


def still_uuencoded(data: bytes) -> bytes:
    """As mail carried it before base64."""
    lines = b"".join(binascii.b2a_uu(data[n : n + 45]) for n in range(0, len(data), 45))
    return b"begin 644 annex.pdf\n" + lines + b"`\nend\n"


def seven_bits(data: bytes) -> bytes:
    """The highest bit of every byte is gone."""
    return bytes(b & 0x7F for b in data)
