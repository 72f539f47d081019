"""Extract the features of a normalised picture: edges, FAST corners, areas, colours and letters.

A step is the morphological gradient of a pixel. Steps and distances are in levels (0-255) of the
channel in which they are largest.
"""

from __future__ import annotations

from collections.abc import Sequence
from statistics import median
from typing import Any

import cv2
import numpy as np
from cv2.typing import MatLike
from numpy.typing import NDArray

from logo_classifier.pictures.image import LoadedImage
from logo_classifier.pictures.pixels import Pixels, colour_distance, largest_channel, shrink
from logo_classifier.rules.letters import Mask, connected_shapes, measure_rows
from logo_classifier.rules.strokes import measure_strokes
from logo_classifier.values import Features

MEASURING_SIDE = 192
_BORDER = 4
_EDGE_STEP = 40
_VISIBLE_STEP = 24
_SMOOTH_STEP = 10
_BACKDROP_DISTANCE = 24
_INNER_DISTANCE = 48
_FADE_DEVIATIONS = np.array((3, 5, 8, 15, 30))
_AREA_SIZES = np.array((8, 30, 100, 300))
_STRIDE = 2
"""Every second pixel in both directions is enough for statistics of colour and tone."""

Counts = NDArray[np.float32]
Floats = NDArray[np.float64]

_SQUARE_2 = np.ones((2, 2), np.uint8)
_SQUARE_5 = np.ones((5, 5), np.uint8)
_SQUARE_9 = np.ones((9, 9), np.uint8)


def extract_features(image: LoadedImage) -> Features:
    """Return the features of a normalised picture; every value is finite and in 0-1."""
    small = shrink(image.pixels, MEASURING_SIDE)
    height, width = small.shape[:2]
    pixels = np.asarray(
        cv2.copyMakeBorder(
            small, _BORDER, _BORDER, _BORDER, _BORDER, cv2.BORDER_CONSTANT, value=image.backdrop
        ),
        np.uint8,
    )
    grey = np.asarray(cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY), np.uint8)
    step = largest_channel(cv2.morphologyEx(pixels, cv2.MORPH_GRADIENT, _SQUARE_2))
    ink = _above(colour_distance(pixels, image.backdrop), _BACKDROP_DISTANCE)
    values = {
        "wideness": min(1.0, width / height / 8),
        "tallness": min(1.0, height / width / 4),
        "ink_share": min(1.0, cv2.countNonZero(ink) / (height * width)),
    }
    values |= _edges(grey, step, ink)
    sparse = [_thinned(channel) for channel in cv2.split(pixels)]
    values |= _areas(sparse, step, ink)
    values |= _softness(pixels, step, ink)
    colours, main_colour = _colours(sparse, _thinned(grey), _thinned(step), _thinned(ink))
    values |= colours
    values |= _shapes(pixels, ink, main_colour)
    field = ("edge_density", "unique_colors", "entropy", "corner_density")
    values["complexity"] = sum(values[name] for name in field) / len(field)
    # Rounded once here and not in every reply. The rules need fewer than six decimals.
    rounded = np.fromiter(values.values(), np.float64, len(values)).clip(0, 1).round(6)
    return Features(dict(zip(values, rounded.tolist(), strict=True)))


def _edges(grey: Mask, step: Mask, ink: Mask) -> dict[str, float]:
    edges = _above(step, _EDGE_STEP)
    cells = cv2.resize(edges * 255, (8, 8), interpolation=cv2.INTER_AREA) / 255
    half = cv2.resize(grey, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
    half_step = cv2.morphologyEx(half, cv2.MORPH_GRADIENT, _SQUARE_2)
    corners = cv2.FastFeatureDetector.create(_EDGE_STEP).detect(grey)
    return {
        "edge_density": cv2.countNonZero(edges) / edges.size,
        "ink_edge_density": min(1.0, cv2.countNonZero(edges) / max(1, cv2.countNonZero(ink))),
        "coarse_edge_density": _count(half_step > _EDGE_STEP) / half.size,
        "busy_cell_share": _count(cells > 0.1) / cells.size,
        "busiest_cell": float(cells.max()),
        "median_cell": median(cells.ravel().tolist()),
        "corner_density": min(1.0, len(corners) / 400),
        "gradient_strength": min(1.0, cv2.mean(step)[0] / 64),
    }


def _areas(channels: Sequence[Mask], step: Mask, ink: Mask) -> dict[str, float]:
    """Return features of smooth areas: connected components without a visible step inside."""
    count, labels = cv2.connectedComponents(
        _up_to(step, _SMOOTH_STEP), connectivity=4, ltype=cv2.CV_16U
    )
    sizes, inked, tones = _tones(labels, channels, ink, count)
    inked[0], sizes[0] = False, 0.0
    total = max(1.0, float(sizes[inked].sum()))
    ink_px = max(1, cv2.countNonZero(ink))
    large = inked & (sizes > 0.004 * ink.size)
    behind = ~inked & (sizes > 0.02 * ink.size)
    values = {
        "smooth_share": min(1.0, total / ink_px),
        "tone_deviation": min(1.0, float((tones * sizes)[inked].sum()) / total / 32),
        "largest_tone_deviation": min(1.0, float(tones[large].max(initial=0)) / 64),
        "backdrop_deviation": min(1.0, float(tones[behind].max(initial=0)) / 32),
    }
    inked_sizes = np.where(inked, sizes, 0.0)
    faded = (tones > _FADE_DEVIATIONS[:, None]) @ inked_sizes
    for limit, size in zip(_FADE_DEVIATIONS.tolist(), faded.tolist(), strict=True):
        values[f"fade_share_{limit}"] = size / total
        values[f"fade_ink_share_{limit}"] = min(1.0, size / ink_px)
    counted = (inked_sizes >= _AREA_SIZES[:, None]).sum(axis=1)
    holes = (sizes >= _AREA_SIZES[:, None]).sum(axis=1) - counted
    for limit, areas, gaps in zip(
        _AREA_SIZES.tolist(), counted.tolist(), holes.tolist(), strict=True
    ):
        values[f"area_count_{limit}"] = min(1.0, areas / 40)
        values[f"hole_count_{limit}"] = min(1.0, gaps / 40)
    return values


def _tones(
    labels: MatLike, channels: Sequence[Mask], ink: Mask, count: int
) -> tuple[Floats, NDArray[np.bool_], Floats]:
    """Return each area's size in pixels, whether it is ink, and its largest channel deviation.

    All are estimated from every `_STRIDE`-th pixel in both directions; `channels` contain only
    these pixels.
    """
    thinned = labels[::_STRIDE, ::_STRIDE].ravel().astype(np.intp)  # once, not in every bincount
    seen = np.bincount(thinned, minlength=count)
    some = np.maximum(seen, 1)
    inked = np.bincount(thinned, ink[::_STRIDE, ::_STRIDE].ravel(), count) / some >= 0.5
    variance = np.zeros(count)
    for channel in channels:
        levels = channel.ravel().astype(np.float64)
        mean = np.bincount(thinned, levels, count) / some
        square = np.bincount(thinned, levels * levels, count) / some
        np.maximum(variance, square - mean * mean, out=variance)
    return seen.astype(np.float64) * _STRIDE**2, inked, np.sqrt(variance)


def _softness(pixels: Pixels, step: Mask, ink: Mask) -> dict[str, float]:
    """Return features of gradual change inside the ink and away from edges."""
    visible = _above(step, _VISIBLE_STEP)
    near = (cv2.dilate(visible, _SQUARE_5) == 0) & (ink > 0)
    far = (cv2.dilate(visible, _SQUARE_9) == 0) & (ink > 0)
    blurred = cv2.blur(pixels, (3, 3))
    change = np.zeros(ink.shape, np.uint8)
    change[:, 4:-4] = largest_channel(cv2.absdiff(blurred[:, 8:], blurred[:, :-8]))
    change[4:-4] = np.maximum(change[4:-4], largest_channel(cv2.absdiff(blurred[8:], blurred[:-8])))
    gentle = (change >= 3) & (change < 60) & far
    ink_px, far_px, gentle_px = max(1, cv2.countNonZero(ink)), _count(far), _count(gentle)
    return {
        "interior_share": _count(near) / ink_px,
        "deep_interior_share": far_px / ink_px,
        "soft_share": _count((step >= 3) & (step <= 16) & near) / ink_px,
        "faint_share": _count((step >= 1) & (step <= _SMOOTH_STEP) & near) / ink_px,
        "gentle_share": gentle_px / ink_px,
        "gentle_interior_share": gentle_px / max(30, far_px),
        "marked_share": _count((change >= 8) & gentle) / ink_px,
    }


def _colours(
    channels: Sequence[Mask], grey: Mask, step: Mask, ink: Mask
) -> tuple[dict[str, float], tuple[int, int, int]]:
    """Return features of colours at 4 bits per channel, and the main colour of smooth ink."""
    red, green, blue = channels
    codes = (red & 0xF0).astype(np.uint16) << 4
    codes |= (green & 0xF0) | (blue >> 4)
    everywhere = _histogram(codes, 4096)
    even = _histogram(codes, 4096, ink & (step <= _VISIBLE_STEP))
    shares = np.sort(even[even > 0])[::-1] / max(1, int(even.sum()))
    largest, smallest = cv2.max(cv2.max(red, green), blue), cv2.min(cv2.min(red, green), blue)
    spread = cv2.mean(cv2.subtract(largest, smallest), mask=ink)[0]
    main = int((even if len(shares) else _histogram(codes, 4096, ink)).argmax())
    greys = _histogram(grey, 256)
    values = {
        "unique_colors": min(1.0, float((everywhere > 0).sum()) / 512),
        "notable_color_count": min(1.0, float((everywhere > 0.001 * codes.size).sum()) / 128),
        "major_color_count": min(1.0, float((everywhere > 0.01 * codes.size).sum()) / 24),
        "ink_color_count": min(1.0, float((shares > 0.01).sum()) / 32),
        "top_color_share": float(shares[:1].sum()),
        "top_two_color_share": min(1.0, float(shares[:2].sum())),
        "top_four_color_share": min(1.0, float(shares[:4].sum())),
        "ink_color_entropy": _entropy_bits(even) / 12,
        "color_entropy": _entropy_bits(everywhere) / 12,
        "entropy": _entropy_bits(greys) / 8,
        "saturation": spread / 255,
    }
    return values, ((main >> 8) * 16 + 8, (main >> 4 & 15) * 16 + 8, (main & 15) * 16 + 8)


def _thinned(values: MatLike) -> Mask:
    return np.ascontiguousarray(values[::_STRIDE, ::_STRIDE], np.uint8)


def _above(values: Mask, limit: int) -> Mask:
    return np.asarray(cv2.threshold(values, limit, 1, cv2.THRESH_BINARY)[1], np.uint8)


def _up_to(values: Mask, limit: int) -> Mask:
    return np.asarray(cv2.threshold(values, limit, 1, cv2.THRESH_BINARY_INV)[1], np.uint8)


def _histogram(values: NDArray[Any], size: int, mask: Mask | None = None) -> Counts:
    # OpenCV is far faster than numpy. Its float32 counts are exact up to 2^24 pixels.
    return np.asarray(cv2.calcHist([values], [0], mask, [size], [0, size]), np.float32).ravel()


def _count(mask: NDArray[np.bool_]) -> int:
    return cv2.countNonZero(mask.view(np.uint8))


def _entropy_bits(counts: Counts) -> float:
    filled = counts[counts > 0]
    if not len(filled):
        return 0.0
    shares = filled / filled.sum()
    return max(0.0, float(-(shares * np.log2(shares)).sum()))


def _shapes(pixels: Pixels, ink: Mask, main_colour: tuple[int, int, int]) -> dict[str, float]:
    """Return features of strokes and rows of letters, on the backdrop and on the main colour."""
    labels, statistics = connected_shapes(ink)
    values = measure_strokes(ink, labels, statistics[:, cv2.CC_STAT_AREA])
    values |= measure_rows(statistics, ink.shape)
    inside = cv2.erode(ink, _SQUARE_5)
    other = _above(colour_distance(pixels, main_colour), _INNER_DISTANCE)
    inner = np.asarray(cv2.bitwise_and(other, inside), np.uint8)
    inner_px = cv2.countNonZero(inner)
    values["inner_share"] = inner_px / max(1, cv2.countNonZero(ink))
    rows = measure_rows(connected_shapes(inner)[1] if inner_px else statistics[:0], ink.shape)
    return values | {f"inner_{name}": value for name, value in rows.items()}
