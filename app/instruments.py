"""The Prometheus metrics; under Gunicorn they are summed over the workers."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from prometheus_client import REGISTRY, CollectorRegistry, Counter, Gauge, Histogram
from prometheus_client.multiprocess import MultiProcessCollector

from app.traces import stages
from app.traces.stages import ServiceStage
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
CONFIDENCE = Histogram(
    "logo_confidence",
    "Confidence of answers as they were given.",
    ["method"],
    # The lower bounds of the tiers are among the edges, as logo_classifier.RoutingPolicy has them.
    buckets=(0.3, 0.45, 0.55, 0.65, 0.75, 0.85, 0.9, 0.95, 0.99),
)
PREDICTION_SETS = Counter(
    "logo_prediction_sets", "Answers by the number of types in their prediction set.", ["size"]
)
STAGE_DURATION = Histogram(
    "logo_stage_duration_seconds",
    "Time that requests spend in each stage.",
    ["stage"],
    buckets=(0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 10),
)
# An Info has no samples in the multiprocess mode of prometheus_client; a gauge of 1 does.
VERSIONS = Gauge(
    "logo_version_info",
    "1 for what serves now: model, calibration and rules; 0 for what a worker served before.",
    ["role", "model", "calibration", "rules"],
    multiprocess_mode="livemostrecent",
)
ANSWERS = Counter(
    "logo_answers", "Answers by model version; rules where no network is loaded.", ["model"]
)
TRIAL_UNITS = Counter(
    "logo_trial_units", "Clients or pictures, each counted once, by who answers them.", ["arm"]
)
LIVE_LABELS = Gauge(
    "logo_live_labels",
    "Requested labels by model version and route.",
    ["model", "route"],
    multiprocess_mode="livemostrecent",
)
LIVE_ACCURACY = Gauge(
    "logo_live_accuracy",
    "Share of answers that requested labels say are right.",
    ["model", "route"],
    multiprocess_mode="livemostrecent",
)
LIVE_CALIBRATION_ERROR = Gauge(
    "logo_live_calibration_error",
    "Expected calibration error by requested labels.",
    ["model", "route"],
    multiprocess_mode="livemostrecent",
)
LIVE_COVERAGE = Gauge(
    "logo_live_coverage",
    "Share of prediction sets that hold the label.",
    ["model", "route"],
    multiprocess_mode="livemostrecent",
)
LIVE_IN_FORCE = Gauge(
    "logo_live_calibration_in_force",
    "1 where a live calibration moves confidences, 0 where the version's own serves.",
    ["model"],
    multiprocess_mode="livemin",
)
LEDGER_FAILURES = Counter(
    "logo_live_calibration_failures",
    "Times that the ledger of calibrations became unreadable.",
)
CANDIDATE_FALLBACKS = Counter(
    "logo_candidate_fallbacks",
    "Answers of the serving version where the candidate failed.",
    ["kind"],
)
JUDGEMENTS = Counter(
    "logo_trial_judgements",
    "Pictures for the other version to judge behind the reply.",
    ["outcome"],
)
DISAGREEMENTS = Counter(
    "logo_trial_disagreements",
    "Pictures to which the two versions give different types.",
    ["serving_type", "candidate_type"],
)
FEEDBACK_ANSWERS = Counter(
    "logo_feedback_answers",
    "Answers to keep for feedback: written, dropped or failed.",
    ["outcome"],
)
FEEDBACK_LABELS = Counter(
    "logo_feedback_labels", "Labels of clients: new, repeated, unknown or failed.", ["outcome"]
)
FEEDBACK_PICTURES = Counter(
    "logo_feedback_pictures",
    "Pictures to keep: kept, known, dropped or failed.",
    ["outcome"],
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
BODY_BYTES = Gauge(
    "logo_body_bytes_held",
    "Bytes of bodies that workers hold in memory.",
    multiprocess_mode="livesum",
)
WORKER_MEMORY = Gauge(
    "logo_worker_resident_bytes",
    "Resident memory of each worker.",
    ["worker"],
    multiprocess_mode="livemostrecent",
)
WORKER_CPU = Counter(
    "logo_worker_cpu_seconds", "Processor time of each worker, user and system.", ["worker"]
)


@contextmanager
def in_stage(stage: ServiceStage) -> Iterator[None]:
    """Time the block as a stage of the request."""
    started_seconds = time.perf_counter()
    try:
        yield
    finally:
        observe_stage(stage, time.perf_counter() - started_seconds)


def observe_stage(stage: str, seconds: float) -> None:
    """Count a stage of a request; what is worked on for no request is not counted."""
    if stages.note(stage, seconds):
        STAGE_DURATION.labels(stage).observe(seconds)


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
    ANSWERS.labels(version_of(result)).inc()
    CONFIDENCE.labels(result["method_used"]).observe(result["confidence"])
    PREDICTION_SETS.labels(len(result["prediction_set"])).inc()
    if tier in (Tier.TIME_BUDGET, Tier.DEGRADED):
        FALLBACKS.labels(tier).inc()
    if result["cached"]:
        CACHED.inc()


def version_of(result: Mapping[str, Any]) -> str:
    """Return the name/version that an answer names; "rules" if it is of rules alone."""
    model = result["model"]
    return f"{model['name']}/{model['version']}" if model["name"] else "rules"


def registry() -> CollectorRegistry:
    """Return the metrics of all workers, or of this process if it has no siblings."""
    # This variable turns on the multiprocess mode of prometheus_client: each worker writes its
    # metrics to a shared folder.
    if "PROMETHEUS_MULTIPROC_DIR" not in os.environ:
        return REGISTRY
    joined = CollectorRegistry()
    MultiProcessCollector(joined)  # type: ignore[no-untyped-call]
    return joined


def totals(counter: Counter) -> list[tuple[dict[str, str], int]]:
    """Return the labels with which a counter has counted, and its counts over all workers."""
    name = f"{counter._name}_total"
    return [
        (sample.labels, int(sample.value))
        for metric in registry().collect()
        for sample in metric.samples
        if sample.name == name and sample.value
    ]


def observe_lookup(cache: str, outcome: str) -> None:
    """Count one look-up of a cache."""
    CACHE_LOOKUPS.labels(cache, outcome).inc()


def observe_store_failure(reason: str) -> None:
    """Count one failure of the shared store."""
    STORE_FAILURES.labels(reason).inc()
