"""Extract the features of a normalised picture that a set of rules asks for."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from functools import cache

import cv2
import numpy as np

from logo_classifier.pictures.image import LoadedImage
from logo_classifier.rules.areas import measure_area_rows, measure_areas, measure_parts
from logo_classifier.rules.colours import (
    measure_colour_shares,
    measure_colours,
    measure_inks,
    measure_saturation,
)
from logo_classifier.rules.edges import measure_coarse_edges, measure_edges
from logo_classifier.rules.measuring import Measured
from logo_classifier.rules.shapes import (
    measure_ink_rows,
    measure_ink_strokes,
    measure_inner_rows,
)
from logo_classifier.rules.softness import measure_gentleness, measure_softness
from logo_classifier.values import Features, ImageFacts

MEASURING_SIDE_PX = 192
"""Longest side of the measured picture, where the rules name no other."""

Group = Callable[[Measured], dict[str, float]]
"""Measures some features that share their work."""

_COMPLEXITY = ("edge_density", "unique_colors", "entropy", "corner_density")


def _measure_size(measured: Measured) -> dict[str, float]:
    height, width = measured.height, measured.width
    return {
        "wideness": min(1.0, width / height / 8),
        "tallness": min(1.0, height / width / 4),
        "ink_share": min(1.0, cv2.countNonZero(measured.ink) / (height * width)),
        "source_side": min(1.0, measured.source_side_px / MEASURING_SIDE_PX),
    }


_ALWAYS: tuple[Group, ...] = (_measure_size, measure_edges, measure_colours)
"""The groups with the documented features, which every reply may hold."""

OPTIONAL: dict[str, Group] = {
    "coarse_edges": measure_coarse_edges,
    "areas": measure_areas,
    "area_rows": measure_area_rows,
    "parts": measure_parts,
    "softness": measure_softness,
    "gentleness": measure_gentleness,
    "colour_shares": measure_colour_shares,
    "inks": measure_inks,
    "saturation": measure_saturation,
    "ink_strokes": measure_ink_strokes,
    "ink_rows": measure_ink_rows,
    "inner_rows": measure_inner_rows,
}
"""The other groups by name; they are measured for rules that name one of their features."""


@dataclass(frozen=True, slots=True)
class FeaturePlan:
    """What to measure: groups of features, on a picture with a longest side of `side_px`."""

    groups: tuple[Group, ...]
    side_px: int = MEASURING_SIDE_PX


EVERYTHING = FeaturePlan((*_ALWAYS, *OPTIONAL.values()))


def plan_groups(names: Collection[str], side_px: int) -> FeaturePlan:
    """Return what measures these optional groups and the documented features."""
    return FeaturePlan((*_ALWAYS, *(OPTIONAL[name] for name in names)), side_px)


def plan_features(names: Collection[str], side_px: int) -> FeaturePlan:
    """Return the least work that measures the named and the documented features.

    Raises ValueError for a name that no group measures.
    """
    known = _names_by_group()
    if unknown := set(names).difference(*known.values()):
        raise ValueError(f"the rules ask for {min(unknown)}, which is not measured here")
    asked = tuple(each for each in OPTIONAL.values() if not known[each].isdisjoint(names))
    return FeaturePlan(_ALWAYS + asked, side_px)


def extract_features(image: LoadedImage, plan: FeaturePlan = EVERYTHING) -> Features:
    """Return the features of a normalised picture; every value is finite and in 0-1."""
    measured = Measured(image, plan.side_px)
    values: dict[str, float] = {}
    for group in plan.groups:
        values |= group(measured)
    values["complexity"] = sum(values[name] for name in _COMPLEXITY) / len(_COMPLEXITY)
    # Rounded once here and not in every reply. The rules need fewer than six decimals.
    rounded = np.fromiter(values.values(), np.float64, len(values)).clip(0, 1).round(6)
    return Features(dict(zip(values, rounded.tolist(), strict=True)))


@cache
def _names_by_group() -> dict[Group, frozenset[str]]:
    facts = ImageFacts("PNG", 8, 8, 0, "")
    blank = LoadedImage(np.zeros((8, 8, 3), np.uint8), (255, 255, 255), facts)
    groups = EVERYTHING.groups
    names = {group: frozenset(group(Measured(blank, MEASURING_SIDE_PX))) for group in groups}
    return names | {_measure_size: names[_measure_size] | {"complexity"}}
