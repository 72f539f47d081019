"""Let a request be traced, if this worker traces; probes and scrapes are not."""

from __future__ import annotations

import time

from flask import g, request
from flask.wrappers import Response

from app.api.request_log import ERROR_KEY
from app.api.service import service
from app.traces.context import TracedRequest

_UNTRACED = ("/health", "/metrics", "/static")
"""The beginnings of routes that are asked all the time and tell nothing."""


def record(response: Response) -> Response:
    """Record the spans of the request that ends."""
    recorder = service().recorder
    route = request.url_rule.rule if request.url_rule else "unmatched"
    if recorder and not route.startswith(_UNTRACED):
        attributes = {f"logo.{name}": value for name, value in g.told.items() if name != "errors"}
        if error := request.environ.get(ERROR_KEY):
            attributes["error.type"] = error
        g.trace = recorder.record(
            TracedRequest(
                request.method,
                route,
                response.status_code,
                time.time_ns(),
                time.perf_counter() - g.began_seconds,
                g.stages,
                g.caller,
                {"logo.request_id": g.request_id, **attributes},
            )
        )
    return response
