"""Features of smooth areas: their number, their tones, and how their colours change with place.

All are in 0-1.
"""

from __future__ import annotations

import numpy as np

from logo_classifier.rules.letters import measure_rows
from logo_classifier.rules.measuring import Measured

_FADE_DEVIATIONS = np.array((3, 5, 8, 15, 30))
_AREA_SIZES = np.array((8, 30, 100, 300))
_LEAST_PART_PX = 12
_LEAST_PARTS = 3


def measure_areas(measured: Measured) -> dict[str, float]:
    """Return the number of areas of ink and of gaps, and how much of the ink fades."""
    found = measured.areas
    sizes, inked, deviations = found.sizes, found.inked, found.deviations
    total = max(1.0, float(sizes[inked].sum()))
    large = inked & (sizes > 0.004 * measured.ink.size)
    behind = ~inked & (sizes > 0.02 * measured.ink.size)
    values = {
        "smooth_share": min(1.0, total / measured.ink_px),
        "tone_deviation": min(1.0, float((deviations * sizes)[inked].sum()) / total / 32),
        "largest_tone_deviation": min(1.0, float(deviations[large].max(initial=0)) / 64),
        "backdrop_deviation": min(1.0, float(deviations[behind].max(initial=0)) / 32),
    }
    inked_sizes = np.where(inked, sizes, 0.0)
    faded = (deviations > _FADE_DEVIATIONS[:, None]) @ inked_sizes
    for limit, size in zip(_FADE_DEVIATIONS.tolist(), faded.tolist(), strict=True):
        values[f"fade_share_{limit}"] = size / total
        values[f"fade_ink_share_{limit}"] = min(1.0, size / measured.ink_px)
    counted = (inked_sizes >= _AREA_SIZES[:, None]).sum(axis=1)
    holes = (sizes >= _AREA_SIZES[:, None]).sum(axis=1) - counted
    for limit, areas, gaps in zip(
        _AREA_SIZES.tolist(), counted.tolist(), holes.tolist(), strict=True
    ):
        values[f"area_count_{limit}"] = min(1.0, areas / 40)
        values[f"hole_count_{limit}"] = min(1.0, gaps / 40)
    return values


def measure_parts(measured: Measured) -> dict[str, float]:
    """Return how far and how evenly the colours of the parts change across the picture.

    A fade along a word leaves each letter nearly flat. A plane through the colours of the parts
    (least squares, weighted by size) sees it: `part_fade_range` is what it spans in the channel in
    which that is most, `part_fade_explained` the share of the variance (R squared) there.
    """
    found = measured.areas
    chosen = found.inked & (found.sizes >= _LEAST_PART_PX)
    if int(chosen.sum()) < _LEAST_PARTS:
        return {"part_fade_range": 0.0, "part_fade_explained": 0.0, "part_color_range": 0.0}
    weights, colours = found.sizes[chosen], found.means[chosen]
    weights = weights / weights.sum()
    places = found.centres()[chosen]
    places = places - weights @ places
    colours = colours - weights @ colours
    weighted = places * weights[:, None]
    spread = weighted.T @ places + 0.01 * np.eye(2)
    plane = places @ np.linalg.solve(spread, weighted.T @ colours)
    spans = np.ptp(plane, axis=0)
    channel = int(spans.argmax())
    whole = float(weights @ colours[:, channel] ** 2)
    rest = float(weights @ (colours[:, channel] - plane[:, channel]) ** 2)
    return {
        "part_fade_range": min(1.0, float(spans[channel]) / 255),
        "part_fade_explained": max(0.0, 1 - rest / whole) if whole > 1 else 0.0,
        "part_color_range": float(np.ptp(colours, axis=0).max()) / 255,
    }


def measure_area_rows(measured: Measured) -> dict[str, float]:
    """Return the features of rows of letters among the smooth areas, on tiles as well."""
    rows = measure_rows(measured.areas.statistics(), measured.ink.shape)
    return {f"area_{name}": value for name, value in rows.items()}
