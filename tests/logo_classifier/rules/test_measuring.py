"""What features share is what it says, and is made once, when it is first asked for."""

from __future__ import annotations

from functools import cached_property

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from logo_classifier.rules.measuring import (
    BORDER,
    COLOUR_CODES,
    SMOOTH_STEP,
    STRIDE,
    VISIBLE_STEP,
    Measured,
    above,
    count,
    histogram,
    sparse,
    up_to,
)
from tests.logo_classifier.rules.normalised import look, look_at, noise, row_of

SHARED = [name for name, made in vars(Measured).items() if isinstance(made, cached_property)]


def random_pixels(seed: int, size: tuple[int, int] = (40, 30), levels: int = 256) -> Measured:
    values = np.random.default_rng(seed).integers(0, levels, (size[1], size[0], 3), np.uint8)
    return look_at(values, (200, 100, 0))


@pytest.mark.parametrize(
    ("size", "side_px", "expected"),
    [
        ((300, 90), 192, (192, 58)),
        ((90, 300), 192, (58, 192)),
        ((300, 90), 160, (160, 48)),
        ((60, 40), 192, (60, 40)),
        ((192, 10), 32, (32, 2)),
    ],
)
def test_a_picture_is_shrunk_to_its_side_and_never_enlarged(
    size: tuple[int, int], side_px: int, expected: tuple[int, int]
) -> None:
    measured = look(Image.new("RGB", size, "red"), side_px)

    assert (measured.width, measured.height) == expected
    assert measured.pixels.shape == (expected[1] + 2 * BORDER, expected[0] + 2 * BORDER, 3)


def test_the_side_of_the_source_is_that_before_shrinking() -> None:
    assert look(Image.new("RGB", (120, 300), "red"), 64).source_side_px == 300


def test_all_around_is_a_border_of_the_backdrop() -> None:
    measured = random_pixels(1)

    inside = np.s_[BORDER:-BORDER, BORDER:-BORDER]
    outside = np.ones(measured.pixels.shape[:2], bool)
    outside[inside] = False
    assert (measured.pixels[outside] == measured.backdrop).all()
    assert measured.pixels[inside].shape == (30, 40, 3)


def test_nothing_is_made_before_it_is_asked_for() -> None:
    assert not set(SHARED) & vars(random_pixels(1)).keys()


@pytest.mark.parametrize("name", SHARED)
def test_what_is_shared_is_made_once(name: str) -> None:
    measured = random_pixels(1)

    assert getattr(measured, name) is getattr(measured, name)


def test_a_step_is_the_span_of_four_neighbours_in_the_channel_that_spans_most() -> None:
    measured = random_pixels(2)

    values = measured.pixels.astype(int)
    height, width = values.shape[:2]
    for y in range(1, height):
        for x in range(1, width):
            near = values[y - 1 : y + 1, x - 1 : x + 1].reshape(4, 3)
            assert measured.step[y, x] == np.ptp(near, axis=0).max()


def test_ink_is_what_differs_from_the_backdrop_by_more_than_24_levels_in_a_channel() -> None:
    levels = [0, 24, 25, 255]
    pixels = np.array([[(level, 0, 0), (0, 0, level)] for level in levels], np.uint8)

    ink = look_at(pixels, (0, 0, 0)).ink[BORDER:-BORDER, BORDER:-BORDER]

    assert ink.tolist() == [[0, 0], [0, 0], [1, 1], [1, 1]]


def test_ink_is_counted_and_is_never_none() -> None:
    assert look(row_of((0, 0, 0), (9, 9, 9))).ink_px == 2 * 12 * 24
    assert look(Image.new("RGB", (40, 30), "white")).ink_px == 1


@pytest.mark.parametrize("seed", range(3))
def test_codes_keep_the_four_high_bits_of_each_channel(seed: int) -> None:
    measured = random_pixels(seed)

    high = measured.pixels[::STRIDE, ::STRIDE].astype(int) // 16
    codes = high[..., 0] * 256 + high[..., 1] * 16 + high[..., 2]
    assert np.array_equal(measured.sparse_codes, codes)
    assert codes.max() < COLOUR_CODES
    counts = np.bincount(codes.ravel(), minlength=COLOUR_CODES)
    assert np.array_equal(measured.code_counts, counts)


def test_colours_of_ink_are_counted_where_it_is_smooth() -> None:
    measured = look(row_of((200, 0, 0), (0, 0, 200)))

    step, ink = (sparse(values) for values in (measured.step, measured.ink))
    smooth = (ink > 0) & (step <= VISIBLE_STEP)
    codes = measured.sparse_codes[smooth]
    expected = np.bincount(codes, minlength=COLOUR_CODES)
    assert np.array_equal(measured.ink_code_counts, expected)
    assert np.count_nonzero(expected) == 2


def test_areas_are_joined_across_sides_where_no_step_is_visible() -> None:
    measured = look(row_of(*[(0, 0, 0), (200, 0, 0), (0, 0, 200)]))

    areas = measured.areas
    assert int(areas.inked.sum()) == 3
    smooth = measured.step[::STRIDE, ::STRIDE] <= SMOOTH_STEP
    assert areas.sizes.sum() == smooth.sum() * STRIDE**2


def test_areas_that_meet_in_one_pixel_are_two() -> None:
    pixels = np.full((50, 50, 3), 255, np.uint8)
    pixels[10:21, 10:21] = pixels[20:31, 20:31] = 0

    assert int(look_at(pixels).areas.inked.sum()) == 2


def test_masks_are_of_zeros_and_ones() -> None:
    measured = look(noise((60, 40)))

    for mask in (measured.ink, measured.sparse_ink, above(measured.grey, 99)):
        assert mask.dtype == np.uint8
        assert set(np.unique(mask).tolist()) <= {0, 1}


@pytest.mark.parametrize("limit", [0, 1, 127, 254, 255])
def test_each_value_is_either_above_a_limit_or_not(limit: int) -> None:
    values = np.arange(256, dtype=np.uint8).reshape(16, 16)

    assert np.array_equal(above(values, limit), values > limit)
    assert np.array_equal(up_to(values, limit), values <= limit)


@pytest.mark.parametrize("size", [(7, 9), (8, 8), (1, 1)])
def test_sparse_is_every_second_pixel_and_contiguous(size: tuple[int, int]) -> None:
    values = np.arange(size[0] * size[1], dtype=np.uint8).reshape(size)

    thinned = sparse(values)

    assert np.array_equal(thinned, values[::2, ::2])
    assert thinned.flags.c_contiguous


def test_true_values_are_counted() -> None:
    mask: NDArray[np.bool_] = np.random.default_rng(1).random((30, 50)) < 0.3

    assert count(mask) == mask.sum()


@pytest.mark.parametrize(("kind", "size"), [(np.uint8, 256), (np.uint16, COLOUR_CODES)])
@pytest.mark.parametrize("masked", [True, False])
def test_a_histogram_counts_what_numpy_does(kind: type, size: int, masked: bool) -> None:
    rng = np.random.default_rng(4)
    values = rng.integers(0, size, (50, 70)).astype(kind)
    mask = rng.integers(0, 2, (50, 70), np.uint8)

    counts = histogram(values, size, mask if masked else None)

    chosen = values[mask > 0] if masked else values.ravel()
    assert np.array_equal(counts, np.bincount(chosen, minlength=size))
