"""Features of strokes and rows of letters, on the backdrop and on the main colour, all in 0-1."""

from __future__ import annotations

import cv2
import numpy as np

from logo_classifier.pictures.pixels import colour_distance
from logo_classifier.rules.colours import main_colour
from logo_classifier.rules.letters import connected_shapes, measure_rows
from logo_classifier.rules.measuring import Measured, above
from logo_classifier.rules.strokes import measure_strokes

_INNER_DISTANCE = 48
_SQUARE_5 = np.ones((5, 5), np.uint8)


def measure_ink_strokes(measured: Measured) -> dict[str, float]:
    """Return how thick the strokes of the ink are."""
    labels, statistics = measured.shapes
    return measure_strokes(measured.ink, labels, statistics[:, cv2.CC_STAT_AREA])


def measure_ink_rows(measured: Measured) -> dict[str, float]:
    """Return the features of rows of letters among the shapes of ink."""
    return measure_rows(measured.shapes[1], measured.ink.shape)


def measure_inner_rows(measured: Measured) -> dict[str, float]:
    """Return the features of rows of letters in other colours than the main one, inside the ink."""
    inside = cv2.erode(measured.ink, _SQUARE_5)
    distance = colour_distance(measured.pixels, main_colour(measured))
    other = above(distance, _INNER_DISTANCE)
    inner = np.asarray(cv2.bitwise_and(other, inside), np.uint8)
    inner_px = cv2.countNonZero(inner)
    statistics = connected_shapes(inner)[1] if inner_px else measured.shapes[1][:0]
    rows = measure_rows(statistics, measured.ink.shape)
    return {"inner_share": inner_px / measured.ink_px} | {
        f"inner_{name}": value for name, value in rows.items()
    }
