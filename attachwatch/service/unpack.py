"""Files inside files, whatever these are, become attachments of their own; level by level, within limits.

One that does not come whole is an attachment all the same, like one that was too large to be fetched: without a hash.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import structlog

from attachwatch.errors import AttachmentError
from attachwatch.inspection import claims
from attachwatch.inspection.sandbox import MOST_UNPACKED, ChangedError, Inspector
from attachwatch.ledger.interface import Attachments
from attachwatch.mime.parts import made_name
from attachwatch.model import CONTAINER_TYPES, HOLDS_FILES, Attachment, Cause, Finding, Inspection, Verdict

log = structlog.get_logger()
DEEPEST = 8  # levels of files in files
MOST_FILES = 1000  # in one attachment of a message, at all levels together; of their bytes, MOST_UNPACKED
_SIGNED = re.compile(r"(.*\.\w{1,5})\.(p7m|p7s|p7c|sig)", re.IGNORECASE | re.DOTALL)


@dataclass(frozen=True, slots=True)
class Name:
    """What a file inside another is called, and the folders or messages that it lies in there."""

    name: str
    folders: tuple[str, ...] = ()


def names_inside(inspection: Inspection | None) -> tuple[Name, ...]:
    """The names of the files that an inspected file holds, in its own order."""
    findings = inspection.findings if inspection else ()
    told = next((f.evidence for f in findings if f.code == HOLDS_FILES), {})
    names, folders = told.get("files"), told.get("folders")
    if not isinstance(names, list):
        return ()
    places = map(str, folders) if isinstance(folders, list) and len(folders) == len(names) else [""] * len(names)
    return tuple(
        Name(str(name), tuple(place.split("/")) if place else ()) for name, place in zip(names, places, strict=True)
    )


def unpack(container: Attachment, inspection: Inspection, inspector: Inspector, blobs: Attachments) -> list[Attachment]:
    """The files inside the stored `container`, durable in `blobs` where they came whole."""
    try:
        return unpack_from(blobs.path(container.sha256), container, inspection, inspector, blobs)
    except (ChangedError, AttachmentError) as error:
        log.error("blob.altered", sha256=container.sha256, problem=str(error))
        return inside(container, inspection, {})


def unpack_from(
    path: Path, container: Attachment, inspection: Inspection, inspector: Inspector, blobs: Attachments
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
    for number, held in enumerate(names_inside(inspection)):
        sha256, size = came.get(number, ("", 0))
        part = f"{container.part}/{number + 1}"
        name = held.name or _name_of_nameless(container.name, part)
        made.append(Attachment(part, name, "", size, sha256, (*containers, *held.folders)))
    return made


def _name_of_nameless(container: str, part: str) -> str:
    """What is signed has no name but that of its signature, without the last ending."""
    signed = _SIGNED.fullmatch(container)
    return signed[1] if signed else made_name(part.replace("/", "."), "application/octet-stream")


def unpacked(attachments: Iterable[Attachment]) -> frozenset[str]:
    """The parts of those that have what they hold beside them."""
    return frozenset(a.part.rpartition("/")[0] for a in attachments if "/" in a.part)


def is_to_unpack(attachment: Attachment, inspection: Inspection | None, beside: Sequence[Attachment]) -> bool:
    """Whether it holds files that may be unpacked, by what lies `beside` it in its message.

    What should be a PDF, and is one behind other data or still encoded, stands for itself.
    """
    if not names_inside(inspection) or not inspection or attachment.part.count("/") >= DEEPEST:
        return False
    names = names_inside(claims.as_named(inspection, attachment.name, attachment.content_type))
    if not names:
        return False
    outermost = attachment.part.partition("/")[0]
    family = [a for a in beside if a.part.startswith(f"{outermost}/")]
    return len(family) + len(names) <= MOST_FILES and sum(a.size for a in family) <= MOST_UNPACKED


def left_packed(attachment: Attachment, inspection: Inspection, beside: Sequence[Attachment]) -> Inspection:
    """`inspection`, of what holds files that were not unpacked since they are too many or too deep: then unchecked."""
    opens = inspection.verdict is Verdict.OK and inspection.type in CONTAINER_TYPES
    if not opens or not names_inside(inspection) or attachment.part in unpacked(beside):
        return inspection
    if is_to_unpack(attachment, inspection, beside):
        return inspection
    why = Finding(Cause.TOO_COSTLY, "What it holds is too much, or packed too deep, so it was not inspected.")
    return replace(inspection, verdict=Verdict.UNCHECKED, cause=Cause.TOO_COSTLY, findings=(why, *inspection.findings))


def waiting(
    attachments: tuple[Attachment, ...], inspections: Mapping[str, Inspection]
) -> list[tuple[Attachment, Inspection]]:
    """Those that hold files, and are not unpacked yet."""
    done = unpacked(attachments)
    return [
        (a, inspections[a.sha256])
        for a in attachments
        if a.part not in done and is_to_unpack(a, inspections.get(a.sha256), attachments)
    ]
