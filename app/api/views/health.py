"""Tell probes and people how this worker is, without building or running a model."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from flask import Blueprint, g, jsonify
from flask.typing import ResponseReturnValue
from flask.wrappers import Response

from app.api.service import service
from logo_classifier import ModelUnavailable

blueprint = Blueprint("health", __name__, url_prefix="/health")

HEALTHY = "healthy"
DEGRADED = "degraded"
"""The rules answer, the network does not."""
UNHEALTHY = "unhealthy"
"""The worker holds more memory than it may, and is replaced after its next request."""


@blueprint.get("")
def health() -> ResponseReturnValue:
    """Answer with the state of the worker: 200 where it classifies, even if degraded."""
    report = _report()
    return jsonify(report), _status(report["status"] != UNHEALTHY)


@blueprint.get("/live")
def live() -> ResponseReturnValue:
    """Answer 200 as long as requests are answered at all."""
    return jsonify({"status": HEALTHY, "request_id": g.request_id})


@blueprint.get("/ready")
def ready() -> ResponseReturnValue:
    """Answer 200 where the network serves, else 503, so that a balancer may prefer others."""
    report = _report()
    return jsonify(report), _status(report["status"] == HEALTHY)


@blueprint.after_request
def forbid_caching(response: Response) -> Response:
    """Keep proxies from answering a probe with an old state."""
    response.headers["Cache-Control"] = "no-store"
    return response


def _report() -> dict[str, Any]:
    classifier = service().classifier
    model, memory = classifier.get_model_info(), classifier.get_memory_usage()
    return {
        "status": _state(memory, classifier.model_loaded),
        "model_loaded": classifier.model_loaded,
        "model": {
            "name": model["name"],
            "version": model["version"],
            # The message may hold paths of the inside; the log has it.
            "error": ModelUnavailable.kind if model["error"] else None,
        },
        "memory_mb": round(memory["rss_mb"], 1),
        "uptime_seconds": round(time.monotonic() - service().started_seconds, 1),
        "worker_pid": os.getpid(),
        "request_id": g.request_id,
    }


def _state(memory: Mapping[str, Any], model_loaded: bool) -> str:
    threshold_mb = memory["threshold_mb"]
    if threshold_mb is not None and memory["rss_mb"] > threshold_mb:
        return UNHEALTHY
    return HEALTHY if model_loaded else DEGRADED


def _status(good: bool) -> HTTPStatus:
    return HTTPStatus.OK if good else HTTPStatus.SERVICE_UNAVAILABLE
