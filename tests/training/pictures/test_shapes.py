"""Plain symbols are few flat parts, of many kinds."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from logo_classifier.pictures.pixels import Pixels
from training.pictures.shapes import symbol


@pytest.fixture(scope="module")
def masks() -> list[Pixels]:
    return [symbol(np.random.default_rng(seed)) for seed in range(200)]


def test_every_symbol_is_drawn_and_has_at_most_six_parts(masks: list[Pixels]) -> None:
    for mask in masks:
        parts, _ = cv2.connectedComponents((mask > 127).astype(np.uint8))
        assert mask.shape == (192, 192)
        assert 0.03 < (mask > 127).mean() < 0.95
        assert 1 <= parts - 1 <= 6


def test_edges_are_antialiased_and_all_else_is_flat(masks: list[Pixels]) -> None:
    between = [((mask > 0) & (mask < 255)).mean() for mask in masks]

    assert max(between) < 0.1


def test_there_are_many_kinds(masks: list[Pixels]) -> None:
    assert len({round(float((mask > 127).mean()), 2) for mask in masks}) > 30
