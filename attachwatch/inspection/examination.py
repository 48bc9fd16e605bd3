"""One file's bytes -> its Inspection. Runs in a worker, since every engine here can be brought down by a file."""

import hashlib
import time

from attachwatch.inspection import content, filetype, judge, readers, standins, structure
from attachwatch.inspection.filetype import PDF, UNKNOWN, FileType
from attachwatch.model import Finding, Inspection


def examine(data: bytes) -> Inspection:
    """Inspect `data` with every reader and judge it."""
    started = time.perf_counter()
    evidence = gather(data)
    judgement = judge.judge(evidence)
    named = judgement.named
    others = [f for f in evidence.findings if f not in named]
    return Inspection(
        sha256=hashlib.sha256(data).hexdigest(),
        size=len(data),
        type=evidence.file_type.media_type,
        verdict=judgement.verdict,
        cause=judge.cause_of(judgement),
        pages=judge.pages(evidence.readers, judgement.verdict),
        findings=(*named, *others, *_disagreement(evidence)),
        readers=evidence.readers,
        seconds=time.perf_counter() - started,
        rules=judge.RULES,
    )


def gather(data: bytes) -> judge.Evidence:
    """All that is to be known of `data` before judging."""
    kind = filetype.identify(data)
    facts = structure.look(data)
    if kind.media_type != PDF and not _may_be_pdf(data, kind, facts):
        return judge.Evidence(kind, facts)
    reports = readers.ask_all(data)
    findings = (*standins.look(data), *content.look(data)) if any(r.opened for r in reports) else ()
    return judge.Evidence(kind, facts, reports, findings)


def _may_be_pdf(data: bytes, kind: FileType, facts: structure.Structure) -> bool:
    """Whether something that does not begin as a PDF could be one: its header is gone, buried, or still encoded."""
    if facts.transfer_encoding or facts.is_utf_16 or (facts.size and facts.is_stub):
        return True
    if facts.objects and b"%PDF-" in data[: filetype.HEADER_WITHIN]:
        return True
    return kind.media_type in (UNKNOWN, "text/plain", "message/rfc822") and (
        facts.objects > 2 or (facts.objects > 0 and facts.header is not None)
    )


def _disagreement(evidence: judge.Evidence) -> tuple[Finding, ...]:
    opened = {r.name: r.opened for r in evidence.readers}
    if len(set(opened.values())) < 2:
        return ()
    does = [name for name, opens in opened.items() if opens]
    does_not = [name for name, opens in opened.items() if not opens]
    text = f"The readers disagree: {', '.join(does)} opened it, {', '.join(does_not)} did not."
    return (Finding("readers-disagree", text, {"opened": does, "not_opened": does_not}),)
