"""The sequence: what is asked, what is remembered, what is said when something is missing."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, cast

import numpy as np
import pytest
from PIL import Image

from app.classification.cache import Cache
from app.classification.calibration import Calibrator, MethodCalibration
from app.classification.errors import (
    ClassifierError,
    ImageNotFound,
    ModelUnavailable,
    UnsupportedFormat,
)
from app.classification.image import Limits, LoadedImage
from app.classification.neural import NeuralClassifier
from app.classification.options import Options
from app.classification.pipeline import Judgement, Outcome, Pipeline
from app.classification.registry import load_bundle
from app.classification.routing import RoutingPolicy
from app.classification.rules import RuleSet
from app.classification.statistics import PerformanceStatistics
from app.classification.types import Classification, LogoType, Method, Tier, Trait, Verdict
from tests.classification.networks import write_bundle

AUTO = Options()
RED, GREEN, BLUE = (220, 20, 20), (20, 220, 20), (20, 20, 220)
SQUARE, WIDE = (40, 40), (80, 10)
SETTLED = 0.95

Encode = Callable[..., bytes]


class CountingNetwork:
    """Tell the type by the colour, count the pictures of each pass, fail on demand."""

    def __init__(self, folder: Path) -> None:
        self.bundle = load_bundle(write_bundle(folder))
        self.failure: Exception | None = None
        self.passes: list[int] = []

    def predict(self, images: Sequence[LoadedImage]) -> list[Verdict]:
        self.passes.append(len(images))
        if self.failure:
            raise self.failure
        return [self._verdict(int(np.argmax(i.pixels.mean(axis=(0, 1))))) for i in images]

    def _verdict(self, channel: int) -> Verdict:
        winner = (LogoType.TEXT, LogoType.GRADIENT, LogoType.COMPLEX)[channel]
        shares = {kind: 0.7 if kind is winner else 0.1 for kind in LogoType}
        traits = dict.fromkeys(Trait, 0.5)
        return Verdict(winner, 0.7, shares, traits, Method.NEURAL_NETWORK, "by its colour", 0.7)


@pytest.fixture
def network(tmp_path: Path) -> CountingNetwork:
    return CountingNetwork(tmp_path)


def rules(confidence: float) -> RuleSet:
    """Return rules that call wide pictures simple for sure, others with this confidence."""
    low, high = (math.log(3 * share / (1 - share)) for share in (confidence, SETTLED))
    tree = {"output": "simple", "feature": [0] * 7, "limit": [0.3] * 7}
    tree["value"] = [0.0] * 7 + [low] * 4 + [high] * 4
    return RuleSet.from_dict({"version": "1", "features": ["wideness"], "trees": [tree]})


def pipeline(network: CountingNetwork | None, confidence: float = 0.5, **parts: Any) -> Pipeline:
    defaults: dict[str, Any] = {
        "limits": Limits(),
        "policy": RoutingPolicy(),
        "rules": rules(confidence),
        "calibrator": Calibrator({}),
        "network": cast("NeuralClassifier | None", network),
        "network_error": None if network else "it is missing",
        "statistics": PerformanceStatistics(),
        "results": Cache[Classification](8),
        "judgements": Cache[Judgement](8),
    }
    return Pipeline(**{**defaults, **parts})


@pytest.fixture
def draw(encode: Encode) -> Callable[..., bytes]:
    """Return a drawer of one even rectangle on white."""

    def drawn(colour: tuple[int, int, int] = RED, size: tuple[int, int] = SQUARE) -> bytes:
        picture = Image.new("RGB", (100, 60), "white")
        picture.paste(colour, (5, 5, 5 + size[0], 5 + size[1]))
        return encode(picture)

    return drawn


def answer(pipe: Pipeline, source: bytes, options: Options = AUTO) -> Classification:
    (outcome,) = pipe.run([source], options)
    assert isinstance(outcome, Classification)
    return outcome


def refusal(outcome: Outcome) -> type[ClassifierError]:
    assert isinstance(outcome, ClassifierError)
    return type(outcome)


@pytest.mark.parametrize(
    ("confidence", "rules_complexity", "tier", "method"),
    [
        (0.9, 0.0, Tier.RULES_CONFIDENT, Method.RULE_BASED),
        (0.7, 0.0, Tier.CONDITIONAL, Method.NEURAL_NETWORK),
        (0.7, 1.0, Tier.CONDITIONAL, Method.RULE_BASED),
        (0.5, 0.0, Tier.NEURAL, Method.NEURAL_NETWORK),
        (0.4, 0.0, Tier.ENSEMBLE, Method.ENSEMBLE),
    ],
)
def test_the_rules_confidence_decides_who_answers(
    network: CountingNetwork,
    draw: Callable[..., bytes],
    confidence: float,
    rules_complexity: float,
    tier: Tier,
    method: Method,
) -> None:
    policy = RoutingPolicy(rules_complexity=rules_complexity)

    result = answer(pipeline(network, confidence, policy=policy), draw())

    assert (result.route.tier, result.route.method) == (tier, method)
    assert result.verdict.method is method
    assert network.passes == ([] if method is Method.RULE_BASED else [1])
    assert (result.model_name, result.model_version) == ("tiny", "0.1.0")


def test_an_ensemble_pools_both_answers_and_is_calibrated_itself(
    network: CountingNetwork, draw: Callable[..., bytes]
) -> None:
    softer = Calibrator({Method.ENSEMBLE: MethodCalibration(temperature=2.0)})
    pipe = pipeline(network, 0.4, policy=RoutingPolicy(rule_weight=0.25), calibrator=softer)

    result = answer(pipe, draw(BLUE))

    pooled = [
        math.sqrt(rule**0.25 * neural**0.75)
        for rule, neural in [(0.4, 0.1), (0.2, 0.1), (0.2, 0.1), (0.2, 0.7)]
    ]
    expected = [value / sum(pooled) for value in pooled]
    assert list(result.verdict.probabilities.values()) == pytest.approx(expected)
    assert result.verdict.logo_type is LogoType.COMPLEX
    assert result.verdict.calibrated


def test_one_pass_answers_what_the_rules_leave_open_in_the_order_given(
    network: CountingNetwork, draw: Callable[..., bytes], tmp_path: Path
) -> None:
    sources = [
        draw(BLUE),
        b"no picture at all",
        draw(GREEN, WIDE),
        draw(RED),
        tmp_path / "missing.png",
        draw(GREEN),
    ]

    outcomes = pipeline(network).run(sources, AUTO)

    types = [o.verdict.logo_type if isinstance(o, Classification) else type(o) for o in outcomes]
    assert types == [
        LogoType.COMPLEX,
        UnsupportedFormat,
        LogoType.SIMPLE,
        LogoType.TEXT,
        ImageNotFound,
        LogoType.GRADIENT,
    ]
    assert network.passes == [3]


def test_the_network_is_left_alone_where_the_rules_settle_all(
    network: CountingNetwork, draw: Callable[..., bytes]
) -> None:
    pipeline(network).run([draw(RED, WIDE), draw(BLUE, WIDE), b"broken"], AUTO)

    assert network.passes == []


def test_a_second_answer_comes_from_the_cache(
    network: CountingNetwork, draw: Callable[..., bytes]
) -> None:
    pipe = pipeline(network)

    first, second = answer(pipe, draw()), answer(pipe, draw())

    assert (first.cached, second.cached) == (False, True)
    assert (second.verdict, second.route, second.image) == (first.verdict, first.route, first.image)
    assert network.passes == [1]
    assert pipe.statistics.snapshot()["cached_results"] == 1


def test_another_method_gets_its_own_answer_from_the_features_known(
    network: CountingNetwork, draw: Callable[..., bytes]
) -> None:
    pipe = pipeline(network)

    methods = [None, Method.RULE_BASED, Method.NEURAL_NETWORK, Method.ENSEMBLE]
    results = [answer(pipe, draw(), Options(method)) for method in methods]

    asked = [result.verdict.method for result in results]
    assert asked == [Method.NEURAL_NETWORK, *methods[1:]]
    assert [result.route.tier for result in results] == [Tier.NEURAL] + [Tier.REQUESTED] * 3
    assert not any(result.cached for result in results)
    assert len(pipe.statistics.snapshot()["feature_extraction_time"]) == 1
    assert network.passes == [1, 1, 1]


def test_without_caches_everything_is_worked_out_anew(
    network: CountingNetwork, draw: Callable[..., bytes]
) -> None:
    pipe = pipeline(network, results=None, judgements=None)

    results = [answer(pipe, draw()), answer(pipe, draw())]

    assert [result.cached for result in results] == [False, False]
    assert results[0].verdict == results[1].verdict
    assert network.passes == [1, 1]
    assert len(pipe.statistics.snapshot()["feature_extraction_time"]) == 2


@pytest.mark.parametrize("method", [None, Method.NEURAL_NETWORK, Method.ENSEMBLE])
def test_a_budget_too_small_for_the_network_says_so_and_is_not_cached(
    network: CountingNetwork, draw: Callable[..., bytes], method: Method | None
) -> None:
    pipe = pipeline(network)
    pipe.statistics.record_neural(30.0)

    hurried = answer(pipe, draw(), Options(method, time_budget=20.0))
    patient = answer(pipe, draw(), Options(method))

    assert (hurried.route.tier, hurried.verdict.method) == (Tier.TIME_BUDGET, Method.RULE_BASED)
    assert "30000.0 ms" in hurried.route.reason
    assert (patient.cached, patient.verdict.method is Method.RULE_BASED) == (False, False)
    assert network.passes == [1]


def test_a_budget_already_spent_does_not_try_a_network_of_unknown_speed(
    network: CountingNetwork, draw: Callable[..., bytes]
) -> None:
    result = answer(pipeline(network), draw(), Options(time_budget=1e-9))

    assert result.route.tier is Tier.TIME_BUDGET
    assert network.passes == []


def test_a_budget_that_suffices_changes_nothing(
    network: CountingNetwork, draw: Callable[..., bytes]
) -> None:
    pipe = pipeline(network)
    pipe.statistics.record_neural(0.001)

    result = answer(pipe, draw(), Options(time_budget=60.0))

    assert result.route.tier is Tier.NEURAL
    assert answer(pipe, draw()).cached
