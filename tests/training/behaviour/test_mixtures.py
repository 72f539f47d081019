"""What decides the type beside or under a word is large enough for the guide."""

from __future__ import annotations

import re

import cv2
import numpy as np
import pytest

from logo_classifier.values import LogoType
from tests.training.behaviour.pictures import Drawn, ink_of, pixels_of, transparent
from training.behaviour.drawing.linework import LINE_DRAWINGS, line_drawing


def test_the_fading_symbol_beside_a_word_has_its_share_of_the_ink(drawn: Drawn) -> None:
    cases = transparent(drawn["word beside a small fading symbol"])

    assert len(cases) > 5
    for case in cases:
        ink = ink_of(case)
        colours, counts = np.unique(ink, axis=0, return_counts=True)
        fading = 1 - counts.max() / len(ink)
        said = int(re.findall(r"-(\d+)-percent", case.name)[0]) / 100
        assert len(colours) > 20
        assert 0.16 <= said <= 0.4
        assert abs(fading - said) < 0.12  # soft edges and the ends of the fade are not counted


def test_a_flat_symbol_beside_a_word_changes_nothing(drawn: Drawn) -> None:
    for case in transparent(drawn["flat word beside a flat symbol"]):
        assert case.truth is LogoType.TEXT
        assert len(np.unique(ink_of(case), axis=0)) <= 2


def test_a_soft_shadow_covers_twice_the_share_that_the_guide_asks_for(drawn: Drawn) -> None:
    cases = transparent(drawn["soft shadow"])

    assert len(cases) > 5
    for case in cases:
        alpha = pixels_of(case)[..., 3]
        soft = (alpha >= 24) & (alpha < 235)
        assert soft.sum() / (alpha >= 24).sum() >= 0.29


def test_a_badge_shines_from_dark_to_light_and_back(drawn: Drawn) -> None:
    for case in drawn["metal badge"]:
        assert np.ptp(np.percentile(ink_of(case), (2, 98), axis=0), axis=0).max() > 80


@pytest.mark.parametrize("name", list(LINE_DRAWINGS))
def test_a_line_drawing_has_25_parts_and_more(name: str) -> None:
    for seed in range(5):
        mask = line_drawing(name, 260, np.random.default_rng(seed))
        inked = (mask > 127).astype(np.uint8)
        parts = cv2.connectedComponents(inked)[0] + cv2.connectedComponents(1 - inked)[0] - 2
        assert parts >= 25
        assert 0.02 < inked.mean() < 0.6
