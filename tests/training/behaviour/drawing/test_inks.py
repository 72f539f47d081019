"""Inks keep their colour wherever they are laid."""

from __future__ import annotations

import numpy as np

from training.behaviour.drawing.fades import WAYS, way_of
from training.behaviour.drawing.inks import above, beside, faded, flat, ink_of, over
from training.behaviour.drawing.symbols import symbol


def test_pictures_side_by_side_keep_their_ink_and_the_gap() -> None:
    disc, square = flat(symbol("disc", 40), (200, 0, 0)), flat(symbol("square", 20), (0, 0, 200))

    joined, stacked = beside(disc, square, 7), above(disc, square, 7)

    assert joined.shape == (40, 67, 4)
    assert stacked.shape == (67, 40, 4)
    for picture in (joined, stacked):
        both = ink_of(disc[..., 3]) + ink_of(square[..., 3])
        assert abs(ink_of(picture[..., 3]) - both) < 1e-9


def test_what_is_laid_over_another_picture_covers_its_middle() -> None:
    tile = flat(np.full((30, 30), 255, np.uint8), (10, 20, 30))
    laid = over(tile, flat(np.full((10, 10), 255, np.uint8), (255, 255, 255)))

    assert laid[15, 15].tolist() == [255, 255, 255, 255]
    assert laid[2, 2].tolist() == [10, 20, 30, 255]


def test_half_a_cover_mixes_both_colours() -> None:
    tile = flat(np.full((4, 4), 255, np.uint8), (0, 0, 0))
    laid = over(tile, flat(np.full((4, 4), 128, np.uint8), (255, 255, 255)))

    assert laid[0, 0].tolist() == [128, 128, 128, 255]


def test_every_way_runs_from_the_first_colour_to_the_last_over_the_ink() -> None:
    mask = symbol("disc", 90)
    for direction in WAYS:
        way = way_of(direction, mask, np.random.default_rng(0))
        rgba = faded(mask, ((0, 0, 0), (200, 200, 200)), way)

        assert np.ptp(rgba[mask > 127][:, 0].astype(int)) == 200
