"""Values that pass between the rooms of the library.

Ranges stand in the types: what reads a value from outside (`caching.codec`) holds it to them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, Any

from msgspec import Meta

Share = Annotated[float, Meta(ge=0, le=1 + 1e-9)]
"""0 to 1; a sum of rounded shares may come out as a little more than 1."""

Seconds = Annotated[float, Meta(ge=0)]
Count = Annotated[int, Meta(ge=0)]


class LogoType(StrEnum):
    """Name the four kinds of logo, from the least to the most demanding to trace."""

    SIMPLE = "simple"
    TEXT = "text"
    GRADIENT = "gradient"
    COMPLEX = "complex"


class Trait(StrEnum):
    """Name the three independent yes/no questions that the type follows from."""

    LETTERING = "lettering"
    GRADIENT = "gradient"
    COMPLEX = "complex"


class Method(StrEnum):
    """Name the ways of answering; the values are those of the API."""

    RULE_BASED = "rule_based"
    NEURAL_NETWORK = "neural_network"
    ENSEMBLE = "ensemble"


AUTO = "auto"
"""The request option that leaves the choice of `Method` to the router."""


class Tier(StrEnum):
    """Name the routing tiers of `logo_classifier.decision.routing.RoutingPolicy`."""

    RULES_CONFIDENT = "rules_confident"
    CONDITIONAL = "conditional"
    NEURAL = "neural"
    ENSEMBLE = "ensemble"
    TIME_BUDGET = "time_budget"
    DEGRADED = "degraded"
    REQUESTED = "requested"


@dataclass(frozen=True, slots=True)
class Features:
    """Hold what was measured on a picture: named values, each finite and in 0-1."""

    values: Mapping[str, Share]

    @property
    def complexity(self) -> float:
        """Return the mean of edge density, unique colours, entropy and corner density."""
        return self.values["complexity"]


@dataclass(frozen=True, slots=True)
class Verdict:
    """Hold one method's answer.

    `probabilities` has one entry for each `LogoType`, summing to 1; `traits` has one
    independent probability for each `Trait`. `raw_confidence` is the top probability
    before calibration; it equals `confidence` until a calibrator is applied.
    """

    logo_type: LogoType
    confidence: Share
    probabilities: Mapping[LogoType, Share]
    traits: Mapping[Trait, Share]
    method: Method
    reasoning: str
    raw_confidence: Share
    calibrated: bool = False


@dataclass(frozen=True, slots=True)
class Route:
    """Hold the router's choice: which tier decided, the method it chose, and why."""

    tier: Tier
    method: Method
    reason: str

    @property
    def reduced(self) -> bool:
        """Tell whether circumstances, not the picture, forced a cheaper method."""
        return self.tier in (Tier.TIME_BUDGET, Tier.DEGRADED)


@dataclass(frozen=True, slots=True)
class ImageFacts:
    """Describe an upload as it arrived: pixel sides are those of the file's header."""

    format: str
    width: Count
    height: Count
    bytes: Count
    sha256: str

    def to_dict(self) -> dict[str, Any]:
        """Return the facts as JSON-ready values."""
        return {
            "format": self.format,
            "width": self.width,
            "height": self.height,
            "bytes": self.bytes,
            "sha256": self.sha256,
        }


@dataclass(frozen=True, slots=True)
class Judgement:
    """Hold what the rules found out about a picture, their verdict calibrated."""

    features: Features
    verdict: Verdict
    image: ImageFacts


@dataclass(frozen=True, slots=True)
class Classification:
    """Hold one finished answer; `to_dict` makes the mapping that callers receive.

    `processing_time` is in seconds; `timestamp` is ISO 8601 in UTC.
    """

    verdict: Verdict
    route: Route
    features: Features
    prediction_set: tuple[LogoType, ...]
    image: ImageFacts
    model_name: str | None
    model_version: str | None
    processing_time: Seconds
    timestamp: str
    cached: bool

    def to_dict(self) -> dict[str, Any]:
        """Return a fresh, JSON-ready dict; changing it changes nothing else."""
        verdict = self.verdict
        return {
            "logo_type": verdict.logo_type.value,
            "confidence": round(verdict.confidence, 6),
            "probabilities": {k.value: round(v, 6) for k, v in verdict.probabilities.items()},
            "traits": {k.value: round(v, 6) for k, v in verdict.traits.items()},
            "prediction_set": [kind.value for kind in self.prediction_set],
            "method_used": verdict.method.value,
            "reasoning": verdict.reasoning,
            "raw_confidence": round(verdict.raw_confidence, 6),
            "calibration_applied": verdict.calibrated,
            "routing_decision": {
                "tier": self.route.tier.value,
                "method": self.route.method.value,
                "reason": self.route.reason,
            },
            "features": dict(self.features.values),
            "cached": self.cached,
            "processing_time": self.processing_time,
            "model": {"name": self.model_name, "version": self.model_version},
            "image": self.image.to_dict(),
            "timestamp": self.timestamp,
        }
