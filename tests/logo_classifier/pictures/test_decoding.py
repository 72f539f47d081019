"""What becomes of modes, frames and transparency when a picture is decoded."""

from __future__ import annotations

import struct
import tracemalloc
import zlib
from collections.abc import Callable
from io import BytesIO

import numpy as np
import pytest
from PIL import Image, ImageOps

from logo_classifier.pictures.decoding import decode_rgba
from logo_classifier.pictures.header import Picture, open_header
from logo_classifier.pictures.image import load_image
from logo_classifier.pictures.normalising import BACKDROPS, WHITE
from logo_classifier.pictures.source import Limits

Encode = Callable[..., bytes]
RED = (200, 30, 30)
DARK = BACKDROPS[1]
GREY, COLOUR = 0, 2


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "I;16"])
def test_every_png_mode_arrives_as_the_same_picture(mode: str, encode: Encode) -> None:
    square = Image.new("L", (64, 64), 255)
    square.paste(0, (16, 16, 48, 48))
    if mode == "I;16":
        picture = Image.fromarray(np.asarray(square, np.uint16) * 257)
    else:
        picture = square.convert(mode)
    assert picture.mode == mode
    loaded = load_image(encode(picture))
    assert loaded.backdrop == WHITE
    assert loaded.pixels.shape == (32, 32, 3)
    assert not loaded.pixels.any(), "what is left after the trim is black"


def test_16_bit_greys_keep_their_order(encode: Encode) -> None:
    greys = np.repeat(np.linspace(0, 65535, 64).astype(np.uint16)[None], 20, axis=0)
    row = load_image(encode(Image.fromarray(greys))).pixels[0, :, 0].astype(int)
    assert (np.diff(row) >= 0).all()
    assert row[0] == 0
    assert row[-1] > 225, "nothing but what is almost white is trimmed"


def test_a_jpeg_in_print_colours_keeps_its_colours(disc: Image.Image, encode: Encode) -> None:
    loaded = load_image(encode(disc.convert("CMYK"), "JPEG", quality=95))
    height, width = loaded.pixels.shape[:2]
    assert np.allclose(loaded.pixels[height // 2, width // 2], RED, atol=12)
    assert np.allclose(loaded.backdrop, WHITE, atol=3)


@pytest.mark.parametrize("format", ["PNG", "GIF"])
def test_a_transparent_palette_entry_is_transparent(format: str, encode: Encode) -> None:
    picture = Image.new("P", (64, 64), 0)
    picture.putpalette([0, 255, 0, 255, 255, 255])
    picture.paste(1, (16, 16, 48, 48))
    loaded = load_image(encode(picture, format, transparency=0))
    assert loaded.backdrop == DARK
    assert set(map(tuple, loaded.pixels.reshape(-1, 3).tolist())) == {WHITE}


@pytest.mark.parametrize("mode", ["L", "RGB", "I;16"])
def test_a_transparent_colour_is_transparent(mode: str, encode: Encode) -> None:
    picture = Image.new(mode, (64, 64), 0)
    picture.paste(65535 if mode == "I;16" else "white", (16, 16, 48, 48))
    colour: object = (0, 0, 0) if mode == "RGB" else 0
    assert load_image(encode(picture, transparency=colour)).backdrop == DARK


@pytest.mark.parametrize("format", ["PNG", "GIF"])
def test_only_the_first_frame_counts(format: str, disc: Image.Image, encode: Encode) -> None:
    other = Image.new("RGB", disc.size, "blue")
    moving = load_image(encode(disc, format, save_all=True, append_images=[other, other]))
    still = load_image(encode(disc, format))
    assert np.array_equal(moving.pixels, still.pixels)
    assert moving.backdrop == still.backdrop


def test_a_transparent_colour_in_a_large_picture_is_no_ink(encode: Encode) -> None:
    stripes = Image.new("RGB", (1200, 900), "black")
    for left in range(0, 1200, 3):
        stripes.paste("white", (left, 0, left + 2, 900))
    clear = stripes.convert("RGBA")
    clear.putalpha(stripes.convert("L"))
    named = load_image(encode(stripes, transparency=(0, 0, 0)))
    assert named.backdrop == DARK
    assert np.array_equal(named.pixels, load_image(encode(clear)).pixels)


def png_of(bits: int, kind: int, sample: int, transparent: int) -> bytes:
    """Return a PNG of 16 x 16 px, all of one sample, with one sample named as transparent."""
    channels = 3 if kind == COLOUR else 1
    row = "".join(f"{sample:0{bits}b}" * channels for _ in range(16))
    rows = (b"\0" + int(row, 2).to_bytes(len(row) // 8, "big")) * 16
    parts = {
        b"IHDR": struct.pack(">IIBBBBB", 16, 16, bits, kind, 0, 0, 0),
        b"tRNS": struct.pack(">H", transparent) * channels,
        b"IDAT": zlib.compress(rows),
        b"IEND": b"",
    }
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))
        for name, body in parts.items()
    )


@pytest.mark.parametrize(
    ("bits", "kind"),
    [(1, GREY), (2, GREY), (4, GREY), (8, GREY), (16, GREY), (8, COLOUR), (16, COLOUR)],
)
def test_what_a_png_names_as_transparent_is_so_at_every_depth(bits: int, kind: int) -> None:
    most = 2**bits - 1
    for sample in {1, most // 2, most - most // 4, most}:
        with Image.open(BytesIO(png_of(bits, kind, sample, sample))) as file:
            assert not decode_rgba(file)[..., 3].any(), sample
        with Image.open(BytesIO(png_of(bits, kind, sample, most - sample))) as file:
            assert (decode_rgba(file)[..., 3] == 255).all(), sample


@pytest.mark.parametrize("size", [(64, 48), (1600, 1200)])
def test_what_the_first_frame_of_a_gif_leaves_open_is_transparent(size: tuple[int, int]) -> None:
    frame = Image.new("P", (size[0] // 2, size[1] // 2), 1)
    frame.putpalette([255, 0, 0, 255, 255, 255])
    data = bytearray(encode_gif(frame))
    data[6:10] = struct.pack("<HH", *size)  # a larger canvas (GIF89a, 18)

    with Image.open(BytesIO(data)) as file:
        rgba = decode_rgba(file)

    height, width = rgba.shape[:2]
    # A pixel on the border may be shared where the picture is shrunk.
    assert (rgba[: height // 2 - 1, : width // 2 - 1] == 255).all()
    assert not rgba[height // 2 + 1 :, :, 3].any()
    assert not rgba[:, width // 2 + 1 :, 3].any()


def encode_gif(picture: Image.Image) -> bytes:
    file = BytesIO()
    picture.save(file, "GIF", optimize=False)
    return file.getvalue()


@pytest.mark.parametrize("compression", [3, 6], ids=["Pillow's", "rare"])
@pytest.mark.parametrize(("filled_in", "alpha"), [(0, 255), (0x80, 128)])
def test_a_bmp_whose_alpha_nobody_filled_in_is_opaque(
    compression: int, filled_in: int, alpha: int
) -> None:
    head = struct.pack("<IiiHHIIiiII", 56, 16, 16, 1, 32, compression, 0, 0, 0, 0, 0)
    head += struct.pack("<4I", 0xFF0000, 0xFF00, 0xFF, 0xFF000000)
    pixels = bytes([*RED[::-1], 0]) * 255 + bytes([*RED[::-1], filled_in])
    start = 14 + len(head)
    data = struct.pack("<2sIHHI", b"BM", start + len(pixels), 0, 0, start) + head + pixels

    header = open_header(Picture(data), Limits())
    assert header.facts.format == "BMP"
    with header.file as file:
        rgba = decode_rgba(file)

    assert tuple(rgba[0, 15].tolist()) == (*RED, alpha)  # the last pixel ends the top row
    assert rgba[5, 5, 3] == (0 if filled_in else 255)


LARGE = (2600, 2100)


def large(mode: str) -> Image.Image:
    small = Image.effect_mandelbrot((130, 105), (-2, -1, 1, 1), 60)
    wide = small.resize(LARGE)
    if mode == "I;16":
        return Image.fromarray(np.asarray(wide, np.uint16) * 257)
    picture = wide.convert("RGB")
    picture.paste("red", (300, 300, 900, 900))
    return picture.convert(mode)


MODES = ["1", "L", "LA", "P", "RGB", "RGBA", "I;16"]
KINDS = [(mode, False) for mode in MODES] + [(mode, True) for mode in MODES if mode[-1] != "A"]
"""Modes of PNGs, and whether a colour is named as transparent."""


@pytest.mark.parametrize(("mode", "named"), KINDS)
def test_no_copy_of_a_large_picture_is_made(
    mode: str, named: bool, encode: Encode, monkeypatch: pytest.MonkeyPatch
) -> None:
    options = {"transparency": (0, 0, 0) if mode == "RGB" else 0} if named else {}
    data = encode(large(mode), **options)
    copied: list[int] = []

    def noting(name: str) -> None:
        real = getattr(Image.Image, name)

        def call(image: Image.Image, *given: object, **told: object) -> object:
            result = real(image, *given, **told)
            copied.append(result.width * result.height)
            return result

        monkeypatch.setattr(Image.Image, name, call)

    for name in ("convert", "copy", "crop", "reduce", "transpose", "resize", "point"):
        noting(name)
    tracemalloc.start()
    load_image(data)
    _, peak_bytes = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert max(copied) < LARGE[0] * LARGE[1] // 4
    assert peak_bytes < LARGE[0] * LARGE[1] * 3, "numpy holds no copy either"


@pytest.mark.parametrize(("mode", "named"), [kind for kind in KINDS if kind[0] != "I;16"])
def test_strips_give_the_same_as_the_whole(mode: str, named: bool, encode: Encode) -> None:
    options = {"transparency": (0, 0, 0) if mode == "RGB" else 0} if named else {}
    data = encode(large(mode), **options)

    with Image.open(BytesIO(data)) as file:
        strips = decode_rgba(file)

    with Image.open(BytesIO(data)) as file:
        opaque = file.mode in ("L", "RGB") and "transparency" not in file.info
        whole = (file if opaque else file.convert("RGBA")).reduce(5).convert("RGBA")
    assert np.array_equal(strips, np.asarray(whole))


@pytest.mark.parametrize("value", range(1, 9))
def test_a_large_picture_is_turned_as_its_orientation_says(value: int, encode: Encode) -> None:
    picture = large("RGB").crop((0, 0, 2560, 2050))
    exif = Image.Exif()
    exif[0x0112] = value
    with Image.open(BytesIO(encode(picture, exif=exif))) as file:
        turned = decode_rgba(file)
        upright = ImageOps.exif_transpose(file)

    assert np.array_equal(turned, np.asarray(upright.reduce(5).convert("RGBA")))
