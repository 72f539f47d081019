"""Turn every refusal and failure into a problem: RFC 9457 `application/problem+json`."""

from __future__ import annotations

from collections.abc import Iterable
from http import HTTPStatus
from typing import Any, Final

from flask import Flask, current_app, g, has_request_context, jsonify, request
from flask.wrappers import Response
from gunicorn.http.errors import NoMoreData, ParseException
from werkzeug.exceptions import BadRequest, ClientDisconnected, HTTPException, RequestTimeout

from app import instruments
from app.api.request_log import ERROR_KEY
from app.api.wording import explain
from logo_classifier import (
    BadDimensions,
    BadParameter,
    ClassifierError,
    FeedbackUnavailable,
    ImageNotFound,
    ImageTooLarge,
    InvalidImage,
    InvalidInput,
    ModelUnavailable,
    NoVisibleLogo,
    OutOfMemory,
    TimedOut,
    TooDetailed,
    UnsupportedFormat,
)

STATUS: Final[dict[type[ClassifierError], HTTPStatus]] = {
    ClassifierError: HTTPStatus.INTERNAL_SERVER_ERROR,
    InvalidInput: HTTPStatus.BAD_REQUEST,
    ImageNotFound: HTTPStatus.NOT_FOUND,
    InvalidImage: HTTPStatus.UNPROCESSABLE_ENTITY,
    UnsupportedFormat: HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
    ImageTooLarge: HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    BadDimensions: HTTPStatus.UNPROCESSABLE_ENTITY,
    NoVisibleLogo: HTTPStatus.UNPROCESSABLE_ENTITY,
    TooDetailed: HTTPStatus.UNPROCESSABLE_ENTITY,
    BadParameter: HTTPStatus.BAD_REQUEST,
    ModelUnavailable: HTTPStatus.SERVICE_UNAVAILABLE,
    FeedbackUnavailable: HTTPStatus.SERVICE_UNAVAILABLE,
    TimedOut: HTTPStatus.SERVICE_UNAVAILABLE,
    OutOfMemory: HTTPStatus.SERVICE_UNAVAILABLE,
}

KINDS: Final = (
    *(error.kind for error in STATUS),
    "bad_request",
    "batch_too_large",
    "form_too_large",
    "internal_server_error",
    "length_required",
    "missing_image",
    "not_found",
    "request_timeout",
    "too_many_requests",
    "unauthorized",
    "unsupported_media_type",
)
"""The kinds that are usual; other HTTP errors have the name of their status."""

_STATUS_OF_KIND = {error.kind: status for error, status in STATUS.items()}

_KINDS = {
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: ImageTooLarge.kind,
    HTTPStatus.REQUEST_URI_TOO_LONG: "uri_too_long",
    HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE: "range_not_satisfiable",
}
"""Kinds of HTTP errors whose status name is unclear or depends on the version of Python."""

_FAILURE = "The service failed; its log has more under the request_id."

_PUBLIC_DETAILS = {
    ClassifierError.kind: _FAILURE,
    ModelUnavailable.kind: "The neural network cannot answer; method=rule_based can.",
    FeedbackUnavailable.kind: "The store of feedback fails; try again later.",
}
"""Details that replace messages with internals of the service."""

_TEMPORARY = (FeedbackUnavailable.kind, OutOfMemory.kind, TimedOut.kind)
_RETRY_AFTER = {kind: [("Retry-After", "1")] for kind in _TEMPORARY}
"""In seconds, for errors that are temporary."""


def problem(kind: str, status: int, detail: str) -> dict[str, Any]:
    """Return the members of a problem (RFC 9457, section 3); its `type` links to the docs."""
    below = request.script_root if has_request_context() else ""
    return {
        "type": f"{below}/docs#{kind}",
        "title": kind.replace("_", " ").capitalize(),
        "status": int(status),
        "detail": detail,
        "error": kind,
    }


def classifier_problem(kind: str, message: str) -> dict[str, Any]:
    """Return the problem for a kind of the library's errors; internal failures are hidden."""
    return problem(kind, _STATUS_OF_KIND[kind], _PUBLIC_DETAILS.get(kind, message))


def http_problem(status: HTTPStatus, detail: str = "", kind: str = "") -> dict[str, Any]:
    """Return the problem for an HTTP error; the details of an internal failure are hidden."""
    if status is HTTPStatus.INTERNAL_SERVER_ERROR:
        detail = _FAILURE
    kind = kind or _KINDS.get(status) or status.name.lower()
    return problem(kind, status, detail or status.description)


def log_inside_failure(kind: str, message: str) -> None:
    """Log a failure of the library that is not the client's fault: its reply has no details."""
    if _STATUS_OF_KIND[kind] >= HTTPStatus.INTERNAL_SERVER_ERROR:
        current_app.logger.warning("request %s: %s: %s", g.request_id, kind, message)


def register(app: Flask) -> None:
    """Register error handlers so that every error is answered with a problem."""
    app.register_error_handler(ClassifierError, _answer_classifier_error)
    for cut in (ClientDisconnected, NoMoreData, ConnectionError, TimeoutError):
        app.register_error_handler(cut, _answer_cut_upload)
    app.register_error_handler(ParseException, _answer_malformed_chunks)
    app.register_error_handler(HTTPException, _answer_http_error)
    app.register_error_handler(Exception, _answer_failure)


def _answer_classifier_error(error: ClassifierError) -> Response:
    log_inside_failure(error.kind, str(error))
    members = classifier_problem(error.kind, str(error))
    return _respond(members, _RETRY_AFTER.get(error.kind, ()))


def _answer_cut_upload(_error: Exception) -> Response:
    # Nobody reads this if the client has disconnected. It is for clients that are too slow.
    return _answer_http_error(RequestTimeout("the request did not come in whole in time"))


def _answer_malformed_chunks(_error: ParseException) -> Response:
    return _answer_http_error(BadRequest("the chunks of the body are malformed"))


def _answer_http_error(error: HTTPException) -> Response:
    status = HTTPStatus(error.code or HTTPStatus.INTERNAL_SERVER_ERROR)
    members = http_problem(status, explain(error), getattr(error, "kind", ""))
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        said = (members["error"], error.description)
        current_app.logger.warning("request %s: %s: %s", g.request_id, *said)
    # Keep headers such as Allow and Retry-After. The body is no longer HTML.
    headers = [pair for pair in error.get_headers() if pair[0] != "Content-Type"]
    return _respond(members, headers)


def _answer_failure(error: Exception) -> Response:
    current_app.logger.error("request %s failed", g.request_id, exc_info=error)
    return _respond(http_problem(HTTPStatus.INTERNAL_SERVER_ERROR))


def _respond(members: dict[str, Any], headers: Iterable[tuple[str, str]] = ()) -> Response:
    instruments.ERRORS.labels(members["error"]).inc()
    request.environ[ERROR_KEY] = members["error"]
    response = jsonify({**members, "request_id": g.request_id})
    response.status_code = members["status"]
    response.mimetype = "application/problem+json"
    response.headers.extend(headers)
    return response
