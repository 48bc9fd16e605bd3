"""What a large collection consists of: local paths and URLs of whatever fsspec knows, listed as they are needed.

A URL's file system takes its credentials from fsspec's own configuration, never from here.
"""

import os
import re
import shutil
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

from attachwatch.errors import SourceError, UsageError
from attachwatch.service import verify

_URL = re.compile(r"[a-z][a-z0-9+.-]*://", re.IGNORECASE)
_HERE = "file://"
# How the file systems call what changes whenever a file does, the surest first.
_MARKS = (
    *("ETag", "etag", "md5Hash", "content_hash"),
    *("mtime", "LastModified", "last_modified", "updated", "modified", "created"),
)
_PIECE = 1 << 20  # bytes
_LONGEST_NAME = 200  # bytes, of the 255 that most file systems allow


class Source(NamedTuple):
    """One file of a collection, or one Maildir, as plain values that a worker elsewhere can be sent."""

    path: str  # absolute, or a URL; what the results know it by
    size: int  # bytes, as it was listed
    stamp: str  # another one once its size or time is another; "" where neither could be learnt
    root: str = ""  # the URL whose file system it is in; "" for this machine's
    problem: str = ""  # why it cannot be read, if that is known already


class TooLargeError(Exception):
    """A file at a URL is larger than what is inspected."""


class UnreadError(Exception):
    """A file at a URL cannot be read; holds the reason."""


def is_url(text: str) -> bool:
    return bool(_URL.match(text)) and not text.lower().startswith(_HERE)


def check(items: Sequence[str]) -> None:
    """Raise UsageError where one of what the user named is not there, as far as this machine can tell."""
    for item in items:
        if not is_url(item) and not os.path.lexists(_local(item)):
            raise UsageError(f"{item}: no such file or folder", "Check the spelling.")


def listed(items: Iterable[str], hidden: Callable[[str], None] = lambda _: None) -> Iterator[Source]:
    """Every file at or below `items`, in a stable order, one folder being looked into at a time.

    `hidden` hears of what is skipped since its name begins with a dot. A file that cannot be looked at is a source
    without a stamp. Raises UsageError and SourceError for a URL that cannot be listed.
    """
    for item in items:
        yield from _at_url(item, hidden) if is_url(item) else _here(_local(item), hidden)


@contextmanager
def list_of_paths(name: str) -> Iterator[BinaryIO]:
    """The file of that name, or standard input for "-". Raises UsageError."""
    if name == "-":
        yield sys.stdin.buffer
        return
    try:
        file = open(name, "rb")  # noqa: PTH123, SIM115 - the name may be one that pathlib would change
    except OSError as error:
        raise UsageError(
            f"the list {name} cannot be read: {error.strerror}", "Check the path given with --from."
        ) from None
    with file:
        yield file


def in_list(file: BinaryIO) -> Iterator[str]:
    """The paths and URLs of a list: one a line, or with a zero byte behind each, as `find -print0` writes them."""
    held = file.read(_PIECE)
    end = b"\0" if b"\0" in held else b"\n"
    while held:
        *whole, held = held.split(end)
        yield from (os.fsdecode(line.rstrip(b"\r") if end == b"\n" else line) for line in whole if line.strip())
        if not (more := file.read(_PIECE)):
            break
        held += more
    if held.strip():
        yield os.fsdecode(held.rstrip(b"\r"))


@contextmanager
def at_hand(source: Source, folder: Path, largest: int) -> Iterator[Path]:
    """Where its bytes lie on this machine: at its path, or for a URL as a copy in `folder`, which is made for it.

    Raises UnreadError, and TooLargeError for more than `largest` bytes at a URL.
    """
    if not source.root:
        yield Path(source.path)
        return
    copy = folder / _file_name(source.path)
    folder.mkdir()
    try:
        with copy.open("wb") as local:
            for piece in _pieces(source, largest):
                local.write(piece)
        yield copy
    finally:
        shutil.rmtree(folder)


def _pieces(source: Source, largest: int) -> Iterator[bytes]:
    left = largest + 1
    try:
        with _system(source.root)[0].open(source.path, "rb") as remote:
            while left and (piece := remote.read(min(_PIECE, left))):
                left -= len(piece)
                yield piece
    except Exception as error:  # noqa: BLE001 - each file system has failures of its own
        raise UnreadError(str(error) or type(error).__name__) from None
    if not left:
        raise TooLargeError


def _file_name(path: str) -> str:
    """The last part of a URL, which a verdict may rest on, where it can be a file's name here."""
    name = path.rpartition("/")[2]
    if name in ("", ".", "..") or "\0" in name or len(os.fsencode(name)) > _LONGEST_NAME:
        return f"file{Path(name.replace(chr(0), '')).suffix[:20]}"
    return name


# --- on this machine --------------------------------------------------------------------------------------------


def _local(item: str) -> Path:
    """Absolute, so that a worker that runs elsewhere means the same; links stay as they are."""
    return Path(os.path.abspath(item[len(_HERE) :] if item.lower().startswith(_HERE) else item))  # noqa: PTH100


def _here(path: Path, hidden: Callable[[str], None]) -> Iterator[Source]:
    for file, _, problem in verify.walk(path, lambda skipped: hidden(str(skipped)), order=None):
        if problem:
            yield Source(str(file), 0, "", problem=problem)
            continue
        try:
            size, changed = _state(file)
        except OSError:
            yield Source(str(file), 0, "")  # the inspection says why
        else:
            yield Source(str(file), size, f"{size}-{changed}")


def _state(path: Path) -> tuple[int, int]:
    """Size and time of a file; of a Maildir, whose messages come and go, the time of that alone."""
    known = path.stat()
    if path.is_dir():
        return 0, max((path / box).stat().st_mtime_ns for box in ("cur", "new"))
    return known.st_size, known.st_mtime_ns


# --- elsewhere --------------------------------------------------------------------------------------------------


def _system(url: str) -> tuple[Any, str]:
    """The file system of a URL, and the path in it. Raises UsageError."""
    if "::" in url:
        raise UsageError(f"{url}: URLs within URLs are not taken", "Name the archive itself: it is looked into.")
    from fsspec.core import url_to_fs

    try:
        system, path = url_to_fs(url)
    except ImportError as error:
        scheme = url.partition("://")[0]
        raise UsageError(
            f"nothing is installed for {scheme}:// ({error})", "Install the package that it names."
        ) from None
    except ValueError as error:
        raise UsageError(f"{url}: {error}", "fsspec's documentation lists the URLs that there are.") from None
    return system, path


def _at_url(url: str, hidden: Callable[[str], None]) -> Iterator[Source]:
    system, path = _system(url)
    try:
        top = system.info(path)
    except FileNotFoundError:
        raise UsageError(f"{url}: no such file or folder", "Check the spelling.") from None
    except Exception as error:  # noqa: BLE001 - each file system has failures of its own
        raise _cannot_be_listed(url, error) from None
    yield from _entries(system, [top], url, hidden)


def _entries(system: Any, entries: Iterable[Any], root: str, hidden: Callable[[str], None]) -> Iterator[Source]:
    for entry in entries:
        name, path = str(entry["name"]).rstrip("/"), system.unstrip_protocol(str(entry["name"]))
        if entry.get("type") != "directory":
            if not str(entry["name"]).endswith("/"):  # a bucket's word for an empty folder
                yield Source(path, int(entry.get("size") or 0), _stamp(entry), root)
            continue
        try:
            inside = system.ls(entry["name"], detail=True)
            system.invalidate_cache(entry["name"])  # what was listed once is not needed again
        except Exception as error:  # noqa: BLE001
            raise _cannot_be_listed(path, error) from None
        inside = [e for e in inside if str(e["name"]).rstrip("/") != name]
        for e in inside:
            if _is_hidden(e):
                hidden(system.unstrip_protocol(str(e["name"])))
        shown = sorted((e for e in inside if not _is_hidden(e)), key=lambda e: str(e["name"]))
        yield from _entries(system, shown, root, hidden)


def _is_hidden(entry: Any) -> bool:
    return str(entry["name"]).rstrip("/").rpartition("/")[2].startswith(".")


def _stamp(entry: Any) -> str:
    mark = next((str(entry[key]) for key in _MARKS if entry.get(key)), "")
    return f"{entry.get('size')}-{mark}" if mark else ""


def _cannot_be_listed(url: str, error: Exception) -> SourceError:
    return SourceError(
        f"{url} cannot be listed: {str(error) or type(error).__name__}",
        "Check its address, the network and its credentials.",
    )
