"""Areas are what a slow count of their pixels says."""

from __future__ import annotations

from statistics import fmean, pstdev

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from logo_classifier.rules.segments import Areas, Labels

Pixels = NDArray[np.uint8]


class Slow:
    """The same by loops in plain Python."""

    def __init__(self, labels: Labels, pixels: Pixels, stride: int) -> None:
        places: dict[int, list[tuple[int, int]]] = {}
        for y, row in enumerate(labels.tolist()):
            for x, label in enumerate(row):
                places.setdefault(label, []).append((x, y))
        self.sizes, self.inked, self.means, self.deviations = [], [], [], []
        self.centres, self.statistics = [], []
        for label in sorted(places):
            own = places[label]
            colours = [pixels[y, x].tolist() for x, y in own]
            red, green, blue, ink = zip(*colours, strict=True)
            self.sizes.append(len(own) * stride**2 if label else 0)
            self.inked.append(bool(label) and fmean(ink) >= 0.5)
            self.means.append([fmean(channel) for channel in (red, green, blue)])
            self.deviations.append(max(pstdev(channel) for channel in (red, green, blue)))
            columns, rows = zip(*own, strict=True)
            self.centres.append([fmean(columns), fmean(rows)])
            if label:
                box = (min(columns), min(rows), np.ptp(columns) + 1, np.ptp(rows) + 1)
                self.statistics.append([*(side * stride for side in box), self.sizes[-1]])


def scattered(seed: int, height: int, width: int, most: int) -> Labels:
    """Return random labels, in no connected areas and not all of them there."""
    rng = np.random.default_rng(seed)
    return rng.integers(0, most + 1, (height, width)).astype(np.uint16)


def connected(seed: int, height: int, width: int, share: float) -> Labels:
    """Return the labels of the connected areas of a random mask."""
    mask = np.random.default_rng(seed).random((height, width)) < share
    found = cv2.connectedComponents(mask.astype(np.uint8), connectivity=4, ltype=cv2.CV_16U)[1]
    return np.asarray(found, np.uint16)


def colours(seed: int, shape: tuple[int, ...]) -> Pixels:
    rng = np.random.default_rng(seed)
    pixels = rng.integers(0, 256, (*shape, 4), np.uint8)
    pixels[..., 3] = rng.random(shape) < 0.5
    return pixels


def compare(labels: Labels, seed: int, stride: int = 2) -> None:
    pixels = colours(seed, labels.shape)
    fast, slow = Areas(labels, pixels, stride), Slow(labels, pixels, stride)

    assert fast.sizes.tolist() == slow.sizes
    assert fast.inked.tolist() == slow.inked
    assert np.allclose(fast.means, slow.means, atol=1e-9)
    assert np.allclose(fast.deviations, slow.deviations, atol=1e-5)
    assert np.allclose(fast.centres(), slow.centres, atol=1e-9)
    assert fast.statistics().tolist() == slow.statistics
    assert fast.statistics().dtype == np.int32


@given(
    seed=st.integers(0, 2**32 - 1),
    height=st.integers(1, 25),
    width=st.integers(1, 25),
    most=st.sampled_from([0, 1, 2, 9, 400, 65_535]),
    stride=st.sampled_from([1, 2, 3]),
)
@settings(max_examples=60, deadline=None)
def test_scattered_areas_are_what_a_slow_count_says(
    seed: int, height: int, width: int, most: int, stride: int
) -> None:
    compare(scattered(seed, height, width, most), seed, stride)


@pytest.mark.parametrize("share", [0.0, 0.2, 0.6, 0.9, 1.0])
@pytest.mark.parametrize("seed", range(4))
def test_connected_areas_are_what_a_slow_count_says(seed: int, share: float) -> None:
    compare(connected(seed, 40, 60, share), seed)


@pytest.mark.parametrize("label", [0, 1, 65_535])
@pytest.mark.parametrize("shape", [(1, 1), (1, 9), (9, 1), (6, 7)])
def test_one_area_that_is_everything_is_measured(shape: tuple[int, int], label: int) -> None:
    compare(np.full(shape, label, np.uint16), 1)


def test_what_is_not_smooth_has_no_size_and_is_no_ink() -> None:
    labels = np.array([[0, 0, 7, 7]], np.uint16)
    pixels = np.full((1, 4, 4), 1, np.uint8)

    areas = Areas(labels, pixels, 2)

    assert areas.sizes.tolist() == [0, 8]
    assert areas.inked.tolist() == [False, True]
    assert areas.statistics().tolist() == [[4, 0, 4, 2, 8]]


@pytest.mark.parametrize(("ink", "inked"), [([1, 1, 0, 0], True), ([1, 0, 0, 0], False)])
def test_an_area_is_ink_where_half_of_its_pixels_are(ink: list[int], inked: bool) -> None:
    pixels = np.zeros((1, 4, 4), np.uint8)
    pixels[0, :, 3] = ink

    areas = Areas(np.ones((1, 4), np.uint16), pixels, 2)

    assert areas.inked.tolist() == [inked]


@pytest.mark.parametrize("level", range(0, 256, 15))
def test_an_even_area_deviates_by_nothing(level: int) -> None:
    pixels = np.full((50, 50, 4), level, np.uint8)

    areas = Areas(np.ones((50, 50), np.uint16), pixels, 2)

    assert areas.deviations.tolist() == [0]


def test_areas_cover_the_pixels_that_they_are_made_of() -> None:
    labels = np.array([[0, 2, 2, 0], [1, 1, 0, 3]], np.uint16)
    areas = Areas(labels, np.zeros((2, 4, 4), np.uint8), 2)

    assert areas.cover(np.array([False, True, False, True])).tolist() == [
        [False, False, False, False],
        [True, True, False, True],
    ]
