"""Calibration is fitted on what training held out."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.special import softmax

from logo_classifier.decision.calibration import Calibrator, MethodCalibration
from logo_classifier.network.bundle import load_bundle
from logo_classifier.network.neural import NeuralClassifier
from logo_classifier.pictures.image import LoadedImage
from logo_classifier.values import Features, LogoType, Method, Trait, Verdict
from tests.training.drawn import FinishedRun
from training import rules
from training.calibrate import (
    calibrate,
    fit_method,
    fit_rule_weight,
    fit_rules_complexity,
    table,
)
from training.fitting import COVERAGE, Floats, Ints
from training.labels.dataset import HELD_OUT_FOLD, Example, flag_targets, read_labels, type_targets

TYPES = list(LogoType)


def verdicts_of(shares: Floats, method: Method, chance: float = 0.5) -> list[Verdict]:
    return [
        Verdict(
            logo_type=TYPES[int(row.argmax())],
            confidence=float(row.max()),
            probabilities=dict(zip(TYPES, row.tolist(), strict=True)),
            traits=dict.fromkeys(Trait, chance),
            method=method,
            reasoning="drawn",
            raw_confidence=float(row.max()),
            calibrated=False,
        )
        for row in shares
    ]


def drawn(count: int, sharpness: float = 1.0) -> tuple[Floats, Ints]:
    """Return probabilities, made too sure by `sharpness`, and types drawn from the true ones."""
    rng = np.random.default_rng(8)
    logits = rng.normal(0, 2, (count, 4))
    above = rng.random((count, 1)) > softmax(logits, axis=1).cumsum(axis=1)
    return softmax(sharpness * logits, axis=1), above.sum(axis=1).clip(max=3)


def log_loss(verdicts: Sequence[Verdict], types: Ints) -> float:
    return float(-np.log(table(list(verdicts))[np.arange(len(types)), types]).mean())


def test_the_table_has_the_types_in_their_order() -> None:
    shares = np.array([[0.1, 0.2, 0.3, 0.4], [0.7, 0.1, 0.2, 0.0]])
    shuffled = [
        Verdict(
            logo_type=verdict.logo_type,
            confidence=verdict.confidence,
            probabilities=dict(reversed(verdict.probabilities.items())),
            traits=verdict.traits,
            method=verdict.method,
            reasoning=verdict.reasoning,
            raw_confidence=verdict.raw_confidence,
            calibrated=False,
        )
        for verdict in verdicts_of(shares, Method.RULE_BASED)
    ]

    assert table(shuffled).tolist() == shares.tolist()


def test_rules_that_know_nothing_get_no_weight() -> None:
    shares, types = drawn(1_500)
    rng = np.random.default_rng(9)
    guesses = verdicts_of(rng.dirichlet((1,) * 4, 1_500), Method.RULE_BASED)

    assert fit_rule_weight(guesses, verdicts_of(shares, Method.NEURAL_NETWORK), types) < 0.05


def test_rules_that_know_more_than_the_network_get_half_the_weight() -> None:
    shares, types = drawn(1_500)
    even = verdicts_of(np.full((1_500, 4), 0.25), Method.NEURAL_NETWORK)

    assert fit_rule_weight(verdicts_of(shares, Method.RULE_BASED), even, types) > 0.45


def test_two_methods_that_each_know_a_part_share_the_weight() -> None:
    rng = np.random.default_rng(10)
    first, second = rng.normal(0, 1, (2, 3_000, 4))
    truth = softmax(2 * (0.3 * first + 0.7 * second), axis=1)
    types = (rng.random((3_000, 1)) > truth.cumsum(axis=1)).sum(axis=1).clip(max=3)
    rules = verdicts_of(softmax(2 * first, axis=1), Method.RULE_BASED)
    neural = verdicts_of(softmax(2 * second, axis=1), Method.NEURAL_NETWORK)

    assert fit_rule_weight(rules, neural, types) == pytest.approx(0.3, abs=0.05)


def limit_of(pictures: Sequence[tuple[float, bool, bool]], confidence: float = 0.7) -> float:
    """Return the limit for pictures: complexity, whether the rules and whether both are right."""

    def verdicts(right: Sequence[bool]) -> list[Verdict]:
        left = (1 - confidence) / 3
        rows = [[*((confidence, left) if own else (left, confidence)), left, left] for own in right]
        return verdicts_of(np.array(rows), Method.RULE_BASED)

    complexities, rules, pooled = zip(*pictures, strict=True)
    features = [Features({"complexity": value}) for value in complexities]
    types = np.zeros(len(pictures), np.int64)
    return fit_rules_complexity(features, verdicts(rules), verdicts(pooled), types)


RULES, BOTH, NEITHER = (True, False), (False, True), (False, False)


def test_the_rules_answer_up_to_where_they_get_the_most_right() -> None:
    assert limit_of([(0.3, *RULES), (0.1, *BOTH), (0.2, *RULES), (0.4, *BOTH)]) == 0.3
    assert limit_of([(0.1, *RULES), (0.2, *BOTH), (0.3, *RULES), (0.4, *RULES)]) == 0.4


def test_of_limits_that_get_as_many_right_the_lowest_is_taken() -> None:
    assert limit_of([(0.1, *RULES), (0.2, *NEITHER), (0.3, *BOTH), (0.4, *RULES)]) == 0.1


def test_rules_that_gain_nothing_answer_nothing() -> None:
    assert limit_of([(0.1, *BOTH), (0.2, *RULES)]) == 0
    assert limit_of([(0.1, *NEITHER)]) == 0


def test_pictures_of_equal_complexity_stand_on_the_same_side_of_the_limit() -> None:
    assert limit_of([(0.1, *RULES), (0.2, *RULES), (0.2, *BOTH), (0.2, *BOTH)]) == 0.1
    assert limit_of([(0.2, *RULES), (0.2, *BOTH)]) == 0


@pytest.mark.parametrize(("confidence", "limit"), [(0.64, 0), (0.65, 0.2), (0.84, 0.2), (0.85, 0)])
def test_only_pictures_of_the_conditional_tier_set_the_limit(
    confidence: float, limit: float
) -> None:
    assert limit_of([(0.2, *RULES)], confidence) == limit


def test_a_method_that_is_too_sure_is_cooled_down_until_it_means_what_it_says() -> None:
    shares, types = drawn(4_000, sharpness=2.5)
    verdicts = verdicts_of(shares, Method.ENSEMBLE)

    fitted = MethodCalibration.from_dict(fit_method(verdicts, types, np.zeros((4_000, 3), "f4")))
    calibrator = Calibrator({Method.ENSEMBLE: fitted})
    calibrated = [calibrator.apply(verdict) for verdict in verdicts]

    assert fitted.temperature == pytest.approx(2.5, rel=0.1)
    assert log_loss(calibrated, types) < log_loss(verdicts, types) - 0.1
    right = np.mean(
        [verdict.logo_type is TYPES[t] for verdict, t in zip(calibrated, types, strict=True)]
    )
    assert np.mean([verdict.confidence for verdict in calibrated]) == pytest.approx(right, abs=0.02)
    sets = [calibrator.prediction_set(verdict) for verdict in calibrated]
    covered = np.mean([TYPES[t] in kinds for t, kinds in zip(types, sets, strict=True)])
    assert COVERAGE <= covered < COVERAGE + 0.01


def test_each_trait_is_calibrated_by_its_own_flags() -> None:
    shares, types = drawn(400)
    flags = np.zeros((400, 3), np.float32)
    flags[:, 0] = np.arange(400) % 10 < 9
    flags[:, 1] = np.arange(400) % 10 < 7

    fitted = fit_method(verdicts_of(shares, Method.NEURAL_NETWORK, chance=0.8), types, flags)

    logit = np.log(0.8 / 0.2)
    temperatures = fitted["trait_temperatures"]
    assert temperatures["lettering"] == pytest.approx(logit / np.log(0.9 / 0.1), rel=0.01)
    assert temperatures["gradient"] == pytest.approx(logit / np.log(0.7 / 0.3), rel=0.01)


@pytest.fixture(scope="module")
def calibration(finished: FinishedRun) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads((finished.bundle / "calibration.json").read_text())
    return loaded


def test_the_network_is_calibrated_on_what_it_never_saw_and_readers_agree_on(
    finished: FinishedRun, calibration: dict[str, Any], folds: NDArray[np.int64], logos: Path
) -> None:
    disputed = np.array([example.disputed for example in read_labels(logos, "train")])
    unseen = folds == HELD_OUT_FOLD

    assert (unseen & disputed).any()
    assert calibration["pictures"] == (unseen & ~disputed).sum()
    policy = json.loads((finished.bundle / "policy.json").read_text())
    assert 0 <= policy["rule_weight"] <= 0.5


def test_both_methods_that_use_the_network_are_calibrated(calibration: dict[str, Any]) -> None:
    for method in (Method.NEURAL_NETWORK, Method.ENSEMBLE):
        fitted = MethodCalibration.from_dict(calibration[method])
        assert fitted.temperature > 0
        assert all(0 <= value <= 1 for value in fitted.set_thresholds.values())
        assert set(fitted.trait_temperatures or {}) == set(Trait)


def test_what_is_calibrated_is_the_network_that_will_be_served(
    calibration: dict[str, Any],
    finished: FinishedRun,
    examples: list[Example],
    images: list[LoadedImage],
    folds: NDArray[np.int64],
) -> None:
    undisputed = np.array([not example.disputed for example in examples])
    chosen = np.flatnonzero((folds == HELD_OUT_FOLD) & undisputed)
    held_out = [examples[index] for index in chosen]
    served = NeuralClassifier(load_bundle(finished.bundle))

    verdicts = [served.predict([images[index]])[0] for index in chosen]

    expected = fit_method(verdicts, type_targets(held_out), flag_targets(held_out))
    fitted = calibration[Method.NEURAL_NETWORK]
    assert fitted["temperature"] == pytest.approx(expected["temperature"], rel=0.05)
    assert fitted["set_thresholds"] == pytest.approx(expected["set_thresholds"], abs=0.01)
    assert fitted["trait_temperatures"] == pytest.approx(expected["trait_temperatures"], rel=0.05)


def test_calibrating_again_gives_the_same(
    logos: Path, finished: FinishedRun, calibration: dict[str, Any], rules_recipe: rules.Recipe
) -> None:
    policy = json.loads((finished.bundle / "policy.json").read_text())

    assert calibrate(logos, finished.bundle, rules_recipe) == (calibration, policy)
