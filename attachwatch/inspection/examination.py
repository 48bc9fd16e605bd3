"""One file's bytes -> all that is to be known of them. Runs in a worker: every engine can be brought down by a file."""

import hashlib
import io
import time
from collections.abc import Iterator

import pikepdf

from attachwatch.inspection import content, filetype, formats, judge, licence, readers, standins, structure
from attachwatch.inspection.answer import Fact
from attachwatch.inspection.filetype import PDF, UNKNOWN, FileType
from attachwatch.model import Finding, Inspection


def examine(data: bytes) -> Inspection:
    """Inspect `data` in this very process: for samples, tests and comparisons, never for what came by mail."""
    started = time.perf_counter()
    evidence = judge.evidence(list(gather(data)))
    assert evidence is not None  # noqa: S101 - `gather` begins with what is needed
    return judge.conclude(evidence, hashlib.sha256(data).hexdigest(), len(data), time.perf_counter() - started)


def gather(data: bytes) -> Iterator[Fact]:
    """All that is to be known of `data` before judging, each fact as soon as it is."""
    kind = filetype.identify(data)
    yield kind
    facts = structure.look(data)
    yield facts
    if kind.media_type != PDF:
        yield from formats.look(kind.media_type, data)
        if not _may_be_pdf(data, kind, facts):
            return
    opened = False
    white: tuple[int, ...] = ()
    for report in readers.ask_all(data):
        opened, white = opened or report.opened, report.white or white
        yield report
    if facts.encryption_filter == "MicrosoftIRMServices" and (said := licence.read(data)):
        yield Finding(judge.LICENCE, "The licence of the protection says more.", said)
    if opened:
        yield from _inside(data, white)


def _inside(data: bytes, white: tuple[int, ...]) -> Iterator[Finding]:
    """What is to be found in the document, once a reader opened it; nothing where qpdf does not."""
    try:
        with pikepdf.open(io.BytesIO(data), suppress_warnings=True) as pdf:
            yield from standins.look(pdf, data)
            yield from content.look(pdf, white)
    except (pikepdf.PdfError, pikepdf.PasswordError, ValueError, RuntimeError):
        return


def _may_be_pdf(data: bytes, kind: FileType, facts: structure.Structure) -> bool:
    """Whether something that does not begin as a PDF could be one: its header is gone, buried, or still encoded."""
    if facts.transfer_encoding or facts.is_utf_16 or (facts.size and facts.is_stub):
        return True
    if facts.objects and b"%PDF-" in data[: filetype.HEADER_WITHIN]:
        return True
    return kind.media_type in (UNKNOWN, "text/plain", "message/rfc822") and (
        facts.objects > 2 or (facts.objects > 0 and facts.header is not None)
    )
