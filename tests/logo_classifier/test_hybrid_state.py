"""What one classifier remembers, counts and gives back."""

from __future__ import annotations

import json
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest

from logo_classifier import BadDimensions, BadParameter, HybridClassifier, Limits, LogoType
from tests.logo_classifier.network.networks import write_bundle
from tests.logo_classifier.pipeline.pipelines import BLUE, RED, draw

README = Path(__file__).parents[2] / "README.md"


def test_an_answer_is_json(hybrid: HybridClassifier) -> None:
    result = hybrid.classify(draw())

    assert json.loads(json.dumps(result, allow_nan=False)) == result


@pytest.mark.parametrize("key", ["probabilities", "traits", "routing_decision", "features"])
def test_spoiling_an_answer_spoils_no_later_one(hybrid: HybridClassifier, key: str) -> None:
    first = hybrid.classify(draw())
    expected = dict(first[key])
    first[key].clear()

    second = hybrid.classify(draw())

    assert (second["cached"], second[key]) == (True, expected)


def test_the_same_picture_is_known_however_it_arrives(
    hybrid: HybridClassifier, tmp_path: Path
) -> None:
    path = tmp_path / "logo.png"
    path.write_bytes(draw())

    sources: list[Any] = [str(path), path, draw(), bytearray(draw()), BytesIO(draw())]
    results = [hybrid.classify(source) for source in sources]

    assert [result["cached"] for result in results] == [False, True, True, True, True]
    assert len({json.dumps(result["features"]) for result in results}) == 1


def test_the_statistics_count_hits(hybrid: HybridClassifier) -> None:
    for method in ("auto", "auto", "rule_based"):
        hybrid.classify(draw(), method=method)

    stats = hybrid.get_performance_stats()
    assert (stats["total_classifications"], stats["cached_results"]) == (3, 1)
    assert (stats["result_cache_hits"], stats["feature_cache_hits"]) == (1, 1)
    assert len(stats["feature_extraction_time"]) == 1
    assert stats["average_time"] > 0


def test_the_windows_of_times_are_bounded(hybrid: HybridClassifier) -> None:
    hybrid.classify_batch(draw((level, 0, 0), (12, 12)) for level in range(130))

    stats = hybrid.get_performance_stats()
    assert stats["total_classifications"] == 130
    assert len(stats["feature_extraction_time"]) == 101


def test_caching_can_be_switched_off(tmp_path: Path) -> None:
    hybrid = HybridClassifier(write_bundle(tmp_path), enable_caching=False)

    results = [hybrid.classify(draw()), hybrid.classify(draw())]

    assert [result["cached"] for result in results] == [False, False]
    stats, usage = hybrid.get_performance_stats(), hybrid.get_memory_usage()
    assert (stats["result_cache_hits"], stats["feature_cache_hits"]) == (0, 0)
    assert (usage["cached_results"], usage["cached_features"]) == (0, 0)


def test_cleaning_up_forgets_every_answer(hybrid: HybridClassifier) -> None:
    hybrid.classify_batch([draw(RED), draw(BLUE)])

    freed = hybrid.cleanup_memory()

    usage = hybrid.get_memory_usage()
    assert (freed["entries_dropped"], usage["cleanups"]) == (4, 1)
    assert (usage["cached_results"], usage["cached_features"]) == (0, 0)
    assert not hybrid.classify(draw(RED))["cached"]


@pytest.mark.parametrize(("threshold", "cached"), [(1.0, False), (1e9, True), (None, True)])
def test_the_caches_make_room_above_the_threshold(
    hybrid: HybridClassifier, threshold: float | None, cached: bool
) -> None:
    hybrid.classify(draw())

    hybrid.memory_optimizer.memory_threshold = threshold

    assert hybrid.classify(draw())["cached"] is cached
    assert hybrid.get_memory_usage()["cleanups"] == (0 if cached else 1)


def test_a_batch_makes_room_too(hybrid: HybridClassifier) -> None:
    hybrid.classify(draw())

    hybrid.memory_optimizer.memory_threshold = 1.0
    (again,) = hybrid.classify_batch([draw()])

    assert not again["cached"]
    assert hybrid.get_memory_usage()["cleanups"] == 1


def test_a_good_picture_is_valid_input(hybrid: HybridClassifier) -> None:
    hybrid.validate_input(draw())

    assert hybrid.get_performance_stats()["total_classifications"] == 0


@pytest.mark.parametrize("source", ["missing.png", README.parent, README, b"", 7, None])
def test_every_refusal_of_input_is_a_value_error(hybrid: HybridClassifier, source: Any) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        hybrid.validate_input(source)


def test_feedback_is_compared_with_the_confidences(hybrid: HybridClassifier) -> None:
    result = hybrid.classify(draw())
    other = next(kind for kind in LogoType if kind != result["logo_type"])

    hybrid.update_calibration_feedback(result, result["logo_type"])
    hybrid.update_calibration_feedback(result, other)

    stats = hybrid.get_calibration_stats()
    assert (stats["samples"], stats["accuracy"]) == (2, 0.5)
    assert stats["mean_confidence"] == pytest.approx(result["confidence"])
    assert hybrid.classify(draw())["confidence"] == result["confidence"]


@pytest.mark.parametrize(
    ("result", "true_label"),
    [
        ({"confidence": 0.9, "logo_type": "text"}, "logo"),
        ({"confidence": "high", "logo_type": "text"}, "text"),
        ({"confidence": float("nan"), "logo_type": "text"}, "text"),
        ({"confidence": 90, "logo_type": "text"}, "text"),
        ({"error": {"type": "invalid_image", "message": "damaged"}}, "text"),
        (None, "text"),
    ],
)
def test_feedback_on_no_answer_is_refused(
    hybrid: HybridClassifier, result: Any, true_label: str
) -> None:
    with pytest.raises(BadParameter):
        hybrid.update_calibration_feedback(result, true_label)

    assert hybrid.get_calibration_stats()["samples"] == 0


def test_input_is_checked_against_the_classifiers_own_limits(tmp_path: Path) -> None:
    hybrid = HybridClassifier(write_bundle(tmp_path), limits=Limits(max_side_px=99))

    for check in (hybrid.validate_input, hybrid.classify):
        with pytest.raises(BadDimensions, match="10 to 99 px"):
            check(draw())
