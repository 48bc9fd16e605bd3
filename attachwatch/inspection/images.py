"""Whether the pictures of a page can be read. Knows JPEG and Flate data; what else there is, PDFium paints or not.

Says so only where it is certain: a picture that merely ends early is left to the eye.
"""

import zlib
from typing import Any

import pikepdf

_MOST_DECODED = 64 << 20  # bytes of one picture; beyond, nothing is said of it
_STEP = 1 << 20
_COMPONENTS = {"/DeviceRGB": 3, "/CalRGB": 3, "/Lab": 3, "/DeviceCMYK": 4}
_START_OF_JPEG = b"\xff\xd8\xff"


def is_unreadable(image: Any) -> bool:
    """Whether a picture's data are no picture, or fail before its last row (ISO 32000-1 sections 7.4 and 8.9.5)."""
    filters = image.get("/Filter")
    name = str(filters[0]) if isinstance(filters, pikepdf.Array) and len(filters) == 1 else str(filters)
    if name == "/DCTDecode":
        return _START_OF_JPEG not in image.read_raw_bytes()[:1024]
    return name == "/FlateDecode" and not _inflates(image.read_raw_bytes(), _all_but_the_last_row(image))


def _all_but_the_last_row(image: Any) -> int:
    """In bytes; fewer than there are where the colour space is of a rarer kind."""
    width, height = int(image.get("/Width", 0)), int(image.get("/Height", 0))
    bits = 1 if image.get("/ImageMask", False) else int(image.get("/BitsPerComponent", 1))
    return (height - 1) * ((width * bits * _components(image.get("/ColorSpace")) + 7) // 8)


def _components(space: Any) -> int:
    if isinstance(space, pikepdf.Array) and len(space) == 2 and space[0] == pikepdf.Name.ICCBased:
        return int(space[1].get("/N", 1))
    return _COMPONENTS.get(str(space), 1)


def _inflates(data: bytes, needed: int) -> bool:
    """Whether the first `needed` bytes can be unpacked, or all that are there. The checksum behind is no matter."""
    needed = min(needed, _MOST_DECODED)
    inflate = zlib.decompressobj(-zlib.MAX_WBITS)
    there = 0
    try:
        zlib.decompressobj().decompress(data[:2])  # the header (RFC 1950), which the raw form does not know
        data = data[2:]
        while there < needed and data and not inflate.eof:
            there += len(inflate.decompress(data, min(_STEP, needed - there)))
            data = inflate.unconsumed_tail
    except zlib.error:
        return False
    return True
