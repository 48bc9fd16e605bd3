"""Files that are no PDF: whether the programs that they are for would open them.

A kind is one module: `TYPES`, the media types that it answers for, and `look(data)`, which yields why one does not
open, and at last `opens(...)` where one does. It may raise anything; `look` here turns that into a finding. A kind that
others are packed in has `files(data)`, too, and names them by `holds(...)` in the same order.
"""

from collections.abc import Iterator
from typing import Protocol

from attachwatch.inspection.formats import (
    archive,
    image,
    message,
    ole,
    ooxml,
    opendocument,
    outlook,
    pgp,
    rpmsg,
    rtf,
    smime,
    stub,
    text,
    tnef,
)
from attachwatch.inspection.formats.file import File
from attachwatch.inspection.readers.interface import is_limit
from attachwatch.inspection.wording import words
from attachwatch.model import Cause, Finding


class Container(Protocol):
    """One kind of file that others are packed in."""

    TYPES: tuple[str, ...]

    def files(self, data: bytes) -> list[File]:
        """What is packed in `data`."""
        ...


class Format(Protocol):
    """One kind of file."""

    TYPES: tuple[str, ...]

    def look(self, data: bytes) -> Iterator[Finding]:
        """What is wrong with `data`, or `opens()`."""
        ...


CONTAINERS: tuple[Container, ...] = (archive, message, outlook, smime, text, tnef)  # type: ignore[assignment]
_OTHERS = (ooxml, opendocument, ole, image, rtf, pgp, rpmsg, stub)
FORMATS: tuple[Format, ...] = (*_OTHERS, archive, message, outlook, smime, text, tnef)  # type: ignore[assignment]


def files(media_type: str, data: bytes) -> list[File]:
    """The files inside one of this type; none where none of its kind holds others. Raises what the libraries raise."""
    holding = next((c for c in CONTAINERS if media_type.startswith(c.TYPES)), None)
    return holding.files(data) if holding else []


def look(media_type: str, data: bytes) -> Iterator[Finding]:
    """What the module for this type finds; nothing where there is none."""
    judging = next((f for f in FORMATS if media_type.startswith(f.TYPES)), None)
    if judging is None:
        return
    try:
        yield from judging.look(data)
    except (MemoryError, RecursionError):
        yield Finding(Cause.TOO_COSTLY, "A bound of memory or depth was reached, so the file was not judged.")
    except Exception as error:  # noqa: BLE001 - libraries raise anything on hostile files
        said = words(f"{type(error).__name__}: {error}")
        limited = is_limit(said) or isinstance(error, PermissionError | ImportError)
        cause = Cause.TOO_COSTLY if limited else Cause.STRUCTURE_DAMAGED
        text = (
            "A bound was reached, so the file was not judged." if limited else "The structure of the file is damaged."
        )
        yield Finding(cause, text, {"reader_says": said})
