"""Symbols fill their square, have smooth edges and few parts."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from training.behaviour.drawing.symbols import BROAD, SYMBOLS, symbol


@pytest.mark.parametrize("name", SYMBOLS)
def test_a_symbol_has_few_parts_and_is_seen_at_16_px(name: str) -> None:
    large, small = symbol(name, 240), symbol(name, 16)

    assert large.shape == (240, 240)
    assert small.shape == (16, 16)
    assert cv2.connectedComponents((large > 127).astype(np.uint8))[0] - 1 <= 3
    assert 0.1 < (small > 127).mean() < 0.95
    assert abs((small / 255).mean() - (large / 255).mean()) < 0.06


def test_a_symbol_is_the_same_whenever_it_is_drawn() -> None:
    assert np.array_equal(symbol("star", 32), symbol("star", 32))


@pytest.mark.parametrize("name", BROAD)
def test_a_broad_symbol_has_room_for_a_fade(name: str) -> None:
    assert (symbol(name, 100) > 127).mean() > 0.28
