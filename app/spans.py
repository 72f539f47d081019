"""Spans of requests and their stages, sent to a collector as OTLP over HTTP.

Only a worker that is to trace imports this, as OpenTelemetry is an extra. The spans of a request
are made at its end from what was measured anyway, so requests carry no context of OpenTelemetry.
"""

from __future__ import annotations

import os
from collections.abc import Mapping

from opentelemetry import trace
from opentelemetry.context import Context
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.trace import NonRecordingSpan, SpanContext, SpanKind, StatusCode, TraceFlags

from app.stages import StageTime
from app.trace_context import TraceContext, TracedRequest

_NAME = "logo-classifier"
_NANOSECONDS = 1_000_000_000


class SpanRecorder:
    """The spans of one worker; the variables `OTEL_*` choose collector, sampler and resource.

    Made after the fork: the thread that sends does not survive one.
    """

    def __init__(self) -> None:
        provider = TracerProvider(resource=Resource.create(_attributes(os.environ)))
        provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
        self._provider, self._tracer = provider, provider.get_tracer(_NAME)

    def record(self, request: TracedRequest) -> TraceContext:
        """Record a request that has just ended; return the ids of its span."""
        span = self._tracer.start_span(
            f"{request.method} {request.route}",
            _parent(request.caller),
            SpanKind.SERVER,
            {
                "http.request.method": request.method,
                "http.route": request.route,
                "http.response.status_code": request.status,
                **request.attributes,
            },
            start_time=request.ended_ns - round(request.seconds * _NANOSECONDS),
        )
        if request.status >= 500:
            span.set_status(StatusCode.ERROR)
        if span.is_recording():
            self._record_stages(request, trace.set_span_in_context(span, Context()))
        span.end(request.ended_ns)
        ids = span.get_span_context()
        return TraceContext(
            f"{ids.trace_id:032x}",
            f"{ids.span_id:016x}",
            request.caller.parent_span_id if request.caller else None,
            ids.trace_flags.sampled,
        )

    def close(self) -> None:
        """Send what waits, and stop."""
        self._provider.shutdown()

    def _record_stages(self, request: TracedRequest, within: Context) -> None:
        for each in request.stages:
            span = self._tracer.start_span(each.stage, within, start_time=_start_ns(each))
            span.end(each.ended_ns)


def _start_ns(each: StageTime) -> int:
    return each.ended_ns - round(each.seconds * _NANOSECONDS)


def _attributes(environ: Mapping[str, str]) -> dict[str, str]:
    """Return what describes this service where the variables do not name it."""
    named = environ.get("OTEL_SERVICE_NAME") or "service.name=" in environ.get(
        "OTEL_RESOURCE_ATTRIBUTES", ""
    )
    return {} if named else {"service.name": _NAME}


def _parent(caller: TraceContext | None) -> Context:
    """Return the caller's span as the parent; without one the trace begins here."""
    if caller is None or caller.parent_span_id is None:
        return Context()
    ids = SpanContext(
        int(caller.trace_id, 16),
        int(caller.parent_span_id, 16),
        is_remote=True,
        trace_flags=TraceFlags(int(caller.sampled)),
    )
    return trace.set_span_in_context(NonRecordingSpan(ids), Context())
