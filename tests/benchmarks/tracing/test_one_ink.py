"""Potrace draws the ink in its own colour and place."""

from __future__ import annotations

import shutil

import numpy as np
import pytest

from benchmarks.tracing.measuring import render
from benchmarks.tracing.one_ink import by_potrace
from logo_classifier.vectorising.settings import PotraceSettings, Preparation
from tests.logo_classifier.vectorising.drawn import disc

needs_potrace = pytest.mark.skipif(
    shutil.which("potrace") is None, reason="potrace is not installed"
)


@needs_potrace
def test_a_glyph_in_a_tile_becomes_a_hole() -> None:
    picture = disc(96)
    picture[40:56, 40:56] = 255

    svg, _ = by_potrace(picture, Preparation(scale=2), PotraceSettings())

    drawn = render(svg, 96, 96)
    assert drawn[48, 48, 3] == 0
    assert drawn[30, 48].tolist() == [200, 30, 40, 255]


@needs_potrace
@pytest.mark.parametrize("ground", [(0, 0, 0, 0), (255, 255, 255, 255)])
def test_a_disc_is_a_disc_again(ground: tuple[int, ...]) -> None:
    picture = disc(96, ground)

    svg, seconds = by_potrace(picture, Preparation(scale=4), PotraceSettings())

    drawn = render(svg, 96, 96).astype(int)
    wanted = picture.astype(int)
    assert np.abs(drawn - wanted)[..., 3].mean() < 2
    assert np.median(np.abs(drawn - wanted), axis=(0, 1)).max() <= 2
    assert seconds > 0
