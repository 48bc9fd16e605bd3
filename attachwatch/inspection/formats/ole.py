"""Office files of the old kind, and encrypted ones of any: compound files ([MS-CFB]) with streams inside."""

import io
from collections.abc import Iterator

import msoffcrypto
import olefile

from attachwatch.inspection import licence
from attachwatch.inspection.formats.findings import damaged, opens, password, truncated
from attachwatch.inspection.wording import words
from attachwatch.model import Cause, Finding

TYPES = (
    "application/msword",
    "application/vnd.ms-excel",
    "application/vnd.ms-powerpoint",
    "application/x-ole-encrypted",
    "application/x-ole-storage",
)
_MAIN_STREAMS = ("WordDocument", "Workbook", "Book", "PowerPoint Document", "EncryptedPackage")
_RIGHTS = (  # [MS-OFFCRYPTO] sections 2.2 and 2.3.2: where data spaces name a rights-managed transform
    "\x06DataSpaces/TransformInfo/DRMEncryptedTransform",
    "\x06DataSpaces/TransformInfo/\tDRMTransform",
    "\tDRMContent",
)
_LICENCE = "\x06Primary"


def look(data: bytes) -> Iterator[Finding]:
    try:
        file = olefile.OleFileIO(io.BytesIO(data))
    except OSError as error:
        yield damaged(words(str(error)))
        return
    with file:
        yield next(_faults(file, data), None) or opens()


def _faults(file: olefile.OleFileIO, data: bytes) -> Iterator[Finding]:
    if managed := next((name for name in _RIGHTS if file.exists(name)), None):
        text = "The whole file is encrypted by rights management."
        yield Finding(Cause.RIGHTS_MANAGED, text, {"handler": words(managed), **_licence(file, managed)})
        return
    main = next((name for name in _MAIN_STREAMS if file.exists(name)), None)
    if main is None:
        yield damaged("the file has no main stream")
    elif main == "EncryptedPackage" or _asks_for_password(data):
        yield password()
    elif len(file.openstream(main).read()) < file.get_size(main):
        yield truncated(len(data))


def _asks_for_password(data: bytes) -> bool:
    try:
        return bool(msoffcrypto.OfficeFile(io.BytesIO(data)).is_encrypted())
    except Exception:  # noqa: BLE001 - what it does not understand, it cannot call encrypted
        return False


def _licence(file: olefile.OleFileIO, transform: str) -> dict[str, str]:
    place = f"{transform}/{_LICENCE}"
    return licence.read(file.openstream(place).read()) if file.exists(place) else {}
