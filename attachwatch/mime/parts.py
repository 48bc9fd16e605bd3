"""The parts of a message, wherever the description of them came from -> its text, and the files that it carries."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from mimetypes import MimeTypes

DEEPEST = 30  # levels of messages in messages that are looked into
MOST = 2000  # parts of one message
TOO_MANY = f"It has more than {MOST:,} parts or {DEEPEST} levels, and the rest of it was not looked at."
MESSAGES = ("message/rfc822", "message/global")  # RFC 2046 section 5.2.1, RFC 6532 section 3.7

_TOKEN = re.compile(r"\s*\"?([\w!#$&^.+-]+)/([\w!#$&^.+-]+)", re.ASCII)
_BODY_TYPES = (  # what a program shows as the message, and may stand beside one another (RFC 2046 section 5.1.4)
    "text/plain",
    "text/html",
    "text/enriched",
    "text/richtext",
    "text/x-amp-html",
    "text/watch-html",
)
# What mail systems say of a message (RFC 3464, RFC 8098, RFC 3462, RFC 4880 section 6.2): no file of anybody's.
_OF_THE_MACHINE = (
    "message/delivery-status",
    "message/global-delivery-status",
    "message/disposition-notification",
    "message/feedback-report",
    "text/rfc822-headers",
    "message/external-body",
)
_TYPES = MimeTypes(filenames=())  # by Python's own table, which is the same on every system
_ENDINGS = {
    "application/pdf": ".pdf",
    "application/pgp-encrypted": ".asc",
    "application/pgp-signature": ".asc",
    "application/pkcs7-mime": ".p7m",
    "application/x-pkcs7-mime": ".p7m",
    "application/pkcs7-signature": ".p7s",
    "application/x-pkcs7-signature": ".p7s",
    "application/ms-tnef": ".dat",
    "application/vnd.ms-tnef": ".dat",
    "application/octet-stream": "",
    "application/rtf": ".rtf",
    "application/x-pdf": ".pdf",
    "application/zip": ".zip",
    "application/x-zip-compressed": ".zip",
    "image/jpeg": ".jpg",
    "image/jpg": ".jpg",
    "image/tiff": ".tif",
    "message/rfc822": ".eml",
    "message/global": ".eml",
    "text/calendar": ".ics",
    "text/directory": ".vcf",
    "text/html": ".html",
    "text/plain": ".txt",
    "text/rtf": ".rtf",
    "text/vcard": ".vcf",
    "text/x-vcard": ".vcf",
}


@dataclass(frozen=True, slots=True)
class Part:
    """A part that is fetched as a file. `size` is in bytes as encoded; `name` is made from the type where the
    description has none."""

    section: str
    content_type: str
    encoding: str
    size: int
    name: str = ""
    containers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class TextPart:
    """A part that is the message's readable text."""

    section: str
    subtype: str  # "plain" or "html"
    charset: str
    encoding: str
    size: int


@dataclass(frozen=True, slots=True)
class Structure:
    """`html` is what stands beside a plain `text`: the same in HTML (RFC 2046 section 5.1.4), or more of it. `unread`
    says why not all of the message was looked at; it is empty where all was."""

    parts: tuple[Part, ...]
    text: TextPart | None
    html: TextPart | None = None
    unread: str = ""


@dataclass(frozen=True, slots=True)
class Leaf:
    """A body part that holds no others, wherever the description of it came from."""

    section: str
    media_type: str
    parameters: dict[str, str]
    disposition: str
    name: str
    encoding: str
    size: int
    containers: tuple[str, ...]
    is_binary: bool = False  # where its bytes are known, and are no text whatever is declared

    @property
    def is_readable_text(self) -> bool:
        is_body = self.media_type in _BODY_TYPES and self.disposition != "attachment"
        return is_body and not self.name and not self.is_binary

    @property
    def is_file(self) -> bool:
        if self.is_readable_text or self.media_type.startswith("multipart/"):
            return False
        return bool(self.name) or self.media_type not in _OF_THE_MACHINE


def media_type(declared: str) -> str:
    """Type and subtype of what is declared (RFC 2045 section 5.1), whatever else stands there; text where there is
    none, as section 5.2 has it, and unknown data where it makes no sense."""
    if found := _TOKEN.match(declared):
        return f"{found[1]}/{found[2]}".lower()
    word = declared.partition(";")[0].strip(' \t\r\n"/').lower()
    return "text/plain" if word in ("", "text", "plain") else "application/octet-stream"


def sort(leaves: Sequence[Leaf]) -> Structure:
    """Tell the message's own text, plain before HTML, from the parts that are files.

    A leaf beyond MOST, or one that would have to hold others, says that there is more than was looked at.
    """
    is_cut = len(leaves) > MOST or any(leaf.media_type.startswith("multipart/") for leaf in leaves)
    leaves = leaves[:MOST]
    readable = [leaf for leaf in leaves if leaf.is_readable_text and not leaf.containers]
    best = next((leaf for leaf in readable if leaf.media_type == "text/plain"), readable[0] if readable else None)
    beside = next((leaf for leaf in readable if leaf.media_type == "text/html" and leaf is not best), None)
    return Structure(
        parts=tuple(_part(leaf) for leaf in leaves if leaf.is_file),
        text=_text_part(best) if best else None,
        html=_text_part(beside) if beside and best and best.media_type == "text/plain" else None,
        unread=TOO_MANY if is_cut else "",
    )


def made_name(section: str, declared: str, disposition: str = "attachment") -> str:
    """A name for a part that has none: its place, and what programs put behind names of its type.

    A picture that is shown in the text is named as the programs name those that have no name.
    """
    ending = _ENDINGS.get(declared)
    if ending is None:
        ending = _TYPES.guess_extension(declared) or ""
    if declared.startswith("image/") and disposition != "attachment":
        return f"image-{section.replace('.', '-')}{ending}"
    return f"part-{section}{ending}"


def _text_part(leaf: Leaf) -> TextPart:
    subtype = leaf.media_type.partition("/")[2]
    return TextPart(leaf.section, subtype, leaf.parameters.get("charset", ""), leaf.encoding, leaf.size)


def _part(leaf: Leaf) -> Part:
    name = leaf.name or made_name(leaf.section, leaf.media_type, leaf.disposition)
    return Part(leaf.section, leaf.media_type, leaf.encoding, leaf.size, name, leaf.containers)
