"""qpdf, through pikepdf: strict about structure, and good at repairing it."""

import io

import pikepdf

from attachwatch.inspection.wording import said
from attachwatch.model import ReaderReport

name = "qpdf"
version = pikepdf.__libqpdf_version__

_MIB = 1024 * 1024
pikepdf.settings.set_qpdf_limits(
    doc_max_warnings=200,
    flate_max_memory=256 * _MIB,
    run_length_max_memory=256 * _MIB,
    dct_max_memory=256 * _MIB,
    png_max_memory=64 * _MIB,
    tiff_max_memory=64 * _MIB,
    dct_max_progressive_scans=100,
)


def read(data: bytes) -> ReaderReport:
    try:
        with pikepdf.open(io.BytesIO(data), suppress_warnings=True) as pdf:
            # An empty owner password lets qpdf in, where every viewer asks for the user's.
            locked = pdf.is_encrypted and not pdf.user_password_matched
            pages = len(pdf.pages)
            warnings = tuple(said(w) for w in pdf.get_warnings())
    except pikepdf.PasswordError as error:
        return ReaderReport(name, version, opened=False, error=said(error), needs_password=True)
    except pikepdf.PdfError as error:
        return ReaderReport(name, version, opened=False, error=said(error))
    return ReaderReport(
        name, version, opened=not locked and pages > 0, pages=pages, needs_password=locked, warnings=warnings
    )
