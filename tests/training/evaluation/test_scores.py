"""Scores worked out by hand."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from logo_classifier.values import LogoType, Trait
from training.evaluation import scores as scores_module
from training.evaluation.scores import by_source, measure, routes
from training.labels.dataset import Example

TYPES = [kind.value for kind in LogoType]


def labelled(logo_type: LogoType, flags: tuple[bool, bool, bool]) -> Example:
    return Example("one", Path("one.png"), logo_type, flags, "bench", "drawn", "one")


def answer(
    shares: Sequence[float], open_types: Sequence[str] = (), traits: Sequence[float] = (0, 0, 0)
) -> dict[str, Any]:
    """Return what measuring reads of a reply, its type the most probable one."""
    best = max(range(4), key=lambda index: shares[index])
    return {
        "logo_type": TYPES[best],
        "confidence": shares[best],
        "probabilities": dict(zip(TYPES, shares, strict=True)),
        "prediction_set": list(open_types) or [TYPES[best]],
        "traits": dict(zip((trait.value for trait in Trait), traits, strict=True)),
    }


EXAMPLES = [
    labelled(LogoType.SIMPLE, (False, False, False)),
    labelled(LogoType.TEXT, (True, False, False)),
    labelled(LogoType.GRADIENT, (True, True, False)),
    labelled(LogoType.COMPLEX, (False, True, True)),
]
ANSWERS = [
    answer((0.9, 0.05, 0.03, 0.02), traits=(0.1, 0.2, 0.0)),
    answer((0.2, 0.6, 0.1, 0.1), ["text", "simple"], traits=(0.5, 0.1, 0.1)),
    answer((0.7, 0.1, 0.15, 0.05), ["simple", "gradient", "text"], traits=(0.4, 0.9, 0.0)),
    answer((0.02, 0.02, 0.1, 0.86), traits=(0.3, 0.2, 0.8)),
]


@pytest.fixture(scope="module")
def scores() -> dict[str, Any]:
    return measure(EXAMPLES, ANSWERS)


def test_the_shares_of_right_answers_are_counted_by_type(scores: dict[str, Any]) -> None:
    assert scores["accuracy"] == 0.75
    assert scores["confusion_matrix"] == [[1, 0, 0, 0], [0, 1, 0, 0], [1, 0, 0, 0], [0, 0, 0, 1]]
    assert scores["precision"] == {"simple": 0.5, "text": 1.0, "gradient": 0.0, "complex": 1.0}
    assert scores["recall"] == {"simple": 1.0, "text": 1.0, "gradient": 0.0, "complex": 1.0}
    assert scores["macro_f1"] == pytest.approx((2 / 3 + 1 + 0 + 1) / 4)


def test_each_trait_is_judged_at_a_chance_of_one_half(scores: dict[str, Any]) -> None:
    half_found = pytest.approx(2 / 3)

    assert scores["trait_f1"] == {"lettering": half_found, "gradient": half_found, "complex": 1.0}


def test_the_probabilities_are_judged_against_the_truth(scores: dict[str, Any]) -> None:
    true_shares = (0.9, 0.6, 0.15, 0.86)
    squares = (
        0.1**2 + 0.05**2 + 0.03**2 + 0.02**2,
        0.2**2 + 0.4**2 + 0.1**2 + 0.1**2,
        0.7**2 + 0.1**2 + 0.85**2 + 0.05**2,
        0.02**2 + 0.02**2 + 0.1**2 + 0.14**2,
    )

    expected = -sum(map(math.log, true_shares)) / 4
    assert scores["negative_log_likelihood"] == pytest.approx(expected)
    assert scores["brier_score"] == pytest.approx(sum(squares) / 4)


def test_the_calibration_error_comes_with_an_interval(scores: dict[str, Any]) -> None:
    low, high = scores["expected_calibration_error_interval"]

    assert scores["expected_calibration_error"] == pytest.approx((0.1 + 0.4 + 0.7 + 0.14) / 4)
    assert low < scores["expected_calibration_error"] < high


def calibrated(seed: int, count: int = 100) -> dict[str, Any]:
    """Return the scores of answers that are right as often as they say."""
    rng = np.random.default_rng(seed)
    confidences = 0.3 + 0.7 * rng.beta(5, 1, count)
    answers = [answer((c, (1 - c) / 2, (1 - c) / 3, (1 - c) / 6)) for c in confidences.tolist()]
    right = rng.random(count) < confidences
    return measure([EXAMPLES[0] if own else EXAMPLES[1] for own in right], answers)


@pytest.mark.parametrize("seed", [0, 1, 21, 46])
def test_the_interval_of_calibrated_answers_does_not_promise_too_much(seed: int) -> None:
    scores = calibrated(seed)
    low, high = scores["expected_calibration_error_interval"]

    assert 0 <= low < high <= 1
    assert high > scores["expected_calibration_error"]


def test_one_answer_has_an_interval_of_one_point() -> None:
    scores = measure(EXAMPLES[:1], ANSWERS[:1])

    assert scores["expected_calibration_error_interval"] == pytest.approx((0.1, 0.1))


def test_prediction_sets_are_judged_by_what_they_hold_and_their_size(
    scores: dict[str, Any],
) -> None:
    assert scores["prediction_sets"]["coverage"] == 1.0
    assert scores["prediction_sets"]["mean_size"] == 7 / 4


def test_a_set_without_the_true_type_does_not_cover() -> None:
    answers = [*ANSWERS[:2], answer((0.7, 0.1, 0.15, 0.05)), ANSWERS[3]]

    assert measure(EXAMPLES, answers)["prediction_sets"]["coverage"] == 0.75


def test_what_is_claimed_above_the_routers_threshold_is_judged_by_itself(
    scores: dict[str, Any],
) -> None:
    assert scores["confident"] == {"threshold": 0.85, "share": 0.5, "right": 1.0}


def test_where_nothing_is_claimed_confidently_nothing_of_it_is_right() -> None:
    scores = measure(EXAMPLES, [answer((0.84, 0.1, 0.04, 0.02))] * 4)

    assert scores["confident"] == {"threshold": 0.85, "share": 0.0, "right": 0.0}


def test_rounded_probabilities_are_measured_without_complaint() -> None:
    thirds = answer((0.333333, 0.333334, 0.333332, 0.0))

    scores = measure(EXAMPLES, [*[thirds] * 3, ANSWERS[3]])

    expected = (3 * math.log(3) - math.log(0.86)) / 4
    assert scores["negative_log_likelihood"] == pytest.approx(expected, abs=1e-5)


def test_types_and_traits_that_never_occur_are_measured_without_complaint() -> None:
    scores = measure([EXAMPLES[0]] * 3, [ANSWERS[0]] * 3)

    assert scores["accuracy"] == 1.0
    assert scores["macro_f1"] == 1.0
    assert list(scores["recall"]) == list(scores["precision"]) == [EXAMPLES[0].logo_type]
    assert scores["trait_f1"] == {"lettering": 0.0, "gradient": 0.0, "complex": 0.0}


def test_the_sets_are_judged_for_each_type_that_occurs(scores: dict[str, Any]) -> None:
    assert scores["prediction_sets"]["coverage_by_type"] == dict.fromkeys(TYPES, 1.0)
    only_simple = measure(EXAMPLES[:1], ANSWERS[:1])
    assert only_simple["prediction_sets"]["coverage_by_type"] == {"simple": 1.0}


def test_the_bins_behind_the_calibration_error_hold_every_picture(scores: dict[str, Any]) -> None:
    bins = scores["reliability"]

    assert [part["pictures"] for part in bins] == [1, 1, 1, 1]
    assert [part["confidence"] for part in bins] == [0.6, 0.7, 0.86, 0.9]
    assert [part["accuracy"] for part in bins] == [1, 0, 1, 1]


def test_each_types_probability_is_judged_by_itself(scores: dict[str, Any]) -> None:
    gaps = [
        0.1 + 0.2 + 0.7 + 0.02,  # simple: 0.9 is right, 0.2, 0.7 and 0.02 are not
        0.05 + 0.4 + 0.1 + 0.02,
        0.03 + 0.1 + 0.85 + 0.1,
        0.02 + 0.1 + 0.05 + 0.14,
    ]

    assert scores["classwise_calibration_error"] == pytest.approx(sum(gaps) / 16)


def test_pictures_without_flags_have_no_trait_scores() -> None:
    unjudged = [replace(example, flags=None) for example in EXAMPLES]

    assert measure(unjudged, ANSWERS)["trait_f1"] == {}


def test_sources_are_counted_apart() -> None:
    rows = [replace(row, source=name) for row, name in zip(EXAMPLES, "abaa", strict=True)]

    assert by_source(rows, ANSWERS) == {
        "a": {"pictures": 3, "accuracy": pytest.approx(2 / 3)},
        "b": {"pictures": 1, "accuracy": 1.0},
    }


def test_routes_say_where_pictures_went_and_how_that_ended() -> None:
    tiers = ("neural", "neural", "ensemble", "neural")
    answers = [
        {**row, "routing_decision": {"tier": tier}, "method_used": "m"}
        for row, tier in zip(ANSWERS, tiers, strict=True)
    ]

    assert routes(EXAMPLES, answers) == {
        "ensemble -> m": {"pictures": 1, "right": 0},
        "neural -> m": {"pictures": 3, "right": 3},
    }


def test_the_sets_of_one_type_do_not_speak_for_another() -> None:
    answers = [*ANSWERS[:2], answer((0.7, 0.1, 0.15, 0.05)), ANSWERS[3]]

    covered = measure(EXAMPLES, answers)["prediction_sets"]["coverage_by_type"]

    assert covered == dict(zip(TYPES, (1, 1, 0, 1), strict=True))


def test_the_interval_leaves_out_one_in_forty_at_each_end(monkeypatch: pytest.MonkeyPatch) -> None:
    errors = iter(range(1000))
    monkeypatch.setattr(scores_module, "expected_calibration_error", lambda *_: next(errors))

    interval = scores_module._bootstrap_interval(np.ones(3), np.ones(3, bool))

    assert interval == pytest.approx((24.975, 974.025))
