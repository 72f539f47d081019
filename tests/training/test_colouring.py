"""What is filled, coloured and put on tiles can be seen."""

from __future__ import annotations

import numpy as np
import pytest

from app.classification.image import Pixels
from training.colouring import fill, ink_colour, letter_colour, on_tile, with_shadow

LUMA = np.array([0.299, 0.587, 0.114])
SEEDS = range(80)


def test_a_fill_is_one_colour_or_a_visible_fade() -> None:
    fading = 0
    for seed in SEEDS:
        rng = np.random.default_rng(seed)
        rgb, fades = fill((40, 60), rng, ink_colour(rng), fading=0.5)
        lightness = rgb @ LUMA
        fading += fades
        assert (np.ptp(lightness) > 30) == fades
        assert fades or len(np.unique(rgb.reshape(-1, 3), axis=0)) == 1
    assert 20 < fading < 60


@pytest.mark.parametrize("ground", [(0, 0, 0), (255, 255, 255), (30, 60, 200)])
def test_letters_show_on_the_ground_of_their_symbol(ground: tuple[int, int, int]) -> None:
    mark = np.zeros((20, 20, 4), np.uint8)
    mark[5:15, 5:15] = (*(255 - value for value in ground), 255)

    for seed in SEEDS:
        colour = letter_colour(mark, np.random.default_rng(seed))
        assert ((colour >= 0) & (colour <= 255)).all()


def test_tiles_have_several_outlines_and_carry_their_letters() -> None:
    letters: Pixels = np.zeros((50, 40), np.uint8)
    letters[10:40, 15:25] = 255
    corners, fading = set(), 0
    for seed in SEEDS:
        rgba, flags = on_tile(letters, True, np.random.default_rng(seed))
        alpha = rgba[..., 3]
        assert flags[0] is True
        assert flags[2] is False
        fading += flags[1]
        corners.add((bool(alpha[0, 2]), bool(alpha[-1, -1])))
        middle = rgba[rgba.shape[0] // 2, rgba.shape[1] // 2, :3] @ LUMA
        ground = rgba[rgba.shape[0] // 2, 8, :3] @ LUMA
        assert alpha[rgba.shape[0] // 2, rgba.shape[1] // 2] == 255
        assert middle in (pytest.approx(255), pytest.approx(20))
        assert ground != middle
    assert {(True, False), (False, False)} <= corners
    assert fading > 10


def test_a_shadow_is_a_shifted_copy_behind_what_casts_it() -> None:
    letter = np.zeros((60, 40, 4), np.uint8)
    letter[10:50, 10:30] = (200, 30, 40, 255)

    for seed in SEEDS:
        shadowed = with_shadow(letter, np.random.default_rng(seed))
        ink = shadowed[..., 3] == 255
        red = ink & (shadowed[..., :3] == (200, 30, 40)).all(axis=2)
        rows, columns = np.nonzero(ink)
        assert red.sum() >= 40 * 20
        assert 44 <= np.ptp(rows) + 1 <= 53
        assert 24 <= np.ptp(columns) + 1 <= 33
