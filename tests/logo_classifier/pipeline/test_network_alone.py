"""Where the network alone is asked for, nothing is measured that nobody asks for."""

from __future__ import annotations

from itertools import permutations
from pathlib import Path
from typing import Any

import pytest

from logo_classifier import HybridClassifier
from logo_classifier.decision.calibration import Calibrator, MethodCalibration
from logo_classifier.errors import ModelUnavailable, UnsupportedFormat
from logo_classifier.options import Options
from logo_classifier.pictures.header import Picture
from logo_classifier.pipeline import sequence
from logo_classifier.values import Classification, LogoType, Method, Tier
from tests.logo_classifier.pipeline.pipelines import (
    BLUE,
    GREEN,
    RED,
    WIDE,
    CountingNetwork,
    answer,
    draw,
    pipeline,
)

ALONE = Options(Method.NEURAL_NETWORK)
MEASURED = Options(Method.NEURAL_NETWORK, include_features=True)
STEPS = ("extract_features", "classify_by_rules")


@pytest.fixture
def network(tmp_path: Path) -> CountingNetwork:
    return CountingNetwork(tmp_path)


def forbid(monkeypatch: pytest.MonkeyPatch, *steps: str) -> None:
    """Fail the test if a step runs."""
    for step in steps:

        def fail(*_: Any, step: str = step) -> None:
            raise AssertionError(f"{step} ran")

        monkeypatch.setattr(sequence, step, fail)


def test_the_network_alone_measures_nothing_and_asks_no_rules(
    network: CountingNetwork, monkeypatch: pytest.MonkeyPatch
) -> None:
    forbid(monkeypatch, *STEPS)
    pipe = pipeline(network)

    result = answer(pipe, draw(BLUE), ALONE)

    assert (result.route.tier, result.verdict.method) == (Tier.REQUESTED, Method.NEURAL_NETWORK)
    assert result.verdict.logo_type is LogoType.COMPLEX
    assert result.features.values == {}
    assert result.to_dict()["features"] == {}
    assert network.passes == [1]
    assert pipe.statistics.snapshot()["feature_extraction_time"] == []


@pytest.mark.parametrize(
    "options",
    [
        Options(),
        Options(Method.RULE_BASED),
        Options(Method.ENSEMBLE),
        Options(include_features=True),
        MEASURED,
    ],
)
def test_features_are_measured_where_they_are_needed(
    network: CountingNetwork, options: Options
) -> None:
    result = answer(pipeline(network), draw(), options)

    assert result.features.values["complexity"] > 0
    assert result.features.values["wideness"] > 0


def test_the_network_says_the_same_with_features_and_without(network: CountingNetwork) -> None:
    softer = Calibrator({Method.NEURAL_NETWORK: MethodCalibration(temperature=2.0)})
    results = [
        answer(pipeline(network, calibrator=softer), draw(GREEN, WIDE), options)
        for options in (ALONE, MEASURED)
    ]

    assert results[0].verdict == results[1].verdict
    assert results[0].route == results[1].route
    assert results[0].prediction_set == results[1].prediction_set
    assert results[0].image == results[1].image
    assert results[0].verdict.calibrated


@pytest.mark.parametrize("order", list(permutations([ALONE, MEASURED, Options()])))
def test_each_gets_its_own_answer_and_its_own_again(
    network: CountingNetwork, order: tuple[Options, ...]
) -> None:
    pipe = pipeline(network)

    first = [answer(pipe, draw(), options) for options in order]
    again = [answer(pipe, draw(), options) for options in order]

    assert not any(result.cached for result in first)
    assert all(result.cached for result in again)
    for results in (first, again):
        for result, options in zip(results, order, strict=True):
            assert bool(result.features.values) is options.needs_rules
    assert network.passes == [1, 1, 1]


@pytest.mark.parametrize("order", [(ALONE, MEASURED), (MEASURED, ALONE)])
def test_what_is_remembered_for_one_is_not_recalled_for_the_other(
    network: CountingNetwork, order: tuple[Options, Options]
) -> None:
    pipe, picture = pipeline(network), Picture(draw())
    answer(pipe, draw(), order[0])

    assert pipe.recall(picture, order[0]) is not None
    assert pipe.recall(picture, order[1]) is None


def test_an_answer_of_the_network_alone_leaves_no_judgement_behind(
    network: CountingNetwork,
) -> None:
    pipe = pipeline(network)
    result = answer(pipe, draw(), ALONE)

    assert pipe.sequence.judgements
    assert pipe.sequence.judgements.get(result.image.sha256) is None
    assert answer(pipe, draw()).features.values


def test_a_batch_takes_one_pass_and_spoils_nothing(
    network: CountingNetwork, monkeypatch: pytest.MonkeyPatch
) -> None:
    forbid(monkeypatch, *STEPS)
    pictures = [draw(BLUE), b"no picture", draw(GREEN, WIDE), draw(RED)]

    outcomes = pipeline(network).run(pictures, ALONE)

    types = [o.verdict.logo_type if isinstance(o, Classification) else type(o) for o in outcomes]
    assert types == [LogoType.COMPLEX, UnsupportedFormat, LogoType.GRADIENT, LogoType.TEXT]
    assert network.passes == [3]


@pytest.mark.parametrize("options", [ALONE, MEASURED])
def test_a_budget_too_small_for_the_network_falls_back_to_the_rules(
    network: CountingNetwork, options: Options
) -> None:
    pipe = pipeline(network)
    pipe.statistics.record_neural(30.0)
    hurried = Options(options.requested, 20.0, include_features=options.include_features)

    result = answer(pipe, draw(size=WIDE), hurried)

    assert (result.route.tier, result.route.method) == (Tier.TIME_BUDGET, Method.RULE_BASED)
    assert result.verdict.method is Method.RULE_BASED
    assert result.verdict.logo_type is LogoType.SIMPLE
    assert "30000.0 ms" in result.route.reason
    assert network.passes == []
    assert not answer(pipe, draw(size=WIDE), options).cached
    assert network.passes == [1]


def test_a_budget_that_suffices_measures_nothing(
    network: CountingNetwork, monkeypatch: pytest.MonkeyPatch
) -> None:
    forbid(monkeypatch, *STEPS)
    pipe = pipeline(network)
    pipe.statistics.record_neural(0.001)

    result = answer(pipe, draw(), Options(Method.NEURAL_NETWORK, 60.0))

    assert result.verdict.method is Method.NEURAL_NETWORK
    assert answer(pipe, draw(), ALONE).cached


@pytest.mark.parametrize("budget", [None, 1e-9, 60.0])
@pytest.mark.parametrize("include_features", [True, False])
def test_a_missing_network_is_an_error_with_features_and_without(
    budget: float | None, include_features: bool
) -> None:
    options = Options(Method.NEURAL_NETWORK, budget, include_features=include_features)

    (outcome,) = pipeline(None).run([draw()], options)

    assert isinstance(outcome, ModelUnavailable)
    assert outcome.kind == "model_unavailable"
    assert "neural_network needs the network: it is missing" in str(outcome)


@pytest.mark.parametrize("failure", [ModelUnavailable("for now"), MemoryError()])
def test_a_network_that_fails_alone_is_an_error_and_is_asked_again(
    network: CountingNetwork, failure: Exception
) -> None:
    pipe = pipeline(network)
    network.failure = failure
    (outcome,) = pipe.run([draw()], ALONE)
    network.failure = None

    assert isinstance(outcome, ModelUnavailable)
    assert not answer(pipe, draw(), ALONE).cached


def test_an_answer_counts_the_time_of_decoding(network: CountingNetwork) -> None:
    result = answer(pipeline(network), draw(), ALONE)

    assert 0 < result.processing_time < 60


def test_the_calls_measure_features_where_they_are_asked_for(hybrid: HybridClassifier) -> None:
    asked = {"method": "neural_network"}
    pictures = [draw(RED), draw(GREEN), draw(BLUE)]

    alone = [hybrid.classify(draw(), **asked), *hybrid.classify_batch(pictures, **asked)]
    asked_too = {**asked, "include_features": True}
    measured = [hybrid.classify(draw(), **asked_too)]
    measured += hybrid.classify_batch(pictures, **asked_too)
    again = hybrid.recall(Picture(draw()), **asked)

    assert [answer["features"] for answer in alone] == [{}] * 4
    assert all(answer["features"]["complexity"] > 0 for answer in measured)
    assert again
    assert (again["features"], again["cached"]) == ({}, True)


@pytest.mark.parametrize("method", ["auto", "rule_based", "ensemble"])
def test_other_methods_answer_alike_whether_features_are_asked_for(
    method: str, hybrid: HybridClassifier
) -> None:
    first = hybrid.classify(draw(), method=method)
    second = hybrid.classify(draw(), method=method, include_features=True)

    assert second["cached"]
    assert first["features"] == second["features"] != {}
