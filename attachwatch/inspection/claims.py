"""What a file's name claims it to be, held against what it is by its bytes. Pure.

An inspection depends on the bytes, and is kept for them; the same bytes may arrive under several names.
"""

import re
from dataclasses import replace

from attachwatch.inspection.filetype import PDF, UNKNOWN
from attachwatch.inspection.judge import OTHER_TYPE, pages
from attachwatch.model import HOLDS_FILES, Cause, Finding, Inspection, Verdict

_OTHER_EXTENSION = re.compile(
    r"\.(do[ct][xm]?|rtf|od[pst]|xls[xm]?|[ct]sv|pptx?|txt|md|html?|mht(ml)?|xml|json|log|eml|msg|mbox|ics|vcf|zip|7z|"
    r"rar|tar|t?gz|png|jpe?g|gif|tiff?|bmp|webp|heic|svg|mp[34]|wav|mov|avi|dat|p7[ms]|asc|gpg|pgp|rpmsg|pfile|ps|url|lnk|exe)$"
)
_OPC = "application/vnd.openxmlformats-package"  # of parts, without a name for what it is
_OFFICE_TYPES = "application/vnd.openxmlformats-officedocument."
_OPEN_DOCUMENT = "application/vnd.oasis.opendocument."
_OLD_OFFICE = ("application/x-ole-encrypted", "application/x-ole-storage")
_LEFT_OPEN = (*_OLD_OFFICE, _OPC, "text/xml", "message/rfc822")  # which programs may open, or a part of them
# Endings, what they claim, and how the media types begin that a program opens under them. What an old Office file may
# hold is open: programs save web pages and tables of text under those names, too.
_CLAIMS = (
    (
        re.compile(r"\.do[ct][xm]$"),
        "a Word document",
        (f"{_OFFICE_TYPES}wordprocessingml", f"{_OPEN_DOCUMENT}text", "application/msword", "text/rtf", *_LEFT_OPEN),
    ),
    (
        re.compile(r"\.xl([st][xm]|sb)$"),
        "an Excel workbook",
        (f"{_OFFICE_TYPES}spreadsheetml", f"{_OPEN_DOCUMENT}spreadsheet", "application/vnd.ms-excel", *_LEFT_OPEN),
    ),
    (
        re.compile(r"\.p(p[ts]|ot)[xm]$"),
        "a PowerPoint presentation",
        (
            f"{_OFFICE_TYPES}presentationml",
            f"{_OPEN_DOCUMENT}presentation",
            "application/vnd.ms-powerpoint",
            *_LEFT_OPEN,
        ),
    ),
    (  # LibreOffice goes by the content, and reads other offices' files under these names
        re.compile(r"\.od[tsp]$"),
        "an OpenDocument file",
        ("application/", "image/", "text/rtf", "text/xml", "message/rfc822"),
    ),
    (  # viewers go by the content, too; a film may be a picture of a phone
        re.compile(r"\.(png|jpe?g|gif|tiff?|bmp|webp)$"),
        "a picture",
        ("image/", "video/", "text/xml"),
    ),
)
_NEITHER = ("text/html", "text/plain", UNKNOWN)  # under a name that claims to be any of these
_LINES = ("text/", "message/")  # among which a PDF may stand: no file in them, but the document itself


def as_named(inspection: Inspection, name: str, content_type: str) -> Inspection:
    """The same inspection for a file of this name: one that claims to be a PDF is judged as one, whatever it is.

    One that claims to be an Office document or a picture is broken where the program for it would refuse what it is.
    """
    kind = next((f for f in inspection.findings if f.code == OTHER_TYPE), None)
    if kind is None:
        return inspection
    if _claims_pdf(name, content_type):
        if "as_pdf" in kind.evidence:
            return _as_pdf(inspection, kind)
        return _not_what_it_says(inspection, kind, Cause.NOT_A_PDF, "a PDF")
    bare = name.strip().lower()
    claimed, opened = next(((words, types) for names, words, types in _CLAIMS if names.search(bare)), (None, ()))
    is_other = inspection.type in _NEITHER or (inspection.cause is None and not inspection.type.startswith(opened))
    if claimed and is_other:
        return _not_what_it_says(inspection, kind, Cause.WRONG_TYPE, claimed)
    return inspection


def _not_what_it_says(inspection: Inspection, kind: Finding, cause: Cause, claimed: str) -> Inspection:
    finding = Finding(cause, f"It is not {claimed} but {kind.evidence['instead']}.", kind.evidence)
    return replace(
        inspection, verdict=Verdict.BROKEN, cause=cause, pages=None, findings=(finding, *inspection.findings)
    )


def _as_pdf(inspection: Inspection, kind: Finding) -> Inspection:
    verdict = Verdict(str(kind.evidence["as_pdf"]))
    findings = inspection.findings[inspection.findings.index(kind) + 1 :]  # before it stands what it is by itself
    if inspection.type.startswith(_LINES):
        findings = tuple(f for f in findings if f.code != HOLDS_FILES)
    cause = None if verdict is Verdict.OK else Cause(findings[0].code)
    return replace(
        inspection,
        type=inspection.type if verdict is Verdict.BROKEN else PDF,
        verdict=verdict,
        cause=cause,
        pages=pages(inspection.readers, verdict),
        findings=findings,
    )


def _claims_pdf(name: str, content_type: str) -> bool:
    bare = name.strip().lower()
    if re.search(r"\.pdf[\s.]*$", bare):
        return True
    declared = content_type.partition(";")[0].strip().lower()
    return declared in (PDF, "application/x-pdf") and not _OTHER_EXTENSION.search(bare)
