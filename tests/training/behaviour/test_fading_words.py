"""Words that are said to fade do, in the direction that is said."""

from __future__ import annotations

import numpy as np
import pytest

from logo_classifier.values import LogoType
from tests.training.behaviour.pictures import Drawn, ink_of, pixels_of, transparent
from training.behaviour.fading_words import FADING_WORDS

LUMA = np.array([0.299, 0.587, 0.114])


@pytest.mark.parametrize("kind", [kind.name for kind in FADING_WORDS])
def test_every_word_fades_visibly_and_is_a_gradient(drawn: Drawn, kind: str) -> None:
    for case in drawn[kind]:
        low, high = np.percentile(ink_of(case), (2, 98), axis=0)

        assert case.truth is LogoType.GRADIENT
        assert (high - low).max() >= 40


@pytest.mark.parametrize(("kind", "along"), [("word fades along", 0), ("word fades down", 1)])
def test_what_fades_along_an_axis_is_flat_across_it(drawn: Drawn, kind: str, along: int) -> None:
    cases = transparent(drawn[kind])

    assert len(cases) > 5
    for case in cases:
        rgba = pixels_of(case)
        inked = rgba[..., 3] == 255
        lines = rgba if along else rgba.transpose(1, 0, 2)
        marks = inked if along else inked.T
        spreads = [
            np.ptp(line[mark][:, :3].astype(int), axis=0).max()
            for line, mark in zip(lines, marks, strict=True)
            if mark.any()
        ]
        assert max(spreads) <= 1


def test_letters_of_a_word_that_fades_along_are_nearly_flat(drawn: Drawn) -> None:
    for case in transparent(drawn["word fades along"]):
        rgba = pixels_of(case).astype(float)
        eighth = rgba.shape[1] // 8
        parts = [rgba[:, left : left + eighth] for left in range(0, rgba.shape[1], eighth)]
        inks = [part[part[..., 3] == 255][:, :3] for part in parts]
        within = np.median([np.ptp(ink, axis=0).max() for ink in inks if len(ink)])

        assert within < np.ptp(ink_of(case), axis=0).max() / 3


def test_between_hues_of_one_lightness_only_the_hue_changes(drawn: Drawn) -> None:
    for case in transparent(drawn["word fades between hues of one lightness"]):
        ink = ink_of(case)

        assert np.ptp(ink @ LUMA) <= 6
        assert np.ptp(ink, axis=0).max() > 100


def test_outlined_letters_are_empty_inside(drawn: Drawn) -> None:
    shares = [
        (pixels_of(case)[..., 3] > 127).mean() for case in transparent(drawn["outlined word fades"])
    ]
    filled = [
        (pixels_of(case)[..., 3] > 127).mean() for case in transparent(drawn["word fades along"])
    ]

    assert np.median(shares) < np.median(filled)
