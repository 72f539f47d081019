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
from opentelemetry.sdk.trace import ReadableSpan, Span, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.trace import NonRecordingSpan, SpanContext, SpanKind, StatusCode, TraceFlags

from app.traces.context import TraceContext, TracedRequest
from app.traces.stages import StageTime

_NAME = "logo-classifier"
_NANOSECONDS = 1_000_000_000

_SHORTEST_SECONDS = 0.00005
"""Stages that are shorter have no span, such as waiting where nobody waits."""


class SpanRecorder:
    """The spans of one worker; the variables `OTEL_*` choose collector, sampler and resource.

    Made after the fork: the thread that sends does not survive one.
    """

    def __init__(self) -> None:
        provider = TracerProvider(resource=Resource.create(_attributes(os.environ)))
        self._processor = BatchSpanProcessor(OTLPSpanExporter())
        provider.add_span_processor(self._processor)
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
        if isinstance(span, Span):  # the sampler has chosen it
            self._record_stages(request, span)
        span.end(request.ended_ns)
        ids = span.get_span_context()
        return TraceContext(
            f"{ids.trace_id:032x}",
            f"{ids.span_id:016x}",
            request.caller.parent_span_id if request.caller else None,
            ids.trace_flags.sampled,
        )

    def flush(self) -> None:
        """Send what waits."""
        self._provider.force_flush()

    def close(self) -> None:
        """Send what waits, and stop."""
        self._provider.shutdown()

    def _record_stages(self, request: TracedRequest, within: Span) -> None:
        """Record spans that have ended before they are made, at a quarter of a tracer's cost."""
        parent = within.get_span_context()
        for each in request.stages:
            if each.seconds < _SHORTEST_SECONDS:
                continue
            ids = SpanContext(
                parent.trace_id,
                self._provider.id_generator.generate_span_id(),
                is_remote=False,
                trace_flags=parent.trace_flags,
            )
            self._processor.on_end(
                ReadableSpan(
                    each.stage,
                    ids,
                    parent,
                    within.resource,
                    instrumentation_scope=within.instrumentation_scope,
                    start_time=_start_ns(each),
                    end_time=each.ended_ns,
                )
            )


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
