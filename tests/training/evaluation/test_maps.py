"""What the maps of the shipped network are worth, on pictures of this repository."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from logo_classifier.explanations.maps import maps_of
from logo_classifier.network.bundle import load_bundle
from logo_classifier.network.neural import NeuralClassifier
from logo_classifier.pictures.image import LoadedImage, load_image
from logo_classifier.versions.shipped import shipped
from training.evaluation.maps import (
    ORDERS,
    Deletion,
    delete,
    lean,
    likeness,
    randomise_head,
    summarise,
)

MODELS = Path(__file__).parents[3] / "models"
VIT = MODELS / "logo-vit" / "1.0.0"


@pytest.fixture(scope="module")
def network() -> NeuralClassifier:
    return NeuralClassifier(load_bundle(shipped()))


@pytest.fixture(scope="module")
def images() -> list[LoadedImage]:
    return [load_image(path) for path in sorted((MODELS / "golden").glob("*.png"))]


@pytest.fixture(scope="module")
def deletions(network: NeuralClassifier, images: list[LoadedImage]) -> list[Deletion]:
    found = [delete(network, image, seed) for seed, image in enumerate(images)]
    return [each for each in found if each]


def test_deleting_by_the_map_takes_the_score_down_faster_than_at_random(
    deletions: list[Deletion],
) -> None:
    means = {name: np.mean([each.by_order[name] for each in deletions]) for name in ORDERS}

    assert means["map"] < means["random"] < means["reversed map"]


def test_the_table_names_every_order(deletions: list[Deletion]) -> None:
    told = summarise(deletions)

    assert told[0].startswith(f"{len(deletions)} pictures")
    assert [line.rsplit("  ", 2)[0].split("   ")[0].strip() for line in told[2:]] == list(ORDERS)


def test_a_randomised_head_gives_other_scores_and_another_map(
    network: NeuralClassifier, images: list[LoadedImage], tmp_path: Path
) -> None:
    other = randomise_head(network.bundle, tmp_path, 0)

    changes = []
    for image in images:
        maps = []
        for each in (network, other):
            _, evidence = each.predict_with_evidence(image)
            assert evidence
            maps.append(evidence.cells)
        ours, theirs = maps
        changes.append(np.linalg.norm(ours - theirs) / np.linalg.norm(ours))

    assert min(changes) > 0.5


def test_the_likeness_of_a_network_to_itself_is_whole(
    network: NeuralClassifier, images: list[LoadedImage]
) -> None:
    assert likeness(network, network, images[0]) == pytest.approx(1)


def test_a_map_lies_where_its_picture_does(
    network: NeuralClassifier, images: list[LoadedImage]
) -> None:
    leans = np.array([lean(network, image) for image in images])

    assert np.abs(np.median(leans, axis=0)).max() < 0.5


def test_a_network_without_maps_is_refused(images: list[LoadedImage]) -> None:
    network = NeuralClassifier(load_bundle(VIT))

    with pytest.raises(ValueError, match="gives no map"):
        delete(network, images[0], 0)
    with pytest.raises(ValueError, match="gives no map"):
        likeness(network, network, images[0])
    with pytest.raises(ValueError, match="gives no map"):
        lean(network, images[0])


def test_a_blank_picture_has_no_cells_to_delete(network: NeuralClassifier) -> None:
    image = LoadedImage(
        np.full((64, 64, 3), 255, np.uint8), (255, 255, 255), load_image(_golden()).facts
    )

    assert delete(network, image, 0) is None


def test_the_map_of_a_blank_picture_speaks_weakly(
    network: NeuralClassifier, images: list[LoadedImage]
) -> None:
    blank = LoadedImage(np.full((64, 64, 3), 255, np.uint8), (255, 255, 255), images[0].facts)

    def strongest(image: LoadedImage) -> float:
        _, evidence = network.predict_with_evidence(image)
        assert evidence
        return float(np.abs(next(maps_of(evidence, network.bundle)).cells).max())

    assert strongest(blank) < min(map(strongest, images)) / 2


def _golden() -> Path:
    return MODELS / "golden" / "moon.png"
