"""Give every request an identifier that its reply, its log lines and its errors share."""

from __future__ import annotations

import re
from uuid import uuid4

from flask import g, request
from flask.typing import ResponseReturnValue
from flask.wrappers import Response

HEADER = "X-Request-ID"

# The identifier is written to logs and sent back, so nothing that could break a line passes.
_SANE = re.compile(r"[A-Za-z0-9._-]{1,128}")


def assign() -> ResponseReturnValue | None:
    """Take the identifier that a client or proxy sent, or make one."""
    given = request.headers.get(HEADER, "")
    g.request_id = given if _SANE.fullmatch(given) else uuid4().hex
    return None


def stamp(response: Response) -> Response:
    """Send the identifier back."""
    response.headers[HEADER] = g.request_id
    return response
