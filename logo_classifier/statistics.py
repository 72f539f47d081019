"""Counters and times of a classifier."""

from __future__ import annotations

import statistics
from collections import Counter, deque
from threading import Lock
from typing import Any

from logo_classifier.values import Classification, Method

_WINDOW = 101


class PerformanceStatistics:
    """Thread-safe counters since the start and windows of the latest times.

    Times are in seconds. The windows are bounded, so the memory of a long-lived worker is too.
    """

    def __init__(self) -> None:
        self._lock = Lock()
        self._methods: Counter[str] = Counter()
        self._tiers: Counter[str] = Counter()
        self._failures: Counter[str] = Counter()
        self._cached = 0
        self._seconds = 0.0
        self._feature_seconds: deque[float] = deque(maxlen=_WINDOW)
        self._neural_seconds: deque[float] = deque(maxlen=_WINDOW)

    def record(self, result: Classification) -> None:
        """Count one finished classification."""
        with self._lock:
            self._methods[result.verdict.method.value] += 1
            self._tiers[result.route.tier.value] += 1
            self._cached += result.cached
            self._seconds += result.processing_time

    def record_failure(self, kind: str) -> None:
        """Count one classification that ended in an error."""
        with self._lock:
            self._failures[kind] += 1

    def record_features(self, seconds: float) -> None:
        """Record how long one feature extraction took."""
        with self._lock:
            self._feature_seconds.append(seconds)

    def record_neural(self, seconds: float) -> None:
        """Record the network's time per picture, including the preparation of its input."""
        with self._lock:
            self._neural_seconds.append(seconds)

    def neural_seconds(self) -> float | None:
        """Return the running median of the network's time per picture, None before the first."""
        with self._lock:
            return statistics.median(self._neural_seconds) if self._neural_seconds else None

    def snapshot(self) -> dict[str, Any]:
        """Return all counters and times as a new dict."""
        neural = self.neural_seconds()
        with self._lock:
            total = sum(self._methods.values())
            return {
                "total_classifications": total,
                "average_time": self._seconds / total if total else 0.0,
                "cached_results": self._cached,
                "method_distribution": {m.value: self._methods[m.value] for m in Method},
                "tier_distribution": dict(self._tiers),
                "failures": dict(self._failures),
                "feature_extraction_time": list(self._feature_seconds),
                "neural_seconds_median": neural,
            }
