"""What mail and archives carry that is nobody's document: told by name, declared type and size. Pure.

What is ignored is shown to nobody, so in doubt a file is a document: one that says that it is an annex always is, and
a picture that is large enough to be a scanned page.
"""

import re

from attachwatch.model import Received

_JUNK = re.compile(
    r"smime\.p7[sm]|.*\.p7s|.*\.sig|(signature|pgp|openpgp[\w -]*|publickey[\w -]*|0x[0-9a-f]{8,40})\.asc|winmail\.dat|"
    r".*\.(mso|emz|wmz|thmx)|(colorschememapping|filelist|themedata)\.xml|"
    r"thumbs\.db|\.ds_store|desktop\.ini|icon\r?|\._.*|~\$.*",
    re.IGNORECASE,
)
_JUNK_FOLDER = re.compile(r"__macosx", re.IGNORECASE)
_JUNK_TYPES = (
    *("application/pgp-signature", "application/pkcs7-signature", "application/x-pkcs7-signature"),
    "application/applefile",
)
_BY_PROGRAMS = re.compile(
    r"(image|img|picture|bild|grafik|pastedgraphic|pasted ?image|unknown|inline)[-_. ()0-9a-f]*\."
    r"(png|jpe?g|gif|bmp|webp|svg)|outlook-[\w-]*\.(png|jpe?g|gif|bmp)|att\d{3,6}\.(png|jpe?g|gif|bmp|html?|txt|c)",
    re.IGNORECASE,
)
_DISCLAIMER = re.compile(
    r"([\w-]{1,80}[ _])?(disclaimer|confidentiality|legal[ _-]?notice|haftungsausschluss)([ _-]\w{1,80})?\.(txt|html?)",
    re.IGNORECASE,
)
_ENTRY = re.compile(r".*\.(ics|ical|vcs|vcf|vcard|asc)", re.IGNORECASE)  # in a diary, an address book, a key ring
_ENTRY_TYPES = (
    *("text/calendar", "application/ics", "text/vcard", "text/x-vcard", "text/directory", "application/pgp-keys"),
)
_PICTURE = re.compile(r".*\.(png|jpe?g|gif|bmp|webp|svg)", re.IGNORECASE)
_PICTURE_TYPES = ("image/png", "image/gif", "image/jpeg", "image/bmp", "image/webp", "image/svg+xml")
_EMBLEMS = frozenset(["logo", "logos", "crest", "wappen", "icon", "icons", "banner", "letterhead", "briefkopf"])
_ORNAMENTS = _EMBLEMS | frozenset(  # where there is no word but these
    [
        *("signature", "signatur", "email", "mail", "outlook", "footer", "header", "spacer", "pixel", "blank", "line"),
        *("facebook", "twitter", "x", "linkedin", "instagram", "youtube", "tiktok", "small", "large", "new", "white"),
    ]
)
_LARGEST_ORNAMENT = 100_000  # bytes; a page that was photographed so that one can read it is larger
_LARGEST_PIXEL = 4096  # bytes; no page is so small in these formats
_LARGEST_TEXT = 16_384  # bytes of a disclaimer, a card or an entry


def is_junk(file: Received) -> bool:
    """What programs leave, whatever it is called elsewhere: signatures' bytes, settings, indexes of folders."""
    folders = [*file.containers, *file.name.split("/")]
    return (
        _JUNK.fullmatch(last(file.name)) is not None
        or file.content_type in _JUNK_TYPES
        or any(_JUNK_FOLDER.fullmatch(folder) for folder in folders)
    )


def is_named_by_a_program(name: str) -> bool:
    """Whether a name was made, so that `ATT00001.htm` is no attachment 1."""
    return _BY_PROGRAMS.fullmatch(last(name)) is not None


def is_ornament(file: Received) -> bool:
    """What may be decoration, if it is on no list: a signature's pictures, cards, diary entries, disclaimers."""
    name, size = last(file.name), file.size or 0
    if _ENTRY.fullmatch(name) or file.content_type in _ENTRY_TYPES or _DISCLAIMER.fullmatch(name):
        return size <= _LARGEST_TEXT and not name.lower().startswith("encrypted")
    is_picture = _PICTURE.fullmatch(name) or file.content_type in _PICTURE_TYPES
    if is_picture and 0 < size <= _LARGEST_PIXEL:
        return True
    return size <= _LARGEST_ORNAMENT and (is_named_by_a_program(name) or bool(is_picture and _is_emblem(name)))


def last(name: str) -> str:
    """The name itself, of a path."""
    return name.replace("\\", "/").rpartition("/")[2].strip()


def _is_emblem(name: str) -> bool:
    words = frozenset(re.findall(r"[a-z]+", name.casefold().rpartition(".")[0]))
    return bool(words & _EMBLEMS or (words and words <= _ORNAMENTS))
