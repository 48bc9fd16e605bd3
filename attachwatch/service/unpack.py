"""Files inside files, of zip archives and PDF portfolios, become attachments of their own, one level deep.

One that does not come whole is an attachment all the same, like one that was too large to be fetched: without a hash.
"""

from collections.abc import Iterable, Mapping
from pathlib import Path

import structlog

from attachwatch.inspection.sandbox import ChangedError, Inspector
from attachwatch.ledger.blobs import Blobs
from attachwatch.model import HOLDS_FILES, Attachment, Inspection

log = structlog.get_logger()


def names_inside(inspection: Inspection | None) -> tuple[str, ...]:
    """The names of the files that an inspected file holds, in its own order."""
    findings = inspection.findings if inspection else ()
    held = next((f.evidence.get("files") for f in findings if f.code == HOLDS_FILES), None)
    return tuple(map(str, held)) if isinstance(held, list) else ()


def unpack(container: Attachment, inspection: Inspection, inspector: Inspector, blobs: Blobs) -> list[Attachment]:
    """The files inside the stored `container`, durable in `blobs` where they came whole."""
    try:
        return unpack_from(blobs.path(container.sha256), container, inspection, inspector, blobs)
    except ChangedError as error:
        log.error("blob.altered", sha256=container.sha256, problem=str(error))
        return inside(container, inspection, {})


def unpack_from(
    path: Path, container: Attachment, inspection: Inspection, inspector: Inspector, blobs: Blobs
) -> list[Attachment]:
    """As `unpack`, where the container lies at `path`. Raises ChangedError where it is not what was inspected."""
    came: dict[int, tuple[str, int]] = {}
    for number, pieces in inspector.extract(path, inspection.sha256, len(names_inside(inspection))):
        with blobs.writer() as writer:
            for piece in pieces:
                writer.write(piece)
            came[number] = writer.commit()
    made = inside(container, inspection, came)
    if lost := [a.name for a in made if not a.sha256]:
        log.warning("attachment.not-unpacked", sha256=inspection.sha256, files=len(lost), first=lost[0])
    return made


def inside(container: Attachment, inspection: Inspection, came: Mapping[int, tuple[str, int]]) -> list[Attachment]:
    """What `container` holds; SHA-256 and size of those that `came`, by their number, and of the others none."""
    containers = (*container.containers, container.name)
    made = []
    for number, name in enumerate(names_inside(inspection)):
        sha256, size = came.get(number, ("", 0))
        bare = name.replace("\\", "/").rpartition("/")[2] or name
        made.append(Attachment(f"{container.part}/{number + 1}", bare, "", size, sha256, containers))
    return made


def unpacked(attachments: Iterable[Attachment]) -> frozenset[str]:
    """The parts of those that have what they hold beside them."""
    return frozenset(a.part.rpartition("/")[0] for a in attachments if "/" in a.part)


def waiting(
    attachments: tuple[Attachment, ...], inspections: Mapping[str, Inspection]
) -> list[tuple[Attachment, Inspection]]:
    """Those that hold files, and are not inside another themselves, and are not unpacked yet."""
    done = unpacked(attachments)
    return [
        (a, inspections[a.sha256])
        for a in attachments
        if "/" not in a.part and names_inside(inspections.get(a.sha256)) and a.part not in done
    ]
