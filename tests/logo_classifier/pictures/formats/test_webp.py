"""Of a WebP the first frame is decoded, once."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from PIL import Image, WebPImagePlugin

from logo_classifier.errors import InvalidImage
from logo_classifier.pictures.image import load_image
from logo_classifier.pictures.limits import Limits

Encode = Callable[..., bytes]
LIMITS = Limits(formats=("WEBP", "PNG"))


def moving(*frames: Image.Image, encode: Encode, **options: object) -> bytes:
    return encode(frames[0], "WEBP", save_all=True, append_images=frames[1:], **options)


@pytest.mark.parametrize("mode", ["RGB", "RGBA"])
@pytest.mark.parametrize("lossless", [True, False])
def test_the_first_frame_of_an_animation_is_decoded(
    mode: str, lossless: bool, disc: Image.Image, encode: Encode
) -> None:
    first = disc.convert(mode)
    if mode == "RGBA":
        first.putalpha(disc.convert("L").point(lambda level: 255 if level < 250 else 0))
    other = Image.new(mode, disc.size, "blue")

    loaded = load_image(moving(first, other, encode=encode, lossless=lossless), LIMITS)

    expected = load_image(encode(first), LIMITS)
    assert (loaded.facts.width, loaded.facts.height) == disc.size
    assert loaded.pixels.shape == expected.pixels.shape
    if lossless:
        assert np.array_equal(loaded.pixels, expected.pixels)


def test_a_first_frame_that_is_smaller_than_its_canvas_stands_on_transparency(
    encode: Encode,
) -> None:
    picture = Image.new("RGBA", (100, 80))
    picture.paste((200, 30, 30, 255), (20, 10, 60, 50))
    data = moving(picture, Image.new("RGBA", (100, 80), "blue"), encode=encode, lossless=True)

    loaded = load_image(data, LIMITS)

    assert np.array_equal(loaded.pixels, load_image(encode(picture), LIMITS).pixels)
    assert (loaded.facts.width, loaded.facts.height) == (100, 80)


def test_pillows_decoder_of_several_copies_is_not_asked(
    disc: Image.Image, encode: Encode, monkeypatch: pytest.MonkeyPatch
) -> None:
    def load(*_: object) -> None:
        raise AssertionError("Pillow decodes")

    monkeypatch.setattr(WebPImagePlugin.WebPImageFile, "load", load)

    assert load_image(encode(disc, "WEBP"), LIMITS).pixels.shape == (80, 80, 3)


def test_the_orientation_counts(disc: Image.Image, encode: Encode) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    wide = disc.crop((0, 20, 128, 70))

    turned = load_image(encode(wide, "WEBP", lossless=True, exif=exif), LIMITS)
    upright = load_image(encode(wide, "WEBP", lossless=True), LIMITS)

    assert turned.pixels.shape[:2] == upright.pixels.shape[1::-1]


def test_a_frame_outside_the_canvas_is_damage(disc: Image.Image, encode: Encode) -> None:
    data = bytearray(moving(disc, Image.new("RGB", disc.size, "blue"), encode=encode))
    frame = data.index(b"ANMF") + 8
    data[frame : frame + 3] = b"\xff\xff\xff"

    with pytest.raises(InvalidImage):
        load_image(data, LIMITS)
