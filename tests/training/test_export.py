"""The exported bundle answers as the trained network does."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import pytest
import torch
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper
from scipy.special import softmax

from app.classification.registry import load_bundle
from app.classification.types import LogoType, Method, Trait
from tests.training.drawn import FinishedRun
from training.export import describe, halve_weights, largest_difference, read_checkpoint
from training.model import TYPES, predict_logits

Floats = NDArray[np.float32]


def run(path: Path, squares: NDArray[np.uint8]) -> Floats:
    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    return np.asarray(session.run(None, {"pixels": squares})[0])


def noise(count: int, side_px: int = 64) -> NDArray[np.uint8]:
    return np.random.default_rng(11).integers(0, 256, (count, side_px, side_px, 3), np.uint8)


def two_layers(width: int) -> onnx.ModelProto:
    """Return a graph of a wide matrix, a narrow bias and whole numbers that shape the result."""
    rng = np.random.default_rng(12)
    weights = {
        "wide": rng.normal(0, 0.1, (width, width)).astype(np.float32),
        "bias": rng.normal(0, 1e-4, 5).astype(np.float32),
        "shape": np.array([-1, 5], np.int64),
    }
    nodes = [
        helper.make_node("MatMul", ["pixels", "wide"], ["product"]),
        helper.make_node("Reshape", ["product", "shape"], ["rows"]),
        helper.make_node("Add", ["rows", "bias"], ["logits"]),
    ]
    ends = [
        helper.make_tensor_value_info(name, TensorProto.FLOAT, [None, None])
        for name in ("pixels", "logits")
    ]
    stored = [numpy_helper.from_array(values, name) for name, values in weights.items()]
    graph = helper.make_graph(nodes, "two", ends[:1], ends[1:], stored)
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=10)


def answer(model: onnx.ModelProto, values: Floats) -> Floats:
    session = onnxruntime.InferenceSession(
        model.SerializeToString(), providers=["CPUExecutionProvider"]
    )
    return np.asarray(session.run(None, {"pixels": values})[0])


def test_the_export_differs_from_the_trained_network_by_less_than_a_percent(
    finished: FinishedRun,
) -> None:
    assert 0 < finished.difference < 0.01


def test_logits_of_the_export_follow_those_of_the_trained_network(finished: FinishedRun) -> None:
    network, side_px = read_checkpoint(finished.folder / "model.pth")
    squares = noise(5, side_px)

    exported = run(finished.bundle / "model.onnx", squares)

    original = predict_logits(network, torch.from_numpy(squares)).numpy()
    assert exported == pytest.approx(original, abs=0.05)
    assert np.std(original, axis=0).min() > 0.01


@pytest.mark.parametrize("count", [1, 2, 3, 17])
def test_the_export_takes_batches_of_any_length(finished: FinishedRun, count: int) -> None:
    squares = noise(17)

    together = run(finished.bundle / "model.onnx", squares[:count])
    last_alone = run(finished.bundle / "model.onnx", squares[count - 1 : count])

    assert together.shape == (count, 7)
    assert together[-1] == pytest.approx(last_alone[0], abs=1e-3)


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
    assert names == ["calibration.json", "config.json", "model.onnx"]


def test_the_export_takes_half_the_room_of_the_checkpoint(finished: FinishedRun) -> None:
    network, _ = read_checkpoint(finished.folder / "model.pth")
    full = sum(values.numel() * 4 for values in network.parameters())

    assert (finished.bundle / "model.onnx").stat().st_size < 0.56 * full


def test_halving_halves_the_file_and_keeps_the_answers() -> None:
    model = two_layers(width=320)
    values = np.random.default_rng(13).normal(0, 1, (4, 320)).astype(np.float32)
    size, before = len(model.SerializeToString()), answer(model, values)

    halve_weights(model)

    onnx.checker.check_model(model)
    assert len(model.SerializeToString()) == pytest.approx(size / 2, rel=0.01)
    assert answer(model, values) == pytest.approx(before, abs=5e-3)


def test_halving_leaves_small_weights_and_whole_numbers_exact() -> None:
    model = two_layers(width=40)
    before = {weight.name: numpy_helper.to_array(weight) for weight in model.graph.initializer}

    halve_weights(model)

    after = {weight.name: numpy_helper.to_array(weight) for weight in model.graph.initializer}
    assert set(after) == {"wide.half", "bias", "shape"}
    assert after["wide.half"].dtype == np.float16
    assert np.array_equal(after["bias"], before["bias"])
    assert np.array_equal(after["shape"], before["shape"])


def test_the_largest_difference_is_that_of_the_type_probabilities(finished: FinishedRun) -> None:
    network, side_px = read_checkpoint(finished.folder / "model.pth")
    squares = noise(3, side_px)
    other, _ = read_checkpoint(finished.folder / "model.pth")
    with torch.no_grad():
        other.get_parameter("_fc.bias")[0] += 1.0

    shares = [
        softmax(predict_logits(module, torch.from_numpy(squares)).numpy()[:, :TYPES], axis=1)
        for module in (network, other)
    ]
    expected = float(np.abs(shares[0] - shares[1]).max())

    assert expected > 0.05
    assert largest_difference(other, finished.bundle, squares) == pytest.approx(expected, abs=0.01)


def test_a_checkpoint_is_read_ready_to_answer(finished: FinishedRun) -> None:
    network, side_px = read_checkpoint(finished.folder / "model.pth")

    assert side_px == 64
    assert not network.training


def test_the_description_names_the_weights_by_their_digest(tmp_path: Path) -> None:
    weights = tmp_path / "model.onnx"
    weights.write_bytes(b"weights")

    config = describe(weights, 96, "logo", "2.1.0")

    assert (config["name"], config["version"], config["weights"]) == ("logo", "2.1.0", "model.onnx")
    assert config["sha256"] == hashlib.sha256(b"weights").hexdigest()
    assert config["input"]["side_px"] == 96
    assert json.loads(json.dumps(config)) == config


def test_the_service_finds_all_it_needs_in_the_bundle(finished: FinishedRun) -> None:
    bundle = load_bundle(finished.bundle)

    assert (bundle.name, bundle.version, bundle.runtime) == ("drawn-logos", "0.1.0", "onnx")
    assert bundle.types == tuple(LogoType)
    assert bundle.traits == tuple(Trait)
    assert bundle.side_px == 64
    assert bundle.mean is None
    assert set(bundle.calibration) == {Method.NEURAL_NETWORK, Method.ENSEMBLE}
    assert set(bundle.routing) == {"rule_weight", "rules_complexity"}
