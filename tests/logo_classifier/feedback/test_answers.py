"""What is kept of an answer is what it says."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from logo_classifier import HybridClassifier, judged_of
from logo_classifier.values import LogoType


def test_what_is_kept_is_what_was_said(
    classifier: HybridClassifier, make_image: Callable[..., bytes]
) -> None:
    answer = classifier.classify(make_image())
    kept = judged_of(answer)

    assert kept.logo_type is LogoType(answer["logo_type"])
    assert (kept.method, kept.tier) == (answer["method_used"], answer["routing_decision"]["tier"])
    assert kept.confidence == kept.raw_confidence == answer["confidence"]
    assert sum(kept.probabilities.values()) == pytest.approx(1, abs=1e-5)
    assert list(kept.prediction_set) == answer["prediction_set"]
    assert kept.model == f"{answer['model']['name']}/{answer['model']['version']}"
    assert kept.calibration == ""


def test_rules_alone_are_a_model_of_their_own(make_image: Callable[..., bytes]) -> None:
    alone = HybridClassifier(refused="a test")

    assert judged_of(alone.classify(make_image())).model == "rules"
