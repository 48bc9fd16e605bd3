"""The kinds of places that attachments are kept in; one line each."""

from collections.abc import Callable, Mapping
from pathlib import Path

from attachwatch.config import StoreSettings
from attachwatch.errors import ConfigurationError
from attachwatch.ledger.blobs import Blobs
from attachwatch.ledger.bucket import Bucket
from attachwatch.ledger.folder import Folder
from attachwatch.ledger.interface import Attachments, Place
from attachwatch.ledger.objects import Objects

OWN_FOLDER = "attachments"  # in the store
CACHE = Path("cache", "attachments")  # in the store, of what is kept elsewhere


KINDS: Mapping[str, Callable[[StoreSettings], Place]] = {"file": Folder.of, "s3": Bucket.of}
"""By the beginning of `[store] attachments`. Each raises ConfigurationError."""


def own_folder(root: Path) -> Attachments:
    """The attachments of the store in `root`, in its own folder."""
    return Blobs(root / OWN_FOLDER)


def as_configured(settings: StoreSettings) -> Callable[[Path], Attachments]:
    """What opens the attachments of a store, given its root."""
    if not settings.attachments:
        return own_folder
    place, most = place_of(settings), settings.cache << 20
    return lambda root: Objects(place, root / CACHE, most)


def place_of(settings: StoreSettings) -> Place:
    """The place elsewhere that `attachments` names. Raises ConfigurationError."""
    kind = settings.attachments.partition("://")[0]
    if kind not in KINDS:
        known = " or ".join(f"{known}://" for known in KINDS)
        raise ConfigurationError(
            f"[store] attachments = {settings.attachments!r} is no place that is known", f"Begin it with {known}."
        )
    return KINDS[kind](settings)
