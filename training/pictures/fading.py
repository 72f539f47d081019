"""Paint fades into flat logos: synthetic pictures whose label `gradient` is exact."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from logo_classifier.pictures.pixels import Pixels
from training.pictures.augment import Rng

_WHOLE_SHARE = 0.4
"""Probability that all ink fades instead of one flat part."""

_NOTABLE_SHARE = 0.2
"""Smallest share of the ink for a part that fades alone: clearly more than the guide's 15 %."""

_SAME_COLOUR = 24
_OTHER_COLOUR = 72
"""Distances in the largest channel: up to the first a pixel fades fully, from the second not at
all."""

_ALONG_SHARE, _DOWN_SHARE, _RADIAL_SHARE = 0.4, 0.15, 0.15
"""Probabilities of the directions of a fade; the rest is linear at any angle."""

LEAST_LIGHTNESS_RANGE = 34
LARGEST_CHANNEL_STEP = 180
_TRIES = 12

LUMA = np.array([0.299, 0.587, 0.114], np.float32)
"""ITU-R BT.601."""

Mask = NDArray[np.bool_]
Floats = NDArray[np.float32]


def fade(rgba: Pixels, rng: Rng) -> Pixels:
    """Return a picture, uint8 RGBA (h, w, 4), in which all ink or one flat part of it fades.

    The fade is linear or radial and spans the part. It changes the lightness by a range of at least
    34 of 255, or by the largest range of twelve tries.
    """
    solid = rgba[..., 3] > 127
    if not solid.any():
        return rgba
    best, widest = rgba, 0.0
    for _ in range(_TRIES):
        faded = _paint(rgba, solid, rng)
        change = (faded[solid][:, :3].astype(np.float32) - rgba[solid][:, :3]) @ LUMA
        low, high = np.percentile(change, (1, 99))
        if high - low > widest:
            best, widest = faded, float(high - low)
        if widest >= LEAST_LIGHTNESS_RANGE:
            break
    return best


def _paint(rgba: Pixels, solid: Mask, rng: Rng) -> Pixels:
    colour, weight = _part(rgba, solid, rng)
    strength = ramp((weight == 1) & solid, rng) * weight
    moved = rgba[..., :3] + (_end_colour(colour, rng) - colour) * strength[..., None]
    faded = rgba.copy()
    faded[..., :3] = np.clip(moved, 0, 255).astype(np.uint8)
    return faded


def _part(rgba: Pixels, solid: Mask, rng: Rng) -> tuple[Floats, Floats]:
    """Return the colour of the part that fades, and the weight (0-1) of each pixel in it."""
    ink = rgba[solid][:, :3]
    visible = (rgba[..., 3] > 0).astype(np.float32)
    colour = ink[int(rng.integers(len(ink)))].astype(np.float32)
    distance = np.abs(rgba[..., :3] - colour).max(axis=2)
    same = solid & (distance <= _SAME_COLOUR)
    if rng.random() < _WHOLE_SHARE or same.sum() < _NOTABLE_SHARE * len(ink):
        return np.median(ink, axis=0).astype(np.float32), visible
    near = np.clip((_OTHER_COLOUR - distance) / (_OTHER_COLOUR - _SAME_COLOUR), 0, 1)
    return colour, (near * visible).astype(np.float32)


def ramp(part: Mask, rng: Rng) -> Floats:
    """Return a ramp (h, w) from 0 to 1 across the part: radial, or linear in any direction.

    Fades along and down the part are as frequent as all others together: logos have these, and
    along a word each letter alone is nearly flat.
    """
    rows, columns = np.nonzero(part)
    down, across = np.mgrid[: part.shape[0], : part.shape[1]].astype(np.float32)
    down = (down - rows.min()) / max(1, np.ptp(rows))
    across = (across - columns.min()) / max(1, np.ptp(columns))
    choice = rng.random()
    if choice < _ALONG_SHARE:
        way = across
    elif choice < _ALONG_SHARE + _DOWN_SHARE:
        way = down
    elif choice < _ALONG_SHARE + _DOWN_SHARE + _RADIAL_SHARE:
        way = np.hypot(down - rng.uniform(-0.2, 1.2), across - rng.uniform(-0.2, 1.2))
    else:
        angle = rng.uniform(0, 2 * np.pi)
        way = np.cos(angle) * across + np.sin(angle) * down
    low, high = way[part].min(), way[part].max()
    way = np.clip((way - low) / max(high - low, 1e-6), 0, 1)
    return np.asarray(way if rng.random() < 0.5 else 1 - way, np.float32)


def _end_colour(colour: Floats, rng: Rng) -> Floats:
    """Return a second colour that is lighter, darker or of another hue, but not the opposite."""
    if rng.random() < 0.5:
        step = rng.integers(-LARGEST_CHANNEL_STEP, LARGEST_CHANNEL_STEP + 1, 3)
        return np.asarray(np.clip(colour + step, 0, 255), np.float32)
    share = rng.uniform(-0.75, 0.75)
    end = colour + (255 - colour) * share if share > 0 else colour * (1 + share)
    return np.asarray(end, np.float32)
