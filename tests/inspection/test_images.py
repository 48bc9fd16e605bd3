"""Which pictures cannot be read, and which are left to the eye."""

import io
import random
import zlib

import pytest
from pikepdf import Array, Dictionary, Name, Pdf, Stream
from PIL import Image

from attachwatch.inspection.images import is_unreadable

WIDTH, HEIGHT = 60, 100
GRAY = bytes(x * y % 251 for y in range(HEIGHT) for x in range(WIDTH))
PACKED = zlib.compress(GRAY)


def jpeg(picture: Image.Image | None = None, **options: object) -> bytes:
    out = io.BytesIO()
    (picture or Image.frombytes("L", (WIDTH, HEIGHT), GRAY)).save(out, "JPEG", **options)
    return out.getvalue()


def failing_behind(rows: int) -> bytes:
    """So many rows, and then a block of a type that there is not (RFC 1951 section 3.2.3)."""
    deflate = zlib.compressobj()
    return deflate.compress(GRAY[: rows * WIDTH]) + deflate.flush(zlib.Z_FULL_FLUSH) + b"\x07"


def unreadable(data: bytes, name: object | None = Name.FlateDecode, **entries: object) -> bool:
    with Pdf.new() as pdf:
        image = Stream(pdf, b"", Subtype=Name.Image, Width=WIDTH, Height=HEIGHT, BitsPerComponent=8)
        image.ColorSpace = Name.DeviceGray
        for key, value in entries.items():
            image[f"/{key}"] = value
        if name is None:
            image.write(data)
        else:
            image.write(data, filter=name)  # type: ignore[arg-type]
        return is_unreadable(image)


@pytest.mark.parametrize("filters", [Name.FlateDecode, Array([Name.FlateDecode])])
def test_a_sound_picture_is_readable(filters: object) -> None:
    assert not unreadable(PACKED, filters)
    assert unreadable(GRAY, filters)


def test_a_jpeg_without_a_beginning_is_none() -> None:
    assert not unreadable(jpeg(), Name.DCTDecode)
    assert not unreadable(b"\r\n" + jpeg(), Name.DCTDecode)
    assert unreadable(GRAY, Name.DCTDecode)


def test_data_that_fail_before_the_last_row_are_unreadable() -> None:
    assert unreadable(failing_behind(rows=50))
    assert unreadable(failing_behind(rows=HEIGHT - 2))


def test_data_that_fail_behind_the_last_row_are_readable() -> None:
    assert not unreadable(failing_behind(rows=HEIGHT))
    assert not unreadable(PACKED[:-4] + b"oops")
    assert not unreadable(PACKED[:-4])


def test_a_picture_that_ends_early_is_unreadable_but_for_its_very_last_rows() -> None:
    assert unreadable(zlib.compress(GRAY[: WIDTH * 50]))
    assert unreadable(PACKED[: len(PACKED) // 2])
    assert not unreadable(zlib.compress(GRAY[: WIDTH * (HEIGHT - 1)]))


def test_a_row_with_a_predictor_is_a_byte_longer() -> None:
    rows = b"".join(b"\0" + GRAY[n * WIDTH : (n + 1) * WIDTH] for n in range(HEIGHT))
    predicted = Dictionary(Predictor=15, Columns=WIDTH)
    assert not unreadable(zlib.compress(rows), DecodeParms=predicted)
    assert unreadable(zlib.compress(rows[: int(len(rows) * 0.96)]), DecodeParms=predicted)


def test_data_that_are_not_packed_are_as_long_as_the_picture_is_large() -> None:
    assert not unreadable(GRAY, None)
    assert unreadable(GRAY[: WIDTH * 50], None)


@pytest.mark.parametrize("name", [Name.JPXDecode, Name.FlateDecode, Name.DCTDecode, None])
def test_a_picture_without_data_is_unreadable(name: object) -> None:
    assert unreadable(b"", name)


def test_a_jpeg_that_lacks_many_of_its_rows_is_unreadable() -> None:
    whole = jpeg(Image.frombytes("RGB", (400, 300), random.Random(1).randbytes(400 * 300 * 3)))
    for rest in (b"", bytes(len(whole) // 2)):
        assert unreadable(whole[: len(whole) // 2] + rest, Name.DCTDecode)
        assert not unreadable(whole[: len(whole) * 9 // 10] + rest, Name.DCTDecode)


def test_a_jpeg_that_lacks_no_more_than_its_end_mark_is_readable() -> None:
    for picture in (Image.new("L", (400, 300), 255), Image.new("CMYK", (400, 300))):
        assert not unreadable(jpeg(picture)[:-2], Name.DCTDecode)


def test_a_jpeg_that_refines_itself_is_left_to_the_eye() -> None:
    whole = jpeg(Image.frombytes("L", (400, 300), random.Random(1).randbytes(400 * 300)), progressive=True)
    assert not unreadable(whole[: len(whole) // 2], Name.DCTDecode)


@pytest.mark.parametrize("entries", [{"Width": 10**9, "Height": 10**9}, {"Width": -5}, {"BitsPerComponent": 0}])
def test_a_size_that_lies_costs_nothing_and_accuses_nobody(entries: dict[str, int]) -> None:
    assert not unreadable(PACKED, **entries)


def test_a_bomb_is_not_unpacked_beyond_what_the_picture_needs() -> None:
    bomb = zlib.compress(bytes(200 << 20))
    assert not unreadable(bomb, Width=10**5, Height=10**5)


@pytest.mark.parametrize("name", [Name.JPXDecode, Name.JBIG2Decode, Name.CCITTFaxDecode, Name.Unheard])
def test_of_other_kinds_nothing_is_said(name: object) -> None:
    assert not unreadable(GRAY, name)
