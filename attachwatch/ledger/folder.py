"""Objects as the files of a folder elsewhere, be it another disk or a share that several machines have mounted.

fsspec's own local file system creates no file that is whole or not there and replaces none, so it is not used here.
"""

import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO, Self
from urllib.parse import unquote, urlsplit

from attachwatch.config import StoreSettings
from attachwatch.errors import ConfigurationError, StoreError
from attachwatch.ledger.blobs import sync_folder

_PIECE = 1 << 20  # bytes
_ABANDONED = 86400.0  # seconds after which a file that nobody writes to was left by a crash, here or elsewhere


class Folder:
    """The folder must be there: one that is merely not mounted must not be made anew below where it will be."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._incoming = folder / "incoming"

    @classmethod
    def of(cls, settings: StoreSettings) -> Self:
        """That of a URL such as file:///srv/foi/attachments. Raises ConfigurationError."""
        parts = urlsplit(settings.attachments)
        folder = Path(unquote(parts.path))
        if parts.netloc not in ("", "localhost") or not parts.path.startswith("/") or folder == Path("/"):
            raise ConfigurationError(
                f"[store] attachments = {settings.attachments!r} names no folder of this machine",
                "Write the whole path behind three strokes, such as file:///srv/foi/attachments.",
            )
        return cls(folder)

    @property
    def folder(self) -> Path:
        return self._folder

    @property
    def url(self) -> str:
        return self.folder.as_uri()

    def create(self, name: str, file: Path) -> bool:
        """See `Place`. The file gets its name once it is durable, by a link, which replaces nothing."""
        place = self.folder / name
        with self._used():
            for folder in (self._incoming, place.parent):
                folder.mkdir(mode=0o700, exist_ok=True)
            is_new = not place.exists() and self._copied(file, place)
            for folder in (place.parent, self.folder):
                sync_folder(folder)
        return is_new

    def _copied(self, file: Path, place: Path) -> bool:
        handle, name = tempfile.mkstemp(dir=self._incoming)  # mode 0600
        copy = Path(name)
        try:
            with os.fdopen(handle, "wb") as out, file.open("rb") as source:
                shutil.copyfileobj(source, out, _PIECE)
                out.flush()
                os.fsync(out.fileno())
            return _named(copy, place)
        finally:
            copy.unlink(missing_ok=True)

    def size(self, name: str) -> int | None:
        with self._used():
            try:
                return (self.folder / name).stat().st_size
            except FileNotFoundError:
                return None

    def read(self, name: str) -> Iterator[bytes] | None:
        with self._used():
            try:
                file = (self.folder / name).open("rb")
            except FileNotFoundError:
                return None
        return self._pieces(file)

    def _pieces(self, file: BinaryIO) -> Iterator[bytes]:
        with self._used(), file:
            while piece := file.read(_PIECE):
                yield piece

    def look(self) -> str:
        with self._used(), tempfile.TemporaryFile(dir=self.folder) as file:  # without a name where there are such
            file.write(b"attachwatch doctor")
            file.flush()
        return "it is there, and can be written"

    def tidy(self) -> None:
        with suppress(OSError):
            for leftover in self._incoming.iterdir():
                if time.time() - leftover.stat().st_mtime > _ABANDONED:
                    leftover.unlink(missing_ok=True)

    @contextmanager
    def _used(self) -> Iterator[None]:
        if not self.folder.is_dir():
            raise StoreError(
                f"the folder for attachments {self.folder} is not there", "Mount it, or make it: it is not made anew."
            )
        try:
            yield
        except OSError as error:
            raise StoreError(
                f"attachments in {self.folder} cannot be used: {error.strerror or error}",
                "Check that folder's permissions, its free space, and the disk or server that it is on.",
            ) from None


def _named(file: Path, place: Path) -> bool:
    """Give `file` the name `place`, unless a file has it; whether none had."""
    try:
        os.link(file, place)
    except FileExistsError:
        return False
    except OSError:  # not every file system has links; whoever takes the name meanwhile has the same bytes
        file.rename(place)
    return True
