"""Fades in few colours keep no more colours than they say."""

from __future__ import annotations

import re

import numpy as np

from logo_classifier.values import LogoType
from tests.training.behaviour.pictures import Drawn, ink_of, pixels_of


def test_a_banded_fade_is_a_gif_of_so_many_colours(drawn: Drawn) -> None:
    for case in drawn["banded fade"]:
        said = int(re.findall(r"-(\d+)-colours", case.name)[0])
        colours = np.unique(pixels_of(case)[..., :3].reshape(-1, 3), axis=0)

        assert case.data[:3] == b"GIF"
        assert case.truth is LogoType.GRADIENT
        assert 8 <= said <= 32
        assert said / 2 <= len(colours) <= said


def test_half_are_in_bands_and_half_in_dots(drawn: Drawn) -> None:
    names = [case.name for case in drawn["banded fade"]]

    assert sum("in-bands" in name for name in names) == len(names) / 2
    assert sum("dithered" in name for name in names) == len(names) / 2


def test_bands_still_run_from_one_colour_to_another(drawn: Drawn) -> None:
    for case in drawn["banded fade"]:
        assert np.ptp(np.percentile(ink_of(case), (2, 98), axis=0), axis=0).max() >= 40
