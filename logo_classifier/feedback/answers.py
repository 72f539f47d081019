"""Read what a version said of a picture from its answer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from logo_classifier.feedback.records import Judged
from logo_classifier.values import LogoType, Method, Tier

RULES = "rules"
"""The model of answers where no network is loaded."""


def model_of(described: Mapping[str, Any]) -> str:
    """Return name/version of a model by its description, or that the rules answer alone."""
    return f"{described['name']}/{described['version']}" if described["name"] else RULES


def judged_of(answer: Mapping[str, Any]) -> Judged:
    """Return what an answer of `HybridClassifier.classify` says, or one that was recalibrated.

    `live_calibration` of the latter has the id of what was in force and the confidence before.
    """
    live = answer.get("live_calibration") or {"id": "", "confidence": answer["confidence"]}
    return Judged(
        model=model_of(answer["model"]),
        calibration=live["id"],
        method=Method(answer["method_used"]),
        tier=Tier(answer["routing_decision"]["tier"]),
        logo_type=LogoType(answer["logo_type"]),
        confidence=answer["confidence"],
        # Not the answer's own raw_confidence: that is from before the version's calibration.
        raw_confidence=live["confidence"],
        probabilities={LogoType(kind): share for kind, share in answer["probabilities"].items()},
        prediction_set=tuple(LogoType(kind) for kind in answer["prediction_set"]),
    )
