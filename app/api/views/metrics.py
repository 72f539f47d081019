"""Export metrics to Prometheus, and count and time every request."""

from __future__ import annotations

import time

from flask import Blueprint, g, request
from flask.typing import ResponseReturnValue
from flask.wrappers import Response
from prometheus_client.exposition import choose_encoder

from app.instruments import DURATION, REQUESTS, registry

blueprint = Blueprint("metrics", __name__)


@blueprint.get("/metrics")
def exposition() -> ResponseReturnValue:
    """Reply with all metrics in the text format that the scraper accepts."""
    try:
        encode, content_type = choose_encoder(request.headers.get("Accept", ""))
    except TypeError:  # prometheus_client fails on a version that is not a number
        encode, content_type = choose_encoder("")
    return encode(registry()), {"Content-Type": content_type}


def start_clock() -> ResponseReturnValue | None:
    """Record the start time of the request."""
    g.began_seconds = time.perf_counter()
    return None


def observe_request(response: Response) -> Response:
    """Record a request and its duration under its route, or "unmatched"."""
    endpoint = request.url_rule.rule if request.url_rule else "unmatched"
    REQUESTS.labels(endpoint, response.status_code).inc()
    DURATION.labels(endpoint).observe(time.perf_counter() - g.began_seconds)
    return response
