"""Tell probes and people how this worker is, without building or running a model."""

from __future__ import annotations

import os
import time
from http import HTTPStatus
from typing import Any

from flask import Blueprint, g, jsonify
from flask.typing import ResponseReturnValue
from flask.wrappers import Response

from app.api.service import service
from app.classification.errors import ModelUnavailable

blueprint = Blueprint("health", __name__, url_prefix="/health")

OK = "ok"
DEGRADED = "degraded"
"""The rules answer, the network does not."""


@blueprint.get("")
def health() -> ResponseReturnValue:
    """Answer 200 with the state of the worker: even a degraded one classifies."""
    return jsonify(_report())


@blueprint.get("/live")
def live() -> ResponseReturnValue:
    """Answer 200 as long as requests are answered at all."""
    return jsonify({"status": OK, "request_id": g.request_id})


@blueprint.get("/ready")
def ready() -> ResponseReturnValue:
    """Answer 200 where the network serves, else 503, so that a balancer may prefer others."""
    report = _report()
    degraded = report["status"] == DEGRADED
    return jsonify(report), HTTPStatus.SERVICE_UNAVAILABLE if degraded else HTTPStatus.OK


@blueprint.after_request
def forbid_caching(response: Response) -> Response:
    """Keep proxies from answering a probe with an old state."""
    response.headers["Cache-Control"] = "no-store"
    return response


def _report() -> dict[str, Any]:
    classifier = service().classifier
    model = classifier.get_model_info()
    return {
        "status": OK if classifier.model_loaded else DEGRADED,
        "model_loaded": classifier.model_loaded,
        "model": {
            "name": model["name"],
            "version": model["version"],
            # The message may hold paths of the inside; the log has it.
            "error": ModelUnavailable.kind if model["error"] else None,
        },
        "memory_mb": round(classifier.get_memory_usage()["rss_mb"], 1),
        "uptime_seconds": round(time.monotonic() - service().started_seconds, 1),
        "worker_pid": os.getpid(),
        "request_id": g.request_id,
    }
