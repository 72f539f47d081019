"""Reduce measurements to the figures that are reported."""

from __future__ import annotations

import math
import statistics
from collections.abc import Sequence

BEND = 0.1
"""Least distance from a straight line, as a share of the range, that counts as a knee."""


def percentile(values: Sequence[float], share: float) -> float:
    """Return the smallest value that at least a share (above 0, to 1) of the values do not exceed.

    Raises ValueError for no values or a share out of range.
    """
    if not values or not 0 < share <= 1:
        raise ValueError(f"no percentile {share} of {len(values)} values")
    return sorted(values)[math.ceil(share * len(values)) - 1]


def ratio_of(above: Sequence[float], below: Sequence[float]) -> float:
    """Return the median of the ratios of paired measurements, round by round."""
    return statistics.median(a / b for a, b in zip(above, below, strict=True))


def knee(points: Sequence[tuple[float, float]], *, log_y: bool = False) -> float | None:
    """Return the x at which a curve bends most, None where it hardly bends.

    That is the point farthest from the line between the ends, once x, on a logarithmic scale,
    and y, if asked on one too, fill a square (Satopää et al., "Finding a Kneedle in a Haystack",
    2011). Every x is above 0 and larger than the one before; fewer than three points have no knee.
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
