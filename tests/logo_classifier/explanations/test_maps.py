"""Maps of the network as they are told and drawn."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from logo_classifier.explanations.drawing import BLUE, ORANGE
from logo_classifier.explanations.maps import (
    CAPTION,
    describe_maps,
    describe_no_maps,
    draw_map,
    maps_of,
)
from logo_classifier.network.bundle import load_bundle
from logo_classifier.network.neural import NeuralClassifier
from logo_classifier.network.runtime import Evidence
from logo_classifier.pictures.image import load_image
from logo_classifier.values import Trait
from tests.logo_classifier.network.networks import write_bundle

MODELS = Path(__file__).parents[3] / "models"
SHIPPED = load_bundle(MODELS / "logo-type" / "1.6.0")


def made_up(outputs: int = 7) -> Evidence:
    rng = np.random.default_rng(outputs)
    cells = rng.normal(size=(outputs, 2, 3)).astype(np.float32)
    bias = rng.normal(size=outputs).astype(np.float32)
    return Evidence(cells.sum(axis=(1, 2)) + bias, cells, bias)


def test_the_first_map_is_of_the_likeliest_type_less_the_second() -> None:
    evidence = made_up()
    first, second, *_ = np.argsort(-evidence.logits[:4])

    found = next(maps_of(evidence, SHIPPED))

    kinds = SHIPPED.types
    assert found.title == f"{kinds[first].value} rather than {kinds[second].value}"
    assert found.cells == pytest.approx(evidence.cells[first] - evidence.cells[second])


def test_each_trait_has_a_map_of_its_own() -> None:
    evidence = made_up()

    found = list(maps_of(evidence, SHIPPED))[1:]

    assert [each.title for each in found] == [trait.value for trait in Trait]
    for each, cells in zip(found, evidence.cells[4:], strict=True):
        assert each.cells == pytest.approx(cells)


def test_a_network_without_traits_has_the_map_of_its_types_alone(tmp_path: Path) -> None:
    assert len(list(maps_of(made_up(4), load_bundle(write_bundle(tmp_path, [0.0] * 4))))) == 1


def test_bias_rounding_and_cells_sum_to_the_score() -> None:
    image = load_image(MODELS / "golden" / "moon.png")
    network = NeuralClassifier(SHIPPED)
    _, evidence = network.predict_with_evidence(image)
    assert evidence

    told = describe_maps(image, evidence, SHIPPED)

    assert json.loads(json.dumps(told)) == told
    assert (told["caption"], told["reason"]) == (CAPTION, None)
    assert len(told["maps"]) == 4
    for each in told["maps"]:
        summed = each["bias"] + each["rounding"] + np.sum(each["cells"])
        assert summed == pytest.approx(each["score"], abs=1e-4)
        assert abs(each["rounding"]) < 0.1


def test_cells_are_drawn_as_blocks_in_the_colour_of_their_sign() -> None:
    drawn = draw_map(np.full((4, 6, 3), 255, np.uint8), np.array([[1.0, 0.0, -1.0], [0, 0, 0]]))

    assert (drawn[:2, :2] == drawn[0, 0]).all()
    assert np.abs(drawn[0, 0].astype(int) - BLUE).max() < 80
    assert np.abs(drawn[0, 5].astype(int) - ORANGE).max() < 80
    assert (drawn[2:] == 255).all()


def test_a_map_of_nothing_leaves_the_picture_pale() -> None:
    pale = np.full((4, 6, 3), 200, np.uint8)

    assert (draw_map(pale, np.zeros((2, 3))) == pale).all()


def test_where_there_is_no_map_the_reason_stands() -> None:
    told = describe_no_maps("not asked")

    assert (told["reason"], told["maps"]) == ("not asked", [])
