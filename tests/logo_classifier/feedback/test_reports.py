"""True types that programs report: in memory, or in the store that a service uses too."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from logo_classifier import BadParameter, FeedbackStore, HybridClassifier, LogoType, open_feedback
from logo_classifier.feedback.reports import Reports

GOLDEN = Path(__file__).parents[3] / "models" / "golden"


def result(logo_type: LogoType, confidence: float) -> dict[str, Any]:
    return {"logo_type": logo_type.value, "confidence": confidence}


@pytest.fixture
def store(tmp_path: Path) -> FeedbackStore:
    return open_feedback(f"sqlite:///{tmp_path}/feedback.db")


def test_without_reports_nothing_is_claimed() -> None:
    assert Reports(None).snapshot("logo-type/1.6.0") == {
        "samples": 0,
        "accuracy": None,
        "mean_confidence": None,
        "expected_calibration_error": None,
    }


def test_confidence_is_compared_with_what_was_right() -> None:
    reports = Reports(None)
    reports.add(result(LogoType.TEXT, 0.9), "text", requested=False)
    reports.add(result(LogoType.TEXT, 0.5), "simple", requested=False)

    seen = reports.snapshot("logo-type/1.6.0")

    assert (seen["samples"], seen["accuracy"]) == (2, 0.5)
    assert seen["mean_confidence"] == pytest.approx(0.7)
    assert seen["expected_calibration_error"] == pytest.approx((0.1 + 0.5) / 2)
    assert json.loads(json.dumps(seen)) == seen


def test_what_is_kept_in_memory_is_bounded_and_the_latest() -> None:
    reports = Reports(None)
    for _ in range(5_000):
        reports.add(result(LogoType.TEXT, 0.9), "simple", requested=False)
    for _ in range(10_000):
        reports.add(result(LogoType.TEXT, 0.9), "text", requested=False)

    seen = reports.snapshot("logo-type/1.6.0")

    assert (seen["samples"], seen["accuracy"]) == (10_000, 1.0)


def test_a_store_keeps_the_first_report_of_a_picture_and_whether_it_was_requested(
    store: FeedbackStore,
) -> None:
    hybrid = HybridClassifier(feedback=store)
    moon, turret = (hybrid.classify(GOLDEN / f"{name}.png") for name in ("moon", "turret"))

    hybrid.update_calibration_feedback(moon, moon["logo_type"], requested=True)
    hybrid.update_calibration_feedback(moon, "complex")
    hybrid.update_calibration_feedback(turret, turret["logo_type"])

    kept = list(store.labelled())
    assert [each.answer.picture for each in kept] == [
        moon["image"]["sha256"],
        turret["image"]["sha256"],
    ]
    assert [each.answer.asked for each in kept] == [True, False]
    assert all(each.right for each in kept)
    stats = hybrid.get_calibration_stats()
    assert (stats["samples"], stats["accuracy"]) == (2, 1.0)
    assert stats["mean_confidence"] == pytest.approx(
        (moon["confidence"] + turret["confidence"]) / 2
    )


def test_a_store_takes_whole_results_alone(store: FeedbackStore) -> None:
    with pytest.raises(BadParameter, match="whole results"):
        Reports(store).add(result(LogoType.TEXT, 0.9), "text", requested=False)


def test_labels_of_another_version_do_not_count(store: FeedbackStore) -> None:
    hybrid = HybridClassifier(feedback=store)
    answer = hybrid.classify(GOLDEN / "moon.png")
    answer["model"] = {"name": "logo-type", "version": "0.0.1"}

    hybrid.update_calibration_feedback(answer, "simple")

    assert hybrid.get_calibration_stats()["samples"] == 0
