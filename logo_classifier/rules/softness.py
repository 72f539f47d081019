"""Features of gradual change inside the ink and away from edges, all in 0-1."""

from __future__ import annotations

import cv2
import numpy as np

from logo_classifier.pictures.pixels import largest_channel
from logo_classifier.rules.measuring import SMOOTH_STEP, VISIBLE_STEP, Measured, above, count

_SQUARE_5 = np.ones((5, 5), np.uint8)
_SQUARE_9 = np.ones((9, 9), np.uint8)


def measure_softness(measured: Measured) -> dict[str, float]:
    """Return how much of the ink changes a little from pixel to pixel."""
    step, ink_px = measured.step, measured.ink_px
    visible = above(step, VISIBLE_STEP)
    near = (cv2.dilate(visible, _SQUARE_5) == 0) & (measured.ink > 0)
    return {
        "interior_share": count(near) / ink_px,
        "soft_share": count((step >= 3) & (step <= 16) & near) / ink_px,
        "faint_share": count((step >= 1) & (step <= SMOOTH_STEP) & near) / ink_px,
    }


def measure_gentleness(measured: Measured) -> dict[str, float]:
    """Return how much of the ink changes a little over eight pixels."""
    visible = above(measured.step, VISIBLE_STEP)
    far = (cv2.dilate(visible, _SQUARE_9) == 0) & (measured.ink > 0)
    blurred = cv2.blur(measured.pixels, (3, 3))
    change = np.zeros(measured.ink.shape, np.uint8)
    change[:, 4:-4] = largest_channel(cv2.absdiff(blurred[:, 8:], blurred[:, :-8]))
    change[4:-4] = np.maximum(change[4:-4], largest_channel(cv2.absdiff(blurred[8:], blurred[:-8])))
    gentle = (change >= 3) & (change < 60) & far
    ink_px, far_px, gentle_px = measured.ink_px, count(far), count(gentle)
    return {
        "deep_interior_share": far_px / ink_px,
        "gentle_share": gentle_px / ink_px,
        "gentle_interior_share": gentle_px / max(30, far_px),
        "marked_share": count((change >= 8) & gentle) / ink_px,
    }
