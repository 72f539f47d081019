"""Take the labels that clients report."""

from __future__ import annotations

import time
from http import HTTPStatus

import gevent
from flask import g, jsonify, request
from flask.typing import ResponseReturnValue
from gevent.util import wrap_errors
from werkzeug.exceptions import HTTPException

from app import instruments
from app.api.access.rates import network
from app.api.intake.labels import Label, read_label
from app.api.service import service
from app.api.views.classify import blueprint
from app.feedback.feedback import Feedback
from logo_classifier import Accepted, FeedbackUnavailable

_PATIENCE_SECONDS = 1.0
"""How long an unknown answer is looked for: it may still wait in the queue of another worker."""

_PAUSE_SECONDS = 0.1


class FeedbackOff(HTTPException):
    """A label for a service that keeps none."""

    code = HTTPStatus.NOT_FOUND
    kind = "feedback_off"


class UnknownRequest(HTTPException):
    """A label for an answer that is not kept."""

    code = HTTPStatus.NOT_FOUND
    kind = "unknown_request"


@blueprint.post("/feedback")
def feedback() -> ResponseReturnValue:
    """Keep a client's label of an answer; keys and rates are those of /classify."""
    kept = service().feedback
    if kept is None:
        raise FeedbackOff("this service keeps no feedback: LOGO_FEEDBACK_URL is not set")
    label = read_label(request)
    accepted = _label(kept, label, g.get("api_key") or network(request.remote_addr))
    instruments.FEEDBACK_LABELS.labels(accepted).inc()
    if accepted is Accepted.UNKNOWN:
        raise UnknownRequest(
            "no answer is kept under this request_id: it was never given, or was forgotten or "
            "dropped; take it from the reply to /classify"
        )
    return jsonify({"accepted": accepted, "request_id": g.request_id}), HTTPStatus.ACCEPTED


def _label(kept: Feedback, label: Label, client: str) -> Accepted:
    """Return what became of a label; other requests go on meanwhile."""
    # As a value, since gevent would write the traceback of each failure to stderr.
    work = wrap_errors((FeedbackUnavailable,), kept.label)
    threads = gevent.get_hub().threadpool
    until_seconds = time.monotonic() + _PATIENCE_SECONDS
    while True:
        found: Accepted | FeedbackUnavailable = threads.apply(
            work, (label.request_id, label.true_label, client)
        )
        if isinstance(found, FeedbackUnavailable):
            instruments.FEEDBACK_LABELS.labels("failed").inc()
            raise found
        if found is not Accepted.UNKNOWN or time.monotonic() > until_seconds:
            return found
        gevent.sleep(_PAUSE_SECONDS)
