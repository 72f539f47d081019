"""Post-training static quantisation of a float32 graph to 8-bit integers, twice as fast on CPUs.

Weights have one scale per channel, activations one scale per tensor (Jacob et al., 2018,
arXiv 1712.05877). The ranges of activations are measured on training pictures. Weights take 7 of
the 8 bits: the sums of two products then fit into 16 bits, and processors without VNNI, which add
them so, answer like all others.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import onnx
from numpy.typing import NDArray
from onnxruntime.quantization import (
    CalibrationDataReader,
    CalibrationMethod,
    QuantFormat,
    QuantType,
    quantize_static,
)
from onnxruntime.quantization.shape_inference import quant_pre_process
from tqdm import tqdm

from logo_classifier.pictures.image import fit_square, load_image
from training.labels.dataset import HELD_OUT_FOLD, TRAINING_SPLITS, folds_of, read_labels

PICTURES = 256
"""Number of pictures for the ranges of activations, and also for the comparison."""

_FLOAT_CONVOLUTIONS = 6
"""The stem and the first two blocks stay float32. The first depthwise convolution amplifies
differences of one or two levels. Fades consist of such differences, and 8 bits lose them."""


def quantise(
    graph: Path, out: Path, squares: NDArray[np.uint8], *, convolutions_alone: bool = False
) -> None:
    """Write the graph with integer weights and activations.

    `squares`, the calibration data, are uint8 RGB, shape (n, side, side, 3). With
    `convolutions_alone` all that follows the last convolution stays float32, such as the attention
    of a vision transformer, whose activations spread too far for one scale per tensor (Bondarenko
    et al., 2021, arXiv 2109.12948).
    """
    with tempfile.TemporaryDirectory() as folder:
        folded = Path(folder) / "folded.onnx"
        quant_pre_process(graph, folded, skip_symbolic_shape=True)
        loaded = onnx.load(folded)
        exact = first_nodes(loaded, _FLOAT_CONVOLUTIONS)
        if convolutions_alone:
            exact += nodes_after_convolutions(loaded)
        quantize_static(
            folded,
            out,
            _Reader(squares),
            quant_format=QuantFormat.QDQ,
            per_channel=True,
            activation_type=QuantType.QUInt8,
            weight_type=QuantType.QInt8,
            reduce_range=True,
            nodes_to_exclude=exact,
            calibrate_method=CalibrationMethod.MinMax,
        )


def first_nodes(graph: onnx.ModelProto, convolutions: int) -> list[str]:
    """Return the names of the nodes up to and including the given number of convolutions."""
    names: list[str] = []
    for node in graph.graph.node:
        if not convolutions:
            break
        names.append(node.name)
        convolutions -= node.op_type == "Conv"
    return names


def nodes_after_convolutions(graph: onnx.ModelProto) -> list[str]:
    """Return the names of the nodes after the last convolution."""
    kinds = [node.op_type for node in graph.graph.node]
    last = max(index for index, kind in enumerate(kinds) if kind == "Conv")
    return [node.name for node in graph.graph.node[last + 1 :]]


def fitted_squares(data: Path, side_px: int) -> NDArray[np.uint8]:
    """Return squares, shape (n, side, side, 3), of `train` pictures that networks are fitted on.

    One half is for measuring ranges, the other half for comparing graphs.
    """
    examples = read_labels(data, *TRAINING_SPLITS)
    fitted = folds_of(examples) != HELD_OUT_FOLD
    usable = [e for e, own in zip(examples, fitted, strict=True) if own and e.split == "train"]
    chosen = np.random.default_rng(0).permutation(len(usable))[: 2 * PICTURES]
    return np.stack([fit_square(load_image(usable[index].path), side_px) for index in chosen])


class _Reader(CalibrationDataReader):  # type: ignore[misc]  # ONNX Runtime has no types
    """A reader of calibration data that yields one square at a time."""

    def __init__(self, squares: NDArray[np.uint8]) -> None:
        self._squares: Iterator[NDArray[np.uint8]] = iter(tqdm(squares, desc="ranges", unit="img"))

    def get_next(self) -> dict[str, NDArray[np.uint8]] | None:
        """Return the next input of the graph, None after the last."""
        square = next(self._squares, None)
        return None if square is None else {"pixels": square[None]}
