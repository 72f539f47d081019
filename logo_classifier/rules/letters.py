"""Find rows of letters among connected components: similar heights, one line, close together."""

from __future__ import annotations

import math
from statistics import median

import cv2
import numpy as np
from numpy.typing import NDArray

Mask = NDArray[np.uint8]
Floats = NDArray[np.float64]
Statistics = NDArray[np.int32]

_MOST_CANDIDATES = 96
_COUNT_SCALE = 64
_ROW_SCALE = 16

_NO_ROW = {
    "row_count": 0.0,
    "row_width": 0.0,
    "row_height": 0.0,
    "row_fill": 0.0,
    "row_height_variation": 0.0,
    "row_closeness": 0.0,
    "row_gap_variation": 0.0,
    "row_share": 0.0,
    "row_aspect": 0.0,
}


def connected_shapes(mask: Mask) -> tuple[NDArray[np.uint16], Statistics]:
    """Return the labels and statistics of the 8-connected components of a 0/1 mask.

    Label 0 is the area outside the mask. The statistics, shape (n, 5), start with label 1 and
    are left, top, width, height and area in pixels.
    """
    _, labels, statistics, _ = cv2.connectedComponentsWithStats(
        mask, connectivity=8, ltype=cv2.CV_16U
    )
    return labels.astype(np.uint16, copy=False), statistics[1:].astype(np.int32, copy=False)


def measure_rows(statistics: Statistics, shape: tuple[int, int]) -> dict[str, float]:
    """Return features, each in 0-1, of the most letter-like row among the shapes.

    `shape` is the height and width of the picture in pixels.
    """
    height_px, width_px = shape
    columns = statistics.T.astype(np.float64)
    left, _, width, height, area = columns
    candidates = _candidates(columns, shape)
    found = {
        "shape_count": min(1.0, len(statistics) / _COUNT_SCALE),
        "candidate_count": min(1.0, len(candidates) / _COUNT_SCALE),
    }
    if len(candidates) < 2:
        return found | _NO_ROW
    row = _row_of(candidates, columns)
    row_height = median(height[row].tolist())
    right = left[row] + width[row]
    gaps = left[row][1:] - right[:-1]
    mean_height = float(height[row].mean())
    return found | {
        "row_count": min(1.0, len(row) / _ROW_SCALE),
        "row_width": float(right.max() - left[row[0]]) / width_px,
        "row_height": row_height / height_px,
        "row_fill": median((area[row] / (width[row] * height[row])).tolist()),
        "row_height_variation": min(1.0, deviation(height[row]) / mean_height),
        "row_closeness": float((gaps < 1.2 * row_height).mean()) if len(gaps) else 0.0,
        "row_gap_variation": min(1.0, deviation(gaps) / (2 * mean_height)) if len(gaps) else 0.0,
        "row_share": float(area[row].sum() / max(1.0, area.sum())),
        "row_aspect": min(1.0, median((width[row] / height[row]).tolist()) / 2),
    }


def find_row(statistics: Statistics, shape: tuple[int, int]) -> Statistics:
    """Return the statistics of the shapes in the most letter-like row, from left to right."""
    columns = statistics.T.astype(np.float64)
    candidates = _candidates(columns, shape)
    return statistics[_row_of(candidates, columns) if len(candidates) > 1 else candidates[:0]]


def _candidates(columns: Floats, shape: tuple[int, int]) -> NDArray[np.intp]:
    """Return which shapes have the size and form of a letter; `columns`, shape (5, n)."""
    height_px, width_px = shape
    _, _, width, height, area = columns
    fits = (area >= 8) & (height >= 5) & (height < 0.9 * height_px)
    fits &= (width < 6 * height) & (width < 0.6 * width_px)
    return np.flatnonzero(fits)


def _row_of(candidates: NDArray[np.intp], columns: Floats) -> NDArray[np.intp]:
    """Return the candidates in the most letter-like row, from left to right."""
    left, top, _, height, area = columns
    if len(candidates) > _MOST_CANDIDATES:
        candidates = candidates[np.argsort(-area[candidates], kind="stable")[:_MOST_CANDIDATES]]
    row = candidates[_best_row(top[candidates], height[candidates])]
    ordered: NDArray[np.intp] = row[np.argsort(left[row], kind="stable")]
    return ordered


def _best_row(top: Floats, height: Floats) -> NDArray[np.bool_]:
    """Return which candidates are on the line with the most candidates; height adds weight."""
    ratio = height[None] / height[:, None]
    bottom, middle = top + height, top + height / 2
    on_line = np.abs(bottom[None] - bottom[:, None]) < 0.22 * height[:, None]
    on_line |= np.abs(middle[None] - middle[:, None]) < 0.15 * height[:, None]
    together = on_line & (ratio > 0.6) & (ratio < 1.65)
    best = int(np.argmax(together.sum(axis=1) * np.sqrt(height)))
    row: NDArray[np.bool_] = together[best]
    return row


def deviation(values: Floats) -> float:
    """Return the standard deviation of a short array, shape (n,), faster than numpy's `std`."""
    off = values - values.sum() / len(values)
    return math.sqrt(float(off @ off) / len(values))
