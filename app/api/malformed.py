"""Answer malformed HTTP, which Gunicorn refuses before it reaches the application."""

from __future__ import annotations

import json
import logging
from email.utils import formatdate
from http import HTTPStatus
from typing import Final
from uuid import uuid4

from gunicorn.http.errors import (
    ConfigurationProblem,
    ExpectationFailed,
    ForbiddenProxyRequest,
    InvalidResponseHeader,
    InvalidResponseHeaderName,
    LimitRequestHeaders,
    LimitRequestLine,
    ParseException,
    UnsupportedTransferCoding,
)

from app import instruments
from app.api.errors import http_problem
from app.api.request_ids import HEADER

_STATUS: Final[dict[type[Exception], HTTPStatus]] = {
    LimitRequestLine: HTTPStatus.REQUEST_URI_TOO_LONG,
    LimitRequestHeaders: HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE,
    ExpectationFailed: HTTPStatus.EXPECTATION_FAILED,
    ForbiddenProxyRequest: HTTPStatus.FORBIDDEN,
    UnsupportedTransferCoding: HTTPStatus.NOT_IMPLEMENTED,
    # These are errors of the service, not of the client.
    ConfigurationProblem: HTTPStatus.INTERNAL_SERVER_ERROR,
    InvalidResponseHeader: HTTPStatus.INTERNAL_SERVER_ERROR,
    InvalidResponseHeaderName: HTTPStatus.INTERNAL_SERVER_ERROR,
    ParseException: HTTPStatus.BAD_REQUEST,
    Exception: HTTPStatus.INTERNAL_SERVER_ERROR,
}
"""The first class that matches wins."""

_MOST_OF_A_MESSAGE = 200
"""In characters. Messages repeat what the client sent, so their length is limited."""

_log = logging.getLogger(__name__)


def answer(error: Exception) -> bytes:
    """Return the whole reply, with status line, headers and problem, to a malformed request."""
    status = next(status for kind, status in _STATUS.items() if isinstance(error, kind))
    request_id = uuid4().hex
    if status is HTTPStatus.INTERNAL_SERVER_ERROR:
        _log.error("request %s failed", request_id, exc_info=error)
        members = http_problem(status)
    else:
        message = str(error)[:_MOST_OF_A_MESSAGE]
        _log.warning("request %s is malformed: %r", request_id, message)
        members = http_problem(status, message)
    instruments.REQUESTS.labels("unmatched", status.value).inc()
    instruments.ERRORS.labels(members["error"]).inc()
    body = json.dumps({**members, "request_id": request_id}).encode()
    head = (
        f"HTTP/1.1 {status.value} {status.phrase}\r\n"
        f"Content-Type: application/problem+json\r\nContent-Length: {len(body)}\r\n"
        f"{HEADER}: {request_id}\r\nDate: {formatdate(usegmt=True)}\r\nConnection: close\r\n\r\n"
    )
    return head.encode() + body
