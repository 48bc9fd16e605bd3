"""The files inside another: of archives, saved messages, signed messages, texts, and of PDFs. Runs in a worker."""

import io
from collections.abc import Iterator
from functools import partial

import pikepdf

from attachwatch.inspection import filetype, formats
from attachwatch.inspection.formats.file import MOST_FILES, File


def embedded(pdf: pikepdf.Pdf) -> list[File]:
    """What is embedded in a PDF (ISO 32000-2 section 7.11.4), in the order in which `members` counts."""
    return [File.at(name, partial(_taken_out, pdf, name)) for name in sorted(pdf.attachments)[:MOST_FILES]]


def members(data: bytes, first: int) -> Iterator[Iterator[bytes]]:
    """Each file inside, from the one numbered `first` (from 0) on, as its pieces.

    To be taken in turn. Raises what the libraries raise; so does each file, and those after it still come.
    """
    kind = filetype.identify(data).media_type
    if kind != filetype.PDF:
        yield from (file.pieces() for file in formats.files(kind, data)[first:])
        return
    with pikepdf.open(io.BytesIO(data), suppress_warnings=True) as pdf:
        for file in embedded(pdf)[first:]:
            yield file.pieces()


def _taken_out(pdf: pikepdf.Pdf, name: str) -> Iterator[bytes]:
    data = pdf.attachments[name].get_file().read_bytes()
    if data:
        yield data
