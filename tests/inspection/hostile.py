"""PDFs made to hurt whoever reads them: small files that grow, turn in circles, or reach out. Pure."""

import zlib
from collections.abc import Callable, Iterable

_PAGE = b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 600 800]/Contents 4 0 R/Resources<<%s>>%s>>"


def pdf(objects: Iterable[bytes], trailer: bytes = b"") -> bytes:
    """A file of these objects, numbered from 1, the first being the catalog."""
    body, places = b"%PDF-1.7\n", []
    for number, text in enumerate(objects, 1):
        places.append(len(body))
        body += b"%d 0 obj\n%s\nendobj\n" % (number, text)
    rows = b"".join(b"%010d 00000 n \n" % place for place in places)
    size = len(places) + 1
    table = b"xref\n0 %d\n0000000000 65535 f \n%s" % (size, rows)
    return body + table + b"trailer\n<</Size %d/Root 1 0 R%s>>\nstartxref\n%d\n%%%%EOF\n" % (size, trailer, len(body))


def stream(data: bytes, entries: bytes = b"") -> bytes:
    return b"<<%s/Length %d>>\nstream\n%s\nendstream" % (entries, len(data), data)


def page(
    content: bytes, *more: bytes, resources: bytes = b"", page_entries: bytes = b"", catalog: bytes = b""
) -> bytes:
    """One page of this content; the objects in `more` are numbered from 5."""
    first = (
        b"<</Type/Catalog/Pages 2 0 R%s>>" % catalog,
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        _PAGE % (resources, page_entries),
        stream(zlib.compress(content, 9), b"/Filter/FlateDecode"),
    )
    return pdf((*first, *more))


def deflated_zeros(mebibytes: int) -> bytes:
    """What inflates to so many MiB; made piece by piece."""
    packer = zlib.compressobj(9)
    piece = bytes(1 << 20)
    return b"".join(packer.compress(piece) for _ in range(mebibytes)) + packer.flush()


def _bomb(layers: int, mebibytes: int = 1024) -> bytes:
    data = deflated_zeros(mebibytes)
    for _ in range(layers - 1):
        data = zlib.compress(data, 9)
    filters = b"/Filter[%s]" % (b"/FlateDecode " * layers)
    return pdf((b"<</Type/Catalog/Pages 2 0 R>>", b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
                _PAGE % (b"", b""), stream(data, filters)))  # fmt: skip


def _image(entries: bytes, data: bytes = b"") -> bytes:
    picture = stream(data, b"/Type/XObject/Subtype/Image" + entries)
    return page(b"600 0 0 800 0 0 cm /I Do", picture, resources=b"/XObject<</I 5 0 R>>")


def _form(content: bytes, resources: bytes = b"") -> bytes:
    return stream(content, b"/Type/XObject/Subtype/Form/BBox[0 0 600 800]/Resources<<%s>>" % resources)


def _forms_exponential(depth: int = 40) -> bytes:
    forms = [_form(b"/X Do /X Do", b"/XObject<</X %d 0 R>>" % (n + 6)) for n in range(depth)]
    return page(b"/X Do", *forms, _form(b"0 0 1 1 re f"), resources=b"/XObject<</X 5 0 R>>")


def _object_stream_bomb() -> bytes:
    packed = stream(deflated_zeros(1024), b"/Type/ObjStm/N 1000/First 10/Filter/FlateDecode")
    return pdf((b"<</Type/Catalog/Pages 2 0 R>>", b"<</Type/Pages/Kids[3 0 R]/Count 1>>", _PAGE % (b"", b""), packed))


def _pages_exponential(depth: int = 30) -> bytes:
    nodes = [b"<</Type/Pages/Kids[%d 0 R %d 0 R]/Count 2>>" % (n + 3, n + 3) for n in range(depth)]
    leaf = b"<</Type/Page/Parent %d 0 R/MediaBox[0 0 9 9]>>" % (depth + 1)
    return pdf((b"<</Type/Catalog/Pages 2 0 R>>", *nodes, leaf))


def _function_shading() -> bytes:
    program = b"{ " + b"dup mul sin 1 add " * 20_000 + b"}"
    function = stream(program, b"/FunctionType 4/Domain[0 1 0 1]/Range[0 1 0 1 0 1]")
    shading = b"<</ShadingType 1/ColorSpace/DeviceRGB/Function 6 0 R/Domain[0 1 0 1]/Matrix[600 0 0 800 0 0]>>"
    return page(b"/S sh", shading, function, resources=b"/Shading<</S 5 0 R>>")


_TILE = b"0 0 1 1 re f"
HOSTILE: dict[str, Callable[[], bytes]] = {
    "content inflates to 1 GiB": lambda: _bomb(1),
    "twice deflated": lambda: _bomb(2),
    "three times deflated": lambda: _bomb(3),
    "object stream inflates to 1 GiB": _object_stream_bomb,
    "a hundred streams of 64 MiB": lambda: page(
        b" ", *[stream(deflated_zeros(64), b"/Filter/FlateDecode")] * 100,
        page_entries=b"/Contents[" + b" ".join(b"%d 0 R" % n for n in range(5, 105)) + b"]",
    ),
    "attached bomb": lambda: page(
        b"q Q", stream(deflated_zeros(1024), b"/Type/EmbeddedFile/Filter/FlateDecode"),
        b"<</Type/Filespec/F(a.pdf)/EF<</F 5 0 R>>>>",
        catalog=b"/Collection<<>>/Names<</EmbeddedFiles<</Names[(a.pdf) 6 0 R]>>>>",
    ),
    "run-length under flate": lambda: pdf((
        b"<</Type/Catalog/Pages 2 0 R>>", b"<</Type/Pages/Kids[3 0 R]/Count 1>>", _PAGE % (b"", b""),
        stream(zlib.compress(b"\x81 " * (8 << 20), 9), b"/Filter[/FlateDecode/RunLengthDecode]"),
    )),
    "page tree refers to itself": lambda: pdf((
        b"<</Type/Catalog/Pages 2 0 R>>", b"<</Type/Pages/Kids[2 0 R]/Count 1>>",
    )),
    "page tree grows exponentially": _pages_exponential,
    "a million kids": lambda: pdf((
        b"<</Type/Catalog/Pages 2 0 R>>", b"<</Type/Pages/Count 1000000/Kids[%s]>>" % (b"3 0 R " * 1_000_000),
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]>>",
    )),
    "count lies": lambda: pdf((b"<</Type/Catalog/Pages 2 0 R>>", b"<</Type/Pages/Kids[]/Count 2000000000>>")),
    "cross-reference turns in a circle": lambda: (
        page(b"q Q").replace(b"/Root 1 0 R", b"/Root 1 0 R/Prev 9")[:-30] + b"startxref\n9\n%%EOF\n"
    ),
    "cross-reference of four thousand million": lambda: page(b"q Q").replace(b"xref\n0 5", b"xref\n0 4000000000"),
    "reference to itself": lambda: pdf((b"1 0 R",)),
    "length refers to itself": lambda: pdf((
        b"<</Type/Catalog/Pages 2 0 R>>", b"<</Type/Pages/Kids[3 0 R]/Count 1>>", _PAGE % (b"", b""),
        b"<</Length 4 0 R>>\nstream\nq Q\nendstream",
    )),
    "nested two million deep": lambda: pdf((b"<</Type/Catalog/Pages 2 0 R/X %s>>" % (b"[" * 2_000_000),)),
    "nested dictionaries": lambda: pdf((b"<</Type/Catalog/Pages 2 0 R/X %s>>" % (b"<</A " * 500_000),)),
    "a dictionary of a million keys": lambda: pdf((
        b"<</Type/Catalog/Pages 2 0 R%s>>" % b"".join(b"/K%d 1" % n for n in range(1_000_000)),
    )),
    "tiling pattern without end": lambda: page(
        b"/Pattern cs /P scn 0 0 600 800 re f",
        stream(_TILE, b"/Type/Pattern/PatternType 1/PaintType 1/TilingType 1/BBox[0 0 1 1]"
                      b"/XStep 0.0001/YStep 0.0001/Resources<<>>"),
        resources=b"/Pattern<</P 5 0 R>>",
    ),
    "function shading": _function_shading,
    "forms that call each other exponentially": _forms_exponential,
    "form that calls itself": lambda: page(
        b"/X Do", _form(b"/X Do /X Do", b"/XObject<</X 5 0 R>>"), resources=b"/XObject<</X 5 0 R>>"
    ),
    "a million paths": lambda: page(b"".join(b"%d %d m %d 9 l S\n" % (n % 600, n % 800, n % 7) for n in range(10**6))),
    "one path of a million lines": lambda: page(
        b"0 0 m " + b"".join(b"%d %d l " % (n * 7919 % 600, n * 104729 % 800) for n in range(10**6)) + b"f*"
    ),
    "a million texts": lambda: page(
        b"BT /F 9 Tf " + b"(a) Tj 1 0 Td " * 1_000_000 + b"ET",
        b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>", resources=b"/Font<</F 5 0 R>>",
    ),
    "a million saved states": lambda: page(b"q " * 1_000_000),
    "a million unknown operators": lambda: page(b"xx " * 1_000_000),
    "dashes without end": lambda: page(b"[0.00001] 0 d 0 0 m 600 800 l S"),
    "picture of lying size": lambda: _image(b"/Width 65000/Height 65000/ColorSpace/DeviceRGB/BitsPerComponent 8"),
    "picture that inflates to 4 GiB": lambda: _image(
        b"/Width 65000/Height 65000/ColorSpace/DeviceGray/BitsPerComponent 8/Filter/FlateDecode", deflated_zeros(1024)
    ),
    "fax of lying size": lambda: _image(
        b"/Width 60000/Height 60000/ColorSpace/DeviceGray/BitsPerComponent 1/Filter/CCITTFaxDecode"
        b"/DecodeParms<</K -1/Columns 60000/Rows 60000>>", bytes(1000)
    ),
    "JBIG2 of lying size": lambda: _image(
        b"/Width 60000/Height 60000/ColorSpace/DeviceGray/BitsPerComponent 1/Filter/JBIG2Decode",
        b"\x00\x00\x00\x00\x30\x00\x01\x00\x00\x00\x13" + (60000).to_bytes(4) * 2 + bytes(11),
    ),
    "page as large as a house": lambda: page(b"0 0 1 1 re f", page_entries=b"/MediaBox[0 0 1e9 1e9]/UserUnit 1000"),
    "page of no size": lambda: page(b"0 0 1 1 re f", page_entries=b"/MediaBox[0 0 0 0]"),
    "soft mask of itself": lambda: page(
        b"/G gs 0 0 600 800 re f", b"<</Type/ExtGState/SMask<</S/Luminosity/G 6 0 R>>>>",
        stream(b"/G gs 0 0 9 9 re f", b"/Type/XObject/Subtype/Form/BBox[0 0 9 9]/Group<</S/Transparency>>"
                                      b"/Resources<</ExtGState<</G 5 0 R>>>>"),
        resources=b"/ExtGState<</G 5 0 R>>",
    ),
    "JavaScript on opening": lambda: page(
        b"q Q", catalog=b"/OpenAction<</S/JavaScript/JS(while\\(true\\){};app.launchURL\\('http://127.0.0.1:9'\\))>>"
    ),
    "starts a program on opening": lambda: page(b"q Q", catalog=b"/OpenAction<</S/Launch/F(/bin/sh)/Unix(/bin/sh)>>"),
    "content from elsewhere": lambda: pdf((
        b"<</Type/Catalog/Pages 2 0 R>>", b"<</Type/Pages/Kids[3 0 R]/Count 1>>", _PAGE % (b"", b""),
        stream(b"", b"/F<</FS/URL/F(http://127.0.0.1:9/x)>>"),
    )),
    "content from a file": lambda: pdf((
        b"<</Type/Catalog/Pages 2 0 R>>", b"<</Type/Pages/Kids[3 0 R]/Count 1>>", _PAGE % (b"", b""),
        stream(b"", b"/F(/etc/passwd)"),
    )),
    "fifty million blanks": lambda: b"%PDF-1.7\n" + b" " * 50_000_000,
    "fifty million zeros": lambda: b"%PDF-1.7\n" + bytes(50_000_000),
    "a million headers of objects": lambda: b"%PDF-1.7\n" + b"1 0 obj\n" * 1_000_000,
    "a million endstreams": lambda: b"%PDF-1.7\n" + b"1 0 obj<</Length 9>>stream\nendstream endobj\n" * 200_000,
    "a million cross-references": lambda: b"%PDF-1.7\n" + b"xref\n0 1\ntrailer<</Prev 9>>startxref 9 %%EOF\n" * 200_000,
}  # fmt: skip
