"""What one classifier remembers, counts and gives back, and what it never raises."""

from __future__ import annotations

import json
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest

from app.classification import BadDimensions, BadParameter, HybridClassifier, Limits, LogoType
from app.classification.neural import NeuralClassifier
from app.classification.routing import RoutingPolicy
from tests.classification.networks import write_bundle
from tests.classification.pipelines import BLUE, RED, draw

README = Path(__file__).parents[2] / "README.md"


@pytest.fixture
def hybrid(tmp_path: Path) -> HybridClassifier:
    return HybridClassifier(write_bundle(tmp_path, (0.0, 1.0, 3.0, 0.5, -1.0, 2.0, 0.0)))


class ShortOfMemory(BytesIO):
    """Run out of memory on the first readings, like a machine that is busy for a while."""

    def __init__(self, data: bytes, failures: int) -> None:
        super().__init__(data)
        self._failures = failures

    def read(self, size: int | None = -1) -> bytes:
        if self._failures:
            self._failures -= 1
            raise MemoryError
        return super().read(size)


class Faulty(BytesIO):
    """Fail in a way that no one foresaw."""

    def read(self, size: int | None = -1) -> bytes:
        raise RuntimeError("/inner/path")


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


def test_what_else_the_process_holds_costs_no_answers(tmp_path: Path) -> None:
    ballast = bytearray(b"x") * (1100 * 2**20)
    hybrid = HybridClassifier(write_bundle(tmp_path))
    hybrid.classify(draw())

    assert hybrid.classify(draw())["cached"]
    assert len(ballast) == 1100 * 2**20


def test_a_batch_makes_room_too(hybrid: HybridClassifier) -> None:
    hybrid.classify(draw())

    hybrid.memory_optimizer.memory_threshold = 1.0
    (again,) = hybrid.classify_batch([draw()])

    assert not again["cached"]
    assert hybrid.get_memory_usage()["cleanups"] == 1


def test_an_error_of_the_inside_does_not_tell_what_is_inside(hybrid: HybridClassifier) -> None:
    expected = {"type": "internal_error", "message": "RuntimeError"}

    safe = hybrid.classify_safe(Faulty())
    fallen = hybrid.classify_with_fallbacks(Faulty())

    assert safe == {"error": expected}
    assert fallen["error"] == expected
    assert fallen["fallbacks"] == [{"method": m, **expected} for m in ("auto", "rule_based")]


@pytest.mark.parametrize(
    ("source", "kind"),
    [("missing.png", "image_not_found"), (b"text", "unsupported_format"), (None, "invalid_input")],
)
def test_the_safe_calls_return_the_error_and_no_type(
    hybrid: HybridClassifier, source: Any, kind: str
) -> None:
    safe, fallen = hybrid.classify_safe(source), hybrid.classify_with_fallbacks(source)

    assert list(safe) == ["error"]
    assert safe["error"]["type"] == kind
    assert fallen == {**safe, "fallbacks": []}


def test_the_safe_calls_agree_with_classify_where_all_is_well(hybrid: HybridClassifier) -> None:
    plain = hybrid.classify(draw())

    safe, fallen = hybrid.classify_safe(draw()), hybrid.classify_with_fallbacks(draw(), 1.0)

    assert fallen["fallbacks"] == []
    for result in (safe, fallen):
        assert result["probabilities"] == plain["probabilities"]


def test_a_second_try_by_rules_says_what_failed_first(hybrid: HybridClassifier) -> None:
    result = hybrid.classify_with_fallbacks(ShortOfMemory(draw(), failures=1))

    assert (result["method_used"], result["routing_decision"]["tier"]) == (
        "rule_based",
        "requested",
    )
    assert [(f["method"], f["type"]) for f in result["fallbacks"]] == [("auto", "out_of_memory")]


def test_when_every_try_fails_there_is_no_type(hybrid: HybridClassifier) -> None:
    result = hybrid.classify_with_fallbacks(ShortOfMemory(draw(), failures=2))

    assert "logo_type" not in result
    assert result["error"]["type"] == "out_of_memory"
    assert [failure["method"] for failure in result["fallbacks"]] == ["auto", "rule_based"]


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


def test_an_error_of_the_network_is_not_taken_for_the_callers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    unsure = RoutingPolicy(confident=1.0, conditional=1.0)
    hybrid = HybridClassifier(write_bundle(tmp_path), policy=unsure)

    def fail(*_: object) -> None:
        raise ValueError("inside")

    monkeypatch.setattr(NeuralClassifier, "predict", fail)

    result = hybrid.classify_with_fallbacks(draw())

    assert result["method_used"] == "rule_based"
    assert [failure["type"] for failure in result["fallbacks"]] == ["internal_error"]
