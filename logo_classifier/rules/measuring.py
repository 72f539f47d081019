"""The pictures that features share: each is made when the first feature asks for it.

A step is the morphological gradient of a pixel. Steps and distances are in levels (0-255) of the
channel in which they are largest.
"""

from __future__ import annotations

from functools import cached_property
from typing import Any

import cv2
import numpy as np
from cv2.typing import MatLike
from numpy.typing import NDArray

from logo_classifier.pictures.image import LoadedImage
from logo_classifier.pictures.pixels import Pixels, colour_distance, largest_channel, shrink
from logo_classifier.rules.letters import Mask, Statistics, connected_shapes
from logo_classifier.rules.segments import Areas, Labels

Counts = NDArray[np.float32]

BORDER = 4
STRIDE = 2
"""Every second pixel in both directions is enough for statistics of colour and tone."""

COLOUR_CODES = 4096
SMOOTH_STEP = 10
VISIBLE_STEP = 24
_BACKDROP_DISTANCE = 24

_SQUARE_2 = np.ones((2, 2), np.uint8)


class Measured:
    """One normalised picture, shrunk to `side_px` and with a border of its backdrop.

    The masks are uint8 of 0 and 1. What is `sparse` has every `STRIDE`-th pixel in both directions.
    """

    def __init__(self, image: LoadedImage, side_px: int) -> None:
        self.backdrop = image.backdrop
        self.source_side_px = max(image.pixels.shape[:2])
        small = shrink(image.pixels, side_px)
        self.height, self.width = small.shape[:2]
        self.pixels: Pixels = np.asarray(
            cv2.copyMakeBorder(
                small, BORDER, BORDER, BORDER, BORDER, cv2.BORDER_CONSTANT, value=image.backdrop
            ),
            np.uint8,
        )

    @cached_property
    def grey(self) -> Mask:
        """Return the lightness of each pixel, 0-255."""
        return np.asarray(cv2.cvtColor(self.pixels, cv2.COLOR_RGB2GRAY), np.uint8)

    @cached_property
    def step(self) -> Mask:
        """Return the step of each pixel, 0-255."""
        return largest_channel(cv2.morphologyEx(self.pixels, cv2.MORPH_GRADIENT, _SQUARE_2))

    @cached_property
    def ink(self) -> Mask:
        """Return the mask of what differs from the backdrop."""
        return above(colour_distance(self.pixels, self.backdrop), _BACKDROP_DISTANCE)

    @cached_property
    def ink_px(self) -> int:
        """Return the number of pixels of ink, at least 1."""
        return max(1, cv2.countNonZero(self.ink))

    @cached_property
    def sparse_channels(self) -> tuple[Mask, Mask, Mask]:
        """Return red, green and blue."""
        red, green, blue = (sparse(channel) for channel in cv2.split(self.pixels))
        return red, green, blue

    @cached_property
    def sparse_ink(self) -> Mask:
        """Return the mask of ink."""
        return sparse(self.ink)

    @cached_property
    def sparse_codes(self) -> NDArray[np.uint16]:
        """Return the colours at 4 bits per channel, as numbers below `COLOUR_CODES`."""
        red, green, blue = self.sparse_channels
        codes = np.left_shift((red & 0xF0).astype(np.uint16), np.uint16(4), dtype=np.uint16)
        codes |= (green & 0xF0) | (blue >> 4)
        return codes

    @cached_property
    def code_counts(self) -> Counts:
        """Return how often each colour occurs."""
        return histogram(self.sparse_codes, COLOUR_CODES)

    @cached_property
    def ink_code_counts(self) -> Counts:
        """Return how often each colour occurs in smooth ink."""
        smooth = self.sparse_ink & (sparse(self.step) <= VISIBLE_STEP)
        return histogram(self.sparse_codes, COLOUR_CODES, smooth)

    @cached_property
    def areas(self) -> Areas:
        """Return the smooth areas."""
        smooth = up_to(self.step, SMOOTH_STEP)
        labels = cv2.connectedComponents(smooth, connectivity=4, ltype=cv2.CV_16U)[1]
        thinned = np.asarray(labels[::STRIDE, ::STRIDE], np.uint16)
        pixels = np.asarray(cv2.merge([*self.sparse_channels, self.sparse_ink]), np.uint8)
        return Areas(thinned, pixels, STRIDE)

    @cached_property
    def shapes(self) -> tuple[Labels, Statistics]:
        """Return labels and statistics of the connected shapes of ink."""
        return connected_shapes(self.ink)


def sparse(values: MatLike) -> Mask:
    """Return every `STRIDE`-th pixel in both directions."""
    return np.ascontiguousarray(values[::STRIDE, ::STRIDE], np.uint8)


def above(values: Mask, limit: int) -> Mask:
    """Return the mask of what is above a limit."""
    return np.asarray(cv2.threshold(values, limit, 1, cv2.THRESH_BINARY)[1], np.uint8)


def up_to(values: Mask, limit: int) -> Mask:
    """Return the mask of what is not above a limit."""
    return np.asarray(cv2.threshold(values, limit, 1, cv2.THRESH_BINARY_INV)[1], np.uint8)


def count(mask: NDArray[np.bool_]) -> int:
    """Return the number of true values."""
    return cv2.countNonZero(mask.view(np.uint8))


def histogram(values: NDArray[Any], size: int, mask: Mask | None = None) -> Counts:
    """Return how often each value below `size` occurs, shape (size,)."""
    # OpenCV is far faster than numpy. Its float32 counts are exact up to 2^24 pixels.
    return np.asarray(cv2.calcHist([values], [0], mask, [size], [0, size]), np.float32).ravel()
