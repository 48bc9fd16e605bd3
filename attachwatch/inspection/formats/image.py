"""Pictures, through Pillow: whether they decode to the end. The pages of a TIFF are counted."""

import io
import warnings
from collections.abc import Iterator

from PIL import Image, ImageSequence, UnidentifiedImageError

from attachwatch.inspection.formats.findings import damaged, opens, too_costly, truncated, unreadable
from attachwatch.inspection.wording import words
from attachwatch.model import Finding

TYPES = ("image/png", "image/jpeg", "image/tiff", "image/gif", "image/bmp", "image/webp")
_MOST_FRAMES = 200
_BOMBS = (Image.DecompressionBombError, Image.DecompressionBombWarning)


def look(data: bytes) -> Iterator[Finding]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        warnings.simplefilter("error", Image.DecompressionBombWarning)
        try:
            with Image.open(io.BytesIO(data)) as picture:
                yield _decoded(picture, len(data))
        except _BOMBS:
            yield too_costly("The picture is too large")
        except UnidentifiedImageError:
            yield damaged("no picture can be made out in it")


def _decoded(picture: Image.Image, size: int) -> Finding:
    pages = 0
    try:
        for frame in ImageSequence.Iterator(picture):
            pages += 1
            if pages > _MOST_FRAMES:
                break
            frame.load()
    except _BOMBS:
        raise
    except (OSError, SyntaxError, ValueError) as error:
        said = words(str(error))
        return truncated(size) if "truncated" in said else unreadable(said)
    return opens(getattr(picture, "n_frames", 1) if picture.format == "TIFF" else None)
