"""BMPs that Pillow leaves out decode to what their suite's references show."""

from __future__ import annotations

import struct
import tracemalloc
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from logo_classifier.errors import BadDimensions, InvalidImage, UnsupportedFormat
from logo_classifier.pictures.formats.bitmap import decode_bitmap, read_bitmap_header
from logo_classifier.pictures.header import Picture, check_image
from logo_classifier.pictures.image import load_image
from logo_classifier.pictures.source import Limits

SUITE = Path(__file__).parents[3] / "data" / "corpora" / "image-rs"
REFERENCES = sorted(SUITE.glob("reference__*.png"))


def bitmap(
    pixels: bytes = bytes(4 * 12 * 6) + b"\xff" * (4 * 12 * 6),
    *,
    width: int = 12,
    height: int = 12,
    planes: int = 1,
    bits: int = 32,
    compression: int = 3,
    masks: tuple[int, ...] = (0xFF, 0xF00, 0x1000, 0),
) -> bytes:
    """Return a BMP with a BITMAPV3INFOHEADER."""
    header = struct.pack("<IiiHHIIiiII", 56, width, height, planes, bits, compression, *[0] * 5)
    body = header + struct.pack("<4I", *masks)
    start = 14 + len(body)
    return struct.pack("<2sIHHI", b"BM", start + len(pixels), 0, 0, start) + body + pixels


@pytest.mark.parametrize("reference", REFERENCES, ids=lambda path: path.name)
def test_a_rare_bitmap_decodes_as_its_reference(reference: Path) -> None:
    data = (SUITE / reference.name.replace("reference__", "images__")[:-4]).read_bytes()

    decoded = np.asarray(decode_bitmap(read_bitmap_header(data), data)).astype(int)

    with Image.open(reference) as file:
        expected = np.asarray(file.convert("RGBA")).astype(int)
    assert np.abs(decoded[..., :3] - expected[..., :3]).max() <= 1
    if expected[..., 3].any():  # references keep an alpha that nobody filled in
        assert np.abs(decoded[..., 3] - expected[..., 3]).max() <= 1


def test_channels_are_stretched_to_the_whole_range() -> None:
    values = np.zeros((12, 12), "<u4")
    values[0, 0] = 0xFF | 0x700 | 0x1000

    data = bitmap(values.tobytes())
    decoded = decode_bitmap(read_bitmap_header(data), data)

    assert decoded.getpixel((0, 11)) == (255, 119, 255, 255)  # 7 of 15; rows from the bottom
    assert decoded.getpixel((0, 0)) == (0, 0, 0, 255)


def test_a_negative_height_means_rows_from_the_top() -> None:
    values = np.zeros((12, 12), "<u4")
    values[0, 0] = 0xFF

    data = bitmap(values.tobytes(), height=-12)

    assert decode_bitmap(read_bitmap_header(data), data).getpixel((0, 0))[0] == 255


def test_its_facts_are_those_of_a_bmp() -> None:
    facts = load_image(bitmap()).facts

    assert (facts.format, facts.width, facts.height) == ("BMP", 12, 12)


def test_a_look_at_its_header_decodes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    def decode(*_: object) -> None:
        raise AssertionError("it was decoded")

    monkeypatch.setattr("logo_classifier.pictures.formats.bitmap.decode_bitmap", decode)

    assert Picture(bitmap()).count_pixels(Limits()) == 144
    assert check_image(bitmap()).format == "BMP"


@pytest.mark.parametrize("bits", [2, 16, 32])
def test_decoding_takes_little_more_memory_than_the_pixels(bits: int) -> None:
    side = 1024
    data = bitmap(
        bytes(side * side * bits // 8),
        width=side,
        height=side,
        bits=bits,
        compression=0 if bits == 2 else 3,
        masks=(0x7, 0x38, 0x1C0, 0),
    )
    header = read_bitmap_header(data)

    tracemalloc.start()
    decode_bitmap(header, data)
    _, peak_bytes = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert peak_bytes < 1.7 * side * side * 4


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"width": 9}, BadDimensions),
        ({"height": 5001}, BadDimensions),
        ({"width": -12}, UnsupportedFormat),
        ({"pixels": bytes(100)}, InvalidImage),
        ({"masks": (0b101, 0xF00, 0xF000, 0)}, InvalidImage),
        ({"planes": 2}, UnsupportedFormat),
        ({"bits": 7}, UnsupportedFormat),
        ({"compression": 9}, UnsupportedFormat),
    ],
    ids=str,
)
def test_damage_and_unknown_kinds_are_refused(
    change: dict[str, int], error: type[Exception]
) -> None:
    with pytest.raises(error):
        load_image(bitmap(**change))  # type: ignore[arg-type]


def test_a_bitmap_cut_anywhere_is_refused() -> None:
    data = (SUITE / "images__bmp__images__pal2color.bmp").read_bytes()

    for length in range(2, len(data) - 1, 61):
        with pytest.raises(InvalidImage):
            load_image(data[:length])


def test_sides_are_refused_before_anything_is_decoded() -> None:
    with pytest.raises(BadDimensions, match="70000 x 70000 px"):
        load_image(bitmap(b"", width=70000, height=70000), Limits())


def with_header(size: int, bits: int = 8, side: int = 16) -> bytes:
    """Return a BMP with the first bytes of OS/2's header; what is left out is zero."""
    whole = struct.pack("<IiiHHIIiiII", size, side, side, 1, bits, *[0] * 6).ljust(64, b"\0")
    header = whole[:size] if size > 12 else struct.pack("<IHHHH", 12, side, side, 1, bits)
    entry = 3 if size == 12 else 4
    palette = b"".join(bytes([level] * 3 + [0] * (entry - 3)) for level in range(256))
    rows = np.full((side, side), 255, np.uint8)
    rows[4:10, 4:10] = 7
    pixels = rows.tobytes() if bits == 8 else np.repeat(rows, 3).tobytes()
    body = header + (palette if bits == 8 else b"")
    start = 14 + len(body)
    return struct.pack("<2sIHHI", b"BM", start + len(pixels), 0, 0, start) + body + pixels


@pytest.mark.parametrize("bits", [8, 24])
@pytest.mark.parametrize("size", [12, 16, 20, 24, 36, 40, 42, 46, 48, 52, 56, 60, 64])
def test_a_header_of_os2_of_any_length_is_read(size: int, bits: int) -> None:
    loaded = load_image(with_header(size, bits))

    assert (loaded.facts.format, loaded.facts.width, loaded.facts.height) == ("BMP", 16, 16)
    assert loaded.pixels.shape == (6, 6, 3)
    assert np.unique(loaded.pixels).tolist() == [7]


@pytest.mark.parametrize("colours", [257, 300, 2**31])
def test_more_colours_than_a_pixel_can_tell_apart_are_passed_over(colours: int) -> None:
    data = bytearray(with_header(40))
    data[46:50] = struct.pack("<I", colours)

    assert load_image(data).pixels.shape == (6, 6, 3)


@pytest.mark.parametrize("size", [0, 11, 13, 15, 100, 2**32 - 1])
def test_a_header_of_no_known_length_is_refused(size: int) -> None:
    data = bytearray(with_header(40))
    data[14:18] = struct.pack("<I", size)

    with pytest.raises(InvalidImage):
        load_image(data)
