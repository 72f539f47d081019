"""Paint fades into flat logos: what was flat becomes an exact example of a gradient."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from app.classification.image import Pixels
from training.augment import Rng

_WHOLE_SHARE = 0.4
"""How often all ink fades instead of one flat part."""

_NOTABLE_SHARE = 0.2
"""Least share of the ink of a part that fades alone: clearly more than the guide's 15 %."""

_SAME_COLOUR = 24
_OTHER_COLOUR = 72
"""Distances of the largest channel up to which a pixel fades wholly, and from which not at all."""

_LEAST_LIGHTNESS_STEP = 34
_LARGEST_CHANNEL_STEP = 180
_TRIES = 12

Floats = NDArray[np.float32]


def fade(rgba: Pixels, rng: Rng) -> Pixels:
    """Return a picture, uint8 RGBA (h, w, 4), whose ink, or one flat part of it, fades.

    The fade is linear or radial, spans the part and changes its lightness visibly.
    """
    inked = rgba[..., 3] > 127
    if not inked.any():
        return rgba
    colour, weight = _part(rgba, inked, rng)
    ramp = _ramp(weight > 0.99, rng)
    change = _end_colour(colour, rng) - colour
    faded = rgba.copy()
    moved = rgba[..., :3] + change * (ramp * weight)[..., None]
    faded[..., :3] = np.clip(moved, 0, 255).astype(np.uint8)
    return faded


def _part(rgba: Pixels, inked: NDArray[np.bool_], rng: Rng) -> tuple[Floats, Floats]:
    """Return the colour of what fades, and for each pixel how far it takes part, 0 to 1."""
    ink = rgba[inked][:, :3]
    colour = ink[int(rng.integers(len(ink)))].astype(np.float32)
    distance = np.abs(rgba[..., :3] - colour).max(axis=2)
    same = inked & (distance <= _SAME_COLOUR)
    if rng.random() < _WHOLE_SHARE or same.sum() < _NOTABLE_SHARE * len(ink):
        return np.median(ink, axis=0).astype(np.float32), inked.astype(np.float32)
    near = (_OTHER_COLOUR - distance) / (_OTHER_COLOUR - _SAME_COLOUR)
    return colour, np.clip(near, 0, 1).astype(np.float32)


def _ramp(part: NDArray[np.bool_], rng: Rng) -> Floats:
    """Return values that rise from 0 to 1 across the part."""
    rows, columns = np.nonzero(part)
    down, across = np.mgrid[: part.shape[0], : part.shape[1]].astype(np.float32)
    down = (down - rows.min()) / max(1, np.ptp(rows))
    across = (across - columns.min()) / max(1, np.ptp(columns))
    if rng.random() < 0.25:
        ramp = np.hypot(down - rng.uniform(-0.2, 1.2), across - rng.uniform(-0.2, 1.2))
    else:
        angle = rng.uniform(0, 2 * np.pi)
        ramp = np.cos(angle) * across + np.sin(angle) * down
    low, high = ramp[part].min(), ramp[part].max()
    ramp = np.clip((ramp - low) / max(high - low, 1e-6), 0, 1)
    return np.asarray(ramp if rng.random() < 0.5 else 1 - ramp, np.float32)


def _end_colour(colour: Floats, rng: Rng) -> Floats:
    """Return a colour that is visibly lighter or darker, but no opposite."""
    lightness = np.array([0.3, 0.59, 0.2])
    for _ in range(_TRIES):
        if rng.random() < 0.5:
            end = np.clip(colour + rng.integers(-150, 151, 3), 0, 255)
        else:
            share = rng.uniform(-0.75, 0.75)
            end = colour + (255 - colour) * share if share > 0 else colour * (1 + share)
        step = np.abs(end - colour)
        if step @ lightness > _LEAST_LIGHTNESS_STEP and step.max() < _LARGEST_CHANNEL_STEP:
            return np.asarray(end, np.float32)
    return np.where(colour > 127, colour - 90, colour + 90).astype(np.float32)
