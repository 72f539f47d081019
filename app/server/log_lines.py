"""Lines of the log: text for people, or a JSON object a line for programs."""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final

MEMBERS_KEY: Final = "logo.request"
"""Where `app.api.request_log` leaves what the application knows of a request."""

TEXT_FORMAT = "[%(asctime)s] [%(process)d] [%(levelname)s] %(name)s: %(message)s"

_HEAD = {
    "client",
    "method",
    "path",
    "protocol",
    "status",
    "error",
    "bytes_sent",
    "duration_ms",
    "request_id",
    "route",
    "stages_ms",
    "errors",
}
"""Members that a text line has in another form than `name=value`, or whose path says it."""


class JsonFormatter(logging.Formatter):
    """A formatter that makes one JSON object of a record; times are UTC, ISO 8601."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line; the record of a request has its members in `request`."""
        moment = datetime.fromtimestamp(record.created, UTC)
        members: dict[str, Any] = {
            "time": moment.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "pid": record.process,
            "message": record.getMessage(),
            **getattr(record, "request", {}),
        }
        if record.exc_info:
            members["exception"] = self.formatException(record.exc_info)
        return json.dumps(members)


def request_members(
    environ: Mapping[str, Any], status: str, sent_bytes: int, took: timedelta
) -> dict[str, Any]:
    """Return what is told of a request; the query may hold anything, so it is not told."""
    return {
        "client": environ.get("REMOTE_ADDR") or "-",
        "method": environ["REQUEST_METHOD"],
        "path": environ["RAW_URI"].partition("?")[0],
        "protocol": environ["SERVER_PROTOCOL"],
        "status": int(status.split(None, 1)[0]),
        "bytes_sent": sent_bytes,
        "duration_ms": round(took.total_seconds() * 1000, 2),
        **environ.get(MEMBERS_KEY, {}),
    }


def text_line(members: Mapping[str, Any]) -> str:
    """Return the members of a request as a line for people."""
    head = (
        f"{time.strftime('[%d/%b/%Y:%H:%M:%S %z]')} {members['client']} "
        f'"{members["method"]} {_quoted(members["path"])} {members["protocol"]}" '
        f"{members['status']} {members.get('error', '-')} {members['bytes_sent']} bytes "
        f"{members['duration_ms']:.0f} ms {members.get('request_id', '-')}"
    )
    shown = {name: value for name, value in members.items() if name not in _HEAD}
    for name, value in members.get("stages_ms", {}).items():
        shown[name] = f"{value}ms"
    return " ".join([head, *(f"{name}={value}" for name, value in shown.items())])


def _quoted(path: str) -> str:
    """Return a path that cannot end the quotes around it."""
    return path.replace('"', '\\"')
