"""The Prometheus metrics; under Gunicorn they are summed over the workers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from prometheus_client import Counter, Gauge, Histogram

from logo_classifier import Tier

REQUESTS = Counter("logo_requests", "Requests answered.", ["endpoint", "status"])
DURATION = Histogram(
    "logo_request_duration_seconds",
    "Time from the first look at a request to its reply.",
    ["endpoint"],
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30),
)
CLASSIFICATIONS = Counter(
    "logo_classifications", "Pictures classified.", ["logo_type", "method", "tier"]
)
FALLBACKS = Counter("logo_fallbacks", "Answers by a cheaper method than the best one.", ["tier"])
CACHED = Counter("logo_cached_answers", "Answers taken from the cache.")
CACHE_LOOKUPS = Counter(
    "logo_cache_lookups",
    "Look-ups of results and features: found in memory or the shared store, joined, or a miss.",
    ["cache", "outcome"],
)
STORE_FAILURES = Counter(
    "logo_cache_store_failures", "Failures of the shared store, and of what it holds.", ["reason"]
)
ERRORS = Counter("logo_errors", "Pictures and requests refused or failed.", ["kind"])
IN_PROGRESS = Gauge(
    "logo_classifications_in_progress",
    "Inference slots in use.",
    multiprocess_mode="livesum",
)
PENDING = Gauge(
    "logo_pictures_pending",
    "Pictures in work or waiting for a slot.",
    multiprocess_mode="livesum",
)


@contextmanager
def waiting(pictures: int) -> Iterator[None]:
    """Count pictures as pending inside the block."""
    PENDING.inc(pictures)
    try:
        yield
    finally:
        PENDING.dec(pictures)


def observe_result(result: Mapping[str, Any]) -> None:
    """Count one answer of the classifier."""
    tier = result["routing_decision"]["tier"]
    CLASSIFICATIONS.labels(result["logo_type"], result["method_used"], tier).inc()
    if tier in (Tier.TIME_BUDGET, Tier.DEGRADED):
        FALLBACKS.labels(tier).inc()
    if result["cached"]:
        CACHED.inc()


def observe_lookup(cache: str, outcome: str) -> None:
    """Count one look-up of a cache."""
    CACHE_LOOKUPS.labels(cache, outcome).inc()


def observe_store_failure(reason: str) -> None:
    """Count one failure of the shared store."""
    STORE_FAILURES.labels(reason).inc()
