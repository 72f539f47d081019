"""What the logits of a network are the sum of."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import onnx
import pytest

from logo_classifier.network.bundle import load_bundle
from logo_classifier.network.neural import NeuralClassifier
from logo_classifier.network.runtime import Evidence
from logo_classifier.pictures.image import LoadedImage, load_image
from logo_classifier.pictures.normalising import WHITE
from logo_classifier.values import ImageFacts
from tests.logo_classifier.network.networks import (
    SIDE_PX,
    describe,
    write_bundle,
    write_float_network,
)

MODELS = Path(__file__).parents[3] / "models"
SHIPPED = MODELS / "logo-type" / "1.6.0"
GOLDEN = sorted((MODELS / "golden").glob("*.png"))
LOGIT_STEP = 0.0444
"""Of the 8-bit logits of the shipped network."""

CHANNELS_TO_LOGITS = [[1.0, 0, 0, 0], [0, 1, 0, 0], [0, 0, 1, 0.5]]


@pytest.fixture(scope="module")
def network() -> NeuralClassifier:
    return NeuralClassifier(load_bundle(SHIPPED))


def evidence_of(network: NeuralClassifier, image: LoadedImage) -> Evidence:
    _, found = network.predict_with_evidence(image)
    assert found
    return found


def halves() -> LoadedImage:
    """Return a picture that is red on the left and blue on the right."""
    pixels = np.zeros((SIDE_PX, SIDE_PX, 3), np.uint8)
    pixels[:, : SIDE_PX // 2, 0] = pixels[:, SIDE_PX // 2 :, 2] = 255
    facts = ImageFacts("PNG", SIDE_PX, SIDE_PX, 0, "")
    return LoadedImage(pixels, WHITE, facts)


@pytest.mark.parametrize("path", GOLDEN, ids=lambda path: path.stem)
def test_cells_and_bias_sum_to_the_logits_within_a_step(
    network: NeuralClassifier, path: Path
) -> None:
    found = evidence_of(network, load_image(path))

    assert found.cells.shape == (7, 6, 6)
    summed = found.cells.sum(axis=(1, 2)) + found.bias
    assert summed == pytest.approx(found.logits, abs=LOGIT_STEP)


@pytest.mark.parametrize("path", GOLDEN, ids=lambda path: path.stem)
def test_the_verdict_is_that_of_a_prediction_without_evidence(
    network: NeuralClassifier, path: Path
) -> None:
    image = load_image(path)

    verdict, _ = network.predict_with_evidence(image)

    assert [verdict] == network.predict([image])


def test_each_place_counts_for_what_is_there(tmp_path: Path) -> None:
    path = write_float_network(tmp_path / "model.onnx", [0.5, 0, 0, 0], CHANNELS_TO_LOGITS)
    describe(tmp_path, path, input={"side_px": SIDE_PX, "mean": [0, 0, 0], "std": [1, 1, 1]})
    found = evidence_of(NeuralClassifier(load_bundle(tmp_path)), halves())

    left, right = found.cells[:, :, : SIDE_PX // 2 - 2], found.cells[:, :, SIDE_PX // 2 + 2 :]

    assert found.bias.tolist() == [0.5, 0, 0, 0]
    assert left[0].sum() > 0.4
    assert right[0].sum() < 0.1
    assert right[2].sum() > 0.4
    assert right[3] == pytest.approx(right[2] / 2)


def scaled(model: onnx.ModelProto, factor: float) -> None:
    (linear,) = (node for node in model.graph.node if node.op_type == "Gemm")
    linear.attribute.append(onnx.helper.make_attribute("alpha", factor))


def write_scaled(folder: Path, weights: Sequence[Sequence[float]], factor: float) -> Path:
    path = write_float_network(folder / "model.onnx", [0.0] * 4, weights)
    model = onnx.load(path)
    scaled(model, factor)
    onnx.save(model, path)
    describe(folder, path)
    return folder


def test_a_network_whose_logits_are_no_such_sum_gives_no_evidence(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    network = NeuralClassifier(load_bundle(write_scaled(tmp_path, CHANNELS_TO_LOGITS, 3.0)))

    verdict, found = network.predict_with_evidence(halves())

    assert found is None
    assert [verdict] == network.predict([halves()])
    assert "off their sum" in caplog.text


def test_a_network_with_another_tail_answers_without_evidence() -> None:
    network, image = NeuralClassifier(load_bundle(MODELS / "logo-vit" / "1.0.0")), halves()

    assert network.predict_with_evidence(image) == (network.predict([image])[0], None)


def test_weights_that_changed_on_disk_cost_the_evidence_and_no_answer(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    network = NeuralClassifier(load_bundle(write_bundle(tmp_path)))
    (tmp_path / "model.onnx").write_bytes(b"another model")

    verdict, found = network.predict_with_evidence(halves())

    assert (verdict, found) == (network.predict([halves()])[0], None)
    assert "has changed since it was checked" in caplog.text
