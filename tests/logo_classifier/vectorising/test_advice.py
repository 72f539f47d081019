"""Advice follows the most demanding type that is possible, the size and the colours."""

from __future__ import annotations

from dataclasses import replace

import pytest

from logo_classifier.values import (
    Classification,
    Features,
    ImageFacts,
    LogoType,
    Method,
    Route,
    Tier,
    Trait,
    Verdict,
)
from logo_classifier.vectorising.advice import BY_TYPE, advise, preparation_for

PROBABILITIES = dict(zip(LogoType, (0.9, 0.1, 0.0, 0.0), strict=True))
SIMPLE = Classification(
    verdict=Verdict(
        LogoType.SIMPLE,
        0.9,
        PROBABILITIES,
        dict.fromkeys(Trait, 0.1),
        Method.NEURAL_NETWORK,
        "it is flat",
        0.9,
        True,
    ),
    route=Route(Tier.REQUESTED, Method.NEURAL_NETWORK, "asked for"),
    features=Features({"complexity": 0.1, "top_color_share": 0.5}),
    prediction_set=(LogoType.SIMPLE,),
    image=ImageFacts("PNG", 384, 200, 1000, "0" * 64),
    model_name="logo-type",
    model_version="1.6.0",
    processing_time=0.01,
    timestamp="2026-12-01T00:00:00.000+00:00",
    cached=False,
)


@pytest.mark.parametrize(
    ("possible", "basis"),
    [
        ([LogoType.SIMPLE], LogoType.SIMPLE),
        ([LogoType.SIMPLE, LogoType.TEXT], LogoType.TEXT),
        ([LogoType.SIMPLE, LogoType.COMPLEX, LogoType.TEXT], LogoType.COMPLEX),
        ([LogoType.SIMPLE, LogoType.GRADIENT, LogoType.COMPLEX], LogoType.GRADIENT),
    ],
)
def test_the_most_demanding_possible_type_decides(
    possible: list[LogoType], basis: LogoType
) -> None:
    advice = advise(replace(SIMPLE, prediction_set=tuple(possible)))

    assert advice.basis is basis
    assert advice.vtracer == BY_TYPE[basis]
    assert basis.value in advice.why


@pytest.mark.parametrize(
    ("width", "height", "scale"),
    [(384, 200, 2), (200, 384, 2), (64, 64, 4), (10, 10, 4), (250, 250, 3), (5000, 10, 1)],
)
def test_small_pictures_are_enlarged(width: int, height: int, scale: int) -> None:
    image = replace(SIMPLE.image, width=width, height=height)

    advice = advise(replace(SIMPLE, image=image))

    assert advice.preparation.scale == scale
    assert ("Enlarged" in advice.why) is (scale > 1)


@pytest.mark.parametrize(("side_px", "scale"), [(64, 3), (250, 2), (384, 2), (5000, 1)])
def test_fades_are_enlarged_less(side_px: int, scale: int) -> None:
    assert preparation_for(LogoType.GRADIENT, side_px).scale == scale


@pytest.mark.parametrize(
    ("share", "possible", "named"),
    [
        (0.99, (LogoType.SIMPLE,), True),
        (0.99, (LogoType.SIMPLE, LogoType.COMPLEX), False),
        (0.5, (LogoType.SIMPLE,), False),
    ],
)
def test_potrace_is_named_where_one_ink_suffices(
    share: float, possible: tuple[LogoType, ...], named: bool
) -> None:
    features = Features({"complexity": 0.1, "top_color_share": share})
    told = advise(replace(SIMPLE, features=features, prediction_set=possible)).to_dict()

    assert ("potrace" in told) is named
    assert ("potrace" in told["why"]) is named


def test_features_that_a_version_does_not_measure_are_done_without() -> None:
    told = advise(replace(SIMPLE, features=Features({"complexity": 0.1}))).to_dict()

    assert "potrace" not in told


def test_advice_is_made_anew_each_time() -> None:
    first = advise(SIMPLE).to_dict()
    first["vtracer"]["python"]["filter_speckle"] = -1

    assert advise(SIMPLE).to_dict() != first
