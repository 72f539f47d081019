"""What a picture keeps when its size changes."""

from __future__ import annotations

import numpy as np
import pytest

from logo_classifier.pictures.pixels import Pixels, halve, resample


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


def random_pixels(size: tuple[int, int], seed: int = 1) -> Pixels:
    return np.random.default_rng(seed).integers(0, 256, (size[1], size[0], 3), np.uint8)


@pytest.mark.parametrize("size", [(384, 200), (512, 512), (512, 40), (40, 768), (1536, 1024)])
@pytest.mark.parametrize("side", [60, 100, 160, 180, 192])
def test_halving_first_changes_nothing_of_what_is_resampled(
    size: tuple[int, int], side: int
) -> None:
    pixels = random_pixels(size)
    halved = halve(pixels, 192)

    alone = resample(pixels, side / max(size))

    assert np.array_equal(resample(halved, side / max(halved.shape[:2])), alone)


@pytest.mark.parametrize("size", [(383, 300), (40, 30), (1, 1), (192, 192), (100, 383)])
def test_what_is_less_than_twice_as_large_is_not_halved(size: tuple[int, int]) -> None:
    pixels = random_pixels(size)

    assert np.array_equal(halve(pixels, 192), pixels)


@pytest.mark.parametrize("width", range(384, 1600, 61))
@pytest.mark.parametrize("aspect", [0.01, 0.3, 0.77, 1.0])
def test_halving_stops_before_a_side_gets_smaller_than_it_is_to_be(
    width: int, aspect: float
) -> None:
    height = round(width * aspect)
    least_height = max(1, round(height * 192 / width))

    halved = halve(random_pixels((width, height)), 192)

    assert halved.shape[1] >= 192
    assert halved.shape[0] >= least_height
    assert halved.shape[1] < 2 * 192 or halved.shape[0] < 2 * least_height


def test_halves_are_contiguous_and_in_memory_of_their_own_if_need_be() -> None:
    part = random_pixels((300, 200))[10:100, 20:200]

    assert halve(part, 192).flags.c_contiguous
    assert halve(random_pixels((801, 601)), 192).flags.c_contiguous
