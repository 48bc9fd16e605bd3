"""Pictures, through Pillow: whether they decode to the end. The pages of a TIFF are counted.

Viewers show what there is of a picture that was cut off, so it is damaged, and broken only where nothing of it decodes.
"""

import io
import re
import struct
import warnings
from collections.abc import Iterator

from PIL import Image, ImageSequence, UnidentifiedImageError

from attachwatch.inspection.formats.findings import damaged, opens, too_costly, truncated, unreadable
from attachwatch.inspection.readers.interface import is_limit
from attachwatch.inspection.wording import words
from attachwatch.model import Finding

TYPES = ("image/png", "image/jpeg", "image/tiff", "image/gif", "image/bmp", "image/webp")
_MOST_FRAMES = 200
_IN_FRAMES = ("TIFF", "GIF", "WEBP")  # of the others, most viewers show the first picture alone
_BOMBS = (Image.DecompressionBombError, Image.DecompressionBombWarning)
_OURS = (MemoryError, RecursionError, PermissionError, ImportError, *_BOMBS)  # no fault of the file
# What Pillow does not know, or holds for too much; other programs may read it.
_NOT_READ_HERE = re.compile(
    r"unsupported|not supported|unknown|cannot handle|cannot find|not available|too large|too many|too much|"
    r"configuration error|invalid palette size|APNG|\(chunk b'[a-z]",  # a part of a PNG that viewers do without
    re.IGNORECASE,
)
_USUAL_IN_TIFF = frozenset(  # how its data are packed; libtiff has the same word for a fault and for what it lacks
    ("raw", "tiff_ccitt", "group3", "group4", "tiff_lzw", "jpeg", "tiff_adobe_deflate", "tiff_deflate", "packbits")
)
_CUT = re.compile(r"truncated|end of file|unexpected end|too short|expecting to read", re.IGNORECASE)
_END_OF_JPEG = b"\xff\xd9"
_ANY_BLOCKS = (bytes(256), b"\x5a\xa5\x3c" * 86)  # what may follow in a JPEG: two that decode to different blocks


def look(data: bytes) -> Iterator[Finding]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        warnings.simplefilter("error", Image.DecompressionBombWarning)
        try:
            with Image.open(io.BytesIO(data)) as picture:
                yield from _decoded(picture, data)
        except _BOMBS:
            yield too_costly("The picture is too large")
        except UnidentifiedImageError:
            yield _not_opened(_said_of_its_head(data), data)
        except (OSError, SyntaxError, ValueError) as error:
            if isinstance(error, _OURS):
                raise
            yield _not_opened(_said(error), data)


def _decoded(picture: Image.Image, data: bytes) -> Iterator[Finding]:
    pages = 0
    try:
        for frame in ImageSequence.Iterator(picture) if picture.format in _IN_FRAMES else [picture]:
            if pages == _MOST_FRAMES:
                break
            frame.load()
            pages += 1
    except _OURS:
        raise
    except Exception as error:  # noqa: BLE001 - Pillow raises anything on what is no picture
        yield from _fault(picture, pages, _said(error), data)
        return
    yield opens(getattr(picture, "n_frames", 1) if picture.format == "TIFF" else None)


def _fault(picture: Image.Image, pages: int, said: str, data: bytes) -> Iterator[Finding]:
    """What it amounts to that decoding stopped after so many whole pages."""
    if _is_limit(said) or _is_packed_unusually(picture):
        yield _not_read_here(said)
        return
    is_cut = bool(_CUT.search(said))
    shows = pages > 0 or _shows(data)
    if is_cut and shows and _lacks_its_end_alone(picture, data):
        yield opens()
        return
    yield truncated(len(data)) if is_cut else unreadable(said) if shows else damaged(said)
    if shows:
        yield opens()


def _not_opened(said: str, data: bytes) -> Finding:
    if _begins_behind_its_end(data):
        return truncated(len(data))
    if _is_limit(said):
        return _not_read_here(said)
    if _CUT.search(said):
        return truncated(len(data))
    if "KeyError" in said:  # a number that Pillow has no name for
        return _not_read_here(said)
    return damaged(said or "no picture can be made out in it")


def _begins_behind_its_end(data: bytes) -> bool:
    """Whether the place that the first bytes give is no longer there: a TIFF's directory, the end of a WebP."""
    if data[:4] in (b"II*\x00", b"MM\x00*") and len(data) >= 8:
        return int(struct.unpack("<I" if data[:2] == b"II" else ">I", data[4:8])[0]) >= len(data)
    if data[:4] == b"RIFF" and len(data) >= 8:
        return int(struct.unpack("<I", data[4:8])[0]) + 8 > len(data) + 1  # the last may be a byte of padding
    return False


def _said_of_its_head(data: bytes) -> str:
    """Why the module that the first bytes are for does not open it, which Pillow keeps to itself."""
    for factory, accept in Image.OPEN.values():
        if accept and accept(data[:16]) is True:
            with warnings.catch_warnings(record=True) as warned:
                warnings.simplefilter("always")
                try:
                    factory(io.BytesIO(data), "")
                except _OURS:
                    raise
                except Exception as error:  # noqa: BLE001 - as above
                    said = " ".join(str(w.message) for w in warned)
                    return words(f"{_said(error.__cause__ or error)} {said}")
    return ""


def _lacks_its_end_alone(picture: Image.Image, data: bytes) -> bool:
    """Whether of what was cut off nothing would be seen."""
    if picture.format in ("JPEG", "MPO"):  # else the picture would depend on what follows
        rest = data.rstrip(b"\xff")
        first, second = (_pixels(rest + blocks + _END_OF_JPEG) for blocks in _ANY_BLOCKS)
        return first is not None and first == second
    return picture.format == "PNG" and _painted_over(data, 0) == _painted_over(data, 1)


def _pixels(data: bytes) -> bytes | None:
    try:
        with Image.open(io.BytesIO(data)) as picture:
            return picture.tobytes()
    except _OURS:
        raise
    except Exception:  # noqa: BLE001 - as above
        return None


def _shows(data: bytes) -> bool:
    """Whether anything of the first page is decoded before it breaks off: else it stays as it was, in any shade."""
    if data.startswith(b"\xff\xd8"):
        data = data.rstrip(b"\xff") + _END_OF_JPEG  # without it, the last blocks are held back
    return not all(_painted_over(data, shade) == _blank(data, shade) for shade in (0, 1))


def _blank(data: bytes, shade: int) -> bytes:
    with Image.open(io.BytesIO(data)) as picture:
        return Image.new(picture.mode, picture.size, shade).tobytes()


def _painted_over(data: bytes, shade: int) -> bytes:
    """The picture as far as it decodes, and in this shade where it does not."""
    with Image.open(io.BytesIO(data)) as picture:
        picture.im = Image.new(picture.mode, picture.size, shade).im
        try:
            picture.load()
        except _OURS:
            raise
        except Exception:  # noqa: BLE001 - as above
            picture.tile = []  # so that it is not decoded once more
        return picture.tobytes()


def _is_packed_unusually(picture: Image.Image) -> bool:
    return picture.format == "TIFF" and picture.info.get("compression", "raw") not in _USUAL_IN_TIFF


def _is_limit(said: str) -> bool:
    return is_limit(said) or _NOT_READ_HERE.search(said) is not None


def _not_read_here(said: str) -> Finding:
    return too_costly("The picture is of a form that is not known here", said)


def _said(error: BaseException) -> str:
    return words(f"{type(error).__name__}: {error}")
