"""The readers, in the order in which they are asked: the one that is most easily brought down comes last."""

from collections.abc import Iterator

from attachwatch.inspection.readers import pdfium, pypdf, qpdf
from attachwatch.inspection.readers.interface import report
from attachwatch.model import ReaderReport

READERS = (qpdf, pypdf, pdfium)


def ask_all(data: bytes) -> Iterator[ReaderReport]:
    """One report of every reader, in the order of `READERS`."""
    return (report(reader, reader.version, data) for reader in READERS)
