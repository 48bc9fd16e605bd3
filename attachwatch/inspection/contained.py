"""The files inside another: of a zip archive, or embedded in a PDF (ISO 32000-2 section 7.11.4). Runs in a worker."""

import io
import zipfile
from collections.abc import Iterator

import pikepdf

from attachwatch.inspection.formats import archive


def embedded(pdf: pikepdf.Pdf) -> list[str]:
    """The names under which files are embedded, in the order in which `members` counts."""
    return sorted(pdf.attachments)[: archive.MOST_FILES]


def members(data: bytes, first: int) -> Iterator[Iterator[bytes]]:
    """Each file inside, from the one numbered `first` (from 0) on, as its pieces.

    To be taken in turn. Raises what the libraries raise; so does each file, and those after it still come.
    """
    if data.startswith(b"PK"):
        with zipfile.ZipFile(io.BytesIO(data)) as opened:
            for member in archive.members(data)[first:]:
                yield archive.pieces(opened, member)
        return
    with pikepdf.open(io.BytesIO(data), suppress_warnings=True) as pdf:
        for name in embedded(pdf)[first:]:
            yield _taken_out(pdf, name)


def _taken_out(pdf: pikepdf.Pdf, name: str) -> Iterator[bytes]:
    data = pdf.attachments[name].get_file().read_bytes()
    if data:
        yield data
