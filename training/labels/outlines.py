"""Tell which pictures show the same drawing, in whatever colours and on whatever ground."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from logo_classifier.pictures.image import LoadedImage
from logo_classifier.pictures.pixels import largest_channel, resample
from training.labels.dataset import Example, load_all

Outlines = NDArray[np.float32]
"""Outlines of pictures, shape (n, 1024), each of length 1 or 0: products say how alike they are."""

ALIKE = 0.85
"""From this correlation of their outlines on, pictures count as look-alikes."""

_OUTLINE_SIDE = 32
_MEASURED_SIDE = 192
_MARGIN = 2
_STRONG_STEP = 80
"""Steps of more levels count as this: colours and grounds decide how strong they are."""

_ROWS_AT_ONCE = 1024


def alike(outlines: Outlines, others: Outlines) -> Iterator[tuple[int, int]]:
    """Yield the places of each look-alike and of the one among the others that it is like."""
    for start in range(0, len(outlines), _ROWS_AT_ONCE):
        likeness = outlines[start : start + _ROWS_AT_ONCE] @ others.T
        for own, other in np.argwhere(likeness >= ALIKE):
            yield start + int(own), int(other)


def look_alikes(
    examples: Sequence[Example], outlines: Outlines, bench: Sequence[Example], of_bench: Outlines
) -> list[tuple[str, str]]:
    """Return the ids of each example that looks like one of `bench`, and of that one.

    Not every pair shows one logo: simple shapes have much of their outline in common.
    """
    pairs = alike(outlines, of_bench)
    return [(examples[own].id, bench[other].id) for own, other in pairs]


def outline_all(examples: Sequence[Example]) -> Outlines:
    """Load every picture as the service would; return their outlines."""
    outlines = [outline(image) for image in load_all(examples)]
    return np.stack(outlines) if outlines else np.empty((0, _OUTLINE_SIDE**2), np.float32)


def outline(image: LoadedImage) -> NDArray[np.float32]:
    """Return where a picture has edges, whatever its colours, shape (1024,), of length 1.

    A recoloured or inverted twin has the same, stretched or not. It is all 0 without any edge.
    """
    sized = resample(image.pixels, _MEASURED_SIDE / max(image.pixels.shape[:2]))
    margins = (_MARGIN,) * 4
    framed = cv2.copyMakeBorder(sized, *margins, cv2.BORDER_CONSTANT, value=image.backdrop)
    steps = largest_channel(cv2.morphologyEx(framed, cv2.MORPH_GRADIENT, np.ones((3, 3), np.uint8)))
    side = (_OUTLINE_SIDE, _OUTLINE_SIDE)
    strength = cv2.resize(np.minimum(steps, _STRONG_STEP), side, interpolation=cv2.INTER_AREA)
    flat = strength.ravel().astype(np.float32)
    flat -= flat.mean()
    length = float(np.linalg.norm(flat))
    return flat / length if length else flat
