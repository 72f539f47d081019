"""Of a PNG the decoder gets what it needs, and the rest neither costs nor refuses anything."""

from __future__ import annotations

import struct
import tracemalloc
import zlib
from io import BytesIO

import numpy as np
import pytest
from PIL import Image

from logo_classifier.errors import InvalidImage
from logo_classifier.pictures.header import Picture, check_image, open_header
from logo_classifier.pictures.image import load_image
from logo_classifier.pictures.limits import Limits

HEAD_BYTES, END_BYTES = 33, 12
MIB = 2**20


def chunk(name: bytes, data: bytes = b"", checksum: int | None = None) -> bytes:
    right = zlib.crc32(name + data)
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", checksum or right)


def encoded(picture: Image.Image, **options: object) -> bytes:
    file = BytesIO()
    picture.save(file, "PNG", **options)
    return file.getvalue()


def drawing(colour: str = "red", size: tuple[int, int] = (60, 40)) -> Image.Image:
    picture = Image.new("RGB", size, "white")
    picture.paste(colour, (10, 10, size[0] - 20, size[1] - 10))
    return picture


def pixel_data(png: bytes) -> bytes:
    start = png.index(b"IDAT") + 4
    return png[start : start + int.from_bytes(png[start - 8 : start - 4])]


PLAIN = encoded(drawing())
EXPECTED = load_image(PLAIN).pixels
LARGE = zlib.compress(bytes(8 * MIB), 9)
ANCILLARY = {
    "a large compressed text": chunk(b"zTXt", b"note\0\0" + LARGE),
    "a large international text": chunk(b"iTXt", b"XML:com.adobe.xmp\0\1\0\0\0" + LARGE),
    "a large plain text": chunk(b"tEXt", b"note\0" + bytes(3 * MIB)),
    "a large colour profile": chunk(b"iCCP", b"icc\0\0" + LARGE),
    "a colour profile with a wrong checksum": chunk(b"iCCP", b"icc\0\0" + LARGE, 1),
    "a colour profile that does not unpack": chunk(b"iCCP", b"icc\0\0rubbish"),
    "a short gamma": chunk(b"gAMA", b"\0\1"),
    "an empty gamma": chunk(b"gAMA"),
    "short chromaticities": chunk(b"cHRM", b"\0"),
    "a short density": chunk(b"pHYs", b"\0\1"),
    "a rendering intent with a wrong checksum": chunk(b"sRGB", b"\0", 7),
    "transparency of a wrong length": chunk(b"tRNS", b"\0"),
    "transparency with a wrong checksum": chunk(b"tRNS", b"\0\xff\0\0\0\0", 7),
    "an orientation with a wrong checksum": chunk(b"eXIf", b"II*\0", 7),
    "an orientation of rubbish": chunk(b"eXIf", b"rubbish"),
    "an orientation of many bytes": chunk(b"eXIf", b"II*\0" + bytes(2 * MIB)),
    "an animation with a wrong checksum": chunk(b"acTL", bytes(8), 7),
    "a short animation": chunk(b"acTL", b"\0"),
    "many notes": chunk(b"tEXt", b"note\0a") * 5000,
    "an unknown chunk": chunk(b"abCd", bytes(1000)),
}


@pytest.mark.parametrize("extra", ANCILLARY.values(), ids=ANCILLARY)
@pytest.mark.parametrize("place", ["before", "after"])
def test_metadata_that_is_damaged_or_not_needed_changes_nothing(extra: bytes, place: str) -> None:
    at = HEAD_BYTES if place == "before" else len(PLAIN) - END_BYTES

    loaded = load_image(PLAIN[:at] + extra + PLAIN[at:])

    assert np.array_equal(loaded.pixels, EXPECTED)


@pytest.mark.parametrize("extra", ANCILLARY.values(), ids=ANCILLARY)
def test_metadata_takes_no_memory(extra: bytes) -> None:
    picture = Picture(PLAIN[:HEAD_BYTES] + extra + PLAIN[HEAD_BYTES:])
    tracemalloc.start()

    load_image(picture)

    _, peak_bytes = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak_bytes < 2 * MIB


@pytest.mark.parametrize("tail", [bytes(4096), b"\0", chunk(b"IDAT", b"x"), PLAIN, b"<html>"])
def test_what_follows_the_end_is_no_part_of_the_picture(tail: bytes) -> None:
    assert np.array_equal(load_image(PLAIN + tail).pixels, EXPECTED)


@pytest.mark.parametrize("cut", [1, 4, 8, END_BYTES, END_BYTES + 2, END_BYTES + 4])
def test_a_png_whose_end_alone_is_missing_is_whole(cut: int) -> None:
    assert np.array_equal(load_image(PLAIN[:-cut]).pixels, EXPECTED)


def test_a_png_that_ends_in_the_head_of_a_chunk_is_whole() -> None:
    assert np.array_equal(load_image(PLAIN[:-END_BYTES] + b"\0\1\0\0IDAT").pixels, EXPECTED)


@pytest.mark.parametrize("name", [b"IHDR", b"PLTE", b"IDAT"])
def test_a_wrong_checksum_of_a_critical_chunk_is_damage(name: bytes) -> None:
    png = encoded(drawing().quantize(4))
    start = png.index(name)
    end = start + 4 + int.from_bytes(png[start - 4 : start])
    damaged = png[:end] + bytes([png[end] ^ 1]) + png[end + 1 :]

    with pytest.raises(InvalidImage):
        load_image(damaged)


def test_a_png_without_pixels_is_refused_by_its_header() -> None:
    with pytest.raises(InvalidImage, match="header"):
        check_image(PLAIN[:HEAD_BYTES] + PLAIN[-END_BYTES:])


@pytest.mark.parametrize("place", ["before", "after"])
def test_the_orientation_counts_wherever_it_stands(place: str) -> None:
    turned = b"II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0\x06\0\0\0\0\0\0\0"
    at = HEAD_BYTES if place == "before" else len(PLAIN) - END_BYTES

    loaded = load_image(PLAIN[:at] + chunk(b"eXIf", turned) + PLAIN[at:])

    assert loaded.pixels.shape == (EXPECTED.shape[1], EXPECTED.shape[0], 3)


def frame_control(width: int, height: int, left: int = 0, top: int = 0) -> bytes:
    return chunk(b"fcTL", struct.pack(">IIIIIHHBB", 0, width, height, left, top, 1, 10, 0, 0))


def animation(
    first: Image.Image, *, left: int = 0, top: int = 0, split: bool = False, count: int = 1
) -> bytes:
    """Return a red picture that is hidden by an animation of one frame."""
    data = pixel_data(encoded(first))
    parts = [data[:20], data[20:]] if split else [data]
    frames = [chunk(b"fdAT", struct.pack(">I", n + 1) + part) for n, part in enumerate(parts)]
    control = frame_control(*first.size, left, top)
    head = PLAIN[:HEAD_BYTES] + chunk(b"acTL", struct.pack(">II", count, 0))
    return head + PLAIN[HEAD_BYTES:-END_BYTES] + control + b"".join(frames) + PLAIN[-END_BYTES:]


@pytest.mark.parametrize("split", [False, True])
def test_a_hidden_default_picture_gives_way_to_the_first_frame(split: bool) -> None:
    blue = drawing("blue")

    loaded = load_image(animation(blue, split=split))

    assert np.array_equal(loaded.pixels, load_image(encoded(blue)).pixels)
    assert (loaded.facts.width, loaded.facts.height) == blue.size


def test_a_first_frame_that_is_smaller_than_its_canvas_stands_on_transparency() -> None:
    picture = Picture(animation(Image.new("RGB", (20, 15), "blue"), left=30, top=5))
    canvas = Image.new("RGBA", (60, 40))
    canvas.paste("blue", (30, 5, 50, 20))

    loaded = load_image(picture)

    assert np.array_equal(loaded.pixels, load_image(encoded(canvas)).pixels)
    assert (loaded.facts.width, loaded.facts.height) == (60, 40)


@pytest.mark.parametrize("left", [41, 2**31])
def test_a_frame_outside_the_canvas_leaves_the_default_picture(left: int) -> None:
    loaded = load_image(animation(Image.new("RGB", (20, 15), "blue"), left=left))

    assert np.array_equal(loaded.pixels, EXPECTED)


def test_damaged_pixels_of_the_first_frame_are_damage() -> None:
    data = bytearray(animation(drawing("blue")))
    data[data.index(b"fdAT") + 20] ^= 1

    with pytest.raises(InvalidImage):
        load_image(data)


def test_a_default_picture_that_is_the_first_frame_counts() -> None:
    head = chunk(b"acTL", struct.pack(">II", 2, 0)) + frame_control(60, 40)
    rest = frame_control(60, 40) + chunk(b"fdAT", bytes(4) + pixel_data(encoded(drawing("blue"))))

    png = PLAIN[:HEAD_BYTES] + head + PLAIN[HEAD_BYTES:-END_BYTES] + rest + PLAIN[-END_BYTES:]

    assert np.array_equal(load_image(png).pixels, EXPECTED)


def test_a_kept_header_holds_no_copy_of_the_pixels() -> None:
    noise = np.random.default_rng(1).integers(0, 256, (800, 800, 3), np.uint8)
    png = encoded(Image.fromarray(noise))
    picture = Picture(png[:HEAD_BYTES] + chunk(b"gAMA", b"\0") + png[HEAD_BYTES:])
    tracemalloc.start()

    check_image(picture)

    held, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert held < len(png) // 4
    with open_header(picture, Limits()).file as file:
        assert file.size == (800, 800)


@pytest.mark.parametrize("length", range(13))
@pytest.mark.parametrize(
    "rest", [b"", chunk(b"tRNS", b"\0\0"), chunk(b"acTL", bytes(8)) + PLAIN[33:]]
)
def test_a_short_header_is_damage(length: int, rest: bytes) -> None:
    head = PLAIN[:8] + chunk(b"IHDR", PLAIN[16:29][:length])

    with pytest.raises(InvalidImage):
        check_image(head + rest)
    with pytest.raises(InvalidImage):
        check_image(head[:-4])
