"""Scores by hand, and the report on drawn logos."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from app.classification import HybridClassifier
from app.classification.types import LogoType, Trait
from tests.training.drawn import FinishedRun
from training.dataset import Example, read_labels
from training.evaluate import METHODS, evaluate, measure, show

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


def test_prediction_sets_are_judged_by_what_they_hold_and_their_size(
    scores: dict[str, Any],
) -> None:
    assert scores["prediction_sets"] == {"coverage": 1.0, "mean_size": 7 / 4}


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
    assert scores["macro_f1"] == 0.25
    assert scores["trait_f1"] == {"lettering": 0.0, "gradient": 0.0, "complex": 0.0}


def test_the_report_says_what_was_measured_on_what(
    report: dict[str, Any], logos: Path, finished: FinishedRun
) -> None:
    labels = hashlib.sha256((logos / "labels.csv").read_bytes()).hexdigest()
    weights = hashlib.sha256((finished.bundle / "model.onnx").read_bytes()).hexdigest()

    assert report["dataset"] == {"split": "bench", "pictures": 16, "labels_sha256": labels}
    assert report["model"]["name"] == "drawn-logos"
    assert report["model"]["version"] == "0.1.0"
    assert report["model"]["sha256"] == weights
    assert "bench" in report["command"]


def test_every_method_is_measured_on_what_the_service_answers(
    report: dict[str, Any], logos: Path, finished: FinishedRun
) -> None:
    classifier = HybridClassifier(finished.bundle, enable_caching=False)
    rows = read_labels(logos, "bench")

    assert tuple(report["methods"]) == METHODS
    for method, scores in report["methods"].items():
        answers = [classifier.classify(row.path, method=method) for row in rows]
        right = sum(a["logo_type"] == row.logo_type for a, row in zip(answers, rows, strict=True))
        assert scores["accuracy"] == pytest.approx(right / 16)
        assert sum(map(sum, scores["confusion_matrix"])) == 16


def test_the_routes_add_up_to_what_auto_got_right(report: dict[str, Any]) -> None:
    routes = report["routes"].values()

    assert sum(counts["pictures"] for counts in routes) == 16
    assert sum(counts["right"] for counts in routes) / 16 == report["methods"]["auto"]["accuracy"]
    assert all(" -> " in route for route in report["routes"])


def test_without_a_network_there_is_nothing_to_evaluate(logos: Path, tmp_path: Path) -> None:
    with pytest.raises(SystemExit, match="no network to evaluate"):
        evaluate(logos, "bench", tmp_path / "nothing.onnx")


def test_the_report_is_shown_as_tables(
    report: dict[str, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    show(report)

    shown = capsys.readouterr().out
    assert "16 pictures of split bench" in shown
    for method, scores in report["methods"].items():
        assert f"{method}: accuracy {scores['accuracy']:.3f}" in shown
    for route, counts in report["routes"].items():
        assert f"{route}: {counts['pictures']} pictures, {counts['right']} right" in shown
