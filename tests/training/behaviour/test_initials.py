"""Initials are the same picture in four formats."""

from __future__ import annotations

from itertools import groupby

import numpy as np

from logo_classifier.values import LogoType
from tests.training.behaviour.pictures import Drawn, pixels_of


def test_each_pair_of_initials_is_one_picture_in_four_formats(drawn: Drawn) -> None:
    for _, group in groupby(drawn["initials"], key=lambda case: case.group):
        cases = list(group)
        png, jpg, gif, bmp = (pixels_of(case).astype(int) for case in cases)

        assert [case.name.rpartition(".")[2] for case in cases] == ["png", "jpg", "gif", "bmp"]
        assert np.array_equal(png, bmp)
        assert np.abs(png - gif).max() < 24
        assert np.abs(png - jpg).mean() < 16


def test_initials_are_text_and_of_many_sizes(drawn: Drawn) -> None:
    widths = [pixels_of(case).shape[1] for case in drawn["initials"]]

    assert {case.truth for case in drawn["initials"]} == {LogoType.TEXT}
    assert min(widths) < 40
    assert max(widths) > 200
