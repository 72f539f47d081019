"""Operations on arrays of pixels: resampling, and distances between colours."""

from __future__ import annotations

import cv2
import numpy as np
from cv2.typing import MatLike
from numpy.typing import NDArray

Pixels = NDArray[np.uint8]
Colour = tuple[int, int, int]

_STRONG_ENLARGEMENT = 2.0
"""Smallest factor for bicubic interpolation, which keeps small letters apart."""

_SLIGHT_REDUCTION = 1.5
"""Largest factor at which bilinear interpolation skips no pixel."""


def resample(pixels: Pixels, scale: float) -> Pixels:
    """Return a picture, uint8 (height, width, channels), scaled smoothly in either direction.

    Each side is rounded and at least one pixel. The picture is first halved as often as possible,
    because the mean of four pixels is the fastest reduction in OpenCV.
    """
    size = _scaled_size(pixels, scale)
    pixels = _halve_to(pixels, size)
    method = cv2.INTER_LINEAR if scale < _STRONG_ENLARGEMENT else cv2.INTER_CUBIC
    if max(pixels.shape[:2]) > _SLIGHT_REDUCTION * max(size):
        method = cv2.INTER_AREA
    return np.asarray(cv2.resize(pixels, size, interpolation=method), np.uint8)


def halve(pixels: Pixels, longest_px: int) -> Pixels:
    """Return a contiguous picture, halved as `resample` would to a longest side of `longest_px`."""
    scale = min(1.0, longest_px / max(pixels.shape[:2]))
    return np.ascontiguousarray(_halve_to(pixels, _scaled_size(pixels, scale)))


def _scaled_size(pixels: Pixels, scale: float) -> tuple[int, int]:
    height, width = pixels.shape[:2]
    return max(1, round(width * scale)), max(1, round(height * scale))


def _halve_to(pixels: Pixels, size: tuple[int, int]) -> Pixels:
    while pixels.shape[1] >= 2 * size[0] and pixels.shape[0] >= 2 * size[1]:
        half = (pixels.shape[1] // 2, pixels.shape[0] // 2)
        # An odd last row or column is cut off, because it would make OpenCV slow.
        even = pixels[: 2 * half[1], : 2 * half[0]]
        pixels = np.asarray(cv2.resize(even, half, interpolation=cv2.INTER_AREA), np.uint8)
    return pixels


def shrink(pixels: Pixels, longest_px: int) -> Pixels:
    """Shrink a picture so that its longest side is at most `longest_px`."""
    height, width = pixels.shape[:2]
    scale = longest_px / max(height, width)
    if scale >= 1:
        return np.ascontiguousarray(pixels)
    return resample(pixels, scale)


def colour_distance(pixels: Pixels, colour: Colour) -> Pixels:
    """Return the Chebyshev distance (0-255) of each pixel to a colour, shape (height, width)."""
    # With four elements OpenCV treats the array as a scalar and not as a picture.
    return largest_channel(cv2.absdiff(pixels, np.array((*colour, 0), np.float64)))


def largest_channel(pixels: MatLike) -> Pixels:
    """Return the largest of the three channels of each pixel, shape (height, width)."""
    # numpy's max over an axis of three is tens of times slower.
    red, green, blue = cv2.split(pixels)
    return np.asarray(cv2.max(cv2.max(red, green), blue), np.uint8)
