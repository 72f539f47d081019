"""Fit temperature scaling and conformal prediction sets, for rules and networks."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize_scalar
from scipy.special import log_softmax
from sklearn.metrics import log_loss

from logo_classifier.values import LogoType, Trait

COVERAGE = 0.95
"""Share of pictures whose prediction set must contain the true type."""

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


def fit_temperature(logits: Floats, types: Ints) -> float:
    """Return the temperature that minimises the log loss of softmax(logits / temperature).

    `logits` has shape (n, 4). Guo et al., 2017, arXiv 1706.04599.
    """

    def cost(log_temperature: float) -> float:
        scores = log_softmax(logits / np.exp(log_temperature), axis=1)
        return float(-scores[np.arange(len(types)), types].mean())

    found = minimize_scalar(cost, bounds=(-3, 3), method="bounded")
    return float(np.exp(found.x))


def fit_trait_temperatures(chances: Floats, flags: NDArray[np.float32]) -> dict[str, float]:
    """Return one temperature per trait for the probabilities `chances`, shape (n, 3)."""
    inside = np.clip(chances, 1e-9, 1 - 1e-9)
    logits = np.log(inside / (1 - inside))

    def fit_one(column: int) -> float:
        def cost(log_temperature: float) -> float:
            scaled = 1 / (1 + np.exp(-logits[:, column] / np.exp(log_temperature)))
            return float(log_loss(flags[:, column], scaled, labels=[0, 1]))

        return float(np.exp(minimize_scalar(cost, bounds=(-3, 3), method="bounded").x))

    return {trait.value: fit_one(column) for column, trait in enumerate(Trait)}


def set_thresholds(shares: Floats, types: Ints) -> dict[str, float]:
    """Return for each type the smallest probability that puts it into the prediction set.

    Class-conditional split conformal prediction (Vovk, 2012, arXiv 1209.2673) with the
    finite-sample correction: at least `COVERAGE` of new pictures of every type are covered.
    `shares` has shape (n, 4). A type with too few pictures gets the threshold 0, so it is in every
    set.
    """
    return {
        kind.value: _threshold(shares[types == index, index]) for index, kind in enumerate(LogoType)
    }


def _threshold(own: Floats) -> float:
    """Return the threshold of one type from its probabilities on pictures of this type."""
    left_out = int((len(own) + 1) * (1 - COVERAGE) + 1e-9)
    return float(np.sort(own)[left_out - 1]) if left_out else 0.0
