"""The files inside another: of a zip archive, or embedded in a PDF (ISO 32000-2 section 7.11.4). Runs in a worker."""

import io
import zipfile
from collections.abc import Iterator

import pikepdf

from attachwatch.inspection.formats import archive

_PIECE = 1 << 20


def embedded(pdf: pikepdf.Pdf) -> list[str]:
    """The names under which files are embedded, in the order in which `extract` counts."""
    return sorted(pdf.attachments)[: archive.MOST_FILES]


def extract(data: bytes, number: int) -> Iterator[bytes]:
    """The bytes of one file inside, counted from 0. Raises IndexError, and what the libraries raise."""
    if data.startswith(b"PK"):
        member = archive.members(data)[number]
        with zipfile.ZipFile(io.BytesIO(data)) as opened, opened.open(member) as file:
            while piece := file.read(_PIECE):
                yield piece
        return
    with pikepdf.open(io.BytesIO(data), suppress_warnings=True) as pdf:
        yield pdf.attachments[embedded(pdf)[number]].get_file().read_bytes()
