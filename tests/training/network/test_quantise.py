"""Integers answer as floats do."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
import pytest
from scipy.special import softmax
from scipy.stats import entropy

from logo_classifier.network.bundle import load_bundle
from logo_classifier.network.neural import NeuralClassifier
from tests.training.drawn import FinishedRun
from training.labels.dataset import HELD_OUT_FOLD, Example
from training.network.export import FLOAT_BUNDLE, divergence
from training.network.quantise import first_nodes, fitted_squares


@pytest.fixture(scope="module")
def squares(logos: Path) -> np.ndarray:
    return fitted_squares(logos, 64)


def test_the_integer_network_gives_the_types_of_the_float_one(
    finished: FinishedRun, squares: np.ndarray
) -> None:
    answers = [
        NeuralClassifier(load_bundle(bundle)).logits_of(squares)[:, :4].argmax(axis=1)
        for bundle in (finished.folder / FLOAT_BUNDLE, finished.bundle)
    ]

    # Two epochs leave many pictures nearly undecided.
    assert (answers[0] == answers[1]).mean() > 0.75
    assert len(set(answers[0])) > 1


def test_the_divergence_is_that_of_the_types_between_float_and_integers(
    finished: FinishedRun, squares: np.ndarray
) -> None:
    exact = finished.folder / FLOAT_BUNDLE
    logits = [
        NeuralClassifier(load_bundle(bundle)).logits_of(squares)[:, :4]
        for bundle in (exact, finished.bundle)
    ]
    shares = [softmax(rows, axis=1) for rows in logits]

    nats, changed = divergence(exact, finished.bundle, squares)

    assert nats == pytest.approx(entropy(*shares, axis=1).mean(), rel=1e-3)
    assert changed == (shares[0].argmax(axis=1) != shares[1].argmax(axis=1)).mean()
    assert divergence(exact, exact, squares) == (0, 0)
    assert 0 < finished.fidelity.divergence < 0.1


def test_most_layers_compute_in_integers_and_the_first_ones_do_not(finished: FinishedRun) -> None:
    graph = onnx.load(finished.bundle / "model.onnx").graph
    stored = {weight.name: weight.data_type for weight in graph.initializer}
    scaled = {node.output[0]: node.input[0] for node in graph.node if "Dequantize" in node.op_type}

    kinds = [
        stored[scaled.get(node.input[1], node.input[1])]
        for node in graph.node
        if node.op_type == "Conv"
    ]

    assert kinds[:6] == [onnx.TensorProto.FLOAT] * 6
    assert set(kinds[6:]) == {onnx.TensorProto.INT8}


def test_the_first_nodes_end_with_the_last_of_the_convolutions() -> None:
    kinds = ("Cast", "Conv", "Clip", "Conv", "Conv")
    nodes = [onnx.helper.make_node(kind, [], [], name=str(i)) for i, kind in enumerate(kinds)]
    model = onnx.helper.make_model(onnx.helper.make_graph(nodes, "five", [], []))

    assert first_nodes(model, 2) == ["0", "1", "2", "3"]
    assert first_nodes(model, 0) == []


def test_ranges_are_measured_on_pictures_that_the_network_was_fitted_on(
    squares: np.ndarray, examples: list[Example], folds: np.ndarray
) -> None:
    assert squares.shape == ((folds != HELD_OUT_FOLD).sum(), 64, 64, 3)
    assert squares.dtype == np.uint8
