"""Where the margins of a picture end, and how much ink is inside."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from logo_classifier.pictures.normalising import (
    WHITE,
    content_box,
    content_mask,
    margin_colour,
    normalise,
)

Pixels = NDArray[np.uint8]
TOLERANCE = 20


def slow_mask(pixels: Pixels, surround: tuple[int, ...]) -> list[list[bool]]:
    return [
        [any(abs(a - b) > TOLERANCE for a, b in zip(px, surround, strict=True)) for px in row]
        for row in pixels.tolist()
    ]


def slow_box(mask: list[list[bool]]) -> tuple[int, int, int, int]:
    columns = [x for row in mask for x, inked in enumerate(row) if inked]
    rows = [y for y, row in enumerate(mask) if any(row)]
    if not rows:
        return 0, 0, len(mask[0]), len(mask)
    left, top = min(columns), min(rows)
    return left, top, max(columns) + 1 - left, max(rows) + 1 - top


@given(
    seed=st.integers(0, 2**32 - 1),
    height=st.integers(1, 15),
    width=st.integers(1, 15),
    span=st.sampled_from([1, 20, 21, 25, 256]),
    surround=st.tuples(*[st.integers(0, 255)] * 3),
)
@settings(max_examples=100, deadline=None)
def test_content_is_what_differs_by_more_than_20_levels_in_a_channel(
    seed: int, height: int, width: int, span: int, surround: tuple[int, int, int]
) -> None:
    off = np.random.default_rng(seed).integers(-span, span + 1, (height, width, 3))
    pixels = np.clip(np.array(surround) + off, 0, 255).astype(np.uint8)

    mask = content_mask(pixels, surround)

    assert mask.astype(bool).tolist() == slow_mask(pixels, surround)
    assert content_box(mask) == slow_box(slow_mask(pixels, surround))


@pytest.mark.parametrize("level", [0, 5, 128, 250, 255])
@pytest.mark.parametrize(("off", "inside"), [(20, False), (21, True), (-20, False), (-21, True)])
def test_a_difference_of_20_levels_is_none(level: int, off: int, inside: bool) -> None:
    if not 0 <= level + off <= 255:
        off = -off
    pixels = np.full((3, 4, 3), level, np.uint8)
    pixels[1, 2, 1] = level + off

    box = content_box(content_mask(pixels, (level,) * 3))

    assert box == ((2, 1, 1, 1) if inside else (0, 0, 4, 3))


def test_the_margins_have_the_colour_that_the_corners_share() -> None:
    pixels = np.zeros((30, 40, 3), np.uint8)
    for y, x, level in ((0, 0, 100), (0, -1, 104), (-1, 0, 106), (-1, -1, 120)):
        pixels[y, x] = level

    assert margin_colour(pixels, WHITE) == (105, 105, 105)
    pixels[-1, -1, 2] = 121
    assert margin_colour(pixels, WHITE) == WHITE


@pytest.mark.parametrize("seed", range(5))
def test_ink_is_counted_before_and_after_trimming_alike(seed: int) -> None:
    rng = np.random.default_rng(seed)
    rgba = np.full((60, 80, 4), 255, np.uint8)
    rgba[12:40, 20:70, :3] = rng.integers(0, 256, (28, 50, 3))
    rgba[12:40, 20:70, 3] = rng.integers(0, 256, (28, 50))

    found = normalise(rgba)

    inside = np.array(slow_mask(found.pixels, found.surround))
    assert found.ink_px == int(inside.sum())
    assert inside[0].any()
    assert inside[-1].any()
    assert inside[:, 0].any()
    assert inside[:, -1].any()


@pytest.mark.parametrize(("level", "ink_px"), [(255, 0), (240, 0), (235, 0), (234, 12), (0, 12)])
def test_what_hardly_differs_is_no_ink(level: int, ink_px: int) -> None:
    rgba = np.full((20, 20, 4), 255, np.uint8)
    rgba[5:8, 6:10, :3] = level

    found = normalise(rgba)

    assert found.ink_px == ink_px
    assert found.pixels.shape[:2] == ((3, 4) if ink_px else (20, 20))


def test_a_picture_without_ink_is_kept_whole() -> None:
    found = normalise(np.zeros((20, 30, 4), np.uint8))

    assert (found.ink_px, found.pixels.shape) == (0, (20, 30, 3))
    assert found.pixels.shape[:2] == found.rgba.shape[:2]
