"""Calibrated confidences by temperature scaling, and conformal prediction sets.

All parameters are fitted offline (`training.calibrate`, `training.rules`). Traffic never changes
them; a live calibration (`logo_classifier.feedback.live`) stands behind them. Temperature scaling:
Guo et al., 2017, arXiv 1706.04599. Prediction sets: class-conditional (Mondrian) split conformal
prediction, Vovk, 2012, arXiv 1209.2673.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from logo_classifier.values import LogoType, Method, Trait, Verdict

_SMALLEST = 1e-9
_LOWEST_TEMPERATURE, _HIGHEST_TEMPERATURE = 0.01, 100.0


@dataclass(frozen=True, slots=True)
class MethodCalibration:
    """The fitted calibration of one method.

    `settled_from`: smallest temperature-scaled confidence at which the method was right often
    enough to settle a picture. A lower confidence is capped at `unsettled_ceiling`, which comes
    from the routing policy.
    `set_thresholds`: smallest probability of each type that puts it into the prediction set.
    """

    temperature: float = 1.0
    trait_temperatures: Mapping[Trait, float] | None = None
    settled_from: float = 0.0
    unsettled_ceiling: float = 1.0
    set_thresholds: Mapping[LogoType, float] = field(default_factory=dict)

    @classmethod
    def from_dict(
        cls, data: Mapping[str, Any], unsettled_ceiling: float = 1.0
    ) -> MethodCalibration:
        """Build the calibration from parsed JSON; raise ValueError for impossible values."""
        traits = data.get("trait_temperatures")
        made = cls(
            temperature=float(data["temperature"]),
            trait_temperatures={Trait(k): float(v) for k, v in traits.items()} if traits else None,
            settled_from=float(data.get("settled_from", 0.0)),
            unsettled_ceiling=unsettled_ceiling,
            set_thresholds={kind: float(data["set_thresholds"][kind.value]) for kind in LogoType},
        )
        temperatures = (made.temperature, *(made.trait_temperatures or {}).values())
        if not all(_LOWEST_TEMPERATURE <= value <= _HIGHEST_TEMPERATURE for value in temperatures):
            raise ValueError(
                f"temperatures must be {_LOWEST_TEMPERATURE} to {_HIGHEST_TEMPERATURE}, "
                f"not {temperatures}"
            )
        if not all(0 <= value <= 1 for value in (made.settled_from, *made.set_thresholds.values())):
            raise ValueError("settled_from and set_thresholds must be 0 to 1")
        return made


class Calibrator:
    """The fitted calibrations of all methods; a verdict of another method stays unchanged."""

    def __init__(self, methods: Mapping[Method, MethodCalibration]) -> None:
        self._methods = dict(methods)

    def apply(self, verdict: Verdict) -> Verdict:
        """Return the verdict with calibrated probabilities, traits and confidence."""
        fitted = self._methods.get(verdict.method)
        if fitted is None:
            return verdict
        shares = scale(np.array([verdict.probabilities[kind] for kind in LogoType]), fitted)
        index = list(LogoType).index(verdict.logo_type)
        return replace(
            verdict,
            confidence=float(shares[index]),
            probabilities={k: float(v) for k, v in zip(LogoType, shares, strict=True)},
            traits=_scale_traits(verdict.traits, fitted),
            calibrated=True,
        )

    def prediction_set(self, verdict: Verdict) -> tuple[LogoType, ...]:
        """Return the conformal prediction set of a calibrated verdict, most probable type first.

        It always contains the verdict's own type.
        """
        fitted = self._methods.get(verdict.method, MethodCalibration())
        ranked = sorted(LogoType, key=lambda kind: -verdict.probabilities[kind])
        return tuple(
            kind
            for kind in ranked
            if kind is verdict.logo_type
            or verdict.probabilities[kind] >= fitted.set_thresholds.get(kind, 1.0)
        )


def scale(shares: NDArray[np.float64], fitted: MethodCalibration) -> NDArray[np.float64]:
    """Return calibrated probabilities, shape (4,); the largest one stays the largest."""
    logits = np.log(np.maximum(shares, _SMALLEST)) / fitted.temperature
    scaled: NDArray[np.float64] = np.exp(logits - logits.max())
    scaled /= scaled.sum()
    top = int(scaled.argmax())
    if scaled[top] < fitted.settled_from:
        return _hold_down(scaled, top, fitted.unsettled_ceiling)
    return scaled


def _hold_down(shares: NDArray[np.float64], top: int, ceiling: float) -> NDArray[np.float64]:
    if shares[top] <= ceiling:
        return shares
    held: NDArray[np.float64] = shares * (1 - ceiling) / (1 - shares[top])
    held[top] = ceiling
    return held


def _scale_traits(traits: Mapping[Trait, float], fitted: MethodCalibration) -> dict[Trait, float]:
    temperatures = fitted.trait_temperatures or {}
    scaled = {}
    for trait, value in traits.items():
        inside = min(max(value, _SMALLEST), 1 - _SMALLEST)
        logit = np.log(inside / (1 - inside)) / temperatures.get(trait, 1.0)
        scaled[trait] = float(1 / (1 + np.exp(-logit)))
    return scaled


def expected_calibration_error(
    confidences: NDArray[np.float64], right: NDArray[np.bool_], bins: int = 15
) -> float:
    """Return the top-label expected calibration error (ECE, 0-1) over equal-mass bins.

    Both arrays have shape (n,). The gap between mean confidence and accuracy is weighted by
    the size of each bin (Nguyen and O'Connor, 2015). Returns 0 for empty arrays.
    """
    if not len(confidences):
        return 0.0
    order = np.argsort(confidences, kind="stable")
    parts = [part for part in np.array_split(order, bins) if len(part)]
    gaps = [abs(confidences[part].mean() - right[part].mean()) * len(part) for part in parts]
    return float(sum(gaps) / len(confidences))
