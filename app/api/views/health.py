"""Health checks: liveness and readiness of this worker, without running a model."""

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
"""The rules answer, but not the network."""
UNHEALTHY = "unhealthy"
"""The worker uses more memory than allowed, and is replaced after its next request."""


@blueprint.get("")
def health() -> ResponseReturnValue:
    """Reply with the state of the worker: 200 if it is healthy or degraded, otherwise 503."""
    report = _report()
    return jsonify(report), _status(report["status"] != UNHEALTHY)


@blueprint.get("/live")
def live() -> ResponseReturnValue:
    """Reply 200, a liveness check."""
    return jsonify({"status": HEALTHY, "request_id": g.request_id})


@blueprint.get("/ready")
def ready() -> ResponseReturnValue:
    """Reply 200 if the worker is healthy, otherwise 503, a readiness check for load balancers."""
    report = _report()
    return jsonify(report), _status(report["status"] == HEALTHY)


@blueprint.after_request
def forbid_caching(response: Response) -> Response:
    """Forbid proxies to cache the state."""
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
            # The message may contain internal paths, so it is only in the log.
            "error": ModelUnavailable.kind if model["error"] else None,
            "refused": service().refused,
        },
        "memory_mb": round(memory["rss_mb"], 1),
        "uptime_seconds": round(time.monotonic() - service().started_seconds, 1),
        "worker_pid": os.getpid(),
        "request_id": g.request_id,
    }


def _state(memory: Mapping[str, Any], model_loaded: bool) -> str:
    if memory["memory_is_short"]:
        return UNHEALTHY
    return HEALTHY if model_loaded else DEGRADED


def _status(good: bool) -> HTTPStatus:
    return HTTPStatus.OK if good else HTTPStatus.SERVICE_UNAVAILABLE
