"""A pattern has as many parts as it says, and never a number that eyes would argue about."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from app.classification.image import Pixels
from training.patterns import FEW, MANY, Pattern, draw_pattern


@pytest.fixture(scope="module")
def patterns() -> list[Pattern]:
    return [draw_pattern(np.random.default_rng(seed)) for seed in range(150)]


def counted(rgba: Pixels) -> int:
    enlarged = cv2.resize(rgba[..., 3], None, fx=3, fy=3, interpolation=cv2.INTER_CUBIC)
    return cv2.connectedComponents((enlarged > 200).astype(np.uint8))[0] - 1


def test_parts_are_few_or_many_and_many_is_complex(patterns: list[Pattern]) -> None:
    few = [one for one in patterns if not one.complex]
    many = [one for one in patterns if one.complex]

    assert len(few) > 30
    assert len(many) > 60
    assert all(FEW[0] <= one.parts <= FEW[1] for one in few)
    assert all(MANY[0] <= one.parts <= MANY[1] for one in many)


def test_parts_can_be_counted(patterns: list[Pattern]) -> None:
    exact = [counted(one.rgba) == one.parts for one in patterns]

    assert np.mean(exact) > 0.8
    assert all(counted(one.rgba) <= FEW[1] for one in patterns if not one.complex)
    assert all(counted(one.rgba) > 12 for one in patterns if one.complex)


def test_patterns_are_flat_trimmed_and_small(patterns: list[Pattern]) -> None:
    for one in patterns:
        assert max(one.rgba.shape[:2]) <= 288
        ink = one.rgba[one.rgba[..., 3] > 250][:, :3]
        assert len(np.unique(ink, axis=0)) < 40
        alpha = one.rgba[..., 3]
        assert min(line.max() for line in (alpha[0], alpha[-1], alpha[:, 0], alpha[:, -1])) > 0
