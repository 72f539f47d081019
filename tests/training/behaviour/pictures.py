"""Look at drawn pictures."""

from __future__ import annotations

from io import BytesIO

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from logo_classifier.pictures.pixels import Pixels
from training.behaviour.kind import Case

Drawn = dict[str, list[Case]]


def pixels_of(case: Case) -> Pixels:
    """Return the pixels of a picture, uint8 RGBA (h, w, 4)."""
    with Image.open(BytesIO(case.data)) as picture:
        return np.asarray(picture.convert("RGBA"))


def ink_of(case: Case) -> NDArray[np.float64]:
    """Return the colours (n, 3) of the pixels that are surely ink, not ground and no soft edge."""
    rgba = pixels_of(case)
    if (rgba[..., 3] < 255).any():
        return rgba[rgba[..., 3] == 255][:, :3].astype(float)
    rgb, ground = rgba[..., :3].astype(float), rgba[0, 0, :3].astype(float)
    return rgb[np.abs(rgb - ground).max(axis=2) > 30]


def transparent(cases: list[Case]) -> list[Case]:
    """Return those with transparency, whose ink is known exactly."""
    return [case for case in cases if case.name.endswith("transparent.png")]
