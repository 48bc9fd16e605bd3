"""winmail.dat: what Outlook sends to those whom it takes for users of Outlook ([MS-OXTNEF])."""

import struct
from collections.abc import Iterator

from tnefparse.mapi import (
    IMESSAGE_SIG,
    SZMAPI_BINARY,
    SZMAPI_OBJECT,
    SZMAPI_STRING,
    SZMAPI_UNICODE_STRING,
    TNEFMAPI_Attribute,
    decode_mapi,
)
from tnefparse.properties import (
    MAPI_ATTACH_DATA_OBJ,
    MAPI_ATTACH_FILENAME,
    MAPI_ATTACH_LONG_FILENAME,
    MAPI_DISPLAY_NAME,
)
from tnefparse.tnef import TNEF, TNEFObject

from attachwatch.inspection.formats.file import MOST_FILES, File
from attachwatch.inspection.formats.findings import opens_with
from attachwatch.inspection.formats.outlook import charset
from attachwatch.model import Finding

TYPES = ("application/ms-tnef",)
_HEADER = 6  # bytes: signature and key
_SMALLEST = 11  # bytes of one attribute, without any data
_GUID = 16  # bytes before an object, which tell what it is
_OLE = b"\xd0\xcf\x11\xe0"


def look(data: bytes) -> Iterator[Finding]:
    """What no attribute can be read of is nothing that a verdict could be about."""
    if next(_attributes(data), None) is None:
        return
    yield from opens_with(files(data))


def files(data: bytes) -> list[File]:
    """The attachments; a message among them as the winmail.dat that it would be."""
    attachments: list[list[TNEFObject]] = []
    names_in = charset(0)
    for attribute in _attributes(data):
        if attribute.name == TNEF.ATTOEMCODEPAGE and len(attribute.data) >= 4:
            names_in = charset(struct.unpack_from("<I", attribute.data)[0])
        elif attribute.level == TNEF.LVL_ATTACHMENT:
            if attribute.name == TNEF.ATTATTACHRENDDATA or not attachments:
                if len(attachments) > MOST_FILES:
                    break
                attachments.append([])
            attachments[-1].append(attribute)
    return [_file(attributes, names_in) for attributes in attachments]


def _attributes(data: bytes) -> Iterator[TNEFObject]:
    """One behind the other; not with the library's own loop, which copies all that follows for each of them, and
    reads recipients and dates that may keep it busy for ever."""
    whole, place = memoryview(data), _HEADER
    while place + _SMALLEST <= len(whole):
        attribute = TNEFObject(whole[place:])
        if attribute.level not in (TNEF.LVL_MESSAGE, TNEF.LVL_ATTACHMENT):
            return
        yield attribute
        place += attribute.length


def _file(attributes: list[TNEFObject], names_in: str) -> File:
    said = {a.name: bytes(a.data) for a in attributes if a.name != TNEF.ATTATTACHMENT}
    more = [bytes(a.data) for a in attributes if a.name == TNEF.ATTATTACHMENT]
    properties = {p.name: p for block in more for p in _properties(block)}
    title = said.get(TNEF.ATTATTACHTITLE, b"") or said.get(TNEF.ATTATTACHTRANSPORTFILENAME, b"")
    names = (
        _text(properties.get(MAPI_ATTACH_LONG_FILENAME), names_in),
        _text(properties.get(MAPI_ATTACH_FILENAME), names_in),
        _decoded(title, names_in),
        _text(properties.get(MAPI_DISPLAY_NAME), names_in),
    )
    name = next((name for name in names if name), "")
    held = properties.get(MAPI_ATTACH_DATA_OBJ)
    # Beside an object, the plain data may merely say that there is one.
    if held and held.attr_type in (SZMAPI_OBJECT, SZMAPI_BINARY):
        return File.of(name, _object(held, more))
    return File.of(name, said[TNEF.ATTATTACHDATA]) if TNEF.ATTATTACHDATA in said else File.lost(name)


def _properties(block: bytes) -> list[TNEFMAPI_Attribute]:
    """Text in them as Latin-1, so that no byte of it is refused; none where there are said to be more than fit."""
    count = int.from_bytes(block[:4], "little")
    return decode_mapi(block, "latin-1") if 0 < count <= len(block) // 4 else []


def _text(found: TNEFMAPI_Attribute | None, names_in: str) -> str:
    if found is None or found.attr_type not in (SZMAPI_STRING, SZMAPI_UNICODE_STRING):
        return ""
    text: str = found.data
    return _decoded(text.encode("latin-1"), names_in) if found.attr_type == SZMAPI_STRING else text.partition("\x00")[0]


def _decoded(name: bytes, names_in: str) -> str:
    name = name.partition(b"\x00")[0]
    try:
        return name.decode("utf-8")
    except UnicodeDecodeError:
        return name.decode(names_in, "replace")


def _object(held: TNEFMAPI_Attribute, blocks: list[bytes]) -> bytes:
    """The bytes of what is attached as an object, of which the library keeps no length, but what they are padded to."""
    padded: bytes = next(iter(held.raw_data), b"")
    block = next(b for b in blocks if padded in b)
    place = block.index(padded)
    length = int.from_bytes(block[place - 4 : place], "little")
    found = padded[:length] if 0 <= len(padded) - length < 4 else padded
    is_known = found.startswith(IMESSAGE_SIG) or found[_GUID:].startswith(_OLE)
    return found[_GUID:] if is_known else found
