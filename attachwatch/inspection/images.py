"""Whether the pictures of a page can be read. Knows JPEG and Flate data, and such as are not packed; of what else there
is, PDFium tells.

Says so only where much of the picture is gone: the last rows are often not there, and nobody sees it.
"""

import io
import zlib
from typing import Any

import pikepdf
from PIL import Image

_MOST_DECODED = 64 << 20  # bytes of one picture; beyond, nothing is said of it
_STEP = 1 << 20
_NEEDED = 0.98  # of the data that a picture's size asks for
_MOST_LACKING = 0.25  # of the rows of a JPEG, which paints its parts from the top down
_COMPONENTS = {"/DeviceRGB": 3, "/CalRGB": 3, "/Lab": 3, "/DeviceCMYK": 4}
_START_OF_JPEG, _END_OF_JPEG = b"\xff\xd8\xff", b"\xff\xd9"
_PNG_PREDICTORS = 10  # from this on, each row has a byte of its own (ISO 32000-2 table 10)


def is_unreadable(image: Any) -> bool:
    """Whether a picture's data are no picture, or much less than its size (ISO 32000-2 sections 7.4 and 8.9.5)."""
    match _filters(image):
        case ["/DCTDecode"]:
            return _is_bad_jpeg(image.read_raw_bytes())
        case ["/FlateDecode"]:
            return _inflated(image.read_raw_bytes(), needed := _needed(image)) < needed
        case []:
            return len(image.read_raw_bytes()) < _needed(image)
    return not len(image.read_raw_bytes())


def size(image: Any) -> int:
    """Bytes that are decoded, at most, to find that out."""
    return _needed(image) if _filters(image) == ["/FlateDecode"] else 0


def _filters(image: Any) -> list[str]:
    filters = image.get("/Filter")
    return [str(f) for f in filters] if isinstance(filters, pikepdf.Array) else [str(filters)] if filters else []


def _needed(image: Any) -> int:
    """Bytes, unpacked; fewer than there are where the colour space is of a rarer kind."""
    width, height = int(image.get("/Width", 0)), int(image.get("/Height", 0))
    bits = 1 if image.get("/ImageMask", False) else int(image.get("/BitsPerComponent", 1))
    row = (width * bits * _components(image.get("/ColorSpace")) + 7) // 8
    whole = max(height, 0) * max(row + (_predictor(image) >= _PNG_PREDICTORS), 0)
    return int(whole * _NEEDED) if whole <= _MOST_DECODED else 0


def _components(space: Any) -> int:
    if isinstance(space, pikepdf.Array) and len(space) == 2 and space[0] == pikepdf.Name.ICCBased:
        return int(space[1].get("/N", 1))
    return _COMPONENTS.get(str(space), 1)


def _predictor(image: Any) -> int:
    parameters = image.get("/DecodeParms")
    if isinstance(parameters, pikepdf.Array):
        parameters = parameters[0] if len(parameters) else None
    return int(parameters.get("/Predictor", 1)) if isinstance(parameters, pikepdf.Dictionary) else 1


def _inflated(data: bytes, needed: int) -> int:
    """How many of the first `needed` bytes can be unpacked. The checksum behind is no matter."""
    inflate = zlib.decompressobj(-zlib.MAX_WBITS)
    there = 0
    try:
        zlib.decompressobj().decompress(data[:2])  # the header (RFC 1950), which the raw form does not know
        data = data[2:]
        while there < needed and data and not inflate.eof:
            there += len(inflate.decompress(data, min(_STEP, needed - there)))
            data = inflate.unconsumed_tail
    except zlib.error:
        return min(there, needed - 1)
    return there


def _is_bad_jpeg(data: bytes) -> bool:
    if _START_OF_JPEG not in data[:1024]:
        return True
    bare = data.rstrip(b"\x00")  # which a decoder would take for blocks
    return _END_OF_JPEG not in bare[-64:] and _lacking_rows(bare) >= _MOST_LACKING


def _lacking_rows(data: bytes) -> float:
    """The share of its rows that a JPEG which was cut off no longer has.

    0 for one that Pillow does not know, and for one that refines the whole picture step by step.
    """
    try:
        with Image.open(io.BytesIO(data)) as picture:
            picture.draft("L", (picture.width // 8 or 1, picture.height // 8 or 1))
            if picture.mode != "L" or "progressive" in picture.info:
                return 0.0
            try:
                picture.load()
            except OSError:
                return _empty_at_the_bottom(picture)
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError):
        return 0.0
    return 0.0


def _empty_at_the_bottom(picture: Image.Image) -> float:
    """The share of rows from the last one up that the decoder did not come to, and so left at zero."""
    painted = picture.im.getbbox()
    return 1 - painted[3] / picture.height if painted else 0.0
