"""Request ids (correlation ids): one id per request in its reply, its log lines and its errors."""

from __future__ import annotations

import re
from uuid import uuid4

from flask import g, request
from flask.typing import ResponseReturnValue
from flask.wrappers import Response

HEADER = "X-Request-ID"

# The id is written to logs and headers, so it must not contain line breaks (injection).
_SANE = re.compile(r"[A-Za-z0-9._-]{1,128}")


def assign() -> ResponseReturnValue | None:
    """Set the request id: the one that the client or proxy sent, or a new one."""
    given = request.headers.get(HEADER, "")
    g.request_id = given if _SANE.fullmatch(given) else uuid4().hex
    return None


def stamp(response: Response) -> Response:
    """Add the request id to the reply."""
    response.headers[HEADER] = g.request_id
    return response
