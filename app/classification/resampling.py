"""Change the size of a picture: the one way that training, rules and network share."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

_STRONG_ENLARGEMENT = 2.0
"""From this factor on pictures are enlarged by cubics, which keep small letters apart."""

_SLIGHT_REDUCTION = 1.5
"""Up to this factor lines between neighbours pass no pixel over."""


def resample(pixels: NDArray[np.uint8], scale: float) -> NDArray[np.uint8]:
    """Return a picture, uint8 (height, width, channels), scaled smoothly in either direction.

    Each side is rounded and at least one pixel. The picture is halved first as often as that
    fits: nothing shrinks faster in OpenCV than the mean of four pixels.
    """
    height, width = pixels.shape[:2]
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    while pixels.shape[1] >= 2 * size[0] and pixels.shape[0] >= 2 * size[1]:
        half = (pixels.shape[1] // 2, pixels.shape[0] // 2)
        # Without an odd last row or column, for which OpenCV would take the slow way.
        even = pixels[: 2 * half[1], : 2 * half[0]]
        pixels = np.asarray(cv2.resize(even, half, interpolation=cv2.INTER_AREA), np.uint8)
    method = cv2.INTER_LINEAR if scale < _STRONG_ENLARGEMENT else cv2.INTER_CUBIC
    if max(pixels.shape[:2]) > _SLIGHT_REDUCTION * max(size):
        method = cv2.INTER_AREA
    return np.asarray(cv2.resize(pixels, size, interpolation=method), np.uint8)
