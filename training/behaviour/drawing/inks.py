"""Pictures with transparency: an ink in one colour or with a fade, and pictures side by side."""

from __future__ import annotations

import numpy as np

from logo_classifier.pictures.pixels import Colour, Pixels
from training.behaviour.drawing.fades import Way
from training.behaviour.drawing.palette import Stops, mix


def flat(mask: Pixels, colour: Colour) -> Pixels:
    """Return an ink in one colour, uint8 RGBA (h, w, 4)."""
    rgb = np.empty((*mask.shape, 3), np.uint8)
    rgb[:] = colour
    return np.dstack([rgb, mask])


def faded(mask: Pixels, stops: Stops, way: Way) -> Pixels:
    """Return an ink with a fade, uint8 RGBA (h, w, 4)."""
    return np.dstack([mix(stops, way), mask])


def over(lower: Pixels, upper: Pixels) -> Pixels:
    """Return a picture laid over the middle of a larger one."""
    padded = centred(upper, lower.shape[0], lower.shape[1]).astype(np.float64)
    top, bottom = padded[..., 3:] / 255, lower[..., 3:] / 255
    alpha = top + bottom * (1 - top)
    mixed = padded[..., :3] * top + lower[..., :3] * bottom * (1 - top)
    rgb = mixed / np.maximum(alpha, 1e-9)
    return np.rint(np.dstack([rgb, 255 * alpha])).astype(np.uint8)


def centred(picture: Pixels, height: int, width: int) -> Pixels:
    """Return a picture in the middle of transparency of this size."""
    above, left = (height - picture.shape[0]) // 2, (width - picture.shape[1]) // 2
    rows = (above, height - picture.shape[0] - above)
    columns = (left, width - picture.shape[1] - left)
    return np.pad(picture, (rows, columns, (0, 0))[: picture.ndim])


def beside(left: Pixels, right: Pixels, gap_px: int) -> Pixels:
    """Return two pictures side by side, their middles on one line."""
    height = max(left.shape[0], right.shape[0])
    gap = np.zeros((height, gap_px, 4), np.uint8)
    parts = [centred(part, height, part.shape[1]) for part in (left, right)]
    return np.concatenate([parts[0], gap, parts[1]], axis=1)


def above(upper: Pixels, lower: Pixels, gap_px: int) -> Pixels:
    """Return two pictures one above the other, their middles on one line."""
    turned = beside(upper.transpose(1, 0, 2), lower.transpose(1, 0, 2), gap_px)
    return np.ascontiguousarray(turned.transpose(1, 0, 2))


def ink_of(mask: Pixels) -> float:
    """Return the inked area of a mask in pixels."""
    return float(mask.sum(dtype=np.int64)) / 255
