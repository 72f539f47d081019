"""What a picture keeps when its size changes."""

from __future__ import annotations

import numpy as np
import pytest

from logo_classifier.pictures.pixels import resample


@pytest.mark.parametrize(
    ("size", "scale", "expected"),
    [
        ((384, 200), 0.5, (192, 100)),
        ((383, 201), 0.47, (180, 94)),
        ((5000, 10), 0.0384, (192, 1)),
        ((10, 5000), 0.0384, (1, 192)),
        ((1, 1), 180, (180, 180)),
        ((100, 50), 1.0, (100, 50)),
    ],
)
def test_sides_are_rounded_and_never_vanish(
    size: tuple[int, int], scale: float, expected: tuple[int, int]
) -> None:
    width, height = size
    scaled = resample(np.zeros((height, width, 3), np.uint8), scale)

    assert (scaled.shape[1], scaled.shape[0]) == expected


@pytest.mark.parametrize("scale", [0.06, 0.25, 0.4, 0.5, 0.6, 0.9, 1.0, 1.4, 2.5, 7.0])
def test_one_colour_stays_what_it_is(scale: float) -> None:
    scaled = resample(np.full((61, 150, 3), (12, 130, 251), np.uint8), scale)

    assert (scaled == (12, 130, 251)).all()


@pytest.mark.parametrize("halvings", [1, 2, 3])
def test_halves_are_the_means_of_their_pixels(halvings: int) -> None:
    block = 2**halvings
    rng = np.random.default_rng(1)
    pixels = rng.integers(0, 256, (8 * block, 10 * block, 3), np.uint8)
    means = pixels.reshape(8, block, 10, block, 3).mean(axis=(1, 3))

    assert np.abs(resample(pixels, 1 / block) - means).max() <= halvings


@pytest.mark.parametrize("reduction", [1.1, 1.3, 1.49, 1.6, 1.9, 2.1, 2.9, 3.1, 4.2, 5.9])
@pytest.mark.parametrize("upright", [True, False])
def test_no_line_of_one_pixel_is_passed_over(reduction: float, upright: bool) -> None:
    left_of_it = []
    for place in range(100, 140):
        pixels = np.full((300, 300, 3), 255, np.uint8)
        pixels[:, place] = 0
        scaled = resample(pixels if upright else pixels.swapaxes(0, 1), 1 / reduction)
        across = scaled[scaled.shape[0] // 2] if upright else scaled[:, scaled.shape[1] // 2]
        left_of_it.append((255 - across[:, 0].astype(float)).sum() / 255 * reduction)

    assert min(left_of_it) > 0.7
    assert max(left_of_it) < 1.5
