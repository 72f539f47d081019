"""From squares to the network's verdicts."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from math import exp, log
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
import torch
from onnx import helper, numpy_helper
from torchvision.models import mobilenet_v3_small

from logo_classifier.errors import ModelUnavailable
from logo_classifier.network.bundle import load_bundle
from logo_classifier.network.neural import NeuralClassifier
from logo_classifier.pictures.image import LoadedImage
from logo_classifier.pictures.normalising import WHITE
from logo_classifier.values import ImageFacts, LogoType, Method, Trait, Verdict
from tests.logo_classifier.network.networks import (
    SIDE_PX,
    colour_squares,
    describe,
    write_bundle,
    write_float_network,
    write_uint8_network,
)

COLOUR_TO_TYPE = [[1, 0, 0, 0, 0, 0, 0], [0, 1, 0, 0, 0, 0, 0], [0, 0, 1, 0, 0, 0, 0]]
"""Red speaks for the first type, green for the second, blue for the third."""
FLOAT = onnx.TensorProto.FLOAT
RED, GREEN, BLUE, BLACK = (255, 0, 0), (0, 255, 0), (0, 0, 255), (0, 0, 0)


def even(colour: tuple[int, int, int], size: tuple[int, int] = (20, 10)) -> LoadedImage:
    """Return a picture of one colour that is padded with the same colour."""
    pixels = np.full((size[1], size[0], 3), colour, np.uint8)
    return LoadedImage(pixels, colour, ImageFacts("PNG", *size, 1, ""))


def opened(folder: Path, bias: Sequence[float] = (0,) * 7, **options: Any) -> NeuralClassifier:
    return NeuralClassifier(load_bundle(write_bundle(folder, bias, **options)))


def verdict(folder: Path, bias: Sequence[float]) -> Verdict:
    """Return what a network of constant logits says."""
    return opened(folder, bias).predict([even(RED)])[0]


def test_the_types_are_a_softmax_over_the_first_four_logits(tmp_path: Path) -> None:
    answer = verdict(tmp_path, [log(1), log(2), log(4), log(1), 9, 9, 9])

    shares = [answer.probabilities[kind] for kind in LogoType]
    assert shares == pytest.approx([0.125, 0.25, 0.5, 0.125])
    assert answer.logo_type is LogoType.GRADIENT
    assert answer.confidence == answer.raw_confidence == answer.probabilities[LogoType.GRADIENT]
    assert answer.method is Method.NEURAL_NETWORK
    assert not answer.calibrated


def test_the_traits_are_independent_chances_from_the_other_logits(tmp_path: Path) -> None:
    traits = verdict(tmp_path, [0, 0, 0, 0, log(9), 0, -log(4)]).traits

    assert list(traits) == list(Trait)
    assert list(traits.values()) == pytest.approx([0.9, 0.5, 0.2])


def test_without_logits_of_their_own_traits_are_as_likely_as_their_type(tmp_path: Path) -> None:
    answer = verdict(tmp_path, [log(1), log(2), log(3), log(4)])

    assert list(answer.traits.values()) == pytest.approx([0.2, 0.3, 0.4])


def test_a_float_network_of_four_logits_answers_too(tmp_path: Path) -> None:
    path = write_float_network(tmp_path / "a.onnx", [0, 0, 0, log(7)])

    (answer,) = NeuralClassifier(load_bundle(path)).predict([even(BLUE)])

    assert answer.logo_type is LogoType.COMPLEX
    assert answer.confidence == pytest.approx(0.7)


def test_logits_are_read_in_the_order_that_the_bundle_names(tmp_path: Path) -> None:
    order = ["complex", "gradient", "text", "simple"]
    network = opened(
        tmp_path,
        [log(5), log(3), log(1), log(1), log(9), 0, -log(9)],
        types=order,
        traits=["complex", "gradient", "lettering"],
    )

    (answer,) = network.predict([even(RED)])

    assert answer.logo_type is LogoType.COMPLEX
    assert list(answer.probabilities) == list(LogoType)
    assert list(answer.probabilities.values()) == pytest.approx([0.1, 0.1, 0.3, 0.5])
    assert answer.traits[Trait.COMPLEX] == pytest.approx(0.9)
    assert answer.traits[Trait.LETTERING] == pytest.approx(0.1)


def test_the_reasoning_names_the_two_types_ranked_first(tmp_path: Path) -> None:
    answer = verdict(tmp_path, [2, 0, 0, 3, 0, 0, 0])

    assert answer.reasoning == "the network ranks complex before simple"


@pytest.mark.parametrize("huge", [30.0, 1000.0, 1e30])
def test_huge_logits_make_certain_answers_without_a_complaint(tmp_path: Path, huge: float) -> None:
    answer = verdict(tmp_path, [-huge, huge, 0, -huge, huge, -huge, 0])

    assert answer.probabilities[LogoType.TEXT] == pytest.approx(1)
    assert sum(answer.probabilities.values()) == pytest.approx(1)
    assert list(answer.traits.values()) == pytest.approx([1, 0, 0.5], abs=1e-9)


def test_a_batch_is_answered_in_its_order(tmp_path: Path) -> None:
    network = opened(tmp_path, matrix=COLOUR_TO_TYPE)

    answers = network.predict([even(colour) for colour in (BLUE, RED, GREEN, RED)])

    types = [answer.logo_type.value for answer in answers]
    assert types == ["gradient", "simple", "text", "simple"]


def test_a_picture_gets_the_same_answer_alone_and_in_a_batch(tmp_path: Path) -> None:
    network = opened(tmp_path, matrix=np.array(COLOUR_TO_TYPE) / 100)
    pictures = [even((x, 255 - x, 50)) for x in range(0, 250, 25)]

    alone = [network.predict([picture])[0] for picture in pictures]

    for one, among_others in zip(alone, network.predict(pictures), strict=True):
        assert among_others.probabilities == pytest.approx(one.probabilities, abs=1e-6)


def test_pictures_of_any_shape_share_a_batch(tmp_path: Path) -> None:
    network = opened(tmp_path, matrix=COLOUR_TO_TYPE)

    wide, tall, tiny = network.predict(
        [even(RED, (500, 3)), even(GREEN, (3, 500)), even(BLUE, (1, 1))]
    )

    assert (wide.logo_type, tall.logo_type) == (LogoType.SIMPLE, LogoType.TEXT)
    assert tiny.logo_type is LogoType.GRADIENT


def test_the_network_sees_the_picture_on_its_backdrop(tmp_path: Path) -> None:
    white = [[1 / 255, 0, 0, 0, 0, 0, 0], [0] * 7, [0] * 7]
    half = LoadedImage(
        np.zeros((SIDE_PX, SIDE_PX // 2, 3), np.uint8), WHITE, ImageFacts("PNG", 16, 32, 1, "")
    )

    (answer,) = opened(tmp_path, matrix=white).predict([half])

    inner_px = SIDE_PX - 2  # less a margin of 1/32 on each side
    white_share = 1 - inner_px * (inner_px // 2) / SIDE_PX**2
    assert answer.confidence == pytest.approx(exp(white_share) / (exp(white_share) + 3), abs=1e-4)


def test_logits_of_squares_are_those_of_the_network(tmp_path: Path) -> None:
    network = opened(tmp_path, (1, 2, 3, 4, 5, 6, 7), matrix=COLOUR_TO_TYPE)

    logits = network.logits_of(colour_squares(BLACK, RED))

    assert logits[0] == pytest.approx([1, 2, 3, 4, 5, 6, 7])
    assert logits[1] - logits[0] == pytest.approx([255, 0, 0, 0, 0, 0, 0])


@pytest.mark.parametrize("outputs", [1, 3, 5, 6, 8, 1000])
def test_a_network_with_another_number_of_outputs_is_refused(tmp_path: Path, outputs: int) -> None:
    expected = f"the network has {outputs} outputs; 4 types and optionally 3 traits are expected"

    with pytest.raises(ModelUnavailable, match=expected):
        opened(tmp_path, [0] * outputs)


@pytest.mark.parametrize("value", [float("nan"), float("inf"), -float("inf")])
def test_a_network_without_finite_answers_is_refused(tmp_path: Path, value: float) -> None:
    with pytest.raises(ModelUnavailable, match="the network gave no finite logits"):
        opened(tmp_path, [0, 0, value, 0, 0, 0, 0])


@pytest.mark.parametrize(
    ("axis", "node"),
    [
        (0, helper.make_node("Unsqueeze", ["logits", "axis"], ["answers"])),  # (1, n, 7)
        (2, helper.make_node("Unsqueeze", ["logits", "axis"], ["answers"])),  # (n, 7, 1)
    ],
)
def test_a_network_without_one_row_of_answers_a_picture_is_refused(
    tmp_path: Path, axis: int, node: onnx.NodeProto
) -> None:
    path = write_uint8_network(tmp_path / "a.onnx", [0] * 7)
    model = onnx.load(str(path))
    model.graph.initializer.append(numpy_helper.from_array(np.array([axis]), "axis"))
    model.graph.node.append(node)
    model.graph.output[0].CopyFrom(helper.make_tensor_value_info("answers", FLOAT, None))
    onnx.save(model, str(path))
    describe(tmp_path, path)

    with pytest.raises(ModelUnavailable, match="the network gave no finite logits"):
        NeuralClassifier(load_bundle(tmp_path))


def test_a_network_of_another_input_size_is_refused(tmp_path: Path) -> None:
    path = write_uint8_network(tmp_path / "a.onnx", [0, 0, 0, 0], side_px=64)
    describe(tmp_path, path)

    with pytest.raises(ModelUnavailable, match="the network failed on this picture"):
        NeuralClassifier(load_bundle(tmp_path))


def test_answers_that_are_no_numbers_are_reported_for_the_picture(tmp_path: Path) -> None:
    ones = [[1, 1, 1, 1]] * 3
    path = write_uint8_network(tmp_path / "a.onnx", [0, 0, 0, 0], ones, brittle=True)
    network = NeuralClassifier(load_bundle(path))

    assert network.predict([even(BLACK)])[0].confidence == pytest.approx(0.25)
    with pytest.raises(ModelUnavailable, match="the network gave no finite logits"):
        network.predict([even(RED)])


def test_a_torchvision_network_of_four_logits_gives_verdicts(tmp_path: Path) -> None:
    state = mobilenet_v3_small(weights=None, num_classes=4).state_dict()
    state["classifier.3.weight"].zero_()
    state["classifier.3.bias"].copy_(torch.tensor([0.0, log(7), 0.0, 0.0]))
    torch.save({"state_dict": state, "architecture": "mobilenet_v3_small"}, tmp_path / "a.pth")

    answers = NeuralClassifier(load_bundle(tmp_path / "a.pth")).predict([even(RED), even(BLUE)])

    for answer in answers:
        assert answer.logo_type is LogoType.TEXT
        assert answer.confidence == pytest.approx(0.7)
        assert answer.traits[Trait.LETTERING] == answer.confidence


def test_threads_share_one_network(tmp_path: Path) -> None:
    network = opened(tmp_path, matrix=COLOUR_TO_TYPE)
    colours = [RED, GREEN, BLUE] * 40

    with ThreadPoolExecutor(16) as pool:
        answers = list(pool.map(lambda colour: network.predict([even(colour)])[0], colours))

    assert [answer.logo_type.value for answer in answers] == ["simple", "text", "gradient"] * 40
