"""Fill drawn shapes with ink: flat, in a colour a letter, or with a fade."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from logo_classifier.pictures.normalising import choose_backdrop, ink_rim
from logo_classifier.pictures.pixels import Pixels
from training.pictures.augment import Rng
from training.pictures.fading import LEAST_LIGHTNESS_RANGE, LUMA, ramp

_HUE_SHARE = 0.25
"""Probability that a fade changes the hue and hardly the lightness."""

_SAME_LIGHTNESS = 12
_LEAST_HUE_STEP = 80
_THIRD_SHARE = 0.2
"""Probability of a third colour in the middle of a fade."""

_LETTERS_SHARE = 0.12
"""Probability that flat letters have several colours: a step between letters is no fade."""

Colour = NDArray[np.int64]


def ink_colour(rng: Rng) -> Colour:
    """Return a random colour, shape (3,), often a dark one."""
    kind = rng.random()
    if kind < 0.35:
        return rng.integers(0, 60, 3)
    if kind < 0.45:
        return rng.integers(235, 256, 3)
    return rng.integers(0, 256, 3)


def letter_colour(mark: Pixels, rng: Rng) -> Colour:
    """Return a colour that is visible on the backdrop of a symbol, uint8 RGBA."""
    red, green, blue = choose_backdrop(ink_rim(mark))
    light = 0.3 * red + 0.59 * green + 0.11 * blue > 128
    for _ in range(8):
        colour = ink_colour(rng)
        if abs(float(colour.mean()) - (red + green + blue) / 3) > 90:
            return colour
    return np.full(3, 20 if light else 240)


def fill(mask: Pixels, rng: Rng, colour: Colour, fading: float) -> tuple[Pixels, bool]:
    """Return a fill (h, w, 3), flat or with a visible fade across a mask, and whether it fades.

    `fading` is the probability of a fade, which has two or three colours.
    """
    rgb = np.empty((*mask.shape, 3), np.uint8)
    if rng.random() >= fading:
        rgb[:] = colour
        return rgb, False
    way = ramp(mask > 127, rng)[..., None]
    stops = [colour, _other_end(colour, rng)]
    if rng.random() < _THIRD_SHARE:
        stops.append(_other_end(stops[1], rng))
    scaled = way * (len(stops) - 1)
    rgb[:] = stops[0]
    for number, (start, end) in enumerate(pairwise(stops)):
        part = np.clip(scaled - number, 0, 1)
        rgb = np.where(scaled >= number, start + part * (end - start), rgb).astype(np.uint8)
    return rgb, True


def fill_letters(mask: Pixels, rng: Rng, colour: Colour) -> Pixels:
    """Return a flat fill (h, w, 3) of a word: of one colour, or of up to three by the letter."""
    rgb = np.empty((*mask.shape, 3), np.uint8)
    rgb[:] = colour
    if rng.random() >= _LETTERS_SHARE:
        return rgb
    colours = np.stack([colour, ink_colour(rng), ink_colour(rng)])
    starts = np.flatnonzero(np.diff((mask > 0).any(axis=0).astype(np.int8)) == 1) + 1
    for left in starts.tolist():  # the columns of each letter, or of letters that touch
        rgb[:, left:] = colours[int(rng.integers(len(colours)))]
    return rgb


def _other_end(colour: Colour, rng: Rng) -> Colour:
    """Return a colour that is visibly apart, by its lightness or by its hue alone."""
    by_hue = rng.random() < _HUE_SHARE
    for _ in range(40):
        other = rng.integers(0, 256, 3)
        lightness = abs(float((other - colour) @ LUMA))
        if by_hue:
            apart = lightness <= _SAME_LIGHTNESS and np.abs(other - colour).max() >= _LEAST_HUE_STEP
        else:
            apart = lightness >= LEAST_LIGHTNESS_RANGE
        if apart:
            return other
    return np.where(colour > 127, colour - 120, colour + 120)
