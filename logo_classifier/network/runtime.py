"""The interface of an inference runtime, its answers, and the normalisation of its input."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from logo_classifier.pictures.pixels import Pixels

Logits = NDArray[np.float32]

IMAGENET_MEAN, IMAGENET_STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)


@dataclass(frozen=True, slots=True)
class Evidence:
    """What the logits of one square are the sum of: class activation maps (Zhou et al., 2016).

    `cells`, shape (outputs, height, width), is what each place adds to each logit. Summed over
    places, with `bias`, shape (outputs,), it is `logits`, shape (outputs,). What 8-bit numbers
    round is missing: half a step, and more where a logit is at the end of their range.
    """

    logits: Logits
    cells: NDArray[np.float32]
    bias: NDArray[np.float32]


class Runtime(Protocol):
    """A function from uint8 RGB squares (n, side, side, 3) to logits (n, outputs)."""

    def run(self, pixels: Pixels) -> Logits:
        """Return the logits; raise ModelUnavailable if the network fails."""
        ...

    def run_for_evidence(self, square: Pixels) -> Evidence | None:
        """Return the logits of one square with what they are the sum of.

        None if the network is no mean over places with one linear layer behind it. Raises
        ModelUnavailable if the network fails.
        """
        ...


def scale(pixels: Pixels, mean: tuple[float, ...], std: tuple[float, ...]) -> Logits:
    """Return the pixels as float32 (n, 3, side, side), normalised per channel."""
    values = pixels.astype(np.float32) / 255
    values = (values - np.array(mean, np.float32)) / np.array(std, np.float32)
    return np.ascontiguousarray(values.transpose(0, 3, 1, 2), np.float32)
