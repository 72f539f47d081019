"""Run a network: the only module that imports an inference runtime.

PyTorch is imported only when a `.pth` asks for it; the service itself does without.
"""

from __future__ import annotations

import os
import pickle
from collections.abc import Callable
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from app.classification.errors import ModelUnavailable
from app.classification.image import Pixels
from app.classification.registry import ModelBundle

# Read when ONNX Runtime is imported, which otherwise leaves a device id in the home folder and
# reports to its vendor.
os.environ["ORT_DISABLE_TELEMETRY"] = "1"

import onnxruntime
from onnxruntime.capi import onnxruntime_pybind11_state as ort_errors

Logits = NDArray[np.float32]

IMAGENET_MEAN, IMAGENET_STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
LITE_MEAN, LITE_STD = (127 / 255,) * 3, (128 / 255,) * 3
"""EfficientNet-Lite is trained on (x - 127) / 128 (tensorflow/tpu, efficientnet/lite)."""

# ONNX Runtime's errors share no base class of their own.
_ORT_ERRORS = (
    ort_errors.EPFail,
    ort_errors.Fail,
    ort_errors.InvalidArgument,
    ort_errors.InvalidGraph,
    ort_errors.InvalidProtobuf,
    ort_errors.ModelRequiresCompilation,
    ort_errors.NoModel,
    ort_errors.NoSuchFile,
    ort_errors.NotImplemented,
    ort_errors.RuntimeException,
)


class Runtime(Protocol):
    """Map uint8 RGB squares, shape (n, side, side, 3), to logits, shape (n, outputs)."""

    def run(self, pixels: Pixels) -> Logits:
        """Return the logits; raise ModelUnavailable if the network fails."""
        ...


def open_runtime(bundle: ModelBundle, threads: int) -> Runtime:
    """Load the weights of a bundle; raise ModelUnavailable if they do not load."""
    return TorchRuntime(bundle) if bundle.runtime == "torch" else OnnxRuntime(bundle, threads)


def scale(pixels: Pixels, mean: tuple[float, ...], std: tuple[float, ...]) -> Logits:
    """Return the pixels as float32 (n, 3, side, side), normalised channel by channel."""
    values = pixels.astype(np.float32) / 255
    values = (values - np.array(mean, np.float32)) / np.array(std, np.float32)
    return np.ascontiguousarray(values.transpose(0, 3, 1, 2), np.float32)


class OnnxRuntime:
    """Run a network in ONNX Runtime on the CPU with a bounded number of threads.

    Pictures pass one at a time: together they would not be faster on a CPU, and the runtime
    keeps the memory of the largest batch it ever saw.
    """

    def __init__(self, bundle: ModelBundle, threads: int) -> None:
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        options.inter_op_num_threads = 1
        options.log_severity_level = 3
        try:
            self._session = onnxruntime.InferenceSession(
                str(bundle.weights), options, providers=["CPUExecutionProvider"]
            )
        except _ORT_ERRORS as error:
            raise ModelUnavailable(f"{bundle.weights.name} is not a network that loads") from error
        inputs = self._session.get_inputs()
        if len(inputs) != 1:
            raise ModelUnavailable(f"the network has {len(inputs)} inputs; one is expected")
        self._input = inputs[0]
        self._mean, self._std = bundle.mean, bundle.std

    def run(self, pixels: Pixels) -> Logits:
        """Return the logits; raise ModelUnavailable if the network fails."""
        values: Any = pixels
        if self._input.type != "tensor(uint8)":
            values = scale(pixels, self._mean or IMAGENET_MEAN, self._std or IMAGENET_STD)
        return np.concatenate([self._run_one(values[i : i + 1]) for i in range(len(values))])

    def _run_one(self, values: Any) -> Logits:
        try:
            outputs = self._session.run(None, {self._input.name: values})
        except _ORT_ERRORS as error:
            raise ModelUnavailable("the network failed on this picture") from error
        try:
            return np.asarray(outputs[0], np.float32)
        except (TypeError, ValueError) as error:  # names or maps, as some exporters add them
            raise ModelUnavailable("the network does not answer in numbers") from error


class TorchRuntime:
    """Run a state dict of EfficientNet-Lite or of a torchvision network, on a GPU if there is one.

    The file holds a state dict, alone or under `state_dict` beside `architecture`.
    """

    def __init__(self, bundle: ModelBundle) -> None:
        try:
            import torch  # noqa: PLC0415 - seconds and 670 MB that only a .pth is worth
        except ImportError as error:
            raise ModelUnavailable(
                "a .pth model needs PyTorch: install requirements.txt"
            ) from error
        self._torch = torch
        self._device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
        try:
            saved = torch.load(bundle.weights, map_location="cpu", weights_only=True)
            module, mean, std = _build(bundle, saved)
            self._module = module.eval().to(self._device)
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


def _build(bundle: ModelBundle, saved: dict[str, Any]) -> tuple[Any, Any, Any]:
    """Return the module of a state dict with the mean and deviation that it was trained on."""
    state = saved.get("state_dict", saved)
    lite = "_conv_stem.weight" in state
    default = "efficientnet-lite0" if lite else "efficientnet_b0"
    architecture = bundle.architecture or saved.get("architecture") or default
    outputs = len(state["_fc.bias"] if lite else list(state.values())[-1])
    module = _constructor(architecture, lite)(num_classes=outputs)
    module.load_state_dict(state)
    mean, std = (LITE_MEAN, LITE_STD) if lite else (IMAGENET_MEAN, IMAGENET_STD)
    return module, bundle.mean or mean, bundle.std or std


def _constructor(architecture: str, lite: bool) -> Callable[..., Any]:
    if lite:
        from efficientnet_lite_pytorch import EfficientNet  # noqa: PLC0415 - imports torch

        return lambda num_classes: EfficientNet.from_name(architecture, num_classes=num_classes)
    from torchvision import models  # noqa: PLC0415 - imports torch

    # The others, for detection and segmentation, download a backbone even without weights.
    if architecture.lower() not in models.list_models(module=models):
        raise ValueError(f"{architecture} is not a classifier of torchvision")
    return lambda num_classes: models.get_model(architecture, weights=None, num_classes=num_classes)
