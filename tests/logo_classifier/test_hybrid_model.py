"""What a classifier takes over from the folder of its network."""

from __future__ import annotations

import sys
from math import exp
from pathlib import Path
from subprocess import run
from typing import Any

import onnx
import pytest
import torch
from onnx import helper

from logo_classifier import HybridClassifier, RoutingPolicy
from logo_classifier.rules.trees import read_rules
from tests.logo_classifier.network.networks import describe, write_bundle, write_uint8_network
from tests.logo_classifier.pipeline.pipelines import draw

ROOT = Path(__file__).parents[2]
BIAS = (0.0, 1.0, 3.0, 0.5, -1.0, 2.0, 0.0)
"""Logits of a network that calls everything a gradient."""

COUNT_THREADS = """
import psutil, sys
from logo_classifier import HybridClassifier
count = psutil.Process().num_threads
before = count()
classifier = HybridClassifier(sys.argv[1], threads=int(sys.argv[2]))
print(classifier.model_loaded, count() - before)
"""


def fitted(temperature: float = 1.0) -> dict[str, Any]:
    """Return a calibration that puts nothing but the likeliest type into prediction sets."""
    thresholds = dict.fromkeys(("simple", "text", "gradient", "complex"), 1.0)
    method = {"temperature": temperature, "set_thresholds": thresholds}
    return {"neural_network": method, "ensemble": method}


def shares(temperature: float) -> list[float]:
    masses = [exp(logit / temperature) for logit in BIAS[:4]]
    return [mass / sum(masses) for mass in masses]


def test_the_calibration_in_the_folder_is_applied(tmp_path: Path) -> None:
    bundle = write_bundle(tmp_path, BIAS, rules=read_rules(), calibration=fitted(4.0))
    classifier = HybridClassifier(bundle)

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
def test_a_policy_that_was_passed_in_goes_before_the_versions_own(
    tmp_path: Path, rule_weight: float, twin: str
) -> None:
    own = {"rule_weight": 1 - rule_weight}
    bundle = write_bundle(tmp_path, BIAS, rules=read_rules(), policy=own)
    classifier = HybridClassifier(bundle, policy=RoutingPolicy(rule_weight=rule_weight))

    merged, alone = (classifier.classify(draw(), method=m) for m in ("ensemble", twin))

    assert merged["probabilities"] == pytest.approx(alone["probabilities"], abs=2e-6)


@pytest.mark.parametrize("threads", [1, 3])
def test_the_network_starts_no_more_threads_than_it_may(tmp_path: Path, threads: int) -> None:
    command = [sys.executable, "-c", COUNT_THREADS, str(write_bundle(tmp_path)), str(threads)]

    done = run(command, cwd=ROOT, capture_output=True, text=True, check=False)

    assert done.stdout.split() == ["True", str(threads - 1)], done.stderr


def test_a_network_that_answers_in_names_instead_of_numbers_is_refused(tmp_path: Path) -> None:
    path = write_uint8_network(tmp_path / "model.onnx", BIAS)
    model = onnx.load(str(path))
    names = [f"class {index}" for index in range(len(BIAS))]
    model.graph.node.append(
        helper.make_node(
            "ZipMap", ["logits"], ["named"], domain="ai.onnx.ml", classlabels_strings=names
        )
    )
    share = helper.make_tensor_type_proto(onnx.TensorProto.FLOAT, [])
    row = helper.make_map_type_proto(onnx.TensorProto.STRING, share)
    named = helper.make_value_info("named", helper.make_sequence_type_proto(row))
    model.graph.output[0].CopyFrom(named)
    model.opset_import.append(helper.make_opsetid("ai.onnx.ml", 1))
    onnx.save(model, str(path))
    describe(tmp_path, path)

    classifier = HybridClassifier(tmp_path)

    assert not classifier.model_loaded
    assert classifier.get_model_info()["error"]


def test_an_architecture_that_is_no_classifier_is_refused_without_a_download(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    torch.save({"classifier.4.bias": torch.zeros(4)}, tmp_path / "a.pth")
    describe(tmp_path, tmp_path / "a.pth", architecture="fcn_resnet50")

    classifier = HybridClassifier(tmp_path)

    assert not classifier.model_loaded
    assert "Downloading" not in "".join(capfd.readouterr())
