"""Flat areas keep their exact colour, and fades their steps."""

from __future__ import annotations

import numpy as np

from logo_classifier.vectorising.colours import snap_fills

PATH = '<path d="M0 0" fill="#{}"/>'


def flat(*colours: tuple[int, int, int]) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    """Return a picture of equal stripes, opaque."""
    stripes = [np.full((8, 32, 4), (*colour, 255), np.uint8) for colour in colours]
    return np.concatenate(stripes)


def test_a_fill_near_a_flat_colour_becomes_that_colour() -> None:
    picture = flat((255, 255, 255), (10, 20, 30))

    assert snap_fills(PATH.format("FCFCFC"), picture) == PATH.format("ffffff")
    assert snap_fills(PATH.format("0B1420"), picture) == PATH.format("0a141e")


def test_a_fill_far_from_all_flat_colours_stays() -> None:
    assert snap_fills(PATH.format("808080"), flat((255, 255, 255))) == PATH.format("808080")


def test_the_nearest_of_two_flat_colours_counts() -> None:
    picture = flat((100, 100, 100), (104, 104, 104))

    assert snap_fills(PATH.format("676767"), picture) == PATH.format("686868")


def test_a_picture_without_flat_areas_changes_nothing() -> None:
    fade = np.full((1, 256, 4), 255, np.uint8)
    fade[0, :, 0] = np.arange(256)

    assert snap_fills(PATH.format("FCFCFC"), fade) == PATH.format("FCFCFC")


def test_a_transparent_pixel_gives_no_colour() -> None:
    picture = flat((255, 255, 255), (10, 20, 30))
    picture[:8] = 0

    assert snap_fills(PATH.format("010101"), picture) == PATH.format("010101")
