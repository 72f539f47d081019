"""Size, colour and place of the smooth areas of a picture."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from logo_classifier.rules.letters import Statistics

Floats = NDArray[np.float64]
Labels = NDArray[np.uint16]


class Areas:
    """The smooth areas: connected components without a visible step inside.

    All is estimated from every `stride`-th pixel in both directions, of which the arguments are:
    the labels of the components (0 is all else), and uint8 (h, w, 4), red, green, blue and whether
    the pixel is ink (0 or 1).

    `sizes` are in pixels, `inked` says whether an area is ink, `means`, shape (n, 3), are the mean
    levels of the channels, `deviations` the largest standard deviation of a channel. What is not
    smooth comes first, if there is any, with the size 0.
    """

    def __init__(self, labels: Labels, pixels: NDArray[np.uint8], stride: int) -> None:
        self._stride, self._width = stride, labels.shape[1]
        # Sorted once, each area is a run: sums of runs are faster than a bincount for each.
        flat = labels.ravel()
        self._order = np.argsort(flat, kind="stable")
        ordered = flat[self._order]
        ends = np.flatnonzero(ordered[1:] != ordered[:-1]) + 1
        self._starts = np.concatenate(([0], ends))
        self._seen = np.concatenate((ends, [len(ordered)])) - self._starts
        # One look-up of four bytes instead of four.
        sorted_pixels = pixels.view(np.uint32).ravel()[self._order].view(np.uint8).reshape(-1, 4)
        levels = sorted_pixels.T.astype(np.float64, order="C")
        means = self._means_of_runs(levels)
        squares = self._means_of_runs(levels[:3] * levels[:3])
        self.means: Floats = means[:3].T
        self.inked: NDArray[np.bool_] = means[3] >= 0.5
        variance = (squares - means[:3] * means[:3]).max(axis=0)
        self.deviations: Floats = np.sqrt(np.maximum(variance, 0.0))
        self.sizes: Floats = self._seen * float(stride**2)
        if ordered[0] == 0:
            self.inked[0], self.sizes[0] = False, 0.0

    def _means_of_runs(self, values: NDArray[np.float64]) -> Floats:
        """Return the mean of each area; the last axis of the values is in the order of areas."""
        means: Floats = np.add.reduceat(values, self._starts, axis=-1) / self._seen
        return means

    def cover(self, chosen: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """Return which sparse pixels are in the chosen areas, shape (h, w)."""
        covered = np.zeros(len(self._order), np.bool_)
        covered[self._order] = np.repeat(chosen, self._seen)
        return covered.reshape(-1, self._width)

    def centres(self) -> Floats:
        """Return x and y of the middle of each area in sparse pixels, shape (n, 2)."""
        rows, columns = self._places()
        centres: Floats = self._means_of_runs(np.array([columns, rows], np.float64)).T
        return centres

    def statistics(self) -> Statistics:
        """Return left, top, width, height and size of each area in pixels, shape (n, 5)."""
        rows, columns = self._places()
        left = np.minimum.reduceat(columns, self._starts)
        right = np.maximum.reduceat(columns, self._starts) + 1
        top = rows[self._starts]  # the pixels of an area keep their order
        bottom = rows[self._starts + self._seen - 1] + 1
        boxes = np.array([left, top, right - left, bottom - top]) * self._stride
        found = np.concatenate((boxes, [self.sizes])).T
        return found[self.sizes > 0].astype(np.int32)

    def _places(self) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
        """Return row and column of each pixel, in the order of areas."""
        order = self._order.astype(np.int32)
        rows = order // self._width
        return rows, order - rows * self._width
