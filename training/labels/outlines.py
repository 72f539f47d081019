"""Find look-alikes: pictures of the same drawing in any colours and on any background."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from logo_classifier.pictures.image import LoadedImage
from logo_classifier.pictures.pixels import largest_channel, resample
from training.labels.dataset import Example, load_all

Outlines = NDArray[np.float32]
"""Outlines of pictures, shape (n, 1024), each of norm 1 or 0; dot products are correlations."""

ALIKE = 0.85
"""Smallest correlation between the outlines of look-alikes."""

_OUTLINE_SIDE = 32
_MEASURED_SIDE = 192
_MARGIN = 2
_STRONG_STEP = 80
"""Upper bound of a step in levels. Larger ones depend on the colours, not on the drawing."""

_ROWS_AT_ONCE = 1024


def alike(outlines: Outlines, others: Outlines) -> Iterator[tuple[int, int]]:
    """Yield each pair of look-alikes as indices into `outlines` and `others`."""
    for start in range(0, len(outlines), _ROWS_AT_ONCE):
        likeness = outlines[start : start + _ROWS_AT_ONCE] @ others.T
        for own, other in np.argwhere(likeness >= ALIKE):
            yield start + int(own), int(other)


def look_alikes(
    examples: Sequence[Example], outlines: Outlines, bench: Sequence[Example], of_bench: Outlines
) -> list[tuple[str, str]]:
    """Return the id of each example that looks like a picture of `bench`, and the id of that one.

    Some pairs are different logos, because simple shapes have similar outlines.
    """
    pairs = alike(outlines, of_bench)
    return [(examples[own].id, bench[other].id) for own, other in pairs]


def outline_all(examples: Sequence[Example]) -> Outlines:
    """Load every picture as the service does; return their outlines."""
    outlines = [outline(image) for image in load_all(examples)]
    return np.stack(outlines) if outlines else np.empty((0, _OUTLINE_SIDE**2), np.float32)


def outline(image: LoadedImage) -> NDArray[np.float32]:
    """Return the edges of a picture as a vector, shape (1024,), of norm 1 or 0 without any edge.

    It is the morphological gradient, resized and centred. A recoloured, inverted or stretched copy
    has nearly the same outline.
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
