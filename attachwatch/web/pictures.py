"""First pages of files, painted in a confined worker when they are first asked for, and kept in the store."""

import contextlib
import io
from collections.abc import Callable
from pathlib import Path

from PIL import Image

from attachwatch import atomic
from attachwatch.errors import AttachmentError
from attachwatch.inspection.sandbox import ChangedError, Inspector

SIDES = {"small": (176, 248), "large": (760, 1080)}  # pixels: width and height at the most
_QUALITY = 70


class Pictures:
    """To be asked by many threads for what is kept, and by one at a time for what is not."""

    def __init__(self, inspector: Inspector, blob: Callable[[str], Path], folder: Path) -> None:
        self._inspector = inspector
        self._blob = blob
        self._folder = folder
        self._without: set[str] = set()  # of which no page could be painted, be it for want of time

    def kept(self, sha256: str, size: str) -> bytes | None:
        """The picture, if it was made before; empty where there is none to be had."""
        if sha256 in self._without:
            return b""
        with contextlib.suppress(OSError):
            return self._place(sha256, size).read_bytes()
        return None

    def made(self, sha256: str, size: str) -> bytes:
        """The picture, made and kept; empty where no page could be painted."""
        if (kept := self.kept(sha256, size)) is not None:
            return kept
        try:
            page = self._inspector.paint(self._blob(sha256), sha256, 1)
        except (ChangedError, AttachmentError):
            page = None
        if page is None:
            self._without.add(sha256)
            return b""
        data = _scaled(Image.frombytes("L", (page.width, page.height), page.gray), SIDES[size])
        with contextlib.suppress(OSError):  # a full disk costs time alone
            _keep(self._place(sha256, size), data)
        return data

    def _place(self, sha256: str, size: str) -> Path:
        return self._folder / sha256[:2] / f"{sha256}-{size}.webp"


def _scaled(image: Image.Image, most: tuple[int, int]) -> bytes:
    image.thumbnail(most, Image.Resampling.LANCZOS)
    out = io.BytesIO()
    image.save(out, "WEBP", quality=_QUALITY, method=2)
    return out.getvalue()


def _keep(place: Path, data: bytes) -> None:
    place.parent.mkdir(parents=True, mode=0o700, exist_ok=True)
    atomic.write(place, data)
