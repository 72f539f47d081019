"""Traces of requests: their ids (W3C Trace Context, https://www.w3.org/TR/trace-context/)."""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from app.traces.stages import StageTime

_ZERO_TRACE, _ZERO_SPAN = "0" * 32, "0" * 16

# A later version may add fields behind these four (section 3.2.4); version ff is not allowed.
_TRACEPARENT = re.compile(r"([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?")


@dataclass(frozen=True, slots=True)
class TraceContext:
    """The ids of one request in lower-case hexadecimal digits: 32 of the trace, 16 of a span."""

    trace_id: str
    span_id: str
    parent_span_id: str | None
    """The caller's span, None where the trace begins here."""
    sampled: bool
    """Whether the caller, or later this service, records the trace."""

    @property
    def response(self) -> str:
        """Return the header `traceresponse`, which tells a caller the span of this request."""
        return f"00-{self.trace_id}-{self.span_id}-{int(self.sampled):02x}"


@dataclass(frozen=True, slots=True)
class TracedRequest:
    """A request that has just ended, at `ended_ns` since 1970, after `seconds`."""

    method: str
    route: str
    status: int
    ended_ns: int
    seconds: float
    stages: Sequence[StageTime]
    caller: TraceContext | None
    attributes: Mapping[str, str | bool | int | float]


class Recorder(Protocol):
    """What records the spans of requests."""

    def record(self, request: TracedRequest) -> TraceContext:
        """Record a request that has just ended; return the ids of its span."""
        ...

    def flush(self) -> None:
        """Send what waits."""
        ...

    def close(self) -> None:
        """Send what waits, and stop."""
        ...


def read_traceparent(header: str | None) -> TraceContext | None:
    """Return the context of a caller with a new span id; None for no or an invalid header."""
    found = _TRACEPARENT.fullmatch(header or "")
    if found is None:
        return None
    version, trace_id, parent_id, flags, more = found.groups()
    if version == "ff" or (version == "00" and more) or trace_id == _ZERO_TRACE:
        return None
    if parent_id == _ZERO_SPAN:
        return None
    return TraceContext(trace_id, secrets.token_hex(8), parent_id, bool(int(flags, 16) & 1))


def unrecorded(context: TraceContext) -> TraceContext:
    """Return a context as a service that records no spans answers it."""
    return replace(context, sampled=False)
