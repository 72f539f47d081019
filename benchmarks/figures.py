"""Statistics of measurements: percentiles, ratios and knees."""

from __future__ import annotations

import math
import statistics
from collections.abc import Sequence

BEND = 0.1
"""Smallest distance of a knee from a straight line, as a share of the range."""


def percentile(values: Sequence[float], share: float) -> float:
    """Return a percentile by the nearest-rank method; `share` is above 0 and at most 1.

    Raises ValueError for no values or a share out of range.
    """
    if not values or not 0 < share <= 1:
        raise ValueError(f"no percentile {share} of {len(values)} values")
    return sorted(values)[math.ceil(share * len(values)) - 1]


def ratio_of(above: Sequence[float], below: Sequence[float]) -> float:
    """Return the median of the ratios of measurements that are paired by round."""
    return statistics.median(a / b for a, b in zip(above, below, strict=True))


def knee(points: Sequence[tuple[float, float]], *, log_y: bool = False) -> float | None:
    """Return the x of the knee of a curve, None if it hardly bends.

    The knee is the point farthest from the line between the ends, after both axes are scaled to
    0-1 (Satopää et al., "Finding a Kneedle in a Haystack", 2011). The scale of x is logarithmic,
    that of y only with `log_y`. Every x is above 0 and larger than the one before. Fewer than three
    points have no knee.
    """
    if len(points) < 3:
        return None
    xs = [math.log(x) for x, _ in points]
    ys = [math.log(y) if log_y else y for _, y in points]
    width, height = xs[-1] - xs[0], max(ys) - min(ys)
    if not height:
        return None
    slope = (ys[-1] - ys[0]) / height
    distances = [
        abs((y - ys[0]) / height - slope * (x - xs[0]) / width) for x, y in zip(xs, ys, strict=True)
    ]
    farthest = max(range(len(points)), key=distances.__getitem__)
    return points[farthest][0] if distances[farthest] >= BEND else None
