"""Made documents: healthy PDFs of several kinds, and PDFs that stand in for one. Pure, and the same at every run."""

import base64
import io
import random
import re
import zipfile
import zlib
from collections.abc import Callable

import pikepdf
from asn1crypto import cms
from pikepdf import Array, Dictionary, Name, Pdf, Stream, String

_WORDS = (
    "the officer records each step of the assessment and the reason for it so that a later reader can follow how the "
    "decision was reached which guidance applied who was consulted and when the applicant was told of the outcome"
).split()
_LINES_A_PAGE = 40
OBJECT_STREAMS = pikepdf.ObjectStreamMode.generate
_A4 = (595, 842)
_LICENCE = (  # [MS-RMPR] section 2.2.9, as far as it says something to a person
    '<XrML version="1.2"><BODY type="Microsoft Rights Label"><ISSUEDTIME>2024-09-27T09:12</ISSUEDTIME>'
    '<DESCRIPTOR><OBJECT><ID type="MS-GUID">{00000000-0000-0000-0000-000000000000}</ID>'
    "<NAME>LCID 1033:NAME Official Sensitive:DESCRIPTION For members of the department;</NAME></OBJECT></DESCRIPTOR>"
    '<OWNER><OBJECT><ID type="Windows">x</ID><NAME>records@interior.example</NAME></OBJECT></OWNER></BODY></XrML>'
)
LABEL = "MSIP_Label_3f1c2d4e-5a6b-4c7d-8e9f-0a1b2c3d4e5f"


def report(title: str, pages: int, **save: object) -> bytes:
    """A report of so many pages of text. `save` goes to pikepdf's `Pdf.save`."""
    return _saved(_report(title, pages), **save)


def with_picture(title: str, side: int = 200) -> bytes:
    """One page with a grayscale picture of `side` pixels, as a scanner makes it."""
    pdf = _report(title, 1)
    noise = random.Random(title)
    pixels = bytes(min(255, (x * y) % 251 + noise.randrange(5)) for y in range(side) for x in range(side))
    image = Stream(pdf, zlib.compress(pixels))
    image.stream_dict = Dictionary(
        Type=Name.XObject, Subtype=Name.Image, Width=side, Height=side, ColorSpace=Name.DeviceGray,
        BitsPerComponent=8, Filter=Name.FlateDecode,
    )  # fmt: skip
    page = pdf.pages[0]
    page.Resources.XObject = Dictionary(Scan=pdf.make_indirect(image))
    page.contents_add(b"q 400 0 0 400 90 100 cm /Scan Do Q")
    return _saved(pdf)


def with_noise(title: str, size: int) -> bytes:
    """One page with a picture of about so many bytes that no compression makes smaller."""
    pdf = _report(title, 1)
    side = int(size**0.5)
    image = Stream(pdf, random.Random(title).randbytes(side * side))
    image.stream_dict = Dictionary(
        Type=Name.XObject, Subtype=Name.Image, Width=side, Height=side, ColorSpace=Name.DeviceGray, BitsPerComponent=8
    )
    page = pdf.pages[0]
    page.Resources.XObject = Dictionary(Scan=pdf.make_indirect(image))
    page.contents_add(b"q 400 0 0 400 90 100 cm /Scan Do Q")
    return _saved(pdf, compress_streams=False)


def updated(title: str, pages: int) -> bytes:
    """A report with a revision appended to it (ISO 32000-1 section 7.5.6): its title was changed."""
    data = report(title, pages)
    first = int(data[data.rindex(b"startxref") + 9 :].split()[0])
    root = re.findall(rb"/Root (\d+ \d+ R)", data)[-1]
    size = int(re.findall(rb"/Size (\d+)", data)[-1])
    offset = len(data)
    body = b"%d 0 obj\n<< /Title (%s, revised) >>\nendobj\n" % (size, title.encode("ascii", "replace"))
    table = b"xref\n%d 1\n%010d 00000 n \n" % (size, offset)
    trailer = b"trailer\n<< /Size %d /Root %s /Info %d 0 R /Prev %d >>\n" % (size + 1, root, size, first)
    return data + body + table + trailer + b"startxref\n%d\n%%%%EOF\n" % (offset + len(body))


def restricted(title: str, pages: int) -> bytes:
    """A report that anybody may open and nobody may copy from: an owner password alone."""
    return report(title, pages, encryption=_rc4(owner="owner", user=""))


def labelled(title: str, pages: int) -> bytes:
    """A report with a sensitivity label that encrypts nothing."""
    pdf = _report(title, pages)
    _put_label(pdf)
    return _saved(pdf)


def locked(title: str, pages: int) -> bytes:
    """A report that asks for a password."""
    return report(title, pages, encryption=_rc4(owner="owner", user="secret"))


def locked_without_owner(title: str, pages: int) -> bytes:
    """As `locked`, but with an empty owner password, which lets some libraries in and no viewer."""
    return report(title, pages, encryption=_rc4(owner="", user="secret"))


def certificate(title: str, pages: int) -> bytes:
    """A report that claims to be encrypted for the holder of a certificate."""
    return _foreign_handler(report(title, pages), b"/Filter /Adobe.PubSec /SubFilter /adbe.pkcs7.s5 /V 4 /Length 128")


def pgp_message(title: str) -> bytes:
    """A message encrypted with PGP, in its armour (RFC 9580): the session key for somebody, and what it encrypts."""
    noise = random.Random(title)
    key = b"\x03" + noise.randbytes(8) + b"\x01" + b"\x08\x00" + noise.randbytes(256)
    packets = b"\x85" + len(key).to_bytes(2, "big") + key + b"\xd2\x40\x01" + noise.randbytes(63)
    lines = base64.encodebytes(packets).decode()
    return f"-----BEGIN PGP MESSAGE-----\n\n{lines}-----END PGP MESSAGE-----\n".encode()


def smime_message(title: str) -> bytes:
    """A message encrypted with S/MIME (RFC 5652 section 6), for the holder of a certificate."""
    noise = random.Random(title)
    recipient = {
        "version": "v2",
        "rid": cms.RecipientIdentifier("subject_key_identifier", noise.randbytes(20)),
        "key_encryption_algorithm": {"algorithm": "rsaes_pkcs1v15"},
        "encrypted_key": noise.randbytes(256),
    }
    encrypted = {
        "content_type": "data",
        "content_encryption_algorithm": {"algorithm": "aes256_cbc", "parameters": noise.randbytes(16)},
        "encrypted_content": noise.randbytes(512),
    }
    enveloped = {
        "version": "v2",
        "recipient_infos": [cms.RecipientInfo("ktri", recipient)],
        "encrypted_content_info": encrypted,
    }
    made: bytes = cms.ContentInfo({"content_type": "enveloped_data", "content": enveloped}).dump()
    return made


def rpmsg(title: str) -> bytes:
    """What Outlook puts in the place of a rights-managed message ([MS-OXORMMS] section 2.2.4.1)."""
    return b"\x76\xe8\x04\x60\xc4\x11\xe3\x86" + random.Random(title).randbytes(500)


def rights_managed_file(title: str, pages: int) -> bytes:
    """A report that is wholly encrypted by rights management, without a page that says so."""
    licence = _LICENCE.encode("utf-16-le").hex().encode()
    handler = b"/Filter /MicrosoftIRMServices /V 2 /Length 128 /PublishingLicense <%s>" % licence
    return _foreign_handler(report(title, pages), handler)


def rights_managed(title: str) -> bytes:
    """The unencrypted page that wraps a rights-protected document (ISO 32000-2 section 7.6.7)."""
    pdf = _page_of_text(
        "This PDF file is protected",
        "You will need a different reader in order to view this content.",
        "This document uses encryption powered by Microsoft Information Protection.",
    )
    _put_label(pdf)
    payload = _embed(pdf, "MicrosoftIRMServices Protected PDF.pdf", rights_managed_file(title, 1))
    payload.AFRelationship = Name.EncryptedPayload
    payload.EP = Dictionary(Type=Name.EncryptedPayload, Subtype=Name.MicrosoftIRMServices, Version=2)
    pdf.Root.AF = Array([payload])
    pdf.Root.Collection = Dictionary(
        Type=Name.Collection, View=Name.H, D=String("MicrosoftIRMServices Protected PDF.pdf")
    )
    return _saved(pdf)


def rights_managed_of_old(title: str) -> bytes:
    """The older wrapper, which names itself in the trailer."""
    pdf = _page_of_text(title, "This document is protected by Information Rights Management.")
    pdf.trailer[Name.Wrapper] = Dictionary(Type=Name.MicrosoftIRMServices)
    return _saved(pdf)


def form(title: str) -> bytes:
    """A dynamic XFA form: other viewers see one page that asks to wait."""
    pdf = _page_of_text(
        "Please wait...",
        "If this message is not eventually replaced by the proper contents of the document, your PDF",
        "viewer may not be able to display this type of document.",
    )
    xfa = Stream(pdf, f"<xdp:xdp xmlns:xdp='http://ns.adobe.com/xdp/'><title>{title}</title></xdp:xdp>".encode())
    pdf.Root.AcroForm = Dictionary(Fields=Array([]), XFA=pdf.make_indirect(xfa))
    pdf.Root.NeedsRendering = True
    return _saved(pdf)


def portfolio(title: str) -> bytes:
    """The cover of a portfolio; the documents are embedded behind it."""
    pdf = _page_of_text(title, "For the best experience, open this PDF portfolio in Acrobat or Adobe Reader.")
    for name in ("Annex A.pdf", "Annex B.pdf"):
        _embed(pdf, name, report(name, 1))
    pdf.Root.Collection = Dictionary(Type=Name.Collection, View=Name.D)
    return _saved(pdf)


def archive(title: str) -> bytes:
    """A zip archive of two reports."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made:
        for name in ("Annex A.pdf", "Annex B.pdf"):
            made.writestr(zipfile.ZipInfo(name, (2024, 10, 1, 0, 0, 0)), report(f"{title} {name}", 1))
    return out.getvalue()


def picture(side: int = 16) -> bytes:
    """A small PNG (ISO/IEC 15948), gray from black to white."""
    rows = b"".join(b"\0" + bytes(min(255, 8 * (x + y)) for x in range(side)) for y in range(side))
    chunks = (
        (b"IHDR", side.to_bytes(4) * 2 + bytes((8, 0, 0, 0, 0))),
        (b"IDAT", zlib.compress(rows)),
        (b"IEND", b""),
    )
    body = b"".join(len(d).to_bytes(4) + kind + d + zlib.crc32(kind + d).to_bytes(4) for kind, d in chunks)
    return b"\x89PNG\r\n\x1a\n" + body


def envelope(title: str) -> bytes:
    """The cover of a secure envelope."""
    pdf = _page_of_text(title, "This document is a secure envelope. To see its contents, open it in Adobe Acrobat.")
    _embed(pdf, "Secured contents.pdf", locked(title, 1))
    pdf.Root.Collection = Dictionary(Type=Name.Collection, View=Name.H)
    return _saved(pdf)


def gateway_notice(title: str) -> bytes:
    """What a mail filter leaves in the place of an attachment."""
    pdf = _page_of_text(
        "Attachment removed",
        f'The attachment "{title}.pdf" was blocked by the mail gateway because it could not be scanned.',
        "Please contact your service desk.",
    )
    return _saved(pdf)


def filters_text(file: str) -> bytes:
    """The text that a mail filter leaves in the place of an attachment."""
    return f"The following attachment was removed by the mail gateway:\r\n\r\n  {file}\r\n".encode()


SCAN_IN_PROGRESS = (
    b"<!DOCTYPE html><html><head><title>Scan</title><style>p { color: black }</style></head><body>"
    b"<h1>ATP Scan In Progress</h1><p>Your attachments are being scanned and will be here shortly.</p></body></html>"
)


def pages_lost(title: str, pages: int) -> bytes:
    """A report of which every page but the first is gone, while the page tree still promises and names them all."""
    data = report(title, pages)
    kids = re.findall(rb"(\d+) 0 R", data[data.index(b"/Kids") :].split(b"]")[0])
    for number in kids[1:]:
        start = data.index(b"\n%s 0 obj" % number)
        end = data.index(b"endobj", start)
        data = data[:start] + b" " * (end + 6 - start) + data[end + 6 :]
    return data


def content_mangled(title: str, pages: int, page: int) -> bytes:
    """A report in which the content of one page (counted from 1) does not decompress."""
    pdf = _report(title, pages)
    stream = pdf.pages[page - 1].Contents
    raw = bytearray(stream.read_raw_bytes())
    raw[len(raw) // 3 : 2 * len(raw) // 3] = bytes(len(raw) // 3)
    stream.write(bytes(raw), filter=Name.FlateDecode)
    return _saved(pdf, compress_streams=False, stream_decode_level=pikepdf.StreamDecodeLevel.none)


def blank_with_text(title: str, pages: int, page: int) -> bytes:
    """A report of which one page (counted from 1) writes its text without ever naming a font, so that nothing shows."""
    pdf = _report(title, pages)
    stream = pdf.pages[page - 1].Contents
    stream.write(stream.read_bytes().replace(b"/F1 10 Tf", b""))
    return _saved(pdf)


def instructions_lost(title: str, pages: int) -> bytes:
    """A report in which the operators of every page became other words."""
    pdf = _report(title, pages)
    for page in pdf.pages:
        page.Contents.write(page.Contents.read_bytes().replace(b"Tj", b"Tk").replace(b"T*", b"U*"))
    return _saved(pdf)


def fonts_lost(title: str, pages: int) -> bytes:
    """A report whose pages have no fonts any more."""
    pdf = _report(title, pages)
    for page in pdf.pages:
        del page.Resources[Name.Font]
    return _saved(pdf)


def form_emptied(title: str, pages: int) -> bytes:
    """A report whose first page draws a form with fonts of its own, and nothing in it."""
    pdf = _report(title, pages)
    page = pdf.pages[0]
    form = pdf.make_stream(b"", Type=Name.XObject, Subtype=Name.Form, BBox=[0, 0, 400, 400])
    form.Resources = Dictionary(Font=page.Resources.Font)
    page.Resources.XObject = Dictionary(Letterhead=form)
    page.contents_add(b"q /Letterhead Do Q")
    return _saved(pdf)


def picture_gone(title: str, pages: int) -> bytes:
    """A report whose last page draws a picture that is not in the file."""
    pdf = _report(title, pages)
    pdf.pages[-1].contents_add(b"q 400 0 0 400 90 100 cm /Scan Do Q")
    return _saved(pdf)


def text_cut(title: str, pages: int) -> bytes:
    """A report whose last page breaks off within a text."""
    pdf = _report(title, pages)
    whole = pdf.pages[-1].Contents.read_bytes()
    pdf.pages[-1].Contents = pdf.make_stream(whole[: whole.rindex(b"ET")])
    return _saved(pdf)


def lengthy(title: str, pages: int, mib: int) -> bytes:
    """A report of pages that all begin with so many MiB of blanks."""
    pdf = _report(title, pages)
    blanks = pdf.make_indirect(pdf.make_stream(b" " * (mib << 20)))
    for page in pdf.pages:
        page.Contents = Array([blanks, page.Contents])
    return _saved(pdf)


def emptied(title: str, pages: int) -> bytes:
    """A report with nothing on any of its pages."""
    pdf = _report(title, pages)
    for page in pdf.pages:
        del page.obj[Name.Contents]
        page.obj.Resources = Dictionary()
    return _saved(pdf)


def many_pages(pages: int) -> bytes:
    """So many pages, which are one, named again and again."""
    kids = b"3 0 R " * pages
    objects = (
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Count %d/Kids[%s]>>" % (pages, kids),
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 99 99]>>",
    )
    body, places = b"%PDF-1.4\n", []
    for number, text in enumerate(objects, 1):
        places.append(len(body))
        body += b"%d 0 obj\n%s\nendobj\n" % (number, text)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    return body + b"xref\n0 4\n0000000000 65535 f \n%strailer\n<</Size 4/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % (
        table,
        len(body),
    )


def picture_unreadable(title: str) -> bytes:
    """A page with a picture that claims to be JPEG 2000, and is noise."""
    pdf = _report(title, 1)
    image = Stream(pdf, random.Random(title).randbytes(2000))
    image.stream_dict = Dictionary(
        Type=Name.XObject, Subtype=Name.Image, Width=96, Height=96, ColorSpace=Name.DeviceGray,
        BitsPerComponent=8, Filter=Name.JPXDecode,
    )  # fmt: skip
    page = pdf.pages[0]
    page.Resources.XObject = Dictionary(Scan=pdf.make_indirect(image))
    page.contents_add(b"q 400 0 0 400 90 100 cm /Scan Do Q")
    return _saved(pdf)


# --- how they are made ----------------------------------------------------------------------------------------


def _report(title: str, pages: int) -> Pdf:
    pdf = Pdf.new()
    choose = random.Random(title)
    for number in range(1, pages + 1):
        lines = [title, f"Page {number} of {pages}", ""]
        lines += [" ".join(choose.choices(_WORDS, k=12)).capitalize() + "." for _ in range(_LINES_A_PAGE)]
        _add_page(pdf, lines)
    pdf.docinfo[Name.Title] = String(title)
    return pdf


def _page_of_text(*lines: str) -> Pdf:
    pdf = Pdf.new()
    _add_page(pdf, list(lines))
    return pdf


def _add_page(pdf: Pdf, lines: list[str]) -> None:
    shown = "".join(f"({_escaped(line)}) Tj T*\n" for line in lines)
    content = f"BT /F1 10 Tf 50 780 Td 16 TL\n{shown}ET".encode("latin-1", "replace")
    stream = Stream(pdf, zlib.compress(content))
    stream.stream_dict = Dictionary(Filter=Name.FlateDecode)
    font = Dictionary(Type=Name.Font, Subtype=Name.Type1, BaseFont=Name.Helvetica, Encoding=Name.WinAnsiEncoding)
    page = Dictionary(
        Type=Name.Page,
        MediaBox=Array([0, 0, *_A4]),
        Resources=Dictionary(Font=Dictionary(F1=font)),
        Contents=pdf.make_indirect(stream),
    )
    pdf.pages.append(pikepdf.Page(pdf.make_indirect(page)))


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace("(", "\\(").replace(")", "\\)")


def _embed(pdf: Pdf, name: str, data: bytes) -> pikepdf.Object:
    file = pdf.make_indirect(Stream(pdf, data))
    file.stream_dict.Type = Name.EmbeddedFile
    specification = pdf.make_indirect(
        Dictionary(Type=Name.Filespec, F=String(name), UF=String(name), EF=Dictionary(F=file))
    )
    if Name.Names not in pdf.Root:
        pdf.Root.Names = Dictionary(EmbeddedFiles=Dictionary(Names=Array([])))
    pdf.Root.Names.EmbeddedFiles.Names.extend([String(name), specification])
    return specification


def _put_label(pdf: Pdf) -> None:
    for key, value in (("Enabled", "true"), ("Name", "OFFICIAL-SENSITIVE"), ("SetDate", "2024-09-27T09:12:44Z")):
        pdf.docinfo[f"/{LABEL}_{key}"] = String(value)


def _rc4(owner: str, user: str) -> pikepdf.Encryption:
    """An old cipher, since the newer ones make other bytes at every run."""
    return pikepdf.Encryption(owner=owner, user=user, R=3, aes=False, metadata=False)


def _foreign_handler(data: bytes, handler: bytes) -> bytes:
    """Put an /Encrypt entry into the trailer. The bytes stay readable; no reader gets so far as to notice."""
    return data.replace(b"/Root", b"/Encrypt << %s >> /Root" % handler)


def _saved(pdf: Pdf, **save: object) -> bytes:
    out = io.BytesIO()
    options: dict[str, object] = {"static_id": True, "min_version": "1.5"}
    writer: Callable[..., None] = pdf.save
    writer(out, **(options | save))
    return out.getvalue()
