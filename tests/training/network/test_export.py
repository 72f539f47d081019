"""The exported bundle answers as the trained network does."""

from __future__ import annotations

import hashlib
import json
import shutil
from pathlib import Path

import numpy as np
import onnxruntime
import pytest
import torch
from numpy.typing import NDArray
from scipy.special import softmax

from logo_classifier.network.bundle import load_bundle
from logo_classifier.values import LogoType, Method, Trait
from tests.training.drawn import FinishedRun
from training.network.export import FLOAT_BUNDLE, describe, export, largest_difference
from training.network.model import TYPES, predict_logits, read_checkpoint
from training.network.quantise import fitted_squares

Floats = NDArray[np.float32]


def run(path: Path, squares: NDArray[np.uint8]) -> Floats:
    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    return np.asarray(session.run(None, {"pixels": squares})[0])


def noise(count: int, side_px: int = 64) -> NDArray[np.uint8]:
    return np.random.default_rng(11).integers(0, 256, (count, side_px, side_px, 3), np.uint8)


def test_the_float_export_answers_as_the_trained_network_does(
    finished: FinishedRun,
) -> None:
    assert 0 < finished.fidelity.largest_difference < 1e-4


def test_logits_of_the_quantised_export_follow_those_of_the_trained_network(
    logos: Path, finished: FinishedRun
) -> None:
    network, side_px = read_checkpoint(finished.folder / "model.pth")
    squares = fitted_squares(logos, side_px)

    exported = run(finished.bundle / "model.onnx", squares)

    original = predict_logits(network, torch.from_numpy(squares)).numpy()
    spread = np.std(original, axis=0)
    assert (np.abs(exported - original).mean(axis=0) < 0.4 * spread).all()
    for own, exact in zip(exported.T, original.T, strict=True):
        assert np.corrcoef(own, exact)[0, 1] > 0.9


@pytest.mark.parametrize("count", [1, 2, 3, 17])
def test_the_export_takes_batches_of_any_length(finished: FinishedRun, count: int) -> None:
    squares = noise(17)

    together = run(finished.bundle / "model.onnx", squares[:count])
    last_alone = run(finished.bundle / "model.onnx", squares[count - 1 : count])

    assert together.shape == (count, 7)
    assert together[-1] == pytest.approx(last_alone[0], abs=1e-3)


def test_the_graph_tells_nothing_of_the_machine_it_was_made_on(finished: FinishedRun) -> None:
    for bundle in (finished.folder / FLOAT_BUNDLE, finished.bundle):
        assert b"stack_trace" not in (bundle / "model.onnx").read_bytes()


def test_no_shipped_graph_tells_of_the_machine_it_was_made_on() -> None:
    shipped = sorted(Path("models").rglob("*.onnx"))

    assert shipped
    assert [path for path in shipped if b"stack_trace" in path.read_bytes()] == []


def test_the_graph_takes_pixels_as_they_are_and_needs_no_file_beside_it(
    finished: FinishedRun,
) -> None:
    session = onnxruntime.InferenceSession(
        str(finished.bundle / "model.onnx"), providers=["CPUExecutionProvider"]
    )

    (pixels,), (logits,) = session.get_inputs(), session.get_outputs()

    assert (pixels.name, pixels.type, pixels.shape[1:]) == ("pixels", "tensor(uint8)", [64, 64, 3])
    assert (logits.name, logits.shape[1:]) == ("logits", [7])
    names = sorted(path.name for path in finished.bundle.iterdir())
    assert names == ["calibration.json", "config.json", "model.onnx", "policy.json", "rules.json"]


def test_the_quantised_export_takes_a_third_of_the_room_of_the_float_one(
    finished: FinishedRun,
) -> None:
    exact = finished.folder / FLOAT_BUNDLE / "model.onnx"

    assert (finished.bundle / "model.onnx").stat().st_size < exact.stat().st_size / 3


def test_the_largest_difference_is_that_of_the_type_probabilities(finished: FinishedRun) -> None:
    network, side_px = read_checkpoint(finished.folder / "model.pth")
    squares = noise(3, side_px)
    other, _ = read_checkpoint(finished.folder / "model.pth")
    with torch.no_grad():
        other.get_parameter("_fc.bias")[0] += 15.0  # it is sure of noise, too

    shares = [
        softmax(predict_logits(module, torch.from_numpy(squares)).numpy()[:, :TYPES], axis=1)
        for module in (network, other)
    ]
    expected = float(np.abs(shares[0] - shares[1]).max())

    assert expected > 0.05
    assert largest_difference(other, finished.folder / FLOAT_BUNDLE, squares) == pytest.approx(
        expected, abs=0.01
    )


def test_the_description_says_what_the_weights_take_and_give(tmp_path: Path) -> None:
    weights = tmp_path / "model.onnx"
    weights.write_bytes(b"weights")

    config = describe(weights, 96, "logo", "2.1.0", "logo-vit")

    assert (config["name"], config["version"], config["weights"]) == ("logo", "2.1.0", "model.onnx")
    assert config["input"]["side_px"] == 96
    assert config["architecture"] == "logo-vit"
    assert json.loads(json.dumps(config)) == config


def test_the_service_finds_all_it_needs_in_the_bundle(finished: FinishedRun) -> None:
    bundle = load_bundle(finished.bundle)

    assert (bundle.name, bundle.version, bundle.runtime) == ("drawn-logos", "0.1.0", "onnx")
    assert bundle.types == tuple(LogoType)
    assert bundle.traits == tuple(Trait)
    assert bundle.side_px == 64
    assert bundle.mean is None
    assert set(bundle.calibration) == {Method.NEURAL_NETWORK, Method.ENSEMBLE}
    assert bundle.rules is not None
    assert bundle.rules["version"] == "0.1.0"
    assert bundle.policy is not None


def test_every_part_of_the_bundle_is_named_by_its_digest(finished: FinishedRun) -> None:
    named = json.loads((finished.bundle / "config.json").read_text())["sha256"]
    parts = ("model.onnx", "rules.json", "calibration.json", "policy.json")

    assert named == {
        part: hashlib.sha256((finished.bundle / part).read_bytes()).hexdigest() for part in parts
    }


def test_an_exported_network_takes_the_calibration_of_the_one_before_away(
    finished: FinishedRun, logos: Path, tmp_path: Path
) -> None:
    bundle = shutil.copytree(finished.bundle, tmp_path / "again")

    export(logos, finished.folder, bundle)

    names = sorted(path.name for path in bundle.iterdir())
    assert names == ["config.json", "model.onnx", "rules.json"]
