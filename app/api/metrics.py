"""Count what the service does, for Prometheus; under Gunicorn the workers are summed up."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from flask import Blueprint, g, request
from flask.typing import ResponseReturnValue
from flask.wrappers import Response
from prometheus_client import REGISTRY, CollectorRegistry, Counter, Gauge, Histogram
from prometheus_client.exposition import choose_encoder
from prometheus_client.multiprocess import MultiProcessCollector

from app.classification.types import Tier

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

blueprint = Blueprint("metrics", __name__)


@blueprint.get("/metrics")
def exposition() -> ResponseReturnValue:
    """Answer in the text format that the scraper asks for."""
    try:
        encode, content_type = choose_encoder(request.headers.get("Accept", ""))
    except TypeError:  # prometheus_client cannot compare a version that is no number
        encode, content_type = choose_encoder("")
    return encode(_registry()), {"Content-Type": content_type}


def _registry() -> CollectorRegistry:
    # prometheus_client's own switch: with a shared folder, each worker writes its part there.
    if "PROMETHEUS_MULTIPROC_DIR" not in os.environ:
        return REGISTRY
    registry = CollectorRegistry()
    MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    return registry


def start_clock() -> ResponseReturnValue | None:
    """Note when the request began."""
    g.began_seconds = time.perf_counter()
    return None


@contextmanager
def waiting(pictures: int) -> Iterator[None]:
    """Count pictures as pending for the length of the block."""
    PENDING.inc(pictures)
    try:
        yield
    finally:
        PENDING.dec(pictures)


def observe_request(response: Response) -> Response:
    """Count a request and its duration under its route, or "unmatched"."""
    endpoint = request.url_rule.rule if request.url_rule else "unmatched"
    REQUESTS.labels(endpoint, response.status_code).inc()
    DURATION.labels(endpoint).observe(time.perf_counter() - g.began_seconds)
    return response


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
