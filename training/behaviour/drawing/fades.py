"""The ways of a fade: for each pixel of an ink, how far along the fade it lies."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from logo_classifier.pictures.pixels import Pixels
from training.behaviour.drawing.palette import Rng

Way = NDArray[np.float64]

DIRECTIONS = ("along", "down", "diagonally", "radially")
"""The directions that any ink may fade in."""


def way_of(direction: str, mask: Pixels, rng: Rng) -> Way:
    """Return the way (h, w) of a fade, from 0 to 1 over the ink of the mask."""
    down, across = np.mgrid[: mask.shape[0], : mask.shape[1]].astype(np.float64)
    down, across = down / max(1, mask.shape[0] - 1), across / max(1, mask.shape[1] - 1)
    way = WAYS[direction](down, across, rng)
    inked = way[mask > 127]
    low, high = inked.min(), inked.max()
    return np.asarray(np.clip((way - low) / max(high - low, 1e-9), 0, 1))


def _along(_down: Way, across: Way, _rng: Rng) -> Way:
    return across


def _down(down: Way, _across: Way, _rng: Rng) -> Way:
    return down


def _diagonally(down: Way, across: Way, rng: Rng) -> Way:
    return across + down if rng.random() < 0.5 else across - down


def _radially(down: Way, across: Way, rng: Rng) -> Way:
    top, left = rng.uniform(0.3, 0.7, 2)
    return np.asarray(np.hypot(down - top, across - left))


def _around(down: Way, across: Way, rng: Rng) -> Way:
    """Run twice around the centre, so that the two halves shine alike."""
    angle = np.arctan2(down - 0.5, across - 0.5) + rng.uniform(0, 2 * np.pi)
    return np.asarray((angle / np.pi) % 1)


WAYS: dict[str, Callable[[Way, Way, Rng], Way]] = {
    "along": _along,
    "down": _down,
    "diagonally": _diagonally,
    "radially": _radially,
    "around": _around,
}
