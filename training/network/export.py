"""Export a trained checkpoint as the ONNX bundle that the service loads.

    python -m training.network.export --data data --run runs/logo-type --out runs/logo-type/remade

The graph takes uint8 pixels (n, side, side, 3). Its first output is `logits` (n, 7); that of a
vision transformer has a second one, `uncertainty` (n,) in 0-1, which the service does not read.
A float32 bundle for comparison goes into
`float32` below the run, and the bundle with 8-bit integers (post-training quantisation) into
`--out`. The differences between PyTorch and float32, and between float32 and 8 bits, are printed.
"""

from __future__ import annotations

import argparse
import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import torch
from numpy.typing import NDArray
from scipy.special import log_softmax, softmax
from torch import Tensor, nn

from logo_classifier.network.bundle import CONFIG, load_bundle
from logo_classifier.network.neural import NeuralClassifier
from logo_classifier.values import LogoType, Trait
from training.network import model, vit
from training.network.quantise import fitted_squares, quantise
from training.network.start import WEIGHTS
from training.sealing import forget_fit, write_part

UNCERTAINTY = "uncertainty"
"""Name of the second output of a graph that has one."""

_LOGITS = model.TYPES + model.TRAITS

FLOAT_BUNDLE = "float32"
"""Folder below a run with the bundle before quantisation."""


@dataclass(frozen=True)
class Fidelity:
    """The differences between the exported networks and their originals.

    `largest_difference` is between type probabilities of PyTorch and of the float32 graph.
    `divergence` is the mean Kullback-Leibler divergence, in nats, of the 8-bit graph from the
    float32 graph. `changed_share` is the share (0-1) of pictures whose type changes.
    """

    largest_difference: float
    divergence: float
    changed_share: float


class Exported(nn.Module):
    """A network that includes the scaling of pixels."""

    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        self.network = network

    def forward(self, pixels: Tensor) -> tuple[Tensor, ...]:
        """Return the logits (n, 7) of uint8 pixels (n, side, side, 3), and the uncertainty (n,)."""
        logits: Tensor = self.network(model.scale_pixels(pixels))
        if model.architecture_of(self.network) != vit.ARCHITECTURE:
            return (logits,)
        return logits[:, :_LOGITS], logits[:, _LOGITS].sigmoid()


def write_graph(network: nn.Module, side_px: int, path: Path) -> None:
    """Write the network as ONNX with a dynamic batch axis."""
    pixels = torch.zeros((2, side_px, side_px, 3), dtype=torch.uint8)
    torch.onnx.export(
        Exported(network).eval(),
        (pixels,),
        path,
        input_names=["pixels"],
        output_names=_outputs_of(network),
        dynamic_shapes={"pixels": {0: torch.export.Dim("batch")}},
        dynamo=True,
        external_data=False,
        verbose=False,
    )
    _forget_origin(path)


def _outputs_of(network: nn.Module) -> list[str]:
    is_vit = model.architecture_of(network) == vit.ARCHITECTURE
    return ["logits", UNCERTAINTY] if is_vit else ["logits"]


def _forget_origin(path: Path) -> None:
    """Remove the exporter's metadata from a graph: stack traces with paths of this machine."""
    graph = onnx.load(path)
    for part in (graph, graph.graph, *graph.graph.node, *graph.graph.value_info):
        del part.metadata_props[:]
    onnx.save(graph, path)


def largest_difference(network: nn.Module, bundle: Path, pixels: NDArray[np.uint8]) -> float:
    """Return the largest difference of type probabilities between PyTorch and the bundle."""
    exported = NeuralClassifier(load_bundle(bundle)).logits_of(pixels)
    original = model.predict_logits(network, torch.from_numpy(pixels)).numpy()
    shares = [softmax(logits[:, : model.TYPES], axis=1) for logits in (exported, original)]
    return float(np.abs(shares[0] - shares[1]).max())


def describe(
    path: Path, side_px: int, name: str, version: str, architecture: str
) -> dict[str, Any]:
    """Return the contents of `config.json` for an exported network."""
    return {
        "name": name,
        "version": version,
        "architecture": architecture,
        "weights": path.name,
        "types": [kind.value for kind in LogoType],
        "traits": [trait.value for trait in Trait],
        "input": {"side_px": side_px, "layout": "uint8, (n, side, side, 3), RGB"},
    }


def divergence(exact: Path, other: Path, squares: NDArray[np.uint8]) -> tuple[float, float]:
    """Return the mean Kullback-Leibler divergence (nats) of two bundles, and the changed share."""
    logits = [NeuralClassifier(load_bundle(bundle)).logits_of(squares) for bundle in (exact, other)]
    exact_logs, other_logs = (log_softmax(row[:, : model.TYPES], axis=1) for row in logits)
    nats = (np.exp(exact_logs) * (exact_logs - other_logs)).sum(axis=1)
    changed = exact_logs.argmax(axis=1) != other_logs.argmax(axis=1)
    return float(nats.mean()), float(changed.mean())


def export(data: Path, run: Path, out: Path) -> Fidelity:
    """Write both bundles; return how much they differ from their originals."""
    network, side_px = model.read_checkpoint(run / "model.pth")
    exact = run / FLOAT_BUNDLE
    for bundle in (exact, out):
        bundle.mkdir(parents=True, exist_ok=True)
        forget_fit(bundle)
    write_graph(network, side_px, exact / WEIGHTS)
    squares = fitted_squares(data, side_px)
    architecture = model.architecture_of(network)
    is_vit = architecture == vit.ARCHITECTURE
    quantise(exact / WEIGHTS, out / WEIGHTS, squares[::2], convolutions_alone=is_vit)
    for bundle in (exact, out):
        config = describe(bundle / WEIGHTS, side_px, out.parent.name, out.name, architecture)
        write_part(bundle, CONFIG, json.dumps(config, indent=2) + "\n")
    pixels = np.random.default_rng(0).integers(0, 256, (16, side_px, side_px, 3), np.uint8)
    smooth = np.sort(pixels, axis=2)  # ramps, because noise alone is not enough
    difference = largest_difference(network, exact, np.concatenate([pixels, smooth]))
    return Fidelity(difference, *divergence(exact, out, squares[1::2]))


def main() -> None:
    """Run the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder of labels.csv and images/")
    parser.add_argument("--run", type=Path, required=True, help="folder of model.pth")
    parser.add_argument("--out", type=Path, required=True, help="models/<name>/<version>")
    arguments = parser.parse_args()
    print(json.dumps(asdict(export(arguments.data, arguments.run, arguments.out)), indent=2))


if __name__ == "__main__":
    main()
