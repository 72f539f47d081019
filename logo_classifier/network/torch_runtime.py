"""Run a network in PyTorch, which is imported only for a `.pth` file."""

from __future__ import annotations

import pickle
from collections.abc import Callable
from io import BytesIO
from typing import Any

from logo_classifier.errors import ModelUnavailable
from logo_classifier.network.bundle import ModelBundle
from logo_classifier.network.runtime import IMAGENET_MEAN, IMAGENET_STD, Evidence, Logits, scale
from logo_classifier.pictures.pixels import Pixels

_ONNX_ALONE = "logo-vit"
"""The architecture of ours that is served as ONNX alone: its layers are code of the training."""

LITE_MEAN, LITE_STD = (127 / 255,) * 3, (128 / 255,) * 3
"""EfficientNet-Lite is trained on (x - 127) / 128 (tensorflow/tpu, efficientnet/lite)."""


class _Misfit(Exception):
    """Report weights that are not those of the architecture."""


class TorchRuntime:
    """A PyTorch network, EfficientNet-Lite or one of torchvision, on a GPU if there is one.

    The file holds a state dict, or a dict with `state_dict` and `architecture`.
    """

    def __init__(self, bundle: ModelBundle) -> None:
        try:
            import torch  # noqa: PLC0415 - takes seconds and 670 MB
        except ImportError as error:
            raise ModelUnavailable(
                "a .pth model needs PyTorch: install the extra `torch`"
            ) from error
        self._torch = torch
        self._device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
        try:
            saved = torch.load(
                BytesIO(bundle.read_weights()), map_location="cpu", weights_only=True
            )
            module, mean, std = _build(bundle, saved)
            self._module = module.eval().to(self._device)
        except _Misfit as error:
            raise ModelUnavailable(f"{bundle.weights.name} {error}") from error
        except (OSError, RuntimeError, ValueError, KeyError, EOFError, ImportError) as error:
            raise ModelUnavailable(f"{bundle.weights.name} is not a network that loads") from error
        except (AttributeError, TypeError, IndexError, pickle.UnpicklingError) as error:
            raise ModelUnavailable(f"{bundle.weights.name} holds no state dict") from error
        self._mean, self._std = mean, std

    def run(self, pixels: Pixels) -> Logits:
        """Return the logits; raise ModelUnavailable if the network fails."""
        torch = self._torch
        values = torch.from_numpy(scale(pixels, self._mean, self._std))
        try:
            with torch.inference_mode():
                logits: Logits = self._module(values.to(self._device)).float().cpu().numpy()
        except RuntimeError as error:
            raise ModelUnavailable("the network failed on this picture") from error
        return logits

    def run_for_evidence(self, square: Pixels) -> Evidence | None:
        """Return None: only graphs of ONNX are searched for their last layers."""
        return None


def _build(bundle: ModelBundle, saved: dict[str, Any]) -> tuple[Any, Any, Any]:
    """Return the module of a state dict, and the mean and deviation of its training data."""
    if _ONNX_ALONE in (bundle.architecture, saved.get("architecture")):
        raise _Misfit(f"is of {_ONNX_ALONE}, which is served as ONNX alone: export it")
    state = saved.get("state_dict", saved)
    lite = "_conv_stem.weight" in state
    default = "efficientnet-lite0" if lite else "efficientnet_b0"
    architecture = bundle.architecture or saved.get("architecture") or default
    outputs = len(state["_fc.bias"] if lite else list(state.values())[-1])
    try:
        module = _constructor(architecture, lite)(num_classes=outputs)
        module.load_state_dict(state)
    except (RuntimeError, ValueError, KeyError, AssertionError) as error:
        named = bundle.architecture or saved.get("architecture")
        said = "is named" if named else "is assumed where nothing is named"
        raise _Misfit(
            f"does not fit {architecture}, which {said}: set `architecture` in config.json to the "
            "network that it is, such as resnet18"
        ) from error
    mean, std = (LITE_MEAN, LITE_STD) if lite else (IMAGENET_MEAN, IMAGENET_STD)
    return module, bundle.mean or mean, bundle.std or std


def _constructor(architecture: str, lite: bool) -> Callable[..., Any]:
    if lite:
        from efficientnet_lite_pytorch import EfficientNet  # noqa: PLC0415 - imports torch

        return lambda num_classes: EfficientNet.from_name(architecture, num_classes=num_classes)
    from torchvision import models  # noqa: PLC0415 - imports torch

    # Models for detection and segmentation would download a backbone even without weights.
    if architecture.lower() not in models.list_models(module=models):
        raise ValueError(f"{architecture} is not a classifier of torchvision")
    return lambda num_classes: models.get_model(architecture, weights=None, num_classes=num_classes)
