"""Export metrics to Prometheus, and count and time every request."""

from __future__ import annotations

import time

from flask import Blueprint, Flask, g, request
from flask.typing import ResponseReturnValue
from flask.wrappers import Response
from prometheus_client.exposition import choose_encoder

from app import instruments
from app.api.admission import Overloaded
from app.api.errors import KINDS
from app.api.label_sets import make_label_sets
from app.instruments import DURATION, REQUESTS, registry
from app.traces import stages
from app.traces.stages import ServiceStage

blueprint = Blueprint("metrics", __name__)


@blueprint.get("/metrics")
def exposition() -> ResponseReturnValue:
    """Reply with all metrics in the text format that the scraper accepts."""
    try:
        encode, content_type = choose_encoder(request.headers.get("Accept", ""))
    except TypeError:  # prometheus_client fails on a version that is not a number
        encode, content_type = choose_encoder("")
    return encode(registry()), {"Content-Type": content_type}


_CLASSIFYING = ("/classify", "/classify/batch", "/trace", "/")
_USUAL = (200, 400, 413, 415, 422, 429, 500, 503)


def prepare(app: Flask) -> None:
    """Make the label sets of what is usual, and of a failure on each route."""
    failures = [(rule.rule, 500) for rule in app.url_map.iter_rules()]
    usual = [(route, status) for route in _CLASSIFYING for status in _USUAL]
    unready = ("/health/ready", 503)
    make_label_sets([*failures, *usual, unready], _CLASSIFYING, {*KINDS, Overloaded.kind})


def start_clock() -> ResponseReturnValue | None:
    """Record the start time of the request."""
    g.began_seconds = time.perf_counter()
    g.stages = stages.begin()
    return None


def observe_request(response: Response) -> Response:
    """Record a request and its duration under its route, or "unmatched"."""
    ended_seconds = time.perf_counter()
    if "answered_seconds" in g:
        instruments.observe_stage(ServiceStage.REPLY, ended_seconds - g.answered_seconds)
    stages.end()
    endpoint = request.url_rule.rule if request.url_rule else "unmatched"
    REQUESTS.labels(endpoint, response.status_code).inc()
    DURATION.labels(endpoint).observe(ended_seconds - g.began_seconds)
    return response
