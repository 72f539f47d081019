"""The sequence: who is asked, in what order, and what is remembered."""

from __future__ import annotations

import hashlib
import math
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from logo_classifier.decision.calibration import Calibrator, MethodCalibration
from logo_classifier.decision.routing import RoutingPolicy
from logo_classifier.errors import ImageNotFound, UnsupportedFormat
from logo_classifier.options import Options
from logo_classifier.pictures.source import Source
from logo_classifier.values import Classification, LogoType, Method, Tier
from tests.logo_classifier.pipeline.pipelines import (
    AUTO,
    BLUE,
    GREEN,
    RED,
    WIDE,
    CountingNetwork,
    answer,
    draw,
    pipeline,
)


@pytest.fixture
def network(tmp_path: Path) -> CountingNetwork:
    return CountingNetwork(tmp_path)


@pytest.mark.parametrize(
    ("confidence", "rules_complexity", "tier", "method"),
    [
        (0.9, 0.0, Tier.RULES_CONFIDENT, Method.RULE_BASED),
        (0.7, 0.0, Tier.CONDITIONAL, Method.ENSEMBLE),
        (0.7, 1.0, Tier.CONDITIONAL, Method.RULE_BASED),
        (0.5, 0.0, Tier.NEURAL, Method.NEURAL_NETWORK),
        (0.4, 0.0, Tier.ENSEMBLE, Method.ENSEMBLE),
    ],
)
def test_the_rules_confidence_decides_who_answers(
    network: CountingNetwork,
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


def test_the_router_compares_the_calibrated_confidence(network: CountingNetwork) -> None:
    softer = Calibrator({Method.RULE_BASED: MethodCalibration(temperature=2.0)})

    result = answer(pipeline(network, 0.9, calibrator=softer), draw())

    calibrated = math.sqrt(0.9) / (math.sqrt(0.9) + 3 * math.sqrt(0.1 / 3))
    assert result.route.tier is Tier.NEURAL
    assert f"rule confidence {calibrated:.2f}" in result.route.reason


def test_the_networks_answer_is_calibrated(network: CountingNetwork) -> None:
    softer = Calibrator({Method.NEURAL_NETWORK: MethodCalibration(temperature=2.0)})

    verdict = answer(pipeline(network, calibrator=softer), draw()).verdict

    calibrated = math.sqrt(0.7) / (math.sqrt(0.7) + 3 * math.sqrt(0.1))
    assert verdict.calibrated
    assert (verdict.confidence, verdict.raw_confidence) == (pytest.approx(calibrated), 0.7)


def test_an_ensemble_pools_both_answers_and_is_calibrated_itself(network: CountingNetwork) -> None:
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
    network: CountingNetwork, tmp_path: Path
) -> None:
    sources: list[Source] = [
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


def test_the_network_is_left_alone_where_the_rules_settle_all(network: CountingNetwork) -> None:
    pipeline(network).run([draw(RED, WIDE), draw(BLUE, WIDE), b"broken"], AUTO)

    assert network.passes == []


def test_a_second_answer_comes_from_the_cache(network: CountingNetwork) -> None:
    pipe = pipeline(network)

    first, second = answer(pipe, draw()), answer(pipe, draw())

    assert (first.cached, second.cached) == (False, True)
    assert (second.verdict, second.route, second.image) == (first.verdict, first.route, first.image)
    assert network.passes == [1]
    assert pipe.statistics.snapshot()["cached_results"] == 1


def test_an_answer_from_the_cache_tells_its_own_time(network: CountingNetwork) -> None:
    pipe = pipeline(network)
    first = answer(pipe, draw())
    slow = replace(first, timestamp="2020-01-01T00:00:00.000+00:00", processing_time=3600.0)
    assert pipe.answers
    pipe.answers.cache.put(slow, first.image.sha256, "auto")

    second = answer(pipe, draw())

    assert (second.cached, second.timestamp > slow.timestamp) == (True, True)
    assert 0 < second.processing_time < slow.processing_time


def test_an_answer_to_one_method_is_remembered_for_that_method_alone(
    network: CountingNetwork,
) -> None:
    pipe = pipeline(network)

    asked = [Method.RULE_BASED, None, Method.RULE_BASED, None]
    results = [answer(pipe, draw(), Options(method)) for method in asked]

    assert [result.cached for result in results] == [False, False, True, True]
    methods = [result.verdict.method for result in results]
    assert methods == [Method.RULE_BASED, Method.NEURAL_NETWORK] * 2


def test_another_method_gets_its_own_answer_from_the_features_known(
    network: CountingNetwork,
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


def test_without_caches_everything_is_worked_out_anew(network: CountingNetwork) -> None:
    pipe = pipeline(network, cached=False)

    results = [answer(pipe, draw()), answer(pipe, draw())]

    assert [result.cached for result in results] == [False, False]
    assert results[0].verdict == results[1].verdict
    assert network.passes == [1, 1]
    assert len(pipe.statistics.snapshot()["feature_extraction_time"]) == 2


def test_an_answer_describes_the_file_as_it_arrived(network: CountingNetwork) -> None:
    data = draw()

    result = answer(pipeline(network), data)

    facts = result.image
    assert (facts.format, facts.width, facts.height, facts.bytes) == ("PNG", 100, 60, len(data))
    assert facts.sha256 == hashlib.sha256(data).hexdigest()
    assert datetime.fromisoformat(result.timestamp).utcoffset() == timedelta(0)


def test_a_picture_sent_twice_in_one_go_gets_the_same_answer_twice(
    network: CountingNetwork,
) -> None:
    first, second = pipeline(network).run([draw(), draw()], AUTO)

    assert isinstance(first, Classification)
    assert isinstance(second, Classification)
    assert first.verdict == second.verdict


def test_everything_is_counted(network: CountingNetwork) -> None:
    pipe = pipeline(network)

    pipe.run([draw(), draw(BLUE), draw(RED, WIDE), b"broken", b"", b""], AUTO)

    counted = pipe.statistics.snapshot()
    assert counted["total_classifications"] == 3
    assert counted["method_distribution"] == {"rule_based": 1, "neural_network": 2, "ensemble": 0}
    assert counted["tier_distribution"] == {"rules_confident": 1, "neural": 2}
    assert counted["failures"] == {"unsupported_format": 1, "invalid_image": 2}
    assert counted["neural_seconds_median"] > 0


def test_nothing_asked_gives_nothing(network: CountingNetwork) -> None:
    assert pipeline(network).run([], AUTO) == []
    assert network.passes == []


def test_the_first_pass_of_the_warm_up_is_not_the_one_measured(network: CountingNetwork) -> None:
    pipe = pipeline(network)

    pipe.sequence.warm_up()

    assert network.passes == [1, 1]
    assert pipe.statistics.snapshot()["neural_seconds_median"] > 0


def test_there_is_nothing_to_warm_up_without_a_network() -> None:
    pipe = pipeline(None)

    pipe.sequence.warm_up()

    assert pipe.statistics.neural_seconds() is None
