"""Of what came damaged there are two copies, by two fetches, before it is held against anybody. Pure.

The line may be at fault, or the server. Of two copies that differ the better one counts, and neither accuses: a finding
says so.
"""

from collections.abc import Mapping
from dataclasses import replace

from attachwatch.cases.standing import SEVERITY
from attachwatch.inspection import claims
from attachwatch.model import OF_TRANSFER, Attachment, Finding, Inspection, Message, Verdict

FETCHES_DIFFER = "fetches-differ"
FETCHED_ONCE = "fetched-once"


def fetched_part(attachment: Attachment) -> str:
    """The part of the message that an attachment came in: its own, or that of what it was packed in."""
    return attachment.part.partition("/")[0]


def doubted(message: Message, inspections: Mapping[str, Inspection]) -> list[Attachment]:
    """The fetched parts of a message that came damaged, or hold what is, and were fetched only once."""
    if not message.key.uidvalidity:
        return []  # no server numbered it: it is in a file, and came over no line
    damaged = {fetched_part(a) for a in message.attachments if _is_damaged(_judged(a, a.sha256, inspections))}
    return [a for a in message.attachments if a.part in damaged and a.sha256 and a.again is None]


def better(attachment: Attachment, inspections: Mapping[str, Inspection]) -> Attachment | None:
    """The attachment with its other copy in the place of the one that counts, where that other is the better one."""
    if not attachment.again or attachment.again == attachment.sha256:
        return None
    here = _judged(attachment, attachment.sha256, inspections)
    other = _judged(attachment, attachment.again, inspections)
    if not here or not other or SEVERITY.index(other.verdict) <= SEVERITY.index(here.verdict):
        return None
    return replace(attachment, sha256=attachment.again, size=other.size, again=attachment.sha256)


def as_fetched(inspection: Inspection, fetched: Attachment) -> Inspection:
    """The inspection of what is, or is in, the part `fetched`, in the light of how that came."""
    if fetched.again in (None, fetched.sha256):
        return inspection
    if not fetched.again:
        once = Finding(
            FETCHED_ONCE, "It was gone before it could be fetched once more, or its server does not name it."
        )
        return replace(inspection, findings=(*inspection.findings, once)) if _is_damaged(inspection) else inspection
    differ = Finding(
        FETCHES_DIFFER,
        "It was fetched twice, and came differently: the line or the server changed it, not who sent it.",
        {"other_sha256": fetched.again},
    )
    if inspection.verdict.accuses:
        findings = (differ, *inspection.findings)
        return replace(inspection, verdict=Verdict.UNCHECKED, cause=None, findings=findings)
    return replace(inspection, findings=(*inspection.findings, differ))


def _judged(attachment: Attachment, sha256: str, inspections: Mapping[str, Inspection]) -> Inspection | None:
    found = inspections.get(sha256)
    return claims.as_named(found, attachment.name, attachment.content_type) if found else None


def _is_damaged(inspection: Inspection | None) -> bool:
    return bool(inspection and inspection.verdict.accuses and inspection.cause in OF_TRANSFER)
