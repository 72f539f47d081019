"""What a classifier takes over from the folder of its network."""

from __future__ import annotations

import sys
from math import exp
from pathlib import Path
from subprocess import run
from typing import Any

import pytest

from app.classification import HybridClassifier, RoutingPolicy
from tests.classification.networks import write_bundle
from tests.classification.pipelines import draw

ROOT = Path(__file__).parents[2]
BIAS = (0.0, 1.0, 3.0, 0.5, -1.0, 2.0, 0.0)
"""Logits of a network that calls everything a gradient."""

COUNT_THREADS = """
import psutil, sys
from app.classification import HybridClassifier
count = psutil.Process().num_threads
before = count()
classifier = HybridClassifier(sys.argv[1], threads=int(sys.argv[2]))
print(classifier.model_loaded, count() - before)
"""


def fitted(temperature: float = 1.0, rule_weight: float = 0.2) -> dict[str, Any]:
    """Return a calibration that puts nothing but the likeliest type into prediction sets."""
    method = {"temperature": temperature, "set_threshold": 1.0}
    return {"neural_network": method, "ensemble": method, "rule_weight": rule_weight}


def shares(temperature: float) -> list[float]:
    masses = [exp(logit / temperature) for logit in BIAS[:4]]
    return [mass / sum(masses) for mass in masses]


def test_the_calibration_in_the_folder_is_applied(tmp_path: Path) -> None:
    classifier = HybridClassifier(write_bundle(tmp_path, BIAS, calibration=fitted(4.0)))

    result = classifier.classify(draw(), method="neural_network")

    assert list(result["probabilities"].values()) == pytest.approx(shares(4.0), abs=1e-6)
    assert result["raw_confidence"] == pytest.approx(max(shares(1.0)), abs=1e-6)
    assert result["calibration_applied"]
    assert result["prediction_set"] == ["gradient"]
    assert classifier.get_model_info()["calibrated"]


def test_without_a_calibration_in_the_folder_the_raw_shares_are_the_answer(tmp_path: Path) -> None:
    classifier = HybridClassifier(write_bundle(tmp_path, BIAS))

    result = classifier.classify(draw(), method="neural_network")

    assert list(result["probabilities"].values()) == pytest.approx(shares(1.0), abs=1e-6)
    assert result["confidence"] == result["raw_confidence"]
    assert not result["calibration_applied"]


def test_the_rules_stay_calibrated_beside_any_network(tmp_path: Path) -> None:
    classifier = HybridClassifier(write_bundle(tmp_path, BIAS))

    assert classifier.classify(draw(), method="rule_based")["calibration_applied"]


@pytest.mark.parametrize(("rule_weight", "twin"), [(1.0, "rule_based"), (0.0, "neural_network")])
def test_a_policy_that_was_passed_in_goes_before_the_folders_weight(
    tmp_path: Path, rule_weight: float, twin: str
) -> None:
    bundle = write_bundle(tmp_path, BIAS, calibration=fitted(rule_weight=1 - rule_weight))
    classifier = HybridClassifier(bundle, policy=RoutingPolicy(rule_weight=rule_weight))

    merged, alone = (classifier.classify(draw(), method=m) for m in ("ensemble", twin))

    assert merged["probabilities"] == pytest.approx(alone["probabilities"], abs=2e-6)


@pytest.mark.parametrize("threads", [1, 3])
def test_the_network_starts_no_more_threads_than_it_may(tmp_path: Path, threads: int) -> None:
    command = [sys.executable, "-c", COUNT_THREADS, str(write_bundle(tmp_path)), str(threads)]

    done = run(command, cwd=ROOT, capture_output=True, text=True, check=False)

    assert done.stdout.split() == ["True", str(threads - 1)], done.stderr
