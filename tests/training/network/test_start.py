"""Training goes on from a published version, whose answers the unfolded weights give."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from logo_classifier.network.bundle import load_bundle
from logo_classifier.network.neural import NeuralClassifier
from tests.training.drawn import FinishedRun
from training.network import model
from training.network.export import FLOAT_BUNDLE
from training.network.start import WEIGHTS, start_from


@pytest.fixture(scope="module")
def squares() -> Tensor:
    """Return smooth random pictures, on which activations differ."""
    small = np.random.default_rng(1).integers(0, 256, (24, 8, 8, 3), np.uint8)
    return torch.from_numpy(small.repeat(8, axis=1).repeat(8, axis=2))


def started(graph: Path, squares: Tensor) -> nn.Module:
    torch.manual_seed(5)
    network = model.pretrained()
    start_from(network, graph, squares.split(8))
    return network


def features(network: nn.Module, squares: Tensor) -> Tensor:
    with torch.inference_mode():
        found: Tensor = network.eval().extract_features(model.scale_pixels(squares))  # type: ignore[operator]
    return found


def test_a_network_that_starts_from_a_graph_sees_what_the_graph_sees(
    finished: FinishedRun, squares: Tensor
) -> None:
    graph = finished.folder / FLOAT_BUNDLE / WEIGHTS
    trained, _ = model.read_checkpoint(finished.folder / "model.pth")

    seen = features(started(graph, squares), squares)

    assert torch.allclose(seen, features(trained, squares), atol=1e-2)


def test_eight_bit_weights_are_near_enough_to_start_from(
    finished: FinishedRun, squares: Tensor
) -> None:
    trained, _ = model.read_checkpoint(finished.folder / "model.pth")
    wanted = features(trained, squares)

    seen = features(started(finished.bundle / WEIGHTS, squares), squares)

    assert (seen - wanted).abs().mean() < 0.2 * wanted.abs().mean()


def test_unfolded_normalisations_have_the_statistics_of_the_pictures(
    finished: FinishedRun, squares: Tensor
) -> None:
    network = started(finished.folder / FLOAT_BUNDLE / WEIGHTS, squares)
    still = features(network, squares)

    for layer in network.modules():
        if isinstance(layer, nn.Dropout):
            layer.p = 0.0
    network.train()
    with torch.no_grad():
        moving: Tensor = network.extract_features(model.scale_pixels(squares))  # type: ignore[operator]

    assert (moving - still).abs().mean() < 0.3 * still.abs().mean()


def test_a_network_that_starts_from_a_graph_answers_like_it(
    finished: FinishedRun, squares: Tensor
) -> None:
    graph = finished.folder / FLOAT_BUNDLE / WEIGHTS
    wanted = NeuralClassifier(load_bundle(graph.parent)).logits_of(squares.numpy())

    answers = model.predict_logits(started(graph, squares), squares).numpy()

    assert answers == pytest.approx(wanted, abs=0.02)


def test_layers_of_other_shapes_stay_as_they_are(finished: FinishedRun, squares: Tensor) -> None:
    torch.manual_seed(5)
    network = model.pretrained()
    network._fc = nn.Linear(1280, 3)
    before = network._fc.weight.clone()

    start_from(network, finished.folder / FLOAT_BUNDLE / WEIGHTS, squares.split(8))

    assert torch.equal(network._fc.weight, before)
