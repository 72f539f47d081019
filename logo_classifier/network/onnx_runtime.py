"""Run a network in ONNX Runtime."""

from __future__ import annotations

import logging
import os
from dataclasses import dataclass, field
from threading import Lock
from typing import Any

import numpy as np

from logo_classifier.errors import ModelUnavailable
from logo_classifier.network.bundle import ModelBundle
from logo_classifier.network.graph import add_outputs, find_pooled_tail
from logo_classifier.network.runtime import (
    IMAGENET_MEAN,
    IMAGENET_STD,
    Evidence,
    Logits,
    scale,
)
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


_MOST_ROUNDING = 0.1
"""Largest difference of a logit from its sum on a white square: a few steps of 8-bit logits."""

_log = logging.getLogger(__name__)


@dataclass(slots=True)
class _EvidenceSession:
    """The second session; None before it is first asked for, and where there can be none."""

    lock: Lock = field(default_factory=Lock)
    tried: bool = False
    session: onnxruntime.InferenceSession | None = None


class OnnxRuntime:
    """An ONNX Runtime session on the CPU with a bounded number of threads.

    Pictures run one at a time. A batch would not be faster on a CPU, and the runtime keeps the
    memory of the largest batch so far. A second session, whose graph has more outputs, is opened
    when `run_for_evidence` is first called.
    """

    def __init__(self, bundle: ModelBundle, threads: int) -> None:
        self._bundle, self._threads = bundle, threads
        # Not by its path: the bytes are those whose digest was checked, and from bytes ONNX Runtime
        # refuses tensors that are kept in another file.
        self._session = self._open(bundle.read_weights())
        self._evidence = _EvidenceSession()
        inputs = self._session.get_inputs()
        if len(inputs) != 1:
            raise ModelUnavailable(f"the network has {len(inputs)} inputs; one is expected")
        self._input = inputs[0]
        self._mean, self._std = bundle.mean, bundle.std

    def run(self, pixels: Pixels) -> Logits:
        """Return the logits; raise ModelUnavailable if the network fails."""
        values = self._scaled(pixels)
        return np.concatenate(
            [
                _numbers(self._run_one(self._session, values[i : i + 1])[0])
                for i in range(len(values))
            ]
        )

    def run_for_evidence(self, square: Pixels) -> Evidence | None:
        """Return the logits of one square with what they are the sum of; see `Runtime`."""
        with self._evidence.lock:
            if not self._evidence.tried:
                self._evidence.session = self._open_for_evidence()
                self._evidence.tried = True
        if self._evidence.session is None:
            return None
        return self._evidence_of(self._evidence.session, square)

    def _evidence_of(self, session: onnxruntime.InferenceSession, square: Pixels) -> Evidence:
        outputs = self._run_one(session, self._scaled(square[None]))
        logits, cells, weight, bias = map(_numbers, (outputs[0], *outputs[-3:]))
        _, channels, height, width = cells.shape
        if weight.shape == (channels, logits.shape[1]):  # as Gemm takes it unless told otherwise
            weight = weight.T
        spread = weight @ cells[0].reshape(channels, -1) / (height * width)
        return Evidence(logits[0], spread.reshape(-1, height, width), bias)

    def _open(self, model: bytes) -> onnxruntime.InferenceSession:
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = self._threads
        options.inter_op_num_threads = 1
        options.log_severity_level = 3
        try:
            return onnxruntime.InferenceSession(
                model, options, providers=["CPUExecutionProvider"], enable_fallback=0
            )
        except _ORT_ERRORS as error:
            raise ModelUnavailable(
                f"{self._bundle.weights.name} is not a network that loads from one file"
            ) from error

    def _open_for_evidence(self) -> onnxruntime.InferenceSession | None:
        """Return a session with more outputs, None if there can be none."""
        name, side_px = self._bundle.weights.name, self._bundle.side_px
        try:
            model = self._bundle.read_weights()
            tail = find_pooled_tail(model)
            if tail is None:
                return None
            session = self._open(add_outputs(model, tail))
            found = self._evidence_of(session, np.full((side_px, side_px, 3), 255, np.uint8))
            off = np.abs(found.cells.sum(axis=(1, 2)) + found.bias - found.logits).max()
        except (ModelUnavailable, ValueError) as error:
            # The session that answers is not touched by this.
            _log.warning("%s gives no evidence: %s", name, error)
            return None
        if off > _MOST_ROUNDING:  # a graph that does more than pool, such as scale what it pools
            _log.warning("%s gives no evidence: its logits are %.3f off their sum", name, off)
            return None
        return session

    def _scaled(self, pixels: Pixels) -> Any:
        if self._input.type == "tensor(uint8)":
            return pixels
        return scale(pixels, self._mean or IMAGENET_MEAN, self._std or IMAGENET_STD)

    def _run_one(self, session: onnxruntime.InferenceSession, values: Any) -> list[Any]:
        """Return the outputs for one picture, the logits first."""
        try:
            return list(session.run(None, {self._input.name: values}))
        except _ORT_ERRORS as error:
            raise ModelUnavailable("the network failed on this picture") from error


def _numbers(output: Any) -> Logits:
    try:
        return np.asarray(output, np.float32)
    except (TypeError, ValueError) as error:  # names or maps, which some exporters add
        raise ModelUnavailable("the network does not answer in numbers") from error
