"""What happens to files on the way: each function takes the bytes of a document and gives those that arrive. Pure."""

import base64
import io
import quopri
import random
import re
import zipfile

SIGN_IN_PAGE = (
    b"<!DOCTYPE html>\n<html><head><title>Sign in to your account</title></head>\n"
    b"<body><form action='/login'>Sign in with your organisation's account: <input name=user>"
    b"<input type=password name=pw></form></body></html>\n"
)


PICTURE = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAIAAAACCAAAAABX3VL4AAAADklEQVR4nGNgYGD4DwABBAEAgLvRWwAAAABJRU5ErkJggg=="
)


def truncate(data: bytes, share: float = 0.5) -> bytes:
    """Cut off behind that share of the bytes."""
    return data[: int(len(data) * share)]


def zero_fill(data: bytes, start: float, end: float) -> bytes:
    """Zeros between two shares of the length, as a download that was never finished leaves them."""
    first, last = int(len(data) * start), int(len(data) * end)
    return data[:first] + bytes(last - first) + data[last:]


def line_feeds_only(data: bytes) -> bytes:
    """Every line end as LF: a program took the file for text."""
    return data.replace(b"\r\n", b"\n").replace(b"\r", b"\n")


def every_line_feed_doubled(data: bytes) -> bytes:
    """Every line feed as CR LF: a transfer in text mode."""
    return data.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")


def replaced_characters(data: bytes) -> bytes:
    """Read as UTF-8 and written again: every byte that was none became U+FFFD."""
    return data.decode("utf-8", "replace").encode("utf-8")


def latin_1_to_utf_8(data: bytes) -> bytes:
    """Read as Latin-1 and written as UTF-8: every byte from 0x80 on became two."""
    return data.decode("latin-1").encode("utf-8")


def question_marks(data: bytes) -> bytes:
    """Read as Latin-1 and written as ASCII: every byte from 0x80 on became a question mark."""
    return data.decode("latin-1").encode("ascii", "replace")


def still_base64(data: bytes) -> bytes:
    """As mail carries it; nobody decoded it."""
    return base64.encodebytes(data)


def base64_character_lost(data: bytes, place: int) -> bytes:
    """One character of the base64 form is gone, so that all bits behind it have moved."""
    encoded = base64.b64encode(data).rstrip(b"=")
    shorter = encoded[:place] + encoded[place + 1 :]
    return base64.b64decode(shorter[: len(shorter) // 4 * 4])


def still_quoted_printable(data: bytes) -> bytes:
    return quopri.encodestring(data)


def mail_headers_before(data: bytes, length: int = 200) -> bytes:
    """Something else in front, of about that many bytes."""
    line = b"Received: from mail.interior.example by mx.newsroom.example; Tue, 1 Oct 2024 10:00:00 +0100\r\n"
    return line * (length // len(line) + 1) + b"\r\n" + data


def footer_behind(data: bytes) -> bytes:
    """A disclaimer that a mail program appended to the file."""
    return data + b"\r\n-- \r\nThis email and any files sent with it are confidential.\r\n" * 30


def page_behind(data: bytes) -> bytes:
    """A web page that a gateway appended, long enough to push the end mark out of reach."""
    return data + b"\r\n<html><body>" + b"<p>This file was scanned on arrival.</p>\r\n" * 60 + b"</body></html>\r\n"


def run_together(first: bytes, second: bytes) -> bytes:
    """One document behind another, and the end of the second cut off, so that readers look for objects themselves."""
    return first + b"\r\n" + second[: second.rindex(b"xref\n0")]


def update_cut(data: bytes) -> bytes:
    """An updated document (ISO 32000-2 section 7.5.6) that ends in the middle of its last revision."""
    return data[: data.rindex(b"xref\n")]


def picture_shortened(data: bytes, lost: int = 57) -> bytes:
    """A line of base64 went missing in the middle of a picture."""
    place = data.index(b"stream", data.index(b"/Image")) + 3000
    return data[:place] + data[place + lost :]


def bytes_lost(data: bytes, every: int = 997) -> bytes:
    """One byte in so many is gone."""
    return b"".join(data[n : n + every - 1] for n in range(0, len(data), every))


def bits_flipped(data: bytes, many: int = 200) -> bytes:
    """That many bits are not what they were."""
    altered, choose = bytearray(data), random.Random(len(data))
    for _ in range(many):
        altered[choose.randrange(len(altered))] ^= 1 << choose.randrange(8)
    return bytes(altered)


def blocks_swapped(data: bytes, size: int = 512) -> bytes:
    """Every pair of blocks in the wrong order."""
    blocks = [data[n : n + size] for n in range(0, len(data), size)]
    for n in range(0, len(blocks) - 1, 2):
        blocks[n], blocks[n + 1] = blocks[n + 1], blocks[n]
    return b"".join(blocks)


def cross_reference_moved(data: bytes) -> bytes:
    """The last startxref points into nowhere; every viewer looks for the objects itself."""
    return re.sub(rb"startxref\s+\d+", b"startxref\n99", data)


def objects_blotted_out(data: bytes) -> bytes:
    """No object can be found any more, although their contents are all there."""
    return re.sub(rb"\bendobj\b", b"xxxxxx", re.sub(rb"\bobj\b", b"xxx", data))


def word_document() -> bytes:
    """The smallest thing that says that it is a Word document."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in ("[Content_Types].xml", "_rels/.rels", "word/document.xml"):
            archive.writestr(zipfile.ZipInfo(name, (2024, 10, 1, 0, 0, 0)), "<?xml version='1.0'?><x/>")
    return out.getvalue()


def saved_email() -> bytes:
    return (
        b"Received: from mail.interior.example\r\nFrom: foi@interior.example\r\nTo: requests@newsroom.example\r\n"
        b"Subject: Annex A\r\nDate: Tue, 1 Oct 2024 10:00:00 +0100\r\n\r\nPlease see the attached.\r\n"
    )
