"""Flat controls are flat, and the one that fades fades."""

from __future__ import annotations

import numpy as np
import pytest

from logo_classifier.values import LogoType
from tests.training.behaviour.pictures import Drawn, ink_of, pixels_of, transparent


@pytest.mark.parametrize(
    ("kind", "truth", "colours"),
    [
        ("flat word", LogoType.TEXT, 1),
        ("flat word in two colours", LogoType.TEXT, 2),
    ],
)
def test_flat_words_have_the_colours_that_are_said(
    drawn: Drawn, kind: str, truth: LogoType, colours: int
) -> None:
    cases = transparent(drawn[kind])

    assert len(cases) > 5
    for case in cases:
        assert case.truth is truth
        assert len(np.unique(ink_of(case), axis=0)) == colours


def test_a_flat_symbol_has_one_or_two_colours_and_is_large(drawn: Drawn) -> None:
    for case in transparent(drawn["flat symbol"]):
        counts = np.unique(ink_of(case), axis=0, return_counts=True)[1]

        assert case.truth is LogoType.SIMPLE
        assert np.sort(counts)[-2:].sum() / counts.sum() > 0.95
        assert max(pixels_of(case).shape) >= 200


def test_a_fading_symbol_fades(drawn: Drawn) -> None:
    for case in drawn["fading symbol"]:
        assert case.truth is LogoType.GRADIENT
        assert np.ptp(np.percentile(ink_of(case), (2, 98), axis=0), axis=0).max() >= 40
