"""What the calls that never raise answer instead of raising."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path
from typing import Any

import pytest

from logo_classifier import HybridClassifier
from logo_classifier.decision.routing import RoutingPolicy
from logo_classifier.network.neural import NeuralClassifier
from tests.logo_classifier.network.networks import write_bundle
from tests.logo_classifier.pipeline.pipelines import draw


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


def test_an_error_of_the_inside_does_not_tell_what_is_inside(hybrid: HybridClassifier) -> None:
    expected = {"type": "classifier_error", "message": "RuntimeError"}

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
    assert [failure["type"] for failure in result["fallbacks"]] == ["classifier_error"]


def test_fallbacks_keep_to_the_time_budget(tmp_path: Path) -> None:
    unsure = RoutingPolicy(confident=1.0, conditional=1.0)
    hybrid = HybridClassifier(write_bundle(tmp_path), policy=unsure)

    result = hybrid.classify_with_fallbacks(draw(), time_budget=1e-9)

    assert result["routing_decision"]["tier"] == "time_budget"
