"""From raw scores to confidences that mean what they say."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from logo_classifier.decision.calibration import Calibrator, MethodCalibration, scale
from logo_classifier.values import LogoType, Method, Trait, Verdict

SHARES = np.array([0.64, 0.16, 0.16, 0.04])


FITTED: dict[str, Any] = {
    "temperature": 1,
    "set_thresholds": dict.fromkeys(("simple", "text", "gradient", "complex"), 0.1),
}


def verdict(*shares: float, method: Method = Method.RULE_BASED) -> Verdict:
    """Return an uncalibrated verdict for the first of the largest shares."""
    probabilities = dict(zip(LogoType, shares, strict=True))
    winner = max(LogoType, key=lambda kind: probabilities[kind])
    return Verdict(
        logo_type=winner,
        confidence=probabilities[winner],
        probabilities=probabilities,
        traits={Trait.LETTERING: 0.9, Trait.GRADIENT: 0.5, Trait.COMPLEX: 0.1},
        method=method,
        reasoning="drawn by hand",
        raw_confidence=probabilities[winner],
        calibrated=False,
    )


@pytest.mark.parametrize(
    ("temperature", "expected"),
    [
        (1.0, [0.64, 0.16, 0.16, 0.04]),
        (2.0, [0.8 / 1.8, 0.4 / 1.8, 0.4 / 1.8, 0.2 / 1.8]),
        (0.5, [0.4096 / 0.4624, 0.0256 / 0.4624, 0.0256 / 0.4624, 0.0016 / 0.4624]),
    ],
)
def test_a_temperature_takes_the_root_of_the_shares(
    temperature: float, expected: list[float]
) -> None:
    scaled = scale(SHARES, MethodCalibration(temperature=temperature))

    assert scaled == pytest.approx(expected)


@pytest.mark.parametrize("temperature", [3.0, 1e-6])
@pytest.mark.parametrize("shares", [[1.0, 0.0, 0.0, 0.0], [0.4, 0.3, 0.2, 0.1]])
def test_extreme_shares_stay_numbers(shares: list[float], temperature: float) -> None:
    scaled = scale(np.array(shares), MethodCalibration(temperature=temperature))

    assert np.isfinite(scaled).all()
    assert scaled.sum() == pytest.approx(1)
    assert scaled.argmax() == 0


def test_an_unsettled_confidence_is_held_at_the_ceiling() -> None:
    fitted = MethodCalibration(settled_from=0.95, unsettled_ceiling=0.84)

    held = scale(np.array([0.9, 0.06, 0.03, 0.01]), fitted)

    assert held == pytest.approx([0.84, 0.096, 0.048, 0.016])
    assert held.sum() == pytest.approx(1)


@pytest.mark.parametrize(
    ("top", "expected"),
    [(0.9501, 0.9501), (0.97, 0.97), (0.949, 0.84), (0.84, 0.84), (0.83, 0.83), (0.4, 0.4)],
)
def test_only_what_lies_between_ceiling_and_settled_is_held(top: float, expected: float) -> None:
    fitted = MethodCalibration(settled_from=0.95, unsettled_ceiling=0.84)

    rest = (1 - top) / 3
    held = scale(np.array([top, rest, rest, rest]), fitted)

    assert held[0] == pytest.approx(expected)
    assert held.argmax() == 0


def test_the_settled_limit_is_compared_after_scaling() -> None:
    fitted = MethodCalibration(temperature=2.0, settled_from=0.7, unsettled_ceiling=0.6)

    # The root of 0.9 is 0.64 of the sum of the roots.
    assert scale(np.array([0.9, 0.05, 0.03, 0.02]), fitted)[0] == pytest.approx(0.6)


def test_a_calibrated_verdict_says_so_and_keeps_its_raw_confidence() -> None:
    calibrator = Calibrator({Method.RULE_BASED: MethodCalibration(temperature=2.0)})

    calibrated = calibrator.apply(verdict(*SHARES))

    assert calibrated.calibrated
    assert calibrated.raw_confidence == 0.64
    assert calibrated.confidence == pytest.approx(0.8 / 1.8)
    assert calibrated.confidence == calibrated.probabilities[LogoType.SIMPLE]
    assert (calibrated.logo_type, calibrated.reasoning) == (LogoType.SIMPLE, "drawn by hand")


def test_a_method_that_was_not_fitted_passes_unchanged() -> None:
    calibrator = Calibrator({Method.RULE_BASED: MethodCalibration(temperature=2.0)})
    given = verdict(*SHARES, method=Method.NEURAL_NETWORK)

    assert calibrator.apply(given) is given
    assert not given.calibrated


def test_each_trait_has_a_temperature_of_its_own() -> None:
    fitted = MethodCalibration(trait_temperatures={Trait.LETTERING: 2.0, Trait.COMPLEX: 0.5})

    traits = Calibrator({Method.RULE_BASED: fitted}).apply(verdict(*SHARES)).traits

    assert traits[Trait.LETTERING] == pytest.approx(3 / 4)  # odds of 9, their root is 3
    assert traits[Trait.GRADIENT] == pytest.approx(1 / 2)
    assert traits[Trait.COMPLEX] == pytest.approx(1 / 82)  # odds of 1/9, squared 1/81


@pytest.mark.parametrize("certain", [0.0, 1.0])
def test_a_certain_trait_stays_a_probability(certain: float) -> None:
    given = replace(verdict(*SHARES), traits=dict.fromkeys(Trait, certain))
    calibrator = Calibrator({Method.RULE_BASED: MethodCalibration()})

    for value in calibrator.apply(given).traits.values():
        assert value == pytest.approx(certain, abs=1e-6)
        assert 0 <= value <= 1


@pytest.mark.parametrize(
    ("threshold", "expected"),
    [
        (0.01, ["text", "simple", "gradient", "complex"]),
        (0.05, ["text", "simple", "gradient"]),
        (0.3, ["text", "simple"]),
        (0.31, ["text"]),
        (0.9, ["text"]),
    ],
)
def test_a_prediction_set_holds_what_reaches_the_threshold_most_probable_first(
    threshold: float, expected: list[str]
) -> None:
    calibrator = Calibrator(
        {Method.RULE_BASED: MethodCalibration(set_thresholds=dict.fromkeys(LogoType, threshold))}
    )

    assert list(calibrator.prediction_set(verdict(0.3, 0.6, 0.08, 0.02))) == expected


def test_each_type_enters_the_set_by_its_own_threshold() -> None:
    thresholds = {LogoType.SIMPLE: 0.31, LogoType.GRADIENT: 0.08, LogoType.COMPLEX: 0.02}
    calibrator = Calibrator({Method.RULE_BASED: MethodCalibration(set_thresholds=thresholds)})

    found = calibrator.prediction_set(verdict(0.3, 0.6, 0.08, 0.02))

    assert found == (LogoType.TEXT, LogoType.GRADIENT, LogoType.COMPLEX)


def test_a_method_that_was_not_fitted_leaves_its_own_type_alone() -> None:
    assert Calibrator({}).prediction_set(verdict(0.3, 0.6, 0.08, 0.02)) == (LogoType.TEXT,)


def test_a_prediction_set_always_holds_the_verdicts_own_type() -> None:
    calibrator = Calibrator(
        {Method.RULE_BASED: MethodCalibration(set_thresholds=dict.fromkeys(LogoType, 0.4))}
    )
    tied = replace(verdict(0.45, 0.45, 0.05, 0.05), logo_type=LogoType.GRADIENT)

    assert LogoType.GRADIENT in calibrator.prediction_set(tied)


def test_a_calibration_is_read_from_json() -> None:
    read = MethodCalibration.from_dict(
        {
            "temperature": 1.25,
            "trait_temperatures": {"lettering": 1.5, "gradient": 0.5, "complex": 1},
            "settled_from": 0.9,
            "set_thresholds": {"simple": 0.07, "text": 0.1, "gradient": 0.2, "complex": 0.3},
        },
        unsettled_ceiling=0.8,
    )

    assert read == MethodCalibration(
        temperature=1.25,
        trait_temperatures={Trait.LETTERING: 1.5, Trait.GRADIENT: 0.5, Trait.COMPLEX: 1.0},
        settled_from=0.9,
        unsettled_ceiling=0.8,
        set_thresholds=dict(zip(LogoType, (0.07, 0.1, 0.2, 0.3), strict=True)),
    )


def test_what_json_leaves_out_changes_nothing() -> None:
    read = MethodCalibration.from_dict(FITTED)

    assert read == MethodCalibration(set_thresholds=dict.fromkeys(LogoType, 0.1))


def test_a_type_without_a_threshold_is_refused() -> None:
    with pytest.raises(KeyError, match="gradient"):
        MethodCalibration.from_dict(
            {"temperature": 1, "set_thresholds": {"simple": 0.1, "text": 0.1, "complex": 0.1}}
        )


@pytest.mark.parametrize(
    "wrong",
    [
        {"temperature": 0},
        {"temperature": -1},
        {"temperature": float("nan")},
        {"temperature": float("inf")},
        {"temperature": "warm"},
        {"trait_temperatures": {"lettering": 0}},
        {"trait_temperatures": {"sparkle": 1}},
    ],
)
def test_an_impossible_temperature_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"temperatures must be|could not convert|is not a valid"):
        MethodCalibration.from_dict({**FITTED, **wrong})


@pytest.mark.parametrize("missing", ["temperature", "set_thresholds"])
def test_a_calibration_without_what_was_fitted_is_refused(missing: str) -> None:
    fitted = {key: value for key, value in FITTED.items() if key != missing}

    with pytest.raises(KeyError, match=missing):
        MethodCalibration.from_dict(fitted)
