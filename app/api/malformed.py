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
from app.api.hardening import HEADERS
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

_CODINGS = "the only transfer coding of this service is chunked, once; or send a Content-Length"

_log = logging.getLogger(__name__)


def answer(error: Exception) -> bytes:
    """Return the whole reply, with status line, headers and problem, to a malformed request."""
    status = next(status for kind, status in _STATUS.items() if isinstance(error, kind))
    request_id = uuid4().hex
    if status is HTTPStatus.INTERNAL_SERVER_ERROR:
        _log.error("request %s failed", request_id, exc_info=error)
        members = http_problem(status)
    else:
        message = _message(error)
        members = http_problem(status, message)
        said = (request_id, status.value, members["error"], message)
        _log.warning("request %s is malformed: %s %s: %r", *said)
    instruments.REQUESTS.labels("unmatched", status.value).inc()
    instruments.ERRORS.labels(members["error"]).inc()
    body = json.dumps({**members, "request_id": request_id}).encode()
    headers = {
        "Content-Type": "application/problem+json",
        "Content-Length": str(len(body)),
        HEADER: request_id,
        "Date": formatdate(usegmt=True),
        "Connection": "close",
        **HEADERS,
    }
    lines = [f"HTTP/1.1 {status.value} {status.phrase}", *map(": ".join, headers.items())]
    return "\r\n".join([*lines, "", ""]).encode() + body


def _message(error: Exception) -> str:
    """Return what is wrong and, for transfer codings, the cure; at most 200 characters."""
    said = str(error)[:_MOST_OF_A_MESSAGE]
    if isinstance(error, UnsupportedTransferCoding) or "TRANSFER-ENCODING" in said.upper():
        return f"{said[: _MOST_OF_A_MESSAGE - len(_CODINGS) - 2]}; {_CODINGS}"
    return said
