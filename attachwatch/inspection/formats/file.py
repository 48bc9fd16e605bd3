"""A file inside another, whatever that is packed with."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

MOST_FILES = 1000  # of one container that are looked at
MOST_BYTES = 200 << 20  # of all of them together, unpacked


class NotHereError(Exception):
    """A file that is named, and whose bytes are elsewhere, or in no form of a file."""


@dataclass(frozen=True, slots=True)
class File:
    """`name` is data, and empty where there is none; `folders` are what it lies in inside the container, messages
    among them, outermost first. `pieces` reads its bytes, and may raise anything."""

    name: str
    pieces: Callable[[], Iterator[bytes]]
    folders: tuple[str, ...] = ()

    @classmethod
    def of(cls, name: str, data: bytes, folders: tuple[str, ...] = ()) -> "File":
        return cls(name, lambda: iter([data] if data else []), folders)

    @classmethod
    def at(cls, path: str, pieces: Callable[[], Iterator[bytes]]) -> "File":
        """One that is named by its path, whatever separates the folders of that."""
        *folders, name = (part for part in path.replace("\\", "/").split("/") if part) if path.strip("/\\") else ("",)
        return cls(name, pieces, tuple(folders))

    @classmethod
    def lost(cls, name: str, folders: tuple[str, ...] = ()) -> "File":
        return cls(name, _not_here, folders)


def _not_here() -> Iterator[bytes]:
    yield from ()
    raise NotHereError
