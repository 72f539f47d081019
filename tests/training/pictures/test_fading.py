"""A painted fade is one that eyes would see, on enough of the ink, and changes nothing else."""

from __future__ import annotations

import numpy as np
import pytest

from logo_classifier.pictures.pixels import Pixels
from training.pictures.fading import fade

SEEDS = range(60)
RED, BLUE = (200, 30, 40), (20, 60, 180)


def two_flats(blue_share: float) -> Pixels:
    """Return a red tile, blue in its right part, in a transparent margin."""
    rgba = np.zeros((80, 120, 4), np.uint8)
    rgba[10:70, 10:110] = (*RED, 255)
    rgba[10:70, 110 - round(100 * blue_share) : 110] = (*BLUE, 255)
    return rgba


def painted(rgba: Pixels) -> list[Pixels]:
    return [fade(rgba, np.random.default_rng(seed)) for seed in SEEDS]


def moved(before: Pixels, after: Pixels) -> Pixels:
    return np.abs(before.astype(int) - after).max(axis=2).astype(np.uint8)


@pytest.mark.parametrize("ink", [RED, BLUE, (0, 0, 0), (128, 128, 128), (255, 255, 255)])
def test_every_fade_is_visible_in_lightness_and_has_no_edge(ink: tuple[int, int, int]) -> None:
    before = two_flats(0.5)
    before[10:70, 10:110, :3] = ink

    for after in painted(before):
        lightness = after[10:70, 10:110, :3] @ np.array([0.299, 0.587, 0.114])
        assert np.ptp(lightness) >= 33
        assert np.abs(np.diff(lightness, axis=1)).max() < 12


def test_a_fade_covers_all_ink_or_one_part_of_it() -> None:
    before = two_flats(0.5)
    red = np.zeros(before.shape[:2], bool)
    red[10:70, 10:60] = True

    covered = []
    for after in painted(before):
        change = moved(before, after) > 5
        covered.append((change[red].mean() > 0.5, change[~red & (before[..., 3] > 0)].mean() > 0.5))

    assert {(True, True), (True, False), (False, True)} <= set(covered)


def test_too_small_a_part_does_not_fade_alone() -> None:
    before = two_flats(0.1)
    blue = np.zeros(before.shape[:2], bool)
    blue[10:70, 100:110] = True

    for after in painted(before):
        assert (moved(before, after) > 5)[~blue & (before[..., 3] > 0)].mean() > 0.3


@pytest.mark.parametrize("left", [RED, (4, 4, 4)])
def test_transparency_and_what_is_transparent_stay(left: tuple[int, int, int]) -> None:
    # The hidden colour of what is transparent is black, as of most pictures.
    before = two_flats(0.5)
    before[10:70, 10:60, :3] = left

    for after in painted(before):
        assert np.array_equal(after[..., 3], before[..., 3])
        assert not moved(before, after)[before[..., 3] == 0].any()


def test_a_picture_without_ink_stays_as_it_is() -> None:
    empty = np.zeros((10, 10, 4), np.uint8)

    assert np.array_equal(fade(empty, np.random.default_rng(1)), empty)
