"""What the line of a request in the log tells beside what Gunicorn knows.

Never what a client sent as a picture, key, file name or parameter.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, Final

from flask import g, request
from flask.typing import ResponseReturnValue
from flask.wrappers import Response

from app.traces.context import read_traceparent, unrecorded

MEMBERS_KEY: Final = "logo.request"
"""The key of the WSGI environment under which the server finds the members of the line."""

ERROR_KEY: Final = "logo.error"
"""The key for the kind of an error."""


def begin() -> ResponseReturnValue | None:
    """Read the caller's trace context; one that is not valid is as good as none."""
    g.caller = read_traceparent(request.headers.get("traceparent"))
    g.trace = unrecorded(g.caller) if g.caller else None
    g.told = {}
    return None


def tell_answer(result: Mapping[str, Any]) -> None:
    """Keep what the line tells of an answer."""
    model = result["model"]
    g.told = {
        "type": result["logo_type"],
        "confidence": result["confidence"],
        "answered_by": result["method_used"],
        "tier": result["routing_decision"]["tier"],
        "model": f"{model['name']}/{model['version']}" if model["name"] else "rules",
        "cached": result["cached"],
    }


def tell_batch(results: Sequence[Mapping[str, Any]]) -> None:
    """Keep what the line tells of a batch."""
    errors = Counter(result["error"]["error"] for result in results if "error" in result)
    g.told = {"pictures": len(results), "failed": errors.total()}
    if errors:
        g.told["errors"] = dict(errors)


def finish(response: Response) -> Response:
    """Hand the members over to the server, and tell the caller the span of this request."""
    members = {
        "request_id": g.request_id,
        "route": request.url_rule.rule if request.url_rule else "unmatched",
        "error": request.environ.get(ERROR_KEY),
        **g.told,
        "bytes_received": getattr(request.environ.get("wsgi.input"), "received_bytes", None),
        "stages_ms": _stages_ms(),
    }
    if g.trace:
        members["trace_id"] = g.trace.trace_id
        members["span_id"] = g.trace.span_id
        members["parent_span_id"] = g.trace.parent_span_id
        response.headers["traceresponse"] = g.trace.response
    request.environ[MEMBERS_KEY] = {
        name: value for name, value in members.items() if value not in (None, {})
    }
    return response


def _stages_ms() -> dict[str, float]:
    """Return the milliseconds of each stage, summed over the pictures of a batch."""
    sums: dict[str, float] = {}
    for each in g.stages:
        sums[each.stage] = sums.get(each.stage, 0.0) + each.seconds * 1000
    return {stage: round(milliseconds, 2) for stage, milliseconds in sums.items()}
