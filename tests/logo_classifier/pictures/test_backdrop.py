"""What a transparent picture is laid over, so that its ink can be seen."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from PIL import Image, ImageDraw

from logo_classifier.pictures.image import LoadedImage, load_image
from logo_classifier.pictures.normalising import BACKDROPS, WHITE
from logo_classifier.rules.features import extract_features

Encode = Callable[..., bytes]
RED = (200, 30, 30)
DARK, MIDDLE = BACKDROPS[1], BACKDROPS[2]
CLEAR = (0, 0, 0, 0)


def colour_at(image: LoadedImage, x: float, y: float) -> tuple[int, ...]:
    height, width = image.pixels.shape[:2]
    return tuple(int(v) for v in image.pixels[int(y * (height - 1)), int(x * (width - 1))])


def ring(ink: tuple[int, ...], size: int = 96) -> Image.Image:
    picture = Image.new("RGBA", (size, size), CLEAR)
    box = (size // 6, size // 6, size - size // 6, size - size // 6)
    ImageDraw.Draw(picture).ellipse(box, outline=ink, width=size // 8)
    return picture


@pytest.mark.parametrize(
    ("ink", "backdrop"),
    [
        ((255, 255, 255, 255), DARK),
        ((0, 0, 0, 255), WHITE),
        ((34, 34, 34, 255), WHITE),
        ((255, 240, 220, 255), DARK),
        ((*RED, 255), WHITE),
    ],
)
def test_the_backdrop_lets_the_ink_be_seen(
    ink: tuple[int, ...], backdrop: tuple[int, ...], encode: Encode
) -> None:
    assert load_image(encode(ring(ink))).backdrop == backdrop


def test_a_white_logo_on_nothing_stays_visible(encode: Encode) -> None:
    loaded = load_image(encode(ring((255, 255, 255, 255))))
    assert colour_at(loaded, 0.5, 0.02) == WHITE
    assert colour_at(loaded, 0.5, 0.5) == DARK
    assert 0.2 < extract_features(loaded).values["ink_share"] < 0.8


def test_ink_of_black_and_white_is_laid_over_grey(encode: Encode) -> None:
    picture = Image.new("RGBA", (96, 48), CLEAR)
    picture.paste((255, 255, 255, 255), (8, 8, 40, 40))
    picture.paste((10, 10, 10, 255), (56, 8, 88, 40))
    loaded = load_image(encode(picture))
    assert loaded.backdrop == MIDDLE
    assert {colour_at(loaded, 0.1, 0.5), colour_at(loaded, 0.9, 0.5)} == {WHITE, (10, 10, 10)}


def test_white_inside_a_coloured_tile_needs_no_dark_backdrop(encode: Encode) -> None:
    tile = Image.new("RGBA", (96, 96), CLEAR)
    tile.paste((*RED, 255), (8, 8, 88, 88))
    tile.paste((255, 255, 255, 255), (30, 30, 66, 66))
    assert load_image(encode(tile)).backdrop == WHITE


def test_half_transparent_ink_is_mixed_with_the_backdrop(encode: Encode) -> None:
    picture = Image.new("RGBA", (64, 64), (0, 0, 0, 128))
    picture.paste(CLEAR, (0, 0, 8, 8))
    assert np.allclose(colour_at(load_image(encode(picture)), 0.5, 0.5), 127, atol=1)


def test_a_faint_shadow_does_not_choose_the_backdrop_of_a_white_logo(encode: Encode) -> None:
    picture = Image.new("RGBA", (64, 64), CLEAR)
    picture.paste((0, 0, 0, 60), (8, 8, 56, 56))
    picture.paste((255, 255, 255, 255), (16, 16, 48, 48))
    assert load_image(encode(picture)).backdrop == DARK


def test_a_little_white_at_the_rim_leaves_a_coloured_logo_on_white(encode: Encode) -> None:
    tile = Image.new("RGBA", (96, 96), CLEAR)
    tile.paste((*RED, 255), (8, 8, 88, 88))
    tile.paste((255, 255, 255, 255), (40, 8, 46, 14))
    assert load_image(encode(tile)).backdrop == WHITE


@pytest.mark.parametrize("alpha", [110, 60, 20])
def test_faint_white_ink_stays_visible(alpha: int, encode: Encode) -> None:
    loaded = load_image(encode(ring((255, 255, 255, alpha))))

    assert loaded.backdrop == DARK
    assert loaded.pixels.min() < loaded.pixels.max()


@pytest.mark.parametrize("least", range(len(BACKDROPS)))
def test_where_ink_vanishes_on_every_backdrop_the_one_that_hides_least_is_taken(
    least: int, encode: Encode
) -> None:
    picture = Image.new("RGBA", (200, 48), CLEAR)
    for place, colour in enumerate(BACKDROPS):
        left, width = 8 + 60 * place, 10 if place == least else 40
        picture.paste((*colour, 255), (left, 8, left + width, 40))

    assert load_image(encode(picture)).backdrop == BACKDROPS[least]
