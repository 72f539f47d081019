"""What is thin, thick and even."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from logo_classifier.rules.letters import Mask, connected_shapes
from logo_classifier.rules.strokes import measure_strokes


def strokes(ink: Mask) -> dict[str, float]:
    labels, statistics = connected_shapes(ink)
    return measure_strokes(ink, labels, statistics[:, cv2.CC_STAT_AREA])


def bars(*thicknesses_px: int) -> Mask:
    """Return upright bars of these thicknesses, 80 pixels high."""
    ink = np.zeros((100, 200), np.uint8)
    for index, thickness in enumerate(thicknesses_px):
        ink[10:90, 10 + 40 * index :][:, :thickness] = 1
    return ink


def test_no_ink_has_no_strokes() -> None:
    assert set(strokes(np.zeros((20, 20), np.uint8)).values()) == {0.0}


def test_thin_lines_are_thin_and_slabs_are_not() -> None:
    assert strokes(bars(2, 2))["thin_share"] > 0.95
    assert strokes(bars(30, 30))["thin_share"] < 0.25


@pytest.mark.parametrize("thickness_px", [8, 16, 30])
def test_depth_grows_with_the_thickness_of_a_bar(thickness_px: int) -> None:
    measured = strokes(bars(thickness_px, thickness_px))

    assert measured["stroke_depth"] * 16 == pytest.approx(thickness_px / 4, rel=0.3)
    assert measured["largest_depth"] * 64 == pytest.approx(thickness_px / 2, rel=0.15)


def test_equal_bars_do_not_vary_and_unequal_ones_do() -> None:
    assert strokes(bars(12, 12, 12))["stroke_variation"] < 0.01
    assert strokes(bars(4, 12, 28))["stroke_variation"] > 0.2


def test_specks_do_not_count_as_strokes() -> None:
    specks = bars(12, 12)
    specks[::20, 150] = 1

    assert strokes(specks)["stroke_variation"] == strokes(bars(12, 12))["stroke_variation"]
