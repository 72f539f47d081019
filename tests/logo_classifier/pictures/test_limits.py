"""More formats than the usual ones are accepted on request, within the same bounds."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable
from contextlib import suppress
from io import BytesIO
from typing import Any

import numpy as np
import pytest
from PIL import Image, features

from logo_classifier import (
    BadDimensions,
    BadParameter,
    HybridClassifier,
    ImageTooLarge,
    InvalidImage,
    Limits,
    UnsupportedFormat,
)
from logo_classifier.pictures.header import check_image
from logo_classifier.pictures.image import load_image
from logo_classifier.pictures.limits import BROWSER_FORMATS, MORE_FORMATS

Encode = Callable[..., bytes]
MORE = tuple(MORE_FORMATS)
ALL = Limits(formats=(*BROWSER_FORMATS, *MORE))


@pytest.mark.parametrize("format", MORE)
def test_a_format_is_accepted_on_request_alone(
    format: str, disc: Image.Image, encode: Encode
) -> None:
    options = {"sizes": [(96, 96)]} if format == "ICO" else {}
    data = encode(disc.crop((0, 0, 96, 96)), format, **options)

    loaded = load_image(data, Limits(formats=(format,)))

    assert loaded.facts.format == format
    assert (loaded.facts.width, loaded.facts.height) == (96, 96)
    assert np.allclose(loaded.pixels[35, 35], (200, 30, 30), atol=12)
    with pytest.raises(UnsupportedFormat, match=f"this is {format.replace('WEBP', 'WebP')}; save"):
        load_image(data)


@pytest.mark.parametrize("format", ["PNG", "JPEG", "BMP", "GIF"])
def test_the_usual_formats_can_be_left_out(format: str, disc: Image.Image, encode: Encode) -> None:
    rest = tuple(name for name in BROWSER_FORMATS if name != format)

    with pytest.raises(UnsupportedFormat, match="is not a"):
        load_image(encode(disc, format), Limits(formats=rest))


@pytest.mark.parametrize("format", MORE)
def test_the_bounds_are_the_same(format: str, encode: Encode) -> None:
    picture = Image.effect_mandelbrot((64, 64), (-2, -1, 1, 1), 60).convert("RGB")
    data = encode(picture, format)

    with pytest.raises(BadDimensions):
        check_image(data, Limits(formats=(format,), max_side_px=63))
    with pytest.raises(ImageTooLarge):
        check_image(data, Limits(formats=(format,), max_bytes=len(data) - 1))


@pytest.mark.parametrize("format", MORE)
@pytest.mark.parametrize("share", [0.1, 0.4, 0.8])
def test_a_cut_picture_is_refused(format: str, share: float, encode: Encode) -> None:
    picture = Image.effect_noise((64, 64), 80).convert("RGB")
    data = encode(picture, format)

    with pytest.raises((InvalidImage, UnsupportedFormat)):
        load_image(data[: int(len(data) * share)], ALL)


@pytest.mark.parametrize("format", MORE)
def test_damage_anywhere_is_refused_or_passed_over(format: str, encode: Encode) -> None:
    data = encode(Image.effect_mandelbrot((64, 64), (-2, -1, 1, 1), 60).convert("RGB"), format)

    for place in range(0, len(data), max(1, len(data) // 150)):
        damaged = data[:place] + bytes([data[place] ^ 0xFF]) + data[place + 1 :]
        with suppress(InvalidImage):
            load_image(damaged, ALL)


@pytest.mark.parametrize("format", ["WEBP", "AVIF", "TIFF"])
def test_the_first_frame_counts(format: str, disc: Image.Image, encode: Encode) -> None:
    other = Image.new("RGB", disc.size, "blue")

    moving = load_image(encode(disc, format, save_all=True, append_images=[other] * 2), ALL)

    assert np.allclose(moving.pixels, load_image(encode(disc, format), ALL).pixels, atol=30)


def webp(kind: bytes, body: bytes) -> bytes:
    chunk = kind + struct.pack("<I", len(body)) + body
    return b"RIFF" + struct.pack("<I", len(chunk) + 4) + b"WEBP" + chunk


def icon(picture: bytes) -> bytes:
    entry = struct.pack("<BBBBHHII", 16, 16, 0, 0, 1, 32, len(picture), 22)
    return struct.pack("<HHH", 0, 1, 1) + entry + picture


def png_head(side: int) -> bytes:
    data = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + struct.pack(">I", 13)
        + b"IHDR"
        + data
        + struct.pack(">I", zlib.crc32(b"IHDR" + data))
    )


BOMBS = {
    "WebP with a canvas": webp(b"VP8X", bytes(4) + b"\x88\x13\0" * 2),
    "lossless WebP": webp(b"VP8L", b"\x2f" + struct.pack("<I", 9999 | 9999 << 14) + bytes(20)),
    "lossy WebP": webp(b"VP8 ", b"\0\0\0\x9d\x01\x2a" + struct.pack("<HH", 9999, 9999) + bytes(20)),
    "icon of a PNG": icon(png_head(9000)),
    "icon of a bitmap": icon(struct.pack("<IiiHHI", 40, 9000, 18000, 1, 32, 0) + bytes(24)),
}


@pytest.mark.parametrize("data", BOMBS.values(), ids=BOMBS)
def test_a_bomb_is_refused_before_a_decoder_sees_it(
    data: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    def open_(*_: object, **__: object) -> None:
        raise AssertionError("a decoder opened it")

    monkeypatch.setattr(Image, "open", open_)
    with pytest.raises(BadDimensions, match="px"):
        check_image(data, ALL)


def test_an_icon_of_very_many_pictures_is_refused() -> None:
    with pytest.raises(InvalidImage, match="more than the 64 pictures"):
        check_image(struct.pack("<HHH", 0, 1, 65535) + bytes(100), ALL)


@pytest.mark.parametrize("formats", [(), ("png",), ("PNG", "PSD"), ("JPEG2000",), "PNG"])
def test_unknown_formats_are_refused_with_the_known_ones(formats: Any) -> None:
    with pytest.raises(BadParameter, match="PNG, JPEG, BMP, GIF, WEBP, AVIF, TIFF, ICO"):
        Limits(formats=formats)


def test_a_format_whose_codec_is_missing_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(features, "check", lambda name: name != "avif")

    assert Limits(formats=("WEBP",))
    with pytest.raises(BadParameter, match="does not read AVIF"):
        Limits(formats=("AVIF",))


def test_a_classifier_takes_the_formats_of_its_limits(disc: Image.Image) -> None:
    file = BytesIO()
    disc.save(file, "WEBP")
    classifier = HybridClassifier(enable_caching=False, limits=ALL)

    classifier.validate_input(file.getvalue())
    assert classifier.classify(file.getvalue())["image"]["format"] == "WEBP"
