"""Decide which method answers, and merge two answers into one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from app.classification.types import Features, LogoType, Method, Route, Tier, Verdict


@dataclass(frozen=True, slots=True)
class RoutingPolicy:
    """Name the thresholds of the router, compared with the rules' calibrated confidence.

    `rules_complexity`: in the conditional tier, pictures whose complexity is above it go to
    the ensemble. `rule_weight`: share of the rules in the ensemble's log-linear pool.
    """

    confident: float = 0.85
    conditional: float = 0.65
    neural: float = 0.45
    rules_complexity: float = 0.1
    rule_weight: float = 0.2


@dataclass(frozen=True, slots=True)
class Circumstances:
    """Hold what the choice depends on besides the picture.

    `time_left` is in seconds, None without a budget; `neural_seconds` is the running median
    of the network's time a picture, None before any was measured.
    """

    time_left: float | None = None
    neural_seconds: float | None = None
    network_loaded: bool = True


def route(
    verdict: Verdict,
    features: Features,
    circumstances: Circumstances,
    policy: RoutingPolicy,
    requested: Method | None = None,
) -> Route:
    """Choose the method for a picture that the rules have judged.

    `requested` overrides the policy's preference, never the circumstances.
    """
    preferred = _requested(requested) if requested else _preferred(verdict, features, policy)
    if preferred.method is Method.RULE_BASED:
        return preferred
    if not circumstances.network_loaded:
        # Why it is not may tell of the inside, and replies go to anyone.
        return degraded("it is not loaded")
    left, needed = circumstances.time_left, circumstances.neural_seconds
    if left is not None and left <= (needed or 0.0):
        measured = f"{needed * 1000:.1f} ms" if needed is not None else "some time"
        return Route(
            Tier.TIME_BUDGET,
            Method.RULE_BASED,
            f"{max(0.0, left) * 1000:.1f} ms of the time budget are left, "
            f"and the network takes {measured} (running median)",
        )
    return preferred


def degraded(cause: str) -> Route:
    """Return the route of a picture that the network should have judged but cannot."""
    return Route(Tier.DEGRADED, Method.RULE_BASED, f"the network cannot answer: {cause}")


def _requested(method: Method) -> Route:
    return Route(Tier.REQUESTED, method, f"the request asks for {method.value}")


def _preferred(verdict: Verdict, features: Features, policy: RoutingPolicy) -> Route:
    confidence, complexity = verdict.confidence, features.complexity
    said = f"rule confidence {confidence:.2f}"
    if confidence >= policy.confident:
        reason = f"{said} is at least {policy.confident}"
        return Route(Tier.RULES_CONFIDENT, Method.RULE_BASED, reason)
    if confidence >= policy.conditional:
        above = complexity > policy.rules_complexity
        side = "above" if above else "not above"
        return Route(
            Tier.CONDITIONAL,
            Method.ENSEMBLE if above else Method.RULE_BASED,
            f"{said} is at least {policy.conditional} and complexity {complexity:.2f} "
            f"is {side} {policy.rules_complexity}",
        )
    if confidence >= policy.neural:
        reason = f"{said} is below {policy.conditional}"
        return Route(Tier.NEURAL, Method.NEURAL_NETWORK, reason)
    return Route(Tier.ENSEMBLE, Method.ENSEMBLE, f"{said} is below {policy.neural}")


def combine(rule: Verdict, neural: Verdict, rule_weight: float) -> Verdict:
    """Merge two calibrated verdicts by a log-linear pool; the result is uncalibrated.

    `rule_weight`, in 0-1, is the share of the rules (Genest and Zidek, 1986).
    """
    pooled = _pool(rule.probabilities, neural.probabilities, rule_weight)
    winner = max(LogoType, key=lambda kind: pooled[kind])
    return Verdict(
        logo_type=winner,
        confidence=pooled[winner],
        probabilities=pooled,
        traits={
            trait: rule_weight * rule.traits[trait] + (1 - rule_weight) * value
            for trait, value in neural.traits.items()
        },
        method=Method.ENSEMBLE,
        reasoning=(
            f"rules say {rule.logo_type.value} ({rule.confidence:.2f}), "
            f"the network says {neural.logo_type.value} ({neural.confidence:.2f}); "
            f"{rule.reasoning}"
        ),
        raw_confidence=pooled[winner],
    )


def _pool(
    rule: Mapping[LogoType, float], neural: Mapping[LogoType, float], rule_weight: float
) -> dict[LogoType, float]:
    logs = np.array(
        [
            rule_weight * np.log(max(rule[kind], 1e-9))
            + (1 - rule_weight) * np.log(max(neural[kind], 1e-9))
            for kind in LogoType
        ]
    )
    shares = np.exp(logs - logs.max())
    shares /= shares.sum()
    return {kind: float(share) for kind, share in zip(LogoType, shares, strict=True)}
