"""The algorithm of the Kubernetes HorizontalPodAutoscaler (autoscaling/v2), without a cluster.

Sources: "Horizontal Pod Autoscaling" in the Kubernetes documentation, and KEP-853 (configurable
scale velocity). What a pod that is not ready counts for follows
pkg/controller/podautoscaler/replica_calculator.go of Kubernetes.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

TOLERANCE = 0.1
SYNC_SECONDS = 15

_DEFAULT_UP = {
    "policies": [
        {"type": "Percent", "value": 100, "periodSeconds": 15},
        {"type": "Pods", "value": 4, "periodSeconds": 15},
    ]
}
_DEFAULT_DOWN = {
    "stabilizationWindowSeconds": 300,
    "policies": [{"type": "Percent", "value": 100, "periodSeconds": 15}],
}


def desired_by_average(
    current: int, values: Sequence[float], target: float, unready: int = 0
) -> int:
    """Return the replicas that a metric with an average a pod asks for; `values` are of ready pods.

    Pods that are not ready count as 0 where the metric asks for more, and not at all where it asks
    for less. Raises ValueError if no pod is ready.
    """
    if not values:
        raise ValueError("no pod is ready, so the metric has no average")
    counted = len(values)
    ratio = sum(values) / counted / target
    if unready and ratio > 1:
        counted += unready
        ratio = sum(values) / counted / target
        if ratio < 1:  # a pod that is not ready turns no growth into shrinking
            return current
    if _is_on_target(ratio):
        return current
    wanted = math.ceil(ratio * counted)
    return max(wanted, current) if ratio > 1 else wanted


def desired_by_total(current: int, total: float, target: float) -> int:
    """Return the replicas that a metric of the whole asks for, as KEDA's triggers are."""
    if _is_on_target(total / (target * current)):
        return current
    return math.ceil(total / target)


def _is_on_target(ratio: float) -> bool:
    return 1 - TOLERANCE <= ratio <= 1 + TOLERANCE


@dataclass(frozen=True, slots=True)
class Policy:
    """A bound on the change within a period: `value` pods, or percent of its first replicas."""

    kind: str
    value: int
    period_seconds: int


@dataclass(frozen=True, slots=True)
class Rules:
    """The rules of one direction; of several policies that of the largest change holds."""

    policies: tuple[Policy, ...]
    window_seconds: int

    @classmethod
    def of(cls, manifest: Mapping[str, Any]) -> Rules:
        """Return the rules of `scaleUp` or `scaleDown`."""
        policies = tuple(
            Policy(each["type"], each["value"], each["periodSeconds"])
            for each in manifest["policies"]
        )
        return cls(policies, manifest.get("stabilizationWindowSeconds", 0))


@dataclass
class Autoscaler:
    """What turns proposals into replicas: stabilisation, velocity, least and most replicas."""

    least: int
    most: int
    up: Rules
    down: Rules
    _proposals: deque[tuple[float, int]] = field(default_factory=deque)
    _changes: deque[tuple[float, int]] = field(default_factory=deque)

    @classmethod
    def of(cls, least: int, most: int, behaviour: Mapping[str, Any]) -> Autoscaler:
        """Return the autoscaler of a manifest's `behavior`; Kubernetes' defaults fill gaps."""
        up = Rules.of(behaviour.get("scaleUp", _DEFAULT_UP))
        return cls(least, most, up, Rules.of(behaviour.get("scaleDown", _DEFAULT_DOWN)))

    def decide(self, now_seconds: float, current: int, proposals: Iterable[int]) -> int:
        """Return the replicas from now on; of the metrics' proposals the largest counts."""
        stable = self._stabilised(now_seconds, current, max(proposals))
        chosen = min(self.most, max(self.least, self._limited(now_seconds, current, stable)))
        if chosen != current:
            self._changes.append((now_seconds, chosen - current))
        return chosen

    def _stabilised(self, now_seconds: float, current: int, proposal: int) -> int:
        self._proposals.append((now_seconds, proposal))
        longest = max(self.up.window_seconds, self.down.window_seconds)
        while self._proposals[0][0] <= now_seconds - longest and len(self._proposals) > 1:
            self._proposals.popleft()

        def within(seconds: int) -> list[int]:
            since = now_seconds - seconds
            return [proposal, *(wanted for at, wanted in self._proposals if at > since)]

        lowest, highest = within(self.up.window_seconds), within(self.down.window_seconds)
        return min(max(current, min(lowest)), max(highest))

    def _limited(self, now_seconds: float, current: int, wanted: int) -> int:
        if wanted > current:
            reached = [self._reached(p, now_seconds, current, 1) for p in self.up.policies]
            return min(wanted, max(current, *reached))
        if wanted < current:
            reached = [self._reached(p, now_seconds, current, -1) for p in self.down.policies]
            return max(wanted, min(current, *reached))
        return current

    def _reached(self, policy: Policy, now_seconds: float, current: int, sign: int) -> int:
        """Return how far a policy lets the replicas go from those at the start of its period."""
        since = now_seconds - policy.period_seconds
        start = current - sum(change for at, change in self._changes if at > since)
        if policy.kind == "Pods":
            return start + sign * policy.value
        hundredths = start * (100 + sign * policy.value)
        return -(-hundredths // 100) if sign > 0 else hundredths // 100
