"""A JPEG is whole if its scan lines are; what decoding does not need is left out."""

from __future__ import annotations

import struct
import tracemalloc
from io import BytesIO

import numpy as np
import pytest
from PIL import Image, ImageDraw

from logo_classifier.errors import InvalidImage, UnsupportedFormat
from logo_classifier.pictures.header import Picture, check_image
from logo_classifier.pictures.image import load_image

MIB = 2**20


def jpeg(**options: object) -> bytes:
    picture = Image.new("RGB", (200, 150), "white")
    draw = ImageDraw.Draw(picture)
    draw.ellipse((30, 20, 170, 130), fill="red")
    draw.text((60, 60), "HOUSE", fill="navy")
    file = BytesIO()
    picture.save(file, "JPEG", **options)
    return file.getvalue()


KINDS = {
    "baseline": jpeg(),
    "progressive": jpeg(progressive=True),
    "restarts": jpeg(restart_marker_rows=1),
    "full colour": jpeg(subsampling=0, quality=95),
}


def segment(marker: int, content: bytes) -> bytes:
    return bytes((0xFF, marker)) + struct.pack(">H", len(content) + 2) + content


@pytest.mark.parametrize("data", KINDS.values(), ids=KINDS)
@pytest.mark.parametrize("tail", [b"", b"\xff", bytes(100)])
def test_a_missing_end_marker_alone_changes_nothing(data: bytes, tail: bytes) -> None:
    loaded = load_image(data[:-2] + tail)

    assert np.array_equal(loaded.pixels, load_image(data).pixels)


@pytest.mark.parametrize("data", KINDS.values(), ids=KINDS)
@pytest.mark.parametrize("share", [0.5, 0.7, 0.8, 0.9, 0.95])
def test_a_jpeg_that_lacks_scan_lines_is_refused(data: bytes, share: float) -> None:
    scans = data.index(b"\xff\xda")

    with pytest.raises(InvalidImage):
        load_image(data[: scans + int((len(data) - scans) * share)])


@pytest.mark.parametrize("marker", [0xE1, 0xE2, 0xED, 0xEC, 0xFE])
def test_metadata_is_left_out_and_takes_no_memory(marker: int) -> None:
    data = jpeg()
    content = {0xE1: b"http://ns.adobe.com/xap/1.0/\0", 0xED: b"Photoshop 3.0\0"}.get(marker, b"")
    content += (b"8BIM\x04\x04" + bytes(6)) * 5000
    picture = Picture(data[:2] + segment(marker, content) * 200 + data[2:])
    tracemalloc.start()

    check_image(picture)
    loaded = load_image(picture)

    _, peak_bytes = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert np.array_equal(loaded.pixels, load_image(data).pixels)
    assert peak_bytes < 2 * MIB


def test_adobes_colour_transform_is_kept() -> None:
    picture = Image.new("CMYK", (64, 48))
    picture.paste((0, 200, 200, 0), (10, 10, 50, 40))
    file = BytesIO()
    picture.save(file, "JPEG", quality=95)

    loaded = load_image(file.getvalue())

    red, green, blue = (int(level) for level in loaded.pixels[10, 10])
    assert red > 200
    assert max(green, blue) < 100


def test_arithmetic_coding_is_refused_with_what_to_do() -> None:
    data = jpeg()
    place = data.index(b"\xff\xc0")

    with pytest.raises(UnsupportedFormat, match="arithmetic coding; save it as PNG"):
        check_image(data[:place] + b"\xff\xc9" + data[place + 2 :])


@pytest.mark.parametrize("stray", [b"\x04\x06rubbish", b"\xff\xff\xff", b"\0"])
@pytest.mark.parametrize("behind_exif", [False, True])
def test_stray_bytes_between_segments_are_left_out(stray: bytes, behind_exif: bool) -> None:
    data = jpeg()
    exif = segment(0xE1, b"Exif\0\0MM\0*" + bytes(20)) if behind_exif else b""

    loaded = load_image(data[:2] + exif + segment(0xED, b"Photoshop 3.0") + stray + data[2:])

    assert np.array_equal(loaded.pixels, load_image(data).pixels)
