"""Features of edges and of FAST corners (Rosten and Drummond, 2006), all in 0-1."""

from __future__ import annotations

from statistics import median

import cv2
import numpy as np

from logo_classifier.rules.measuring import Measured, above, count

EDGE_STEP = 40
_SQUARE_2 = np.ones((2, 2), np.uint8)


def measure_edges(measured: Measured) -> dict[str, float]:
    """Return how much of the picture is edge, where most of it is, and how many corners it has."""
    edges = above(measured.step, EDGE_STEP)
    edge_px = cv2.countNonZero(edges)
    cells = cv2.resize(edges * 255, (8, 8), interpolation=cv2.INTER_AREA) / 255
    corners = cv2.FastFeatureDetector.create(EDGE_STEP).detect(measured.grey)
    return {
        "edge_density": edge_px / edges.size,
        "ink_edge_density": min(1.0, edge_px / measured.ink_px),
        "busy_cell_share": count(cells > 0.1) / cells.size,
        "busiest_cell": float(cells.max()),
        "median_cell": median(cells.ravel().tolist()),
        "corner_density": min(1.0, len(corners) / 400),
        "gradient_strength": min(1.0, cv2.mean(measured.step)[0] / 64),
    }


def measure_coarse_edges(measured: Measured) -> dict[str, float]:
    """Return how much of the picture is edge at half the size."""
    half = cv2.resize(measured.grey, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
    half_step = cv2.morphologyEx(half, cv2.MORPH_GRADIENT, _SQUARE_2)
    return {"coarse_edge_density": count(half_step > EDGE_STEP) / half.size}
