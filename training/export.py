"""Export a trained checkpoint as the ONNX bundle that the service loads.

    python -m training.export --data data --run runs/logo-type --out models/logo-type/1.0.0

The graph takes uint8 pixels (n, side, side, 3). A float32 bundle goes into `float32` below the
run, to compare with, and one of 8-bit integers to where it serves from. The largest difference
of the former from PyTorch is printed.
"""

from __future__ import annotations

import argparse
import hashlib
import json
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.special import softmax
from torch import Tensor, nn

from app.classification.neural import NeuralClassifier
from app.classification.registry import load_bundle
from app.classification.types import LogoType, Trait
from training import model
from training.quantise import measuring_squares, quantise

WEIGHTS = "model.onnx"
FLOAT_BUNDLE = "float32"
"""Folder below a run that holds the network as it was before quantisation."""


class Exported(nn.Module):
    """Put the scaling of pixels inside the graph."""

    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        self.network = network

    def forward(self, pixels: Tensor) -> Tensor:
        """Return the logits (n, 7) of uint8 pixels (n, side, side, 3)."""
        logits: Tensor = self.network(model.scale_pixels(pixels))
        return logits


def read_checkpoint(path: Path) -> tuple[nn.Module, int]:
    """Return the trained network in evaluation mode and the side of its input in pixels."""
    checkpoint = torch.load(path, map_location="cpu", weights_only=True)
    network = model.untrained()
    network.load_state_dict(checkpoint["state_dict"])
    return network.eval(), int(checkpoint["input_side_px"])


def write_graph(network: nn.Module, side_px: int, path: Path) -> None:
    """Write the network as ONNX with a batch axis of any length."""
    pixels = torch.zeros((2, side_px, side_px, 3), dtype=torch.uint8)
    torch.onnx.export(
        Exported(network).eval(),
        (pixels,),
        path,
        input_names=["pixels"],
        output_names=["logits"],
        dynamic_shapes={"pixels": {0: torch.export.Dim("batch")}},
        dynamo=True,
        external_data=False,
        verbose=False,
    )


def largest_difference(network: nn.Module, bundle: Path, pixels: NDArray[np.uint8]) -> float:
    """Return the largest difference of type probabilities between PyTorch and the bundle."""
    exported = NeuralClassifier(load_bundle(bundle)).logits_of(pixels)
    original = model.predict_logits(network, torch.from_numpy(pixels)).numpy()
    shares = [softmax(logits[:, : model.TYPES], axis=1) for logits in (exported, original)]
    return float(np.abs(shares[0] - shares[1]).max())


def describe(path: Path, side_px: int, name: str, version: str) -> dict[str, Any]:
    """Return the contents of `config.json` for an exported network."""
    return {
        "name": name,
        "version": version,
        "architecture": model.ARCHITECTURE,
        "weights": path.name,
        "sha256": hashlib.sha256(path.read_bytes()).hexdigest(),
        "types": [kind.value for kind in LogoType],
        "traits": [trait.value for trait in Trait],
        "input": {"side_px": side_px, "layout": "uint8, (n, side, side, 3), RGB"},
    }


def export(data: Path, run: Path, out: Path) -> float:
    """Write both bundles; return the float one's largest difference from PyTorch, a probability."""
    network, side_px = read_checkpoint(run / "model.pth")
    exact = run / FLOAT_BUNDLE
    for bundle in (exact, out):
        bundle.mkdir(parents=True, exist_ok=True)
    write_graph(network, side_px, exact / WEIGHTS)
    quantise(exact / WEIGHTS, out / WEIGHTS, measuring_squares(data, side_px))
    for bundle in (exact, out):
        config = describe(bundle / WEIGHTS, side_px, out.parent.name, out.name)
        (bundle / "config.json").write_text(json.dumps(config, indent=2) + "\n")
    pixels = np.random.default_rng(0).integers(0, 256, (16, side_px, side_px, 3), np.uint8)
    smooth = np.sort(pixels, axis=2)  # ramps, which noise alone would not cover
    return largest_difference(network, exact, np.concatenate([pixels, smooth]))


def main() -> None:
    """Run the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder of labels.csv and images/")
    parser.add_argument("--run", type=Path, required=True, help="folder of model.pth")
    parser.add_argument("--out", type=Path, required=True, help="models/<name>/<version>")
    arguments = parser.parse_args()
    difference = export(arguments.data, arguments.run, arguments.out)
    print(f"largest difference of probabilities from PyTorch: {difference:.6f}")


if __name__ == "__main__":
    main()
