"""pypdf: pure Python, independent of the other two, with limits of its own."""

import io
import logging

import pypdf
from pypdf.errors import FileNotDecryptedError, WrongPasswordError

from attachwatch.model import ReaderReport

name = "pypdf"
version = pypdf.__version__

logging.getLogger("pypdf").setLevel(logging.CRITICAL + 1)


def read(data: bytes) -> ReaderReport:
    reader = pypdf.PdfReader(io.BytesIO(data), strict=False)
    if reader.is_encrypted and reader.decrypt("") is pypdf.PasswordType.NOT_DECRYPTED:
        return ReaderReport(name, version, opened=False, error="a password is needed", needs_password=True)
    try:
        pages = len(reader.pages)
    except (FileNotDecryptedError, WrongPasswordError) as error:
        return ReaderReport(name, version, opened=False, error=str(error), needs_password=True)
    return ReaderReport(name, version, opened=pages > 0, pages=pages)
