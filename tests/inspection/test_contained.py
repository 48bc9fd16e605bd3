"""The files inside another, as they are taken out."""

import io
import zipfile

from attachwatch.inspection import formats
from attachwatch.inspection.contained import members


def test_a_name_that_is_spelled_otherwise_before_the_file_keeps_it_from_nobody() -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as made:
        made.writestr("annex.pdf", b"%PDF-1.7")
        made.writestr("other.pdf", b"%PDF-2.0")
    data = out.getvalue().replace(b"annex.pdf", b"ANNEX.pdf", 1)
    assert [b"".join(pieces) for pieces in members(data, 0)] == [b"%PDF-1.7", b"%PDF-2.0"]
    assert [b"".join(pieces) for pieces in members(data, 1)] == [b"%PDF-2.0"]


def test_names_in_a_zip_are_as_they_were_meant_and_its_folders_apart() -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as made:
        for name in ("f/Äx.pdf", "f/xx\\yy.pdf"):
            made.writestr(name, b"%PDF-1.7")
    data = out.getvalue()
    without_a_word = data.replace(b"\x00\x08", b"\x00\x00")  # that the name is UTF-8
    for zipped in (data, without_a_word):
        assert [(f.folders, f.name) for f in formats.files("application/zip", zipped)] == [
            (("f",), "Äx.pdf"),
            (("f", "xx"), "yy.pdf"),
        ]
