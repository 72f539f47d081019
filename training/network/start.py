"""Start a network from the published weights of an earlier version, instead of from ImageNet's.

A published graph has its batch normalisations folded into the convolutions (Jacob et al., 2018,
arXiv 1712.05877, section 3.2). They are unfolded here: each gets the statistics of pictures, and
the scale and shift that undo them.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import numpy as np
import onnx
import torch
from numpy.typing import NDArray
from onnx import numpy_helper
from torch import Tensor, nn

from training.network import model

WEIGHTS = "model.onnx"
_PREFIX = "network."

Floats = NDArray[np.float32]
Values = dict[str, onnx.TensorProto]


def start_from(module: nn.Module, graph: Path, batches: Iterable[Tensor]) -> None:
    """Set the weights of the layers that a published graph has, too; the others stay.

    `batches` are uint8 squares (n, side, side, 3), on which the batch normalisations measure.
    """
    values = {each.name: each for each in onnx.load(graph).graph.initializer}
    layers = dict(module.named_modules())
    unfolded: dict[nn.BatchNorm2d, Tensor] = {}
    for name, norm in _pairs(module):
        layer = layers[name]
        weight = _weight(values, f"{_PREFIX}{name}.weight")
        if weight is None or weight.shape != tuple(layer.weight.shape):
            continue
        bias = _bias(values, f"{_PREFIX}{name}.weight_bias")
        with torch.no_grad():
            layer.weight.copy_(torch.from_numpy(weight))
            unfolded[norm] = torch.from_numpy(bias)
            _pass_through(norm, unfolded[norm])
    for name, layer in layers.items():
        if isinstance(layer, nn.Linear):
            _copy_linear(layer, values, f"{_PREFIX}{name}")
    _measure(module, unfolded, batches)


def _copy_linear(layer: nn.Linear, values: Values, name: str) -> None:
    weight = _weight(values, f"{name}.weight")
    if weight is None or weight.shape != tuple(layer.weight.shape):
        return
    with torch.no_grad():
        layer.weight.copy_(torch.from_numpy(weight))
        layer.bias.copy_(torch.from_numpy(_bias(values, f"{name}.bias")))


def _pairs(module: nn.Module) -> list[tuple[str, nn.BatchNorm2d]]:
    """Return the name of each convolution with the batch normalisation that follows it."""
    found, last = [], ""
    for name, layer in module.named_modules():
        if isinstance(layer, nn.Conv2d):
            last = name
        elif isinstance(layer, nn.BatchNorm2d):
            found.append((last, layer))
    return found


def _weight(values: Values, name: str) -> Floats | None:
    """Return a weight as float32; None if the graph has none of this name."""
    if name in values:
        return np.array(numpy_helper.to_array(values[name]), np.float32)
    if f"{name}_quantized" not in values:
        return None
    return _dequantised(values, name, f"{name}_scale")


def _bias(values: Values, name: str) -> Floats:
    if name in values:
        return np.array(numpy_helper.to_array(values[name]), np.float32)
    return _dequantised(values, name, f"{name}_quantized_scale")


def _dequantised(values: Values, name: str, scale: str) -> Floats:
    whole = numpy_helper.to_array(values[f"{name}_quantized"]).astype(np.float32)
    scales = numpy_helper.to_array(values[scale]).astype(np.float32)
    return whole * scales.reshape(-1, *[1] * (whole.ndim - 1))


def _pass_through(norm: nn.BatchNorm2d, bias: Tensor) -> None:
    norm.running_mean = torch.zeros_like(bias)
    norm.running_var = torch.full_like(bias, 1 - norm.eps)
    nn.init.ones_(norm.weight)
    norm.bias.copy_(bias)


def _measure(
    module: nn.Module, unfolded: dict[nn.BatchNorm2d, Tensor], batches: Iterable[Tensor]
) -> None:
    """Give the batch normalisations the statistics of pictures, and change no output by it."""
    sums = {norm: torch.zeros(3, norm.num_features, dtype=torch.float64) for norm in unfolded}

    def add(norm: nn.Module, inputs: tuple[Tensor]) -> None:
        channels = inputs[0].double().transpose(0, 1).flatten(1)
        assert isinstance(norm, nn.BatchNorm2d)
        sums[norm] += torch.stack(
            [
                channels.sum(1),
                channels.square().sum(1),
                torch.full((len(channels),), channels.shape[1]).double(),
            ]
        )

    hooks = [norm.register_forward_pre_hook(add) for norm in unfolded]
    for pixels in batches:
        model.predict_logits(module, pixels)
    for hook in hooks:
        hook.remove()
    with torch.no_grad():
        for norm, bias in unfolded.items():
            total, squares, count = sums[norm]
            mean = total / count
            variance = squares / count - mean**2
            norm.running_mean, norm.running_var = mean.float(), variance.float()
            norm.weight.copy_((variance + norm.eps).sqrt())
            norm.bias.copy_(bias + mean)
