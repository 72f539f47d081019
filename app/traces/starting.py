"""Whether a worker traces, and what does it."""

from __future__ import annotations

import logging
from collections.abc import Mapping

from app.traces.context import Recorder

_ENDPOINTS = ("OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT")
_PROTOCOLS = ("OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", "OTEL_EXPORTER_OTLP_PROTOCOL")
_PROTOCOL = "http/protobuf"

_log = logging.getLogger(__name__)


def start_recorder(environ: Mapping[str, str]) -> Recorder | None:
    """Return what records spans if the environment names a collector, else None.

    Without a collector nothing of OpenTelemetry is imported. Without the extra, or with a protocol
    that this service does not speak, the log says why there are no traces.
    """
    if not any(environ.get(name) for name in _ENDPOINTS):
        return None
    if environ.get("OTEL_SDK_DISABLED", "").lower() == "true":
        return None
    protocol = next((environ[name] for name in _PROTOCOLS if environ.get(name)), _PROTOCOL)
    if protocol != _PROTOCOL:
        _log.error("no traces: the protocol %r is not spoken here, only %s", protocol, _PROTOCOL)
        return None
    try:
        from app.traces.spans import SpanRecorder  # noqa: PLC0415 - an extra, only if it is used
    except ImportError as error:
        _log.error("no traces: they need `pip install -r deploy/requirements-otel.txt` (%s)", error)
        return None
    try:
        return SpanRecorder()
    except ValueError as error:  # of a variable; a worker must not end at its start (0022)
        _log.error("no traces: a variable OTEL_* is refused: %s", error)
        return None
