"""Export a trained checkpoint as the ONNX bundle that the service loads.

    python -m training.export --run runs/logo-type --out models/logo-type/1.0.0

The graph takes uint8 pixels (n, side, side, 3); its weights are stored as float16 and
computed with as float32. The largest difference from PyTorch is printed.
"""

from __future__ import annotations

import argparse
import hashlib
import json
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import torch
from numpy.typing import NDArray
from scipy.special import softmax
from torch import Tensor, nn

from app.classification.neural import NeuralClassifier
from app.classification.registry import load_bundle
from app.classification.types import LogoType, Trait
from training import model

WEIGHTS = "model.onnx"
_HALVED_FROM_ELEMENTS = 64


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
    graph = onnx.load(path)
    halve_weights(graph)
    onnx.checker.check_model(graph)
    onnx.save(graph, path)


def halve_weights(graph: onnx.ModelProto) -> None:
    """Store large float32 weights as float16 behind a cast, which halves the file."""
    kept, casts = [], []
    for weight in graph.graph.initializer:
        values = onnx.numpy_helper.to_array(weight)
        if values.dtype != np.float32 or values.size < _HALVED_FROM_ELEMENTS:
            kept.append(weight)
            continue
        name = f"{weight.name}.half"
        kept.append(onnx.numpy_helper.from_array(values.astype(np.float16), name))
        casts.append(
            onnx.helper.make_node("Cast", [name], [weight.name], to=onnx.TensorProto.FLOAT)
        )
    nodes = [*casts, *graph.graph.node]
    del graph.graph.initializer[:], graph.graph.node[:]
    graph.graph.initializer.extend(kept)
    graph.graph.node.extend(nodes)


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


def export(run: Path, out: Path) -> float:
    """Write the bundle; return the largest difference of probabilities from PyTorch."""
    out.mkdir(parents=True, exist_ok=True)
    network, side_px = read_checkpoint(run / "model.pth")
    path = out / WEIGHTS
    write_graph(network, side_px, path)
    config = describe(path, side_px, out.parent.name, out.name)
    (out / "config.json").write_text(json.dumps(config, indent=2) + "\n")
    pixels = np.random.default_rng(0).integers(0, 256, (16, side_px, side_px, 3), np.uint8)
    smooth = np.sort(pixels, axis=2)  # ramps, which noise alone would not cover
    return largest_difference(network, out, np.concatenate([pixels, smooth]))


def main() -> None:
    """Run the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--run", type=Path, required=True, help="folder of model.pth")
    parser.add_argument("--out", type=Path, required=True, help="models/<name>/<version>")
    arguments = parser.parse_args()
    difference = export(arguments.run, arguments.out)
    print(f"largest difference of probabilities from PyTorch: {difference:.6f}")


if __name__ == "__main__":
    main()
