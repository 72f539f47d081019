"""A picture without anything to see has no type; a faint logo has."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO

import numpy as np
import pytest
from PIL import Image, ImageDraw

from logo_classifier import HybridClassifier, InvalidImage, NoVisibleLogo
from logo_classifier.pictures.image import load_image

Encode = Callable[..., bytes]
CLEAR = (0, 0, 0, 0)


@pytest.mark.parametrize("size", [(10, 10), (40, 30), (1200, 900)])
@pytest.mark.parametrize(
    ("mode", "colour"),
    [
        ("RGBA", CLEAR),
        ("RGBA", (200, 30, 30, 0)),
        ("RGBA", (200, 30, 30, 128)),
        ("RGB", "white"),
        ("RGB", "red"),
        ("L", 0),
        ("1", 1),
        ("P", 0),
    ],
)
def test_one_colour_is_no_logo(
    mode: str, colour: object, size: tuple[int, int], encode: Encode
) -> None:
    with pytest.raises(NoVisibleLogo, match="nothing is to be seen"):
        load_image(encode(Image.new(mode, size, colour)))  # type: ignore[arg-type]


@pytest.mark.parametrize("format", ["PNG", "JPEG", "BMP", "GIF"])
def test_a_blank_picture_is_no_logo_in_any_format(format: str, encode: Encode) -> None:
    with pytest.raises(NoVisibleLogo):
        load_image(encode(Image.new("RGB", (64, 48), (250, 250, 250)), format))


def test_hidden_colours_below_transparency_are_not_seen(encode: Encode) -> None:
    picture = Image.effect_noise((64, 48), 90).convert("RGBA")
    picture.putalpha(0)

    with pytest.raises(NoVisibleLogo):
        load_image(encode(picture))


def test_a_blank_first_frame_is_no_logo(disc: Image.Image, encode: Encode) -> None:
    blank = Image.new("RGB", disc.size, "white")

    with pytest.raises(NoVisibleLogo):
        load_image(encode(blank, "GIF", save_all=True, append_images=[disc]))


@pytest.mark.parametrize("seed", range(3))
def test_a_speck_and_the_noise_of_a_scan_are_no_logo(seed: int, encode: Encode) -> None:
    noise = np.random.default_rng(seed).integers(248, 256, (90, 120, 3), np.uint8)
    noise[40, 40:43] = 0

    with pytest.raises(NoVisibleLogo):
        load_image(encode(Image.fromarray(noise)))


@pytest.mark.parametrize("difference", [8, 12, 20, 40])
@pytest.mark.parametrize("background", [255, 128, 0])
def test_a_faint_logo_is_seen(difference: int, background: int, encode: Encode) -> None:
    ink = background - difference if background > difference else background + difference
    picture = Image.new("RGB", (120, 90), (background,) * 3)
    ImageDraw.Draw(picture).ellipse((30, 20, 90, 70), fill=(ink,) * 3)

    assert load_image(encode(picture)).pixels.shape[2] == 3


@pytest.mark.parametrize("side", [2, 3, 4])
def test_a_small_dot_is_seen(side: int, encode: Encode) -> None:
    picture = Image.new("RGB", (64, 64), "white")
    picture.paste("black", (30, 30, 30 + side, 30 + side))

    assert load_image(encode(picture)).pixels.shape[:2] == (side, side)


@pytest.mark.parametrize("alpha", [10, 60, 255])
def test_white_on_transparency_is_seen(alpha: int, encode: Encode) -> None:
    picture = Image.new("RGBA", (64, 64), CLEAR)
    picture.paste((255, 255, 255, alpha), (20, 20, 44, 44))

    loaded = load_image(encode(picture))

    centre = len(loaded.pixels) // 2
    assert loaded.backdrop != tuple(loaded.pixels[centre, centre].tolist())


def test_all_calls_say_that_nothing_is_to_be_seen(hybrid: HybridClassifier) -> None:
    file = BytesIO()
    Image.new("RGB", (40, 30), "white").save(file, "PNG")
    blank = file.getvalue()

    said = [
        hybrid.classify_safe(blank),
        hybrid.classify_with_fallbacks(blank),
        *hybrid.classify_batch([blank, blank]),
    ]

    assert [answer["error"]["type"] for answer in said] == ["no_visible_logo"] * 4
    assert not any("logo_type" in answer for answer in said)
    assert issubclass(NoVisibleLogo, InvalidImage)
