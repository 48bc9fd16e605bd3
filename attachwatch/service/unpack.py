"""Files inside files, of zip archives and PDF portfolios, become attachments of their own, one level deep."""

from collections.abc import Mapping

import structlog

from attachwatch.inspection.sandbox import Inspector
from attachwatch.ledger.blobs import Blobs
from attachwatch.model import HOLDS_FILES, Attachment, Inspection

log = structlog.get_logger()


def names_inside(inspection: Inspection | None) -> tuple[str, ...]:
    """The names of the files that an inspected file holds, in its own order."""
    findings = inspection.findings if inspection else ()
    held = next((f.evidence.get("files") for f in findings if f.code == HOLDS_FILES), None)
    return tuple(map(str, held)) if isinstance(held, list) else ()


def unpack(container: Attachment, inspection: Inspection, inspector: Inspector, blobs: Blobs) -> list[Attachment]:
    """The files inside `container`, durable in `blobs`; none where one of them did not come whole."""
    inside: list[Attachment] = []
    names = names_inside(inspection)
    for number, name in enumerate(names):
        with blobs.writer() as writer:
            if not inspector.extract(blobs.path(container.sha256), number, writer):
                log.warning("attachment.not-unpacked", sha256=container.sha256, name=name)
                return []
            sha256, size = writer.commit()
        bare = name.replace("\\", "/").rpartition("/")[2] or name
        containers = (*container.containers, container.name)
        inside.append(Attachment(f"{container.part}/{number + 1}", bare, "", size, sha256, containers))
    return inside


def is_unpacked(container: Attachment, among: tuple[Attachment, ...]) -> bool:
    """Whether what it holds stands beside it."""
    return any(a.part.startswith(f"{container.part}/") for a in among)


def waiting(
    attachments: tuple[Attachment, ...], inspections: Mapping[str, Inspection]
) -> list[tuple[Attachment, Inspection]]:
    """Those that hold files, and are not inside another themselves, and are not unpacked yet."""
    return [
        (a, inspections[a.sha256])
        for a in attachments
        if "/" not in a.part and names_inside(inspections.get(a.sha256)) and not is_unpacked(a, attachments)
    ]
