"""File names as mail programs write them, right and wrong."""

import unicodedata
from email.message import EmailMessage

import pytest
from hypothesis import given
from hypothesis import strategies as st

from attachwatch.mime.names import file_name


@pytest.mark.parametrize(
    ("field", "name"),
    [
        ('attachment; filename="Annex A.pdf"', "Annex A.pdf"),
        ("attachment; filename=a.pdf", "a.pdf"),
        ("attachment; filename=Annex A; part B.pdf", "Annex A; part B.pdf"),
        ("attachment; filename=Annex A.pdf; size=7", "Annex A.pdf"),
        ("attachment; filename*=UTF-8''%C3%9Cbersicht.pdf", "\u00dcbersicht.pdf"),
        ("attachment; filename*=iso-8859-1'de'%DCber.pdf", "\u00dcber.pdf"),
        ('attachment; filename*0="Annex D iii "; filename*1="manual.pdf"', "Annex D iii manual.pdf"),
        ('attachment; filename*1="manual.pdf"; filename*0="Annex D iii "', "Annex D iii manual.pdf"),
        ("attachment; filename*0*=UTF-8''%C3%9C; filename*1*=%C3%9C; filename*2=.pdf", "\u00dc\u00dc.pdf"),
        ('attachment; filename="=?utf-8?q?Annex_=C3=A9.pdf?="', "Annex \u00e9.pdf"),
        ('attachment; filename="a\\"b.pdf"', 'a"b.pdf'),
        ('attachment; filename="unclosed.pdf', "unclosed.pdf"),
        ("attachment; FILENAME=Loud.PDF", "Loud.PDF"),
        ('attachment; filename="../../etc/passwd"', "../../etc/passwd"),
        ('attachment; filename="100%.pdf"', "100%.pdf"),
        ("attachment; filename*=UTF-8''a%00b%0D%0Ac.pdf", "a\x00b\r\nc.pdf"),
        (f'attachment; filename="{"x" * 300}.pdf"', f"{'x' * 300}.pdf"),
        ("attachment", ""),
    ],
)
def test_a_name_is_what_the_sender_meant(field: str, name: str) -> None:
    assert file_name(f"Content-Disposition: {field}\r\n\r\n".encode()) == name


def test_the_content_type_names_a_file_that_the_disposition_does_not() -> None:
    raw = b'Content-Disposition: inline\r\nContent-Type: application/pdf;\r\n name="a.pdf"\r\n\r\n'
    assert file_name(raw) == "a.pdf"


def test_raw_bytes_are_utf_8_or_else_windows_1252() -> None:
    for raw in ("\u00dcber.pdf".encode(), "\u00dcber.pdf".encode("cp1252")):
        assert file_name(b'Content-Disposition: attachment; filename="' + raw + b'"\r\n\r\n') == "\u00dcber.pdf"


@given(st.text(alphabet=st.characters(exclude_categories=["C", "Zl", "Zp"]), min_size=1, max_size=120))
def test_whatever_name_a_program_writes_is_read_again(name: str) -> None:
    name = " ".join(unicodedata.normalize("NFC", name).split())
    if not name or "=?" in name:
        return
    message = EmailMessage()
    message.add_header("Content-Disposition", "attachment", filename=name)
    assert " ".join(file_name(message.as_bytes()).split()) == name


@given(st.binary(max_size=300))
def test_no_bytes_whatsoever_raise(raw: bytes) -> None:
    file_name(b"Content-Disposition: attachment; filename" + raw + b"\r\n\r\n").encode("utf-8")
