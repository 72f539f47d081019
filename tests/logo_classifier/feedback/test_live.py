"""A live calibration moves confidences within its bounds, and nothing else."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from logo_classifier.feedback.live import (
    KNOTS,
    MOST_SHIFT,
    BadCalibration,
    LiveCalibration,
    before,
    logit,
)
from logo_classifier.feedback.records import Judged
from logo_classifier.values import LogoType, Method, Tier
from tests.logo_classifier.feedback.labels import EVIDENCE, MODEL, ROUTE, calibration, judged


@st.composite
def curves(draw: st.DrawFn) -> tuple[float, ...]:
    """Return a curve that never turns back: heights are sorted before shifts are taken."""
    shift = st.floats(-MOST_SHIFT, MOST_SHIFT)
    heights = sorted(knot + draw(shift) for knot in KNOTS)
    return tuple(
        min(max(height - knot, -MOST_SHIFT), MOST_SHIFT)
        for height, knot in zip(heights, KNOTS, strict=True)
    )


@st.composite
def answers(draw: st.DrawFn) -> Judged:
    parts = [draw(st.floats(0.001, 1)) for _ in LogoType]
    probabilities = {k: part / sum(parts) for k, part in zip(LogoType, parts, strict=True)}
    top = max(probabilities, key=lambda kind: probabilities[kind])
    confidence = probabilities[top]
    return Judged(
        MODEL, "", Method.ENSEMBLE, Tier.CONDITIONAL, top, confidence, confidence,
        probabilities, (top,),
    )  # fmt: skip


def live(curve: tuple[float, ...], threshold: float = 1.0) -> LiveCalibration:
    return LiveCalibration(MODEL, None, {ROUTE: curve}, threshold, EVIDENCE, 1.0)


@given(curves(), answers(), st.floats(0.01, 1))
def test_the_winner_stays_and_probabilities_sum_to_one(
    curve: tuple[float, ...], answer: Judged, threshold: float
) -> None:
    moved = live(curve, threshold).apply(answer)

    assert sum(moved.probabilities.values()) == pytest.approx(1)
    assert moved.logo_type is answer.logo_type
    assert moved.confidence == moved.probabilities[moved.logo_type]
    assert moved.confidence >= max(moved.probabilities.values()) - 1e-9
    assert set(answer.prediction_set) <= set(moved.prediction_set)
    assert moved.prediction_set[0] is answer.logo_type


@given(curves(), answers())
def test_no_logit_moves_further_than_the_bound(curve: tuple[float, ...], answer: Judged) -> None:
    moved = live(curve).apply(answer)

    assert abs(logit(moved.confidence) - logit(answer.confidence)) <= MOST_SHIFT + 1e-6


@given(curves(), st.floats(0.5, 1), st.floats(0.5, 1))
def test_a_higher_confidence_stays_the_higher_one(
    curve: tuple[float, ...], one: float, other: float
) -> None:
    made = live(curve)
    low, high = sorted((one, other))

    assert made.apply(judged(low)).confidence <= made.apply(judged(high)).confidence + 1e-9


@given(curves(), answers())
def test_the_answer_before_can_be_had_from_the_one_shown(
    curve: tuple[float, ...], answer: Judged
) -> None:
    found = before(live(curve).apply(answer))

    assert found.probabilities == pytest.approx(answer.probabilities, abs=1e-6)


def test_a_type_above_the_threshold_joins_the_set() -> None:
    moved = calibration(0.0, set_threshold=0.2).apply(judged(0.6))

    assert moved.prediction_set == (LogoType.TEXT, LogoType.SIMPLE)


def test_other_routes_stay_as_they_are() -> None:
    made = LiveCalibration(MODEL, None, {"rule_based/degraded": (1.0,) * 17}, 1.0, EVIDENCE, 1.0)

    assert made.apply(judged(0.8)).confidence == 0.8


def test_json_keeps_all() -> None:
    made = calibration(0.25)

    assert LiveCalibration.from_dict(json.loads(json.dumps(made.to_dict()))) == made


@pytest.mark.parametrize(
    "damage",
    [
        {"model": 7},
        {"parent": 7},
        {"curves": {"ensemble/nowhere": [0.0] * 17}},
        {"curves": {ROUTE: [0.0] * 16}},
        {"curves": {ROUTE: [9.0] * 17}},
        {"curves": {ROUTE: [float("nan")] * 17}},
        {"curves": {ROUTE: [1.5, -1.5] * 8 + [0.0]}},
        {"set_threshold": 0.0},
        {"created": -1},
        {"created": float("inf")},
        {"evidence": {}},
        {"id": "0123456789abcdef"},
        {"id": None},
        {"more": 1},
    ],
)
def test_damaged_json_is_refused(damage: dict[str, Any]) -> None:
    with pytest.raises(BadCalibration):
        LiveCalibration.from_dict(calibration(0.25).to_dict() | damage)


@pytest.mark.parametrize("data", [None, [], "x", {}])
def test_what_is_no_calibration_is_refused(data: Any) -> None:
    with pytest.raises(BadCalibration):
        LiveCalibration.from_dict(data)
