"""Measure stroke width and its variation by the distance transform."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from logo_classifier.rules.letters import Mask, deviation

_SMALLEST_SHAPE_PX = 20
_THIN_DEPTH_PX = 1.5
_STRIDE = 2
"""Every second pixel is enough for the mean depth of a shape."""


def measure_strokes(
    ink: Mask, labels: NDArray[np.uint16], sizes: NDArray[np.int32]
) -> dict[str, float]:
    """Return features, each in 0-1, of the distances from ink to its edge.

    `labels` are those of the ink's connected components. `sizes`, shape (n,), are their areas in
    pixels, from label 1 on.
    """
    depth = cv2.distanceTransform(ink, cv2.DIST_L2, 3)
    ink_px = max(1, cv2.countNonZero(ink))
    thinned = labels[::_STRIDE, ::_STRIDE].ravel().astype(np.intp)
    sums = np.bincount(thinned, depth[::_STRIDE, ::_STRIDE].ravel(), len(sizes) + 1)[1:]
    seen = np.bincount(thinned, minlength=len(sizes) + 1)[1:]
    judged = (sizes > _SMALLEST_SHAPE_PX) & (seen > 0)
    means = sums[judged] / seen[judged]
    variation = deviation(means) / float(means.mean()) / 2 if len(means) > 1 else 0.0
    deep_px = cv2.countNonZero((depth > _THIN_DEPTH_PX).view(np.uint8))
    return {
        "stroke_depth": min(1.0, cv2.mean(depth)[0] * ink.size / ink_px / 16),
        "largest_depth": min(1.0, float(depth.max()) / 64),
        "thin_share": 1 - deep_px / ink_px if len(sizes) else 0.0,
        "stroke_variation": min(1.0, variation),
    }
