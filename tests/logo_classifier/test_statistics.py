"""Counters, windows of times, and feedback."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor

import pytest

from logo_classifier.statistics import PerformanceStatistics
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


def classification(
    method: Method = Method.RULE_BASED,
    tier: Tier = Tier.RULES_CONFIDENT,
    seconds: float = 0.01,
    cached: bool = False,
) -> Classification:
    """Return a finished answer of which only what is counted matters."""
    return Classification(
        verdict=Verdict(
            logo_type=LogoType.SIMPLE,
            confidence=0.25,
            probabilities=dict.fromkeys(LogoType, 0.25),
            traits=dict.fromkeys(Trait, 0.5),
            method=method,
            reasoning="",
            raw_confidence=0.25,
            calibrated=False,
        ),
        route=Route(tier, method, ""),
        features=Features({}),
        prediction_set=(LogoType.SIMPLE,),
        image=ImageFacts("PNG", 10, 10, 1, ""),
        model_name=None,
        model_version=None,
        processing_time=seconds,
        timestamp="",
        cached=cached,
    )


def test_a_fresh_count_is_all_zero() -> None:
    assert PerformanceStatistics().snapshot() == {
        "total_classifications": 0,
        "average_time": 0.0,
        "cached_results": 0,
        "method_distribution": {"rule_based": 0, "neural_network": 0, "ensemble": 0},
        "tier_distribution": {},
        "failures": {},
        "feature_extraction_time": [],
        "neural_seconds_median": None,
    }


def test_classifications_are_counted_by_method_and_tier() -> None:
    statistics = PerformanceStatistics()
    statistics.record(classification())
    statistics.record(classification(Method.RULE_BASED, Tier.TIME_BUDGET))
    statistics.record(classification(Method.ENSEMBLE, Tier.ENSEMBLE))

    counted = statistics.snapshot()

    assert counted["total_classifications"] == 3
    assert counted["method_distribution"] == {"rule_based": 2, "neural_network": 0, "ensemble": 1}
    assert counted["tier_distribution"] == {"rules_confident": 1, "time_budget": 1, "ensemble": 1}


def test_the_average_time_is_that_of_all_classifications() -> None:
    statistics = PerformanceStatistics()
    for seconds in (0.1, 0.2, 0.6):
        statistics.record(classification(seconds=seconds))

    assert statistics.snapshot()["average_time"] == pytest.approx(0.3)


def test_answers_from_the_cache_are_counted_among_all() -> None:
    statistics = PerformanceStatistics()
    statistics.record(classification())
    statistics.record(classification(cached=True))

    counted = statistics.snapshot()

    assert (counted["total_classifications"], counted["cached_results"]) == (2, 1)


def test_failures_are_counted_by_kind_and_apart_from_classifications() -> None:
    statistics = PerformanceStatistics()
    for kind in ("invalid_image", "image_not_found", "invalid_image"):
        statistics.record_failure(kind)

    counted = statistics.snapshot()

    assert counted["failures"] == {"invalid_image": 2, "image_not_found": 1}
    assert counted["total_classifications"] == 0


def test_the_networks_time_is_a_median_that_one_slow_picture_does_not_move() -> None:
    statistics = PerformanceStatistics()
    for seconds in (0.02, 5.0, 0.01):
        statistics.record_neural(seconds)

    assert statistics.neural_seconds() == 0.02
    assert statistics.snapshot()["neural_seconds_median"] == 0.02


def test_the_networks_time_is_unknown_before_its_first_picture() -> None:
    assert PerformanceStatistics().neural_seconds() is None


def test_the_networks_time_follows_the_latest_pictures() -> None:
    statistics = PerformanceStatistics()
    for seconds in [9.0] * 500 + [0.5] * 101:
        statistics.record_neural(seconds)

    assert statistics.neural_seconds() == 0.5


def test_the_window_of_feature_times_is_bounded_and_keeps_the_latest() -> None:
    statistics = PerformanceStatistics()
    for number in range(1000):
        statistics.record_features(float(number))

    assert statistics.snapshot()["feature_extraction_time"] == [float(n) for n in range(899, 1000)]


def test_changing_a_snapshot_changes_no_count() -> None:
    statistics = PerformanceStatistics()
    statistics.record(classification())
    statistics.record_features(0.1)
    taken = statistics.snapshot()
    taken["method_distribution"]["rule_based"] = 99
    taken["tier_distribution"].clear()
    taken["feature_extraction_time"].append(9.0)

    fresh = statistics.snapshot()

    assert fresh["method_distribution"]["rule_based"] == 1
    assert fresh["tier_distribution"] == {"rules_confident": 1}
    assert fresh["feature_extraction_time"] == [0.1]


def test_a_snapshot_goes_into_json_as_it_is() -> None:
    statistics = PerformanceStatistics()
    statistics.record(classification(Method.ENSEMBLE, Tier.ENSEMBLE))
    taken = statistics.snapshot()

    assert json.loads(json.dumps(taken)) == taken


def test_threads_lose_no_count() -> None:
    statistics = PerformanceStatistics()

    def count(_: int) -> None:
        for _ in range(200):
            statistics.record(classification(seconds=0.5))
            statistics.record_failure("invalid_image")
            statistics.record_neural(0.1)

    with ThreadPoolExecutor(16) as pool:
        list(pool.map(count, range(16)))

    counted = statistics.snapshot()
    assert counted["total_classifications"] == counted["failures"]["invalid_image"] == 3200
    assert counted["average_time"] == pytest.approx(0.5)
