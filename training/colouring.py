"""Choose colours and fills for what is drawn, and put letters on tiles."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from app.classification import image as normalisation
from app.classification.image import Pixels
from training.augment import Rng
from training.fading import LEAST_LIGHTNESS_RANGE, LUMA, ramp

_SHIELD = ((0, 0), (1, 0), (1, 0.55), (0.88, 0.78), (0.5, 1), (0.12, 0.78), (0, 0.55))
_HEXAGON = ((0.25, 0.02), (0.75, 0.02), (1, 0.5), (0.75, 0.98), (0.25, 0.98), (0, 0.5))
"""Corners in shares of the side."""

_SHIFT_PX = 14
"""What the shift of a shadow stays below."""

_LARGEST_STEP = 200
"""Of a channel from one end of a fade to the other; more is rare in logos."""


def ink_colour(rng: Rng) -> NDArray[np.int64]:
    """Return a random colour, int64 (3,), 0 to 255; dark ones and near whites more often."""
    kind = rng.random()
    if kind < 0.35:
        return rng.integers(0, 60, 3)
    if kind < 0.45:
        return rng.integers(235, 256, 3)
    return rng.integers(0, 256, 3)


def letter_colour(mark: Pixels, rng: Rng) -> NDArray[np.int64]:
    """Return a colour that shows where the symbol shows."""
    red, green, blue = normalisation.choose_backdrop(mark)
    light = 0.3 * red + 0.59 * green + 0.11 * blue > 128
    for _ in range(8):
        colour = ink_colour(rng)
        if abs(float(colour.mean()) - (red + green + blue) / 3) > 90:
            return colour
    return np.full(3, 20 if light else 240)


def fill(
    shape: tuple[int, ...], rng: Rng, colour: NDArray[np.int64], fading: float = 0.3
) -> tuple[Pixels, bool]:
    """Return a flat or visibly fading fill, uint8 (h, w, 3), and whether it fades."""
    height, width = shape[:2]
    rgb = np.empty((height, width, 3), np.uint8)
    if rng.random() >= fading:
        rgb[:] = colour
        return rgb, False
    for _ in range(24):
        other = rng.integers(0, 256, 3)
        visible = abs(float((other - colour) @ LUMA)) >= LEAST_LIGHTNESS_RANGE
        if visible and np.abs(other - colour).max() < _LARGEST_STEP:
            break
    way = ramp(np.ones((height, width), np.bool_), rng)
    mixed = colour + way[..., None] * (other - colour)
    return mixed.astype(np.uint8), True


def with_shadow(rgba: Pixels, rng: Rng) -> Pixels:
    """Return a picture, uint8 RGBA (h, w, 4), above a flat copy of its shape, which is shifted."""
    padded = np.pad(rgba, ((_SHIFT_PX, _SHIFT_PX), (_SHIFT_PX, _SHIFT_PX), (0, 0)))
    down, across = (rng.integers(4, _SHIFT_PX, 2) * rng.choice([-1, 1], 2)).tolist()
    shape = np.roll(padded[..., 3], (down, across), axis=(0, 1))
    share = padded[..., 3:] / 255
    rgb = (padded[..., :3] * share + ink_colour(rng) * (1 - share)).astype(np.uint8)
    return np.dstack([rgb, np.maximum(shape, padded[..., 3])])


def on_tile(mask: Pixels, lettering: bool, rng: Rng) -> tuple[Pixels, tuple[bool, bool, bool]]:
    """Return letters on a disc, square, shield or hexagon, and the flags: it may fade."""
    side = int(max(mask.shape) * rng.uniform(1.3, 1.9))
    tile = _tile(side, rng)
    rgb, fades = fill((side, side), rng, rng.integers(0, 200, 3))
    if rng.random() < 0.25:
        rim = cv2.erode(tile, np.ones((3, 3), np.uint8), iterations=max(2, side // 28))
        rgb[rim < 128] = ink_colour(rng)
    top, left = (side - mask.shape[0]) // 2, (side - mask.shape[1]) // 2
    window = rgb[top : top + mask.shape[0], left : left + mask.shape[1]]
    letters = 255 if rgb.mean() < 150 else 20
    share = mask[..., None] / 255
    window[:] = (window * (1 - share) + letters * share).astype(np.uint8)
    return np.dstack([rgb, tile]), (lettering, fades, False)


def _tile(side: int, rng: Rng) -> Pixels:
    """Return the mask of a tile, uint8 (side, side)."""
    tile = Image.new("L", (side, side))
    pen = ImageDraw.Draw(tile)
    kind, end = rng.random(), side - 1
    if kind < 0.35:
        pen.ellipse((0, 0, end, end), fill=255)
    elif kind < 0.8:
        pen.rounded_rectangle((0, 0, end, end), side * rng.uniform(0, 0.25), fill=255)
    else:
        corners = _SHIELD if kind < 0.92 else _HEXAGON
        pen.polygon([(x * end, y * end) for x, y in corners], fill=255)
    return np.asarray(tile)
