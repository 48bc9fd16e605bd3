"""Findings -> verdict and cause. Pure; the rules stand in the order in which they are asked.

What PDFium shows decides whether a file is broken, for it is what a recipient sees. The other readers and the bytes
tell why, from the outside in: what happened on the way explains what is wrong inside.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from attachwatch.inspection.filetype import PDF, UNKNOWN, FileType
from attachwatch.inspection.structure import Structure
from attachwatch.inspection.wording import pages_in_words
from attachwatch.model import Cause, Finding, Inspection, ReaderReport, Verdict

_ENOUGH = 40  # of a byte value are expected by chance, so that its absence is none
_SURELY_A_PAIR = 5 * 65536  # bytes: so many that a pair of two given values is expected five times by chance
RULES = 9  # the version of these rules; raise it when a verdict may change, and every file is inspected again

_FILTER_CAUSES = {
    "MicrosoftIRMServices": Cause.RIGHTS_MANAGED,
    "Adobe.APS": Cause.RIGHTS_MANAGED,
    "EBX_HANDLER": Cause.RIGHTS_MANAGED,
    "FOPN_fLock": Cause.RIGHTS_MANAGED,
    "Adobe.PubSec": Cause.CERTIFICATE,
}
_STAND_INS = (Cause.RIGHTS_MANAGED, Cause.SECURE_ENVELOPE, Cause.XFA_FORM, Cause.PORTFOLIO, Cause.GATEWAY_NOTICE)
OTHER_TYPE = "other-type"  # the finding that tells what it is instead of a PDF
UNREACHED = "unreached-pages"
NOT_LOOKED_INTO = "not-looked-into"
OPENS = "opens"  # said of what is no PDF
LICENCE = "licence"
_VERDICT_OF_OTHERS = {  # what keeps a file that is no PDF from being read -> what a recipient meets
    Cause.PASSWORD: Verdict.LOCKED,
    Cause.RIGHTS_MANAGED: Verdict.LOCKED,
    Cause.ENCRYPTED_MESSAGE: Verdict.LOCKED,
    Cause.GATEWAY_NOTICE: Verdict.PLACEHOLDER,
    Cause.TOO_COSTLY: Verdict.UNCHECKED,
    Cause.CONTENT_UNREADABLE: Verdict.DAMAGED,
}
_LOSSES = (Cause.PAGES_MISSING, Cause.CONTENT_UNREADABLE)


@dataclass(frozen=True, slots=True)
class Evidence:
    """All that is known of one file when it is judged."""

    file_type: FileType
    structure: Structure
    readers: tuple[ReaderReport, ...] = ()
    findings: tuple[Finding, ...] = ()  # of stand-ins and content

    def reader(self, name: str) -> ReaderReport | None:
        return next((r for r in self.readers if r.name == name), None)

    @property
    def shown(self) -> int:
        """Pages that PDFium painted."""
        pdfium = self.reader("pdfium")
        return (pdfium.rendered or 0) if pdfium else 0

    @property
    def was_pdf(self) -> bool:
        """Whether it is known for nothing else, or bears the marks of a PDF that was never decoded."""
        still_encoded = self.structure.transfer_encoding is not None or self.structure.is_utf_16
        return still_encoded or self.file_type.media_type in (UNKNOWN, "text/plain")

    def finding(self, codes: Sequence[str]) -> Finding | None:
        return next((f for f in self.findings if f.code in codes), None)


@dataclass(frozen=True, slots=True)
class Judgement:
    verdict: Verdict
    cause: Finding | None = None
    other_type: Finding | None = None  # what it is instead of a PDF
    as_pdf: Finding | None = None  # the cause that it has if its name says that it is a PDF

    @property
    def named(self) -> tuple[Finding, ...]:
        """What it rests on, first of all findings, and in this order."""
        return tuple(f for f in (self.cause, self.other_type, self.as_pdf) if f)


def judge(evidence: Evidence) -> Judgement:
    """The verdict, by the first rule that has one; without a name, only what begins as a PDF is judged as one."""
    judgement = next((j for rule in VERDICT_RULES if (j := rule(evidence))), Judgement(Verdict.OK))
    kind = evidence.file_type
    if kind.media_type == PDF or not evidence.readers:
        return judgement
    own = _as_it_is(evidence)
    if judgement.verdict is Verdict.BROKEN and not evidence.was_pdf:
        return own
    told = {"type": kind.media_type, "instead": kind.words, "as_pdf": judgement.verdict.value}
    text = f"By its bytes it is {kind.words}; its name tells whether it is meant to be a PDF."
    return Judgement(own.verdict, own.cause, Finding(OTHER_TYPE, text, told), judgement.cause)


def evidence(facts: Sequence[FileType | Structure | ReaderReport | Finding]) -> Evidence | None:
    """Facts in any order as evidence; None where the least that is needed is not among them."""
    kind = next((f for f in facts if isinstance(f, FileType)), None)
    structure = next((f for f in facts if isinstance(f, Structure)), None)
    if kind is None or structure is None:
        return None
    readers = tuple(f for f in facts if isinstance(f, ReaderReport))
    return Evidence(kind, structure, readers, tuple(f for f in facts if isinstance(f, Finding)))


def conclude(evidence: Evidence, sha256: str, size: int, seconds: float) -> Inspection:
    """The evidence with its judgement, as one inspection: what the verdict rests on stands first."""
    judgement = judge(evidence)
    named = judgement.named
    others = [f for f in evidence.findings if f not in named and f.code not in (OPENS, LICENCE)]
    kind = evidence.file_type
    by_bytes_alone = any(f.code in (OTHER_TYPE, Cause.EMPTY, Cause.ZERO_FILLED) for f in named)
    if kind.media_type != PDF and not by_bytes_alone:
        others.append(Finding(OTHER_TYPE, f"It is {kind.words}.", {"type": kind.media_type, "instead": kind.words}))
    return Inspection(
        sha256=sha256,
        size=size,
        type=evidence.file_type.media_type,
        verdict=judgement.verdict,
        cause=cause_of(judgement),
        pages=_pages(evidence, judgement.verdict),
        findings=(*named, *others, *(f for note in NOTES if (f := note(evidence)) and judgement.verdict in _NOTED)),
        readers=evidence.readers,
        seconds=seconds,
        rules=RULES,
    )


def _pages(evidence: Evidence, verdict: Verdict) -> int | None:
    if (opens := evidence.finding([OPENS])) is None:
        return pages(evidence.readers, verdict)
    said = opens.evidence.get("pages")
    return said if isinstance(said, int) else None


def unchecked(sha256: str, size: int, why: Finding) -> Inspection:
    """A file that nothing is known of: its finding is the cause where it is one."""
    return Inspection(
        sha256=sha256,
        size=size,
        type=UNKNOWN,
        verdict=Verdict.UNCHECKED,
        cause=Cause(why.code) if why.code in set(Cause) else None,
        findings=(why,),
        rules=RULES,
    )


def cause_of(judgement: Judgement) -> Cause | None:
    """The cause's code; None where the finding is no cause, as for a type that is not judged."""
    code = judgement.cause.code if judgement.cause else None
    return Cause(code) if code in set(Cause) else None


def pages(readers: Sequence[ReaderReport], verdict: Verdict) -> int | None:
    """The number of pages that a recipient sees, by the reader whose word counts most of those that opened it."""
    if verdict in (Verdict.BROKEN, Verdict.LOCKED, Verdict.UNCHECKED):
        return None
    opened = {r.name: r.pages for r in readers if r.opened}
    return next((opened[name] for name in ("pdfium", "qpdf", "pypdf") if name in opened), None)


# --- verdicts -----------------------------------------------------------------------------------------------


def _empty(evidence: Evidence) -> Judgement | None:
    if evidence.structure.size == 0:
        return Judgement(Verdict.BROKEN, Finding(Cause.EMPTY, "The file is empty: 0 bytes."))
    if evidence.structure.zeros == evidence.structure.size:
        return Judgement(
            Verdict.BROKEN,
            Finding(
                Cause.ZERO_FILLED, "The file holds nothing but zeros.", {"offset": 0, "length": evidence.structure.size}
            ),
        )
    return None


def _another_type(evidence: Evidence) -> Judgement | None:
    """No PDF and no remains of one: judged as what it is. Whether it was meant to be that, its name tells later."""
    return None if evidence.file_type.media_type == PDF or evidence.readers else _as_it_is(evidence)


def _as_it_is(evidence: Evidence) -> Judgement:
    """What no reader of PDFs decides: whether the programs for this kind of file open it."""
    kind = evidence.file_type
    opens = evidence.finding([OPENS])
    may_be_remains = bool(evidence.readers) and evidence.was_pdf
    own = evidence.findings[: evidence.findings.index(opens)] if opens else evidence.findings  # not of a PDF inside
    found = None if may_be_remains else next((f for f in own if f.code in set(Cause)), None)
    if found:  # beside which it may open, without a part of it
        otherwise = Verdict.DAMAGED if opens else Verdict.BROKEN
        return Judgement(_VERDICT_OF_OTHERS.get(Cause(found.code), otherwise), found)
    if opens and (not may_be_remains or evidence.structure.is_stub):
        return Judgement(Verdict.OK)
    if evidence.readers:
        return Judgement(Verdict.UNCHECKED)
    text = f"It is {kind.words}, which attachwatch does not judge."
    told = {"type": kind.media_type, "instead": kind.words}
    return Judgement(Verdict.UNCHECKED, other_type=Finding(OTHER_TYPE, text, told))


def _limit(evidence: Evidence) -> Judgement | None:
    """A bound of ours tells nothing of the file, unless PDFium has shown it by then."""
    limited = [r.name for r in evidence.readers if r.limited]
    pdfium = evidence.reader("pdfium")
    if not limited or (pdfium and not pdfium.limited and pdfium.rendered):
        return None
    text = "A bound of time, memory or pages was reached, so the file was not judged."
    return Judgement(Verdict.UNCHECKED, Finding(Cause.TOO_COSTLY, text, {"readers": limited}))


def _locked(evidence: Evidence) -> Judgement | None:
    pdfium = evidence.reader("pdfium")
    if not pdfium or not pdfium.needs_password:
        return None
    handler = evidence.structure.encryption_filter
    cause = _FILTER_CAUSES.get(handler or "", Cause.PASSWORD)
    sentence = {
        Cause.RIGHTS_MANAGED: "The whole file is encrypted by rights management.",
        Cause.CERTIFICATE: "The file is encrypted for the holder of a certificate.",
    }.get(cause, "The file asks for a password.")
    said = evidence.finding([LICENCE])
    return Judgement(Verdict.LOCKED, Finding(cause, sentence, {"handler": handler, **(said.evidence if said else {})}))


def _broken(evidence: Evidence) -> Judgement | None:
    if evidence.shown:
        return None
    why = _why(evidence)
    others = [r for r in evidence.readers if r.name != "pdfium"]
    if others and all(r.opened for r in others):  # one alone may have repaired what no viewer repairs
        text = f"{why.message} Chrome and Edge do not open it; some other programs do."
        opened = {"opened_by": [r.name for r in others]}
        return Judgement(Verdict.DAMAGED, Finding(why.code, text, {**why.evidence, **opened}))
    return Judgement(Verdict.BROKEN, why)


def _placeholder(evidence: Evidence) -> Judgement | None:
    finding = evidence.finding(_STAND_INS)
    return Judgement(Verdict.PLACEHOLDER, finding) if finding else None


def _damaged(evidence: Evidence) -> Judgement | None:
    if not _is_damaged(evidence):
        return None
    return Judgement(Verdict.DAMAGED, _why(evidence, _loss(evidence)))


VERDICT_RULES: tuple[Callable[[Evidence], Judgement | None], ...] = (
    _empty,
    _another_type,
    _limit,
    _locked,
    _broken,
    _placeholder,
    _damaged,
)


def _is_damaged(evidence: Evidence) -> bool:
    return evidence.finding(_LOSSES) is not None or _loss(evidence) is not None


def _loss(evidence: Evidence) -> Finding | None:
    """Pages that one reader counts and another does not find; or a page that PDFium cannot paint, beside others."""
    pdfium, qpdf = evidence.reader("pdfium"), evidence.reader("qpdf")
    if finding := evidence.finding(_LOSSES):
        return finding
    if finding := _hidden(evidence) or _cut_picture(evidence.structure) or _nobody_else(evidence):
        return finding
    if pdfium and qpdf and qpdf.opened and pdfium.opened and qpdf.pages != pdfium.pages:
        text = f"The readers disagree: {pdfium.pages} pages for PDFium, {qpdf.pages} for qpdf."
        return Finding(Cause.PAGES_MISSING, text, {"pdfium": pdfium.pages, "qpdf": qpdf.pages})
    if pdfium and pdfium.pictureless:
        text = f"A picture on {pages_in_words(pdfium.pictureless)} cannot be read."
        return Finding(Cause.CONTENT_UNREADABLE, text, {"reader": "pdfium", "pages": list(pdfium.pictureless)})
    if pdfium and pdfium.error:
        return Finding(Cause.CONTENT_UNREADABLE, f"PDFium {pdfium.error}.", {"reader": "pdfium"})
    return None


def _hidden(evidence: Evidence) -> Finding | None:
    """Pages of one of several documents that run into one another; an update alone may take pages away on purpose."""
    unreached = evidence.finding([UNREACHED])
    if unreached is None or evidence.structure.headers < 2:
        return None
    text = f"{evidence.structure.headers} documents run into one another, and one hides the pages of another."
    return Finding(Cause.CONCATENATED, text, {"headers": evidence.structure.headers, **unreached.evidence})


def _cut_picture(s: Structure) -> Finding | None:
    """Bytes of a picture went missing: a length that is merely wrong moves nothing that stands behind it."""
    offset, missing = s.picture_cut
    if not missing or s.xref_is_there:
        return None
    text = f"The data of a picture end {missing:,} bytes too soon."
    return Finding(Cause.CONTENT_UNREADABLE, text, {"offset": offset, "missing": missing})


def _nobody_else(evidence: Evidence) -> Finding | None:
    """PDFium alone opens it, and shows nothing but white."""
    pdfium = evidence.reader("pdfium")
    if not pdfium or not pdfium.rendered or len(pdfium.white) < pdfium.rendered:
        return None
    if any(r.opened for r in evidence.readers if r is not pdfium):
        return None
    return Finding(Cause.CONTENT_UNREADABLE, "One reader alone opens it, and shows blank pages.", {"reader": "pdfium"})


# --- notes ------------------------------------------------------------------------------------------------------
# What is worth saying of a file whatever it is judged to be. None of them is held against it.

_NOTED = (Verdict.OK, Verdict.DAMAGED, Verdict.PLACEHOLDER, Verdict.BROKEN)


def _disagreement(evidence: Evidence) -> Finding | None:
    opened = {r.name: r.opened for r in evidence.readers}
    if len(set(opened.values())) < 2:
        return None
    does = [name for name, opens in opened.items() if opens]
    does_not = [name for name, opens in opened.items() if not opens]
    text = f"The readers disagree: {', '.join(does)} opened it, {', '.join(does_not)} did not."
    return Finding("readers-disagree", text, {"opened": does, "not_opened": does_not})


def _something_in_front(evidence: Evidence) -> Finding | None:
    return _begins_elsewhere(evidence.structure) if evidence.shown else None


def _something_behind(evidence: Evidence) -> Finding | None:
    s = evidence.structure
    if not evidence.shown or s.ends_properly or s.objects_behind or not s.trailing:
        return None
    text = f"{s.trailing:,} bytes of something else follow the document."
    return Finding(Cause.TRAILING_JUNK, text, {"offset": s.size - s.trailing})


def _update_cut(evidence: Evidence) -> Finding | None:
    s = evidence.structure
    if not evidence.shown or not s.objects_behind or s.last_eof is None:
        return None
    text = "An update of the document was cut off, so that an earlier state of it is shown."
    return Finding("update-cut-off", text, {"offset": s.last_eof})


def _blank_pages(evidence: Evidence) -> Finding | None:
    pdfium = evidence.reader("pdfium")
    if not pdfium or not pdfium.white:
        return None
    verb = "is" if len(pdfium.white) == 1 else "are"
    text = f"{pages_in_words(pdfium.white).capitalize()} {verb} blank."
    return Finding("blank-pages", text, {"pages": list(pdfium.white)})


def _restricted(evidence: Evidence) -> Finding | None:
    if not evidence.shown or evidence.structure.encryption_filter != "Standard":
        return None
    return Finding("restricted", "It opens without a password, and may not let itself be printed or copied.")


NOTES: tuple[Callable[[Evidence], Finding | None], ...] = (
    _disagreement,
    _something_in_front,
    _something_behind,
    _update_cut,
    _blank_pages,
    _restricted,
)


# --- causes ---------------------------------------------------------------------------------------------------
# Asked only of a file that something is wrong with; on whole files the same marks mean nothing.


def _why(evidence: Evidence, loss: Finding | None = None) -> Finding:
    for cause in CAUSE_RULES:
        if loss and evidence.structure.xref_is_there and cause in _HARMLESS_INSIDE_A_DOCUMENT:
            continue
        if finding := cause(evidence.structure):
            return finding
    if loss:
        return loss
    said = next((r.error for r in reversed(evidence.readers) if r.error), None)
    return Finding(Cause.STRUCTURE_DAMAGED, "The structure of the file is damaged.", {"reader_says": said})


def _transfer_encoding_left(s: Structure) -> Finding | None:
    if s.transfer_encoding is None:
        return None
    text = f"The file is still encoded as {s.transfer_encoding}, as mail carries it."
    return Finding(Cause.TRANSFER_ENCODING_LEFT, text, {"encoding": s.transfer_encoding})


def _charset_changed(s: Structure) -> Finding | None:
    """Bytes from 0x80 on went through a character conversion: replaced, doubled, or gone."""
    marks = {
        "replacement characters": s.replacement_characters * 1000 > s.size
        and s.replacement_characters * 3 > s.high // 2,
        "pairs of Latin-1 taken to UTF-8": s.c2_c3_pairs > 50 and s.c2_c3_pairs * 2 > s.high * 0.9,
        "no byte over 0x7F": s.size > 4096 and s.high == 0 and s.question_marks * 20 > s.size,
        "bytes cut to seven bits": s.size > 4096 and s.high == 0 and s.controls * 20 > s.size,
        "two bytes for each": s.is_utf_16,
        "no zero byte is left": s.zeros == 0 and s.high > s.size // 5 and s.high > 128 * _ENOUGH,
    }
    text = "Its bytes were converted as if they were text of another character set."
    return _marked(Cause.CHARSET_CHANGED, text, marks)


def _line_endings_changed(s: Structure) -> Finding | None:
    """In compressed data every byte value is about as frequent, so a missing one was taken out."""
    compressed = s.size >= 4096 and s.high * 5 >= s.size
    expected = s.size / 256
    bare_lf, bare_cr = s.line_feeds - s.crlf, s.carriage_returns - s.crlf
    marks = {
        "every line before the cross-reference grew by a byte": s.moved_by_line_ends and bare_lf == 0,
        "no carriage return is left": compressed and s.line_feeds > expected / 4 and s.carriage_returns == 0,
        "every line feed follows a carriage return": compressed and s.crlf > expected / 4 and bare_lf == 0,
        "no line feed is left": compressed and s.carriage_returns > expected / 4 and s.line_feeds == 0,
        "no pair of carriage return and line feed is left": compressed
        and s.size > 32768
        and (s.ends_properly or s.size > _SURELY_A_PAIR)
        and s.crlf == 0
        and bare_cr * 2 > expected
        and not s.xref_is_there,
    }
    return _marked(Cause.LINE_ENDINGS_CHANGED, "Its line ends were rewritten as if it were text.", marks)


def _marked(cause: Cause, text: str, marks: Mapping[str, bool]) -> Finding | None:
    """The cause, with the first mark that is there."""
    return next((Finding(cause, text, {"mark": mark}) for mark, there in marks.items() if there), None)


def _zero_filled(s: Structure) -> Finding | None:
    offset, length = s.longest_zeros
    if length < 1024 or (length * 50 < s.size and s.zeros_at_end < 1024):
        return None
    text = f"{length:,} bytes from offset {offset:,} on are zeros where data should be."
    return Finding(Cause.ZERO_FILLED, text, {"offset": offset, "length": length})


def _stub(s: Structure) -> Finding | None:
    if not s.is_stub:
        return None
    return Finding(Cause.EMPTY, f"The file holds {s.size} bytes and no document.", {"size": s.size})


def _bits_moved(s: Structure) -> Finding | None:
    if not s.end_is_shifted:
        return None
    text = "A character of its base64 form was lost on the way: from there on all bits have moved."
    return Finding(Cause.BYTES_CHANGED, text, {"mark": "the end mark is there, moved by some bits"})


def _truncated(s: Structure) -> Finding | None:
    if s.header is None or s.ends_properly or s.ends_with_object or (s.objects == 0 and s.size > 4096):
        return None
    text = f"The file ends after {s.size:,} bytes, before its end mark."
    return Finding(Cause.TRUNCATED, text, {"offset": s.size})


def _begins_elsewhere(s: Structure) -> Finding | None:
    if s.header is None or s.header == 0:
        return None
    text = f"{s.header:,} bytes of something else stand in front of the document."
    return Finding(Cause.LEADING_JUNK, text, {"offset": s.header})


def _concatenated(s: Structure) -> Finding | None:
    if s.headers < 2:
        return None
    return Finding(Cause.CONCATENATED, f"{s.headers} documents run into one another.", {"headers": s.headers})


def _moved(s: Structure) -> Finding | None:
    """A cross-reference that is written but not where the file says: bytes were lost or added before it."""
    if s.startxref is None or s.xref_is_there or s.startxref == 0 or s.objects != s.objects_ended:
        return None
    text = "Its bytes have moved: the cross-reference is not where the file says."
    return Finding(Cause.BYTES_CHANGED, text, {"startxref": s.startxref})


CAUSE_RULES: tuple[Callable[[Structure], Finding | None], ...] = (
    _stub,
    _transfer_encoding_left,
    _charset_changed,
    _line_endings_changed,
    _zero_filled,
    _bits_moved,
    _truncated,
    _begins_elsewhere,
    _concatenated,
    _moved,
)
# Where the document is found behind what stands in front of it, that has cost it nothing.
_HARMLESS_INSIDE_A_DOCUMENT = (_begins_elsewhere, _concatenated)
