"""Build networks of a few hundred bytes, and the bundles that hold them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from logo_classifier.values import LogoType, Trait

SIDE_PX = 32
_OPSET, _IR_VERSION = 13, 8

Matrix = Sequence[Sequence[float]]


def write_uint8_network(
    path: Path,
    bias: Sequence[float],
    weights: Matrix | None = None,
    *,
    brittle: bool = False,
    batch: int | str = "n",
    side_px: int | None = None,
    extra_input: bool = False,
) -> Path:
    """Write `mean colour (0-255) x weights + bias` over uint8 pixels (n, side, side, 3).

    `brittle` adds the root of minus the mean colour, which is a number for black alone;
    `batch` and `side_px` fix what a pass takes; `extra_input` asks for one thing more.
    """
    outputs = len(bias)
    nodes = [
        helper.make_node("Cast", ["pixels"], ["values"], to=TensorProto.FLOAT),
        helper.make_node("ReduceMean", ["values"], ["colour"], axes=[1, 2], keepdims=0),
    ]
    if brittle:
        nodes += [
            helper.make_node("Neg", ["colour"], ["negative"]),
            helper.make_node("Sqrt", ["negative"], ["root"]),
        ]
    source = "root" if brittle else "colour"
    nodes.append(helper.make_node("Gemm", [source, "weights", "bias"], ["logits"]))
    shape = [batch, side_px or "height", side_px or "width", 3]
    pixels = helper.make_tensor_value_info("pixels", TensorProto.UINT8, shape)
    inputs = [pixels]
    if extra_input:
        inputs.append(helper.make_tensor_value_info("threshold", TensorProto.FLOAT, [1]))
    return _write(path, nodes, inputs, _matrix(weights, outputs), bias)


def write_float_network(
    path: Path, bias: Sequence[float], weights: Matrix | None = None, *, wide: bool = False
) -> Path:
    """Write `mean channel x weights + bias` over float pixels (n, 3, side, side).

    `wide` takes float64 instead, which no runtime here is given.
    """
    kind = TensorProto.DOUBLE if wide else TensorProto.FLOAT
    nodes = [
        helper.make_node("Cast", ["pixels"], ["values"], to=TensorProto.FLOAT),
        helper.make_node("ReduceMean", ["values"], ["colour"], axes=[2, 3], keepdims=0),
        helper.make_node("Gemm", ["colour", "weights", "bias"], ["logits"]),
    ]
    pixels = helper.make_tensor_value_info("pixels", kind, ["n", 3, "height", "width"])
    return _write(path, nodes, [pixels], _matrix(weights, len(bias)), bias)


def write_bundle(
    folder: Path,
    bias: Sequence[float] = (0, 0, 0, 0, 0, 0, 0),
    matrix: Matrix | None = None,
    *,
    rules: Mapping[str, Any] | None = None,
    calibration: Mapping[str, Any] | None = None,
    policy: Mapping[str, Any] | None = None,
    **config: Any,
) -> Path:
    """Write a whole bundle around a uint8 network; `config` overrides its description."""
    folder.mkdir(parents=True, exist_ok=True)
    path = write_uint8_network(folder / "model.onnx", bias, matrix)
    parts = {"rules.json": rules, "calibration.json": calibration, "policy.json": policy}
    for name, part in parts.items():
        if part is not None:
            (folder / name).write_text(json.dumps(part), "utf-8")
    describe(folder, path, **config)
    return folder


def describe(folder: Path, file: Path, **config: Any) -> Path:
    """Write the `config.json` of a bundle; `config` overrides single entries of it."""
    parts = [file, *(folder / f"{name}.json" for name in ("rules", "calibration", "policy"))]
    described = {
        "name": "tiny",
        "version": "0.1.0",
        "weights": file.name,
        "sha256": {
            part.name: hashlib.sha256(part.read_bytes()).hexdigest()
            for part in parts
            if part.is_file()
        },
        "types": [kind.value for kind in LogoType],
        "traits": [trait.value for trait in Trait],
        "input": {"side_px": SIDE_PX},
    }
    path = folder / "config.json"
    path.write_text(json.dumps({**described, **config}), "utf-8")
    return path


def colour_squares(*colours: tuple[int, int, int]) -> NDArray[np.uint8]:
    """Return one even square (side, side, 3) a colour, stacked."""
    squares = np.empty((len(colours), SIDE_PX, SIDE_PX, 3), np.uint8)
    for square, colour in zip(squares, colours, strict=True):
        square[:] = colour
    return squares


def _matrix(weights: Matrix | None, outputs: int) -> NDArray[np.float32]:
    return np.zeros((3, outputs), np.float32) if weights is None else np.array(weights, np.float32)


def _write(
    path: Path,
    nodes: Sequence[onnx.NodeProto],
    inputs: Sequence[onnx.ValueInfoProto],
    weights: NDArray[np.float32],
    bias: Sequence[float],
) -> Path:
    logits = helper.make_tensor_value_info("logits", TensorProto.FLOAT, [None, len(bias)])
    numbers = [
        numpy_helper.from_array(weights, "weights"),
        numpy_helper.from_array(np.array(bias, np.float32), "bias"),
    ]
    graph = helper.make_graph(nodes, "tiny", inputs, [logits], numbers)
    opsets = [helper.make_opsetid("", _OPSET)]
    model = helper.make_model(graph, opset_imports=opsets, ir_version=_IR_VERSION)
    onnx.checker.check_model(model)
    onnx.save(model, str(path))
    return path
