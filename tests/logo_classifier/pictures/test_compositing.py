"""A picture is laid over a colour exactly as Pillow lays it."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from PIL import Image

from logo_classifier.pictures.normalising import BACKDROPS, composite, normalise

Pixels = NDArray[np.uint8]
Colour = tuple[int, int, int]

OPACITIES = {
    "any": (0, 256),
    "nearly clear": (0, 3),
    "nearly opaque": (253, 256),
    "translucent": (1, 255),
    "clear": (0, 1),
    "opaque": (255, 256),
}
"""The opacities of each kind of picture: at least the first, below the second."""

colours = st.tuples(*[st.integers(0, 255)] * 3)


def by_pillow(rgba: Pixels, backdrop: Colour) -> Pixels:
    image = Image.fromarray(rgba)
    laid = Image.new("RGB", image.size, backdrop)
    laid.paste(image, mask=image)
    return np.asarray(laid)


def pixels(seed: int, height: int, width: int, opacities: tuple[int, int] = (0, 256)) -> Pixels:
    rng = np.random.default_rng(seed)
    rgba = rng.integers(0, 256, (height, width, 4), np.uint8)
    rgba[..., 3] = rng.integers(*opacities, (height, width))
    return rgba


def assert_as_pillow(rgba: Pixels, backdrop: Colour) -> None:
    before = rgba.copy()

    laid = composite(rgba, backdrop)

    assert laid.dtype == np.uint8
    assert np.array_equal(laid, by_pillow(rgba, backdrop))
    assert np.array_equal(rgba, before)


@pytest.mark.parametrize("kind", OPACITIES)
@given(
    seed=st.integers(0, 2**32 - 1),
    height=st.integers(1, 20),
    width=st.integers(1, 20),
    backdrop=colours | st.sampled_from(BACKDROPS),
)
@settings(max_examples=40, deadline=None)
def test_any_picture_is_laid_over_any_colour_as_by_pillow(
    kind: str, seed: int, height: int, width: int, backdrop: Colour
) -> None:
    assert_as_pillow(pixels(seed, height, width, OPACITIES[kind]), backdrop)


@given(seed=st.integers(0, 2**32 - 1), backdrop=colours)
@settings(max_examples=40, deadline=None)
def test_ink_that_is_there_or_not_is_laid_as_by_pillow(seed: int, backdrop: Colour) -> None:
    rgba = pixels(seed, 17, 13)
    rgba[..., 3] = np.where(rgba[..., 3] > 127, 255, 0)

    assert_as_pillow(rgba, backdrop)


@pytest.mark.parametrize("level", [0, 1, 34, 127, 128, 254, 255])
def test_every_level_at_every_opacity_is_rounded_as_by_pillow(level: int) -> None:
    rgba = np.empty((256, 256, 4), np.uint8)
    rgba[..., :3] = np.arange(256)[:, None, None]
    rgba[..., 3] = np.arange(256)

    assert_as_pillow(rgba, (level, 255 - level, level))


def test_a_part_of_a_larger_picture_is_laid_as_by_pillow() -> None:
    part = pixels(1, 60, 80)[5:50:2, 7:70]

    assert_as_pillow(part, (34, 34, 34))


def test_a_picture_that_may_not_be_written_to_is_laid_as_by_pillow() -> None:
    rgba = pixels(2, 30, 40)
    rgba.flags.writeable = False

    assert_as_pillow(rgba, (128, 128, 128))


def test_a_large_picture_is_laid_as_by_pillow() -> None:
    assert_as_pillow(pixels(3, 767, 767), (255, 255, 255))


@pytest.mark.parametrize("kind", OPACITIES)
def test_what_is_normalised_is_laid_over_its_backdrop(kind: str) -> None:
    normalised = normalise(pixels(4, 40, 50, OPACITIES[kind]))

    laid = by_pillow(np.ascontiguousarray(normalised.rgba), normalised.backdrop)
    assert np.array_equal(normalised.pixels, laid)
