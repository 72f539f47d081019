"""Values that pass between the packages of the library.

The types contain the ranges. `caching.codec` checks them when it reads a value from outside.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from enum import StrEnum
from typing import Annotated, Any

from msgspec import Meta

Share = Annotated[float, Meta(ge=0, le=1 + 1e-9)]
"""0 to 1; a sum of rounded shares may be slightly above 1."""

Seconds = Annotated[float, Meta(ge=0)]
Count = Annotated[int, Meta(ge=0)]


class LogoType(StrEnum):
    """The four types of logo, from the easiest to the hardest to trace."""

    SIMPLE = "simple"
    TEXT = "text"
    GRADIENT = "gradient"
    COMPLEX = "complex"


class Trait(StrEnum):
    """The three independent yes/no attributes that decide the type."""

    LETTERING = "lettering"
    GRADIENT = "gradient"
    COMPLEX = "complex"


class Method(StrEnum):
    """The methods of classification; the values are those of the API."""

    RULE_BASED = "rule_based"
    NEURAL_NETWORK = "neural_network"
    ENSEMBLE = "ensemble"


AUTO = "auto"
"""The request option that leaves the choice of `Method` to the router."""


class Tier(StrEnum):
    """The routing tiers of `logo_classifier.decision.routing.RoutingPolicy`."""

    RULES_CONFIDENT = "rules_confident"
    CONDITIONAL = "conditional"
    NEURAL = "neural"
    ENSEMBLE = "ensemble"
    TIME_BUDGET = "time_budget"
    DEGRADED = "degraded"
    REQUESTED = "requested"


@dataclass(frozen=True, slots=True)
class Features:
    """The features of a picture: named values, each finite and in 0-1."""

    values: Mapping[str, Share]

    @property
    def complexity(self) -> float:
        """Return the mean of edge density, unique colours, entropy and corner density."""
        return self.values["complexity"]


@dataclass(frozen=True, slots=True)
class Verdict:
    """The answer of one method.

    `probabilities` has one entry for each `LogoType`; they sum to 1. `traits` has one
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
    calibrated: bool


@dataclass(frozen=True, slots=True)
class Route:
    """The router's choice: the tier that decided, the chosen method, and the reason."""

    tier: Tier
    method: Method
    reason: str

    @property
    def reduced(self) -> bool:
        """Return whether circumstances, not the picture, forced a cheaper method."""
        return self.tier in (Tier.TIME_BUDGET, Tier.DEGRADED)


@dataclass(frozen=True, slots=True)
class ImageFacts:
    """The format, size and digest of an upload; sides are in pixels, from the file's header."""

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
    """The features of a picture and the rules' calibrated verdict."""

    features: Features
    verdict: Verdict
    image: ImageFacts


@dataclass(frozen=True, slots=True)
class Classification:
    """One finished answer; `to_dict` makes the mapping that callers receive.

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
        """Return a new JSON-ready dict; the caller may change it."""
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


@dataclass(frozen=True, slots=True)
class ExplainedClassification(Classification):
    """An answer with the reasons for it; it is never cached.

    `explanation` is JSON-ready, as `logo_classifier.explanations` makes it.
    """

    explanation: Mapping[str, Any]

    @classmethod
    def of(cls, answer: Classification, explanation: Mapping[str, Any]) -> ExplainedClassification:
        """Return an answer together with its explanation."""
        known = {field.name: getattr(answer, field.name) for field in fields(answer)}
        return cls(**known, explanation=explanation)

    def to_dict(self) -> dict[str, Any]:
        """Return a new JSON-ready dict; the caller may change it."""
        # Not by super(): a class with slots is made twice, and super() would name the first one.
        return {**Classification.to_dict(self), "explanation": dict(self.explanation)}
