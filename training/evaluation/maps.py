"""Check what the maps of a network are worth: by deletion, and against heads of random weights.

    python -m training.evaluation.maps [--data data] [--split train] [--pictures 25]

Deletion (Petsiuk et al., 2018, arXiv 1806.07421): cell after cell of a square is painted with the
backdrop, and the score of the likeliest type less that of the second one is measured again. Lower
means are better. Cells without ink change nothing when they are painted over, so only cells with
ink are in any order; else a map would win by finding the drawing alone.

Random heads (Adebayo et al., 2018, arXiv 1810.03292): the last layer gets shuffled weights with
random signs. A map that shows what the network learnt should look different then.

Turned pictures: the map of a picture that is turned by half should be turned, too.
"""

from __future__ import annotations

import argparse
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import numpy_helper

from logo_classifier.explanations.maps import maps_of
from logo_classifier.network.bundle import ModelBundle, load_bundle
from logo_classifier.network.neural import NeuralClassifier
from logo_classifier.pictures.image import LoadedImage, fit_square, load_image
from logo_classifier.values import LogoType
from logo_classifier.versions.shipped import shipped
from training.labels.dataset import read_examples

HEAD = "network._fc.weight_quantized"
"""Name of the weights of the last layer in the graphs that `training.network.export` writes."""

ORDERS = ("map", "random", "ink", "reversed map")
STEPS = 6
_RANDOM_ORDERS = 4
_HEADS = 5
_INK_DISTANCE = 24
_LEAST_CELLS = STEPS

Order = NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class Deletion:
    """The score of the whole picture, and for each order its mean over the steps of deletion."""

    whole: float
    by_order: dict[str, float]


def delete(network: NeuralClassifier, image: LoadedImage, seed: int) -> Deletion | None:
    """Return how fast each order of cells takes the score down.

    None if the picture has ink in fewer cells than there are steps. Raises ValueError for a network
    without maps.
    """
    _, evidence = network.predict_with_evidence(image)
    if evidence is None:
        raise ValueError(f"{network.bundle.name} {network.bundle.version} gives no map")
    square = fit_square(image, network.bundle.side_px)
    cells = next(maps_of(evidence, network.bundle)).cells
    ink = _ink_of_cells(square, image, cells.shape)
    inked = np.flatnonzero(ink > 0)
    if len(inked) < _LEAST_CELLS:
        return None
    ranked = inked[np.argsort(-cells.ravel()[inked], kind="stable")]
    most_ink = inked[np.argsort(-ink.ravel()[inked], kind="stable")]
    rng = np.random.default_rng(seed)
    shuffled = [rng.permutation(inked) for _ in range(_RANDOM_ORDERS)]
    reverse = ranked[::-1]
    orders = {"map": [ranked], "random": shuffled, "ink": [most_ink], "reversed map": [reverse]}
    first, second, *_ = np.argsort(-evidence.logits[: len(LogoType)], kind="stable").tolist()

    def mean_score(order: Order) -> float:
        painted = [
            _paint(square, order[: round(len(order) * step / STEPS)], image, cells.shape)
            for step in range(1, STEPS + 1)
        ]
        logits = network.logits_of(np.stack(painted))
        return float((logits[:, first] - logits[:, second]).mean())

    whole = float(evidence.logits[first] - evidence.logits[second])
    means = {name: float(np.mean([mean_score(each) for each in orders[name]])) for name in ORDERS}
    return Deletion(whole, means)


def _boxes(square: NDArray[np.uint8], shape: tuple[int, ...]) -> list[tuple[slice, slice]]:
    """Return the place of each cell on the square, row by row."""
    rows, columns = (
        np.linspace(0, side, number + 1).round().astype(int).tolist()
        for side, number in zip(square.shape, shape, strict=False)
    )
    return [
        (slice(*rows[row : row + 2]), slice(*columns[column : column + 2]))
        for row in range(shape[0])
        for column in range(shape[1])
    ]


def _ink_of_cells(
    square: NDArray[np.uint8], image: LoadedImage, shape: tuple[int, ...]
) -> NDArray[np.float64]:
    """Return the share of ink in each cell."""
    away = np.abs(square.astype(np.int16) - np.array(image.backdrop)).max(axis=2) > _INK_DISTANCE
    return np.array([away[box].mean() for box in _boxes(square, shape)]).reshape(shape)


def _paint(
    square: NDArray[np.uint8], cells: Order, image: LoadedImage, shape: tuple[int, ...]
) -> NDArray[np.uint8]:
    """Return the square with some cells painted with the backdrop."""
    painted, boxes = square.copy(), _boxes(square, shape)
    for cell in cells.tolist():
        painted[boxes[cell]] = image.backdrop
    return painted


def randomise_head(bundle: ModelBundle, folder: Path, seed: int) -> NeuralClassifier:
    """Return the network of a bundle with a random last layer; its file is written to a folder."""
    model, rng = onnx.load_from_string(bundle.read_weights()), np.random.default_rng(seed)
    (head,) = (each for each in model.graph.initializer if each.name == HEAD)
    weights = rng.permuted(numpy_helper.to_array(head), axis=1).astype(np.int16)
    weights = (weights * rng.choice((-1, 1), weights.shape)).clip(-127, 127).astype(np.int8)
    head.CopyFrom(numpy_helper.from_array(weights, HEAD))
    path = folder / f"random-{seed}.onnx"
    onnx.save(model, path)
    data = path.read_bytes()
    digest = hashlib.sha256(data).hexdigest()
    return NeuralClassifier(replace(bundle, weights=path, sha256=digest))


def likeness(network: NeuralClassifier, other: NeuralClassifier, image: LoadedImage) -> float:
    """Return the correlation, either way (0-1), of two networks' maps of one picture."""
    maps = []
    for each in (network, other):
        _, evidence = each.predict_with_evidence(image)
        if evidence is None:
            raise ValueError(f"{each.bundle.name} {each.bundle.version} gives no map")
        maps.append(next(maps_of(evidence, each.bundle)).cells.ravel())
    ours, theirs = maps
    return abs(float(np.corrcoef(ours, theirs)[0, 1]))


def lean(network: NeuralClassifier, image: LoadedImage) -> NDArray[np.float64]:
    """Return how many cells down and right a map lies of where it should, shape (2,).

    The picture is turned by half: what a map moves then beyond the turn is not of the picture.
    """
    turned = replace(image, pixels=np.ascontiguousarray(image.pixels[::-1, ::-1]))
    centres = []
    for each in (image, turned):
        _, evidence = network.predict_with_evidence(each)
        if evidence is None:
            raise ValueError(f"{network.bundle.name} {network.bundle.version} gives no map")
        cells = np.abs(next(maps_of(evidence, network.bundle)).cells)
        places = np.indices(cells.shape) - (np.array(cells.shape)[:, None, None] - 1) / 2
        centres.append((places * cells).sum(axis=(1, 2)) / cells.sum())
    shift: NDArray[np.float64] = np.mean(centres, axis=0)
    return shift


def summarise(found: Sequence[Deletion]) -> list[str]:
    """Return a table: the mean of each order, and how often the map beats it."""
    whole = [each.whole for each in found]
    rows = [each.by_order for each in found]
    lines = [
        f"{len(rows)} pictures, mean score {np.mean(whole):.2f}",
        "order         mean score left  map is better on",
    ]
    for name in ORDERS:
        mean = np.mean([row[name] for row in rows])
        wins = np.mean([row["map"] < row[name] for row in rows])
        lines.append(f"{name:13} {mean:15.2f}  " + ("" if name == "map" else f"{wins:.0%}"))
    return lines


def main() -> None:
    """Print what the maps of the shipped network are worth."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=Path("data"))
    parser.add_argument("--split", default="train")
    parser.add_argument("--pictures", type=int, default=25, help="of each type (default: 25)")
    asked = parser.parse_args()
    examples = read_examples(asked.data, asked.split)
    network = NeuralClassifier(load_bundle(shipped()))
    images = []
    for kind in LogoType:
        of_kind = [example.path for example in examples if example.logo_type is kind]
        step = max(1, len(of_kind) // asked.pictures)
        images += [load_image(path) for path in of_kind[::step][: asked.pictures]]
    deletions = [delete(network, image, seed) for seed, image in enumerate(images)]
    print("\n".join(summarise([each for each in deletions if each])))
    with TemporaryDirectory() as folder:
        others = [randomise_head(network.bundle, Path(folder), seed) for seed in range(_HEADS)]
        alike = [likeness(network, others[at % _HEADS], image) for at, image in enumerate(images)]
    print(f"median likeness to the map of a random head: {np.median(alike):.2f} (0 to 1)")
    down, right = np.median([lean(network, image) for image in images], axis=0)
    print(f"maps lie {down:+.2f} cells down and {right:+.2f} cells right of the picture (median)")


if __name__ == "__main__":
    main()
