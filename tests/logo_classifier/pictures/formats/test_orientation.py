"""Of EXIF data the orientation alone is read, whatever else it holds."""

from __future__ import annotations

import struct
import tracemalloc
from collections.abc import Callable
from io import BytesIO

import pytest
from PIL import Image

from logo_classifier.pictures.formats.orientation import read_orientation
from logo_classifier.pictures.image import load_image
from logo_classifier.pictures.limits import Limits

Encode = Callable[..., bytes]


def exif(*entries: tuple[int, int, int, bytes], order: str = "<", start: int = 8) -> bytes:
    head = b"II*\0" if order == "<" else b"MM\0*"
    body = b"".join(
        struct.pack(order + "HHI", tag, kind, count) + value for tag, kind, count, value in entries
    )
    head += struct.pack(order + "I", start) + bytes(start - 8)
    return head + struct.pack(order + "H", len(entries)) + body


def short(value: int, order: str = "<") -> bytes:
    return struct.pack(order + "HH", value, 0)


@pytest.mark.parametrize("prefix", [b"", b"Exif\0\0"])
@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("value", range(1, 9))
def test_the_orientation_is_read(value: int, order: str, prefix: bytes) -> None:
    other = (0x0110, 2, 4, b"abc\0")

    data = exif(other, (0x0112, 3, 1, short(value, order)), order=order, start=20)

    assert read_orientation(prefix + data) == value


def test_what_pillow_writes_is_read_alike() -> None:
    written = Image.Exif()
    written[0x0110], written[0x0112] = "a camera", 6

    assert read_orientation(written.tobytes()) == 6


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"Exif\0\0",
        b"rubbish",
        b"II*\0",
        exif(),
        exif((0x0112, 3, 1, short(0))),
        exif((0x0112, 3, 1, short(9))),
        exif((0x0112, 2, 1, b"6\0\0\0")),
        exif((0x0112, 3, 1, short(6)))[:-6],
        b"II*\0" + struct.pack("<I", 2**32 - 1) + bytes(20),
        b"II*\0" + struct.pack("<IH", 8, 65535),
    ],
)
def test_what_is_missing_or_damaged_is_upright(data: bytes) -> None:
    assert read_orientation(data) == 1


@pytest.mark.parametrize("format", ["PNG", "JPEG", "WEBP"])
def test_entries_that_share_their_bytes_cost_nothing(
    format: str, disc: Image.Image, encode: Encode
) -> None:
    entries = [(tag, 1, 30_000, struct.pack("<I", 8)) for tag in range(2500)]
    data = exif(*entries) + bytes(30_000)
    file = BytesIO(encode(disc, format, exif=data))
    tracemalloc.start()

    load_image(file, Limits(formats=(format,)))

    _, peak_bytes = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak_bytes < 2_000_000
