"""The store: who may read and write it, what room it has, and how its ledger is. Nothing in it is changed."""

import os
import shutil
import stat
import tempfile
from collections.abc import Iterator
from pathlib import Path
from shlex import quote

from attachwatch.config import StoreSettings
from attachwatch.ledger.condition import condition
from attachwatch.ledger.ledger import is_watched
from attachwatch.ledger.places import OWN_FOLDER, place_of
from attachwatch.service import health
from attachwatch.service.checks import database
from attachwatch.service.checks.check import Check, failure, warning

_SECONDS = 20.0  # for SQLite's look at a large ledger
_SPARE = 10  # of the largest attachments that may come, for which there should be room
_MIB = 1 << 20


def checks(root: Path) -> Iterator[Check]:
    """Whether the store can be used by this user."""
    if not root.exists():
        yield from _to_be_made(root)
        return
    known = root.stat()
    mode = stat.S_IMODE(known.st_mode)
    if not stat.S_ISDIR(known.st_mode):
        yield failure("store", f"{root} is no folder", "Correct [store] path.")
    elif hasattr(os, "getuid") and known.st_uid != os.getuid():
        yield failure(
            "store", f"{root} belongs to another user", "Choose another [store] path, or run as the user who owns it."
        )
    elif mode & 0o077:
        yield failure(
            "store", f"{root} is open to other users (mode {mode:04o})", f"Close it: chmod 700 {quote(str(root))}"
        )
    elif problem := _unwritable(root):
        yield failure("store", f"{root} cannot be written: {problem}", "Check its permissions and the disk it is on.")
    else:
        yield Check("store", f"{root} is writable, and for you alone (mode {mode:04o})")


def space(root: Path, largest_mib: int) -> Iterator[Check]:
    """Whether there is room for what may come."""
    yield room(shutil.disk_usage(_existing(root)).free, largest_mib)


def room(free: int, largest_mib: int) -> Check:
    """What so many free bytes are to a store of attachments of up to `largest_mib` each."""
    says = f"{free // _MIB:,} MiB are free where the store is"
    remedy = "Make room, or move the store and correct [store] path."
    if free < largest_mib * _MIB:
        return failure("free space", f"{says}; one attachment may have {largest_mib:,}", remedy)
    if free < _SPARE * largest_mib * _MIB:
        return warning("free space", f"{says}; attachments may have {largest_mib:,} each", remedy)
    return Check("free space", says)


def attachments(settings: StoreSettings) -> Iterator[Check]:
    """Whether attachments can be kept where the configuration has them."""
    if not settings.attachments:
        yield from _own_folder(settings.path, is_shared=bool(settings.database))
        return
    place = place_of(settings)
    yield Check("attachments", f"{place.url}: {place.look()}")
    own = settings.path / OWN_FOLDER
    if left := sum(1 for _ in own.glob("[0-9a-f][0-9a-f]/*")):
        yield warning(
            "attachments of before",
            f"{own} holds {left:,} that are looked for in {place.url} alone",
            "Copy them there under the same names (docs/how-to/object-storage.md), then remove that folder.",
        )


def _own_folder(root: Path, *, is_shared: bool) -> Iterator[Check]:
    """Whether files can be put in their places at once and whole, which needs one file system."""
    blobs = root / OWN_FOLDER
    if not blobs.exists():
        return
    devices = {place.stat().st_dev for place in (root, blobs, blobs / "incoming") if place.exists()}
    if len(devices) > 1:
        yield failure(
            "attachments",
            f"{blobs} and what is being written into it are on more than one file system",
            "Have the whole store on one: files are put in their places by renaming them.",
        )
    elif problem := _unwritable(blobs):
        yield failure(
            "attachments", f"{blobs} cannot be written: {problem}", "Check its permissions and the disk it is on."
        )
    else:
        others = "; watchers with other stores cannot read them" if is_shared else ""
        yield Check("attachments", f"their folder is writable, on the store's file system{others}")


def ledger(root: Path) -> Iterator[Check]:
    """The ledger's version, and whether SQLite finds it whole."""
    found = condition(root, _SECONDS)
    if found is None:
        yield Check("ledger", "there is none yet; the first `attachwatch watch` makes it")
        return
    yield database.schema(found, "copy the store")
    if found.sound is None:
        yield warning(
            "ledger's soundness",
            f"SQLite was not done looking within {_SECONDS:.0f} s",
            "Nothing is known to be wrong; `sqlite3 ledger.sqlite3 'PRAGMA quick_check'` in the store takes its time.",
        )
    elif not found.sound:
        yield failure(
            "ledger's soundness",
            f"SQLite finds it damaged: {found.problem}",
            "Stop `attachwatch watch`, and restore the store from a copy.",
        )
    else:
        yield Check("ledger's soundness", "SQLite finds nothing wrong (quick_check)")


def watcher(root: Path, health_file: Path) -> Iterator[Check]:
    """Whether a watcher holds the store, and shows that it lives."""
    last = health.read(health_file)
    if not is_watched(root):
        yield Check("watcher", "none is running; `attachwatch watch` begins to")
    elif last is None:
        yield Check("watcher", "one holds the store, and tells nothing of itself yet; or it polls once")
    elif last.ended or last.is_alive:  # after its end another one polls once
        alive = f" since {last.started.astimezone():%Y-%m-%d %H:%M} (pid {last.pid})" if last.is_alive else ""
        yield Check("watcher", f"one is running{alive}")
    else:
        yield warning(
            "watcher",
            f"one holds the store, and gave no sign of life since {last.updated.astimezone():%Y-%m-%d %H:%M}",
            "See its log, and start it again.",
        )


def _to_be_made(root: Path) -> Iterator[Check]:
    parent = _existing(root)
    if parent.is_dir() and os.access(parent, os.W_OK | os.X_OK):
        yield Check("store", f"{root} is not there yet, and will be made")
    else:
        yield failure("store", f"{root} is not there, and cannot be made in {parent}", "Correct [store] path.")


def _existing(path: Path) -> Path:
    return next((place for place in (path, *path.parents) if place.exists()), Path("/"))


def _unwritable(folder: Path) -> str:
    """Why nothing can be written there; tried, since permissions alone tell nothing of a disk that may only be read."""
    try:
        with tempfile.TemporaryFile(dir=folder) as file:  # without a name where the system knows such
            file.write(b"attachwatch doctor")
            file.flush()
    except OSError as error:
        return error.strerror or str(error)
    return ""
