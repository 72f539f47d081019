"""Run a network in ONNX Runtime."""

from __future__ import annotations

import os
from typing import Any

import numpy as np

from logo_classifier.errors import ModelUnavailable
from logo_classifier.network.bundle import ModelBundle
from logo_classifier.network.runtime import IMAGENET_MEAN, IMAGENET_STD, Logits, scale
from logo_classifier.pictures.pixels import Pixels

# ONNX Runtime reads this on import. Otherwise it would store a device id in the home folder and
# report to its vendor.
os.environ["ORT_DISABLE_TELEMETRY"] = "1"

import onnxruntime
from onnxruntime.capi import onnxruntime_pybind11_state as ort_errors

# The errors of ONNX Runtime have no common base class.
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
    # What its binding raises: a message that is no UTF-8, since it quotes a damaged file.
    RuntimeError,
    ValueError,
)


class OnnxRuntime:
    """An ONNX Runtime session on the CPU with a bounded number of threads.

    Pictures run one at a time. A batch would not be faster on a CPU, and the runtime keeps the
    memory of the largest batch so far.
    """

    def __init__(self, bundle: ModelBundle, threads: int) -> None:
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        options.inter_op_num_threads = 1
        options.log_severity_level = 3
        # Not by its path: the bytes are those whose digest was checked, and from bytes ONNX Runtime
        # refuses tensors that are kept in another file.
        weights = bundle.read_weights()
        try:
            self._session = onnxruntime.InferenceSession(
                weights, options, providers=["CPUExecutionProvider"], enable_fallback=0
            )
        except _ORT_ERRORS as error:
            raise ModelUnavailable(
                f"{bundle.weights.name} is not a network that loads from one file"
            ) from error
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
        except (TypeError, ValueError) as error:  # names or maps, which some exporters add
            raise ModelUnavailable("the network does not answer in numbers") from error
