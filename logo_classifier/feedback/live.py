"""A live calibration: what moves the confidences of one model version while it serves.

A route is a method and the tier that chose it. Each route has a curve of its own: how far the logit
of the top confidence moves at fixed knots, straight lines between them. Bounds that hold at the
knots hold everywhere, so a curve is checked by its numbers alone.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

import msgspec
import numpy as np

from logo_classifier.feedback.records import Judged
from logo_classifier.values import LogoType, Method, Tier

KNOTS = tuple(float(knot) for knot in np.linspace(-1.0, 7.0, 17))
"""Logits of the version's own confidence, from 0.27 to 0.999; further out the last shift holds."""

MOST_SHIFT = 1.5
"""How far a live calibration may move a logit from the version's own, in all."""

MOST_STEP = 0.5
"""How far one adoption may move a logit from where the calibration in force has it."""

LOWEST_THRESHOLD = 0.01
_SMALLEST = 1e-9
_ROUNDING = 1e-6

Curve = tuple[float, ...]
LEVEL: Curve = (0.0,) * len(KNOTS)
"""The curve of a route that is left as it is."""

ROUTES = frozenset(f"{method.value}/{tier.value}" for method in Method for tier in Tier)


class BadCalibration(ValueError):
    """A live calibration with a value that it cannot have."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """What a live calibration rests on.

    `labels` were used to fit it, `held_back` to judge it. The e-values are the smallest that
    remain when the labels of any one client are left out. Errors (ECE) and log losses in nats are
    those of the held-back answers, under the calibration in force before and under this one.
    """

    labels: int
    held_back: int
    clients: int
    e_value: float
    set_e_value: float
    error_before: float
    error_after: float
    log_loss_before: float
    log_loss_after: float
    coverage_before: float
    coverage_after: float


@dataclass(frozen=True, slots=True)
class LiveCalibration:
    """The live calibration of one model version; `model` is name/version.

    `parent` is the id of the one that was in force when it was made, None for the version's own.
    `curves` has the shifts of logits at KNOTS by route; routes without a curve stay as they are.
    `set_threshold` is the smallest probability, before this calibration, that puts a type into the
    prediction set beside those that the version puts there; 1 adds none. `created` is Unix time in
    seconds. Raises BadCalibration for impossible values.
    """

    model: str
    parent: str | None
    curves: Mapping[str, Curve]
    set_threshold: float
    evidence: Evidence
    created: float

    def __post_init__(self) -> None:
        if unknown := sorted(self.curves.keys() - ROUTES):
            raise BadCalibration(f"{unknown[0]!r} is no route; a route is method/tier")
        for route, curve in self.curves.items():
            check_curve(route, curve)
        if not LOWEST_THRESHOLD <= self.set_threshold <= 1:
            raise BadCalibration(
                f"set_threshold must be {LOWEST_THRESHOLD} to 1, not {self.set_threshold}"
            )
        numbers = asdict(self.evidence)
        if bad := [name for name, value in numbers.items() if not 0 <= value < math.inf]:
            raise BadCalibration(f"{bad[0]} must be finite and not negative, not {numbers[bad[0]]}")
        if not 0 <= self.created < math.inf:
            raise BadCalibration(f"created must be Unix time in seconds, not {self.created}")

    @property
    def id(self) -> str:
        """Return the digest of all that changes answers, and of the parent: 16 hex digits."""
        content = [self.model, self.parent, sorted(self.curves.items()), self.set_threshold]
        return hashlib.sha256(json.dumps(content).encode()).hexdigest()[:16]

    def to_dict(self) -> dict[str, Any]:
        """Return JSON-ready values."""
        return {
            "id": self.id,
            "model": self.model,
            "parent": self.parent,
            "curves": {route: list(curve) for route, curve in self.curves.items()},
            "set_threshold": self.set_threshold,
            "evidence": asdict(self.evidence),
            "created": self.created,
        }

    @classmethod
    def from_dict(cls, data: Any) -> LiveCalibration:
        """Build the calibration from parsed JSON; raise BadCalibration for anything unexpected."""
        if not isinstance(data, Mapping):
            raise BadCalibration(f"a live calibration is a JSON object, not {type(data).__name__}")
        fields = {name: value for name, value in data.items() if name != "id"}
        unknown = sorted(map(str, fields.keys() - set(cls.__dataclass_fields__)))
        if unknown:
            raise BadCalibration(f"a live calibration has no {unknown[0]!r}")
        try:
            made = msgspec.convert(fields, cls)
        except msgspec.ValidationError as error:
            raise BadCalibration(f"a live calibration is damaged: {error}") from error
        if data.get("id") != made.id:
            raise BadCalibration(f"the id {data.get('id')!r} is not the digest {made.id!r}")
        return made

    def apply(self, judged: Judged) -> Judged:
        """Return an answer of the version alone, recalibrated; the winner stays the winner."""
        shift = self.shift(route(judged), judged.raw_confidence)
        moved = expit(logit(judged.raw_confidence) + shift) if shift else judged.raw_confidence
        probabilities = with_top(judged.probabilities, judged.logo_type, moved)
        kept = {
            kind
            for kind in LogoType
            if kind in judged.prediction_set or judged.probabilities[kind] >= self.set_threshold
        }
        return replace(
            judged,
            calibration=self.id,
            confidence=probabilities[judged.logo_type],
            probabilities=probabilities,
            prediction_set=tuple(
                sorted(
                    kept,
                    key=lambda kind: (kind is not judged.logo_type, -probabilities[kind]),
                )
            ),
        )

    def shift(self, of_route: str, confidence: float) -> float:
        """Return how far the logit of a confidence (0-1) moves on a route."""
        curve = self.curves.get(of_route)
        return float(np.interp(logit(confidence), KNOTS, curve)) if curve else 0.0


def route(judged: Judged) -> str:
    """Return the route of an answer: method/tier."""
    return f"{judged.method.value}/{judged.tier.value}"


def check_curve(of_route: str, curve: Curve) -> None:
    """Raise BadCalibration unless a curve is complete, bounded and never turns back."""
    if len(curve) != len(KNOTS):
        raise BadCalibration(f"the curve of {of_route} has {len(curve)} shifts, not {len(KNOTS)}")
    if not all(math.isfinite(shift) and abs(shift) <= MOST_SHIFT + _ROUNDING for shift in curve):
        raise BadCalibration(f"the shifts of {of_route} must be -{MOST_SHIFT} to {MOST_SHIFT}")
    if (np.diff(np.add(KNOTS, curve)) < -_ROUNDING).any():
        raise BadCalibration(f"the curve of {of_route} gives a higher confidence a lower one")


def with_top(
    probabilities: Mapping[LogoType, float], top: LogoType, confidence: float
) -> dict[LogoType, float]:
    """Return probabilities whose top type has a confidence (0-1); the others keep their ratios.

    The confidence does not fall below that of the next type, so the winner stays the winner.
    """
    others = {kind: share for kind, share in probabilities.items() if kind is not top}
    rest = sum(others.values())
    shares = {k: v / rest if rest else 1 / len(others) for k, v in others.items()}
    runner_up = max(shares.values())
    kept = max(confidence, runner_up / (1 + runner_up))
    return {kind: kept if kind is top else (1 - kept) * shares[kind] for kind in probabilities}


def before(judged: Judged) -> Judged:
    """Return an answer with the probabilities that it had before any live calibration.

    Its prediction set stays as it was shown, since a live calibration only adds to it.
    """
    probabilities = with_top(judged.probabilities, judged.logo_type, judged.raw_confidence)
    return replace(judged, confidence=judged.raw_confidence, probabilities=probabilities)


def logit(confidence: float) -> float:
    """Return the log-odds of a confidence; 0 and 1 give finite ones."""
    inside = min(max(confidence, _SMALLEST), 1 - _SMALLEST)
    return math.log(inside / (1 - inside))


def expit(log_odds: float) -> float:
    """Return the confidence (0-1) of log-odds."""
    if log_odds >= 0:
        return 1 / (1 + math.exp(-log_odds))
    return math.exp(log_odds) / (1 + math.exp(log_odds))
