"""Small symbols are small, flat and of the sizes of icons."""

from __future__ import annotations

from logo_classifier.values import LogoType
from tests.training.behaviour.pictures import Drawn, ink_of, pixels_of, transparent


def test_small_symbols_have_the_sizes_of_icons(drawn: Drawn) -> None:
    sizes = {pixels_of(case).shape[:2] for case in drawn["small symbol"]}

    assert sizes == {(side, side) for side in (16, 20, 24, 32)}
    assert {case.truth for case in drawn["small symbol"]} == {LogoType.SIMPLE}


def test_small_symbols_have_one_colour_and_soft_edges(drawn: Drawn) -> None:
    cases = transparent(drawn["small symbol"])
    soft = [(((alpha := pixels_of(case)[..., 3]) > 0) & (alpha < 255)).any() for case in cases]

    assert len(cases) > 10
    assert sum(soft) > len(soft) / 2
    for case in cases:
        assert len({tuple(colour) for colour in ink_of(case)}) == 1
