"""Route each picture to a method: rules, network or ensemble."""

from __future__ import annotations

import math
from dataclasses import dataclass

from logo_classifier.values import Features, Method, Route, Tier, Verdict

_BELOW_CONFIDENT = 0.01
_LOWEST_CEILING = 0.5
"""With a lower ceiling the second most probable type could overtake the first."""


@dataclass(frozen=True, slots=True)
class RoutingPolicy:
    """The thresholds of the router on the rules' calibrated confidence.

    `rules_complexity`: in the conditional tier, pictures with a higher complexity go to the
    ensemble. `rule_weight`: weight of the rules in the ensemble's log-linear pool.
    """

    confident: float = 0.85
    conditional: float = 0.65
    neural: float = 0.45
    rules_complexity: float = 0.1
    rule_weight: float = 0.2

    def __post_init__(self) -> None:
        # A threshold above 1 is allowed: no confidence reaches it.
        if not 0 <= self.neural <= self.conditional <= self.confident < math.inf:
            raise ValueError(
                "0, neural, conditional and confident must not fall: "
                f"{self.neural}, {self.conditional}, {self.confident}"
            )
        for name in ("rules_complexity", "rule_weight"):
            if not 0 <= getattr(self, name) <= 1:
                raise ValueError(f"{name} must be 0 to 1, not {getattr(self, name)}")

    @property
    def unsettled_ceiling(self) -> float:
        """Return the upper bound for unsettled confidences, which is just below `confident`."""
        held = round(self.confident - _BELOW_CONFIDENT, 6)
        return min(1.0, max(_LOWEST_CEILING, held))


@dataclass(frozen=True, slots=True)
class Circumstances:
    """The inputs of the router other than the picture.

    `time_left` is in seconds, None without a budget. `neural_seconds` is the running median
    of the network's time per picture, None before the first measurement.
    """

    time_left: float | None = None
    neural_seconds: float | None = None
    network_loaded: bool = True


def route(
    verdict: Verdict, features: Features, circumstances: Circumstances, policy: RoutingPolicy
) -> Route:
    """Return the route of a picture that the rules have judged."""
    return _possible(_preferred(verdict, features, policy), circumstances)


def route_requested(requested: Method, circumstances: Circumstances) -> Route:
    """Return the route of a picture for which a method is asked; circumstances may forbid it."""
    reason = f"the request asks for {requested.value}"
    return _possible(Route(Tier.REQUESTED, requested, reason), circumstances)


def _possible(preferred: Route, circumstances: Circumstances) -> Route:
    """Return the route, or the rules' where there is no time for the network or no network."""
    if preferred.method is Method.RULE_BASED:
        return preferred
    if not circumstances.network_loaded:
        # The reply must not reveal why: the cause may contain internals of the server.
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
