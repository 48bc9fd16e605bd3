"""Office files of the old kind, and encrypted ones of any: compound files ([MS-CFB]) with streams inside."""

import io
import struct
from collections.abc import Iterator

import cryptography.hazmat.backends.openssl  # noqa: F401 - what msoffcrypto decrypts with, and finds late
import msoffcrypto
import olefile

from attachwatch.inspection import licence
from attachwatch.inspection.filetype import OLE
from attachwatch.inspection.formats.findings import damaged, opens, password, truncated
from attachwatch.inspection.wording import words
from attachwatch.model import Cause, Finding

TYPES = (
    "application/msword",
    "application/vnd.ms-excel",
    "application/vnd.ms-powerpoint",
    "application/x-ole-encrypted",
    OLE,
)
_MAIN_STREAMS = ("WordDocument", "Workbook", "Book", "PowerPoint Document", "EncryptedPackage")
_RIGHTS = (  # [MS-OFFCRYPTO] sections 2.2 and 2.3.2: where data spaces name a rights-managed transform
    "\x06DataSpaces/TransformInfo/DRMEncryptedTransform",
    "\x06DataSpaces/TransformInfo/\tDRMTransform",
    "\tDRMContent",
)
_LICENCE = "\x06Primary"
_EVERYBODYS = "VelvetSweatshop"  # with which Excel encrypts what is merely protected, and which it tries by itself
_OURS = (MemoryError, RecursionError, PermissionError, ImportError)  # no word about the password
_SECTOR_SHIFT, _DIRECTORY = 0x1E, 0x30  # offsets in the header ([MS-CFB] section 2.2)


def look(data: bytes) -> Iterator[Finding]:
    """Nothing of one that is of another program: what streams that needs, is not known here."""
    if _begins_behind_its_end(data):
        yield truncated(len(data))
        return
    try:
        file = olefile.OleFileIO(io.BytesIO(data))
    except OSError as error:
        if any(name.encode("utf-16-le") in data for name in _MAIN_STREAMS):
            yield damaged(words(str(error)))
        return
    with file:
        main = next((name for name in _MAIN_STREAMS if file.exists(name)), None)
        if _loses_directory(file, len(data)):
            yield truncated(len(data))
        elif found := _managed(file) or (main and _fault(file, main, data)):
            yield found
        elif main:
            yield opens()


def is_cut(data: bytes) -> bool:
    """Whether the end of the file is lost, and with it some of the directory."""
    if _begins_behind_its_end(data):
        return True
    with olefile.OleFileIO(io.BytesIO(data)) as file:
        return _loses_directory(file, len(data))


def _begins_behind_its_end(data: bytes) -> bool:
    """Whether it ends before its directory begins, without which no program finds anything in it."""
    if len(data) < 512:
        return True
    (shift,), (sector,) = struct.unpack_from("<H", data, _SECTOR_SHIFT), struct.unpack_from("<I", data, _DIRECTORY)
    return shift in (9, 12) and (sector + 1) << shift >= len(data)


def _loses_directory(file: olefile.OleFileIO, size: int) -> bool:
    """Whether a sector of the directory is not all there, and olefile, which makes do with the rest, misses it."""
    sector, chain = file.first_dir_sector, file.fat
    if not file.parsing_issues:
        return False
    for _ in range(len(chain)):  # more would be a loop
        if not 0 <= sector < len(chain):
            return False
        if (sector + 2) * file.sector_size > size:  # before the first is the header
            return True
        sector = chain[sector]
    return False


def _managed(file: olefile.OleFileIO) -> Finding | None:
    managed = next((name for name in _RIGHTS if file.exists(name)), None)
    if managed is None:
        return None
    text = "The whole file is encrypted by rights management."
    return Finding(Cause.RIGHTS_MANAGED, text, {"handler": words(managed), **_licence(file, managed)})


def _fault(file: olefile.OleFileIO, main: str, data: bytes) -> Finding | None:
    if _is_short(file, main):
        return truncated(len(data))
    is_locked = main == "EncryptedPackage" or _is_encrypted(data)
    return password() if is_locked and not _opens_by_itself(data) else None


def _is_short(file: olefile.OleFileIO, main: str) -> bool:
    """Whether a stream breaks off; an encrypted package says itself, too, how long it is ([MS-OFFCRYPTO] 2.3.4.4)."""
    try:
        stream = file.openstream(main).read()
    except OSError:  # a sector of it lies behind the end of the file
        return True
    if len(stream) < file.get_size(main):
        return True
    return main == "EncryptedPackage" and len(stream) - 8 < int.from_bytes(stream[:8], "little")


def _is_encrypted(data: bytes) -> bool:
    try:
        return bool(msoffcrypto.OfficeFile(io.BytesIO(data)).is_encrypted())
    except Exception:  # noqa: BLE001 - what it does not understand, it cannot call encrypted
        return False


def _opens_by_itself(data: bytes) -> bool:
    """Whether Excel opens it without asking. What a package decrypts to tells: not every program's verifier agrees."""
    plain = io.BytesIO()
    try:
        file = msoffcrypto.OfficeFile(io.BytesIO(data))
        file.load_key(password=_EVERYBODYS)
        if file.format != "ooxml":  # of which the key has been verified
            return True
        file.decrypt(plain)
    except _OURS:
        raise
    except Exception:  # noqa: BLE001 - the password is another one, or the encryption is not known
        return False
    return plain.getvalue().startswith(b"PK\x03\x04")


def _licence(file: olefile.OleFileIO, transform: str) -> dict[str, str]:
    place = f"{transform}/{_LICENCE}"
    return licence.read(file.openstream(place).read()) if file.exists(place) else {}
