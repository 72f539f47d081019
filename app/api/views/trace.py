"""Trace one picture to SVG over HTTP."""

from __future__ import annotations

import time
from dataclasses import replace
from http import HTTPStatus
from typing import Final

from flask import jsonify, request
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import HTTPException

from app import instruments
from app.api.admission import Overloaded, Turn
from app.api.intake.json_bodies import JSON
from app.api.intake.uploads import Upload
from app.api.service import service
from app.api.views.classify import answer_of, blueprint, classify_upload, one_upload
from app.assembly import picture_limits
from app.traces.stages import ServiceStage
from logo_classifier import TooDetailed, TraceBounds, trace

SVG: Final = "image/svg+xml"

_MOST_SECONDS = 10.0
"""How long one picture may be traced; a logo takes about half a second."""

_SVG_POLICY: Final = "default-src 'none'; sandbox; frame-ancestors 'none'"
"""The drawing needs nothing, so whoever opens it by itself lets it do nothing."""


class TracingOff(HTTPException):
    """A picture for a service that traces none."""

    code = HTTPStatus.NOT_FOUND
    kind = "tracing_off"


@blueprint.post("/trace")
def trace_one() -> ResponseReturnValue:
    """Reply with the SVG of a logo; keys, rates and bounds are those of /classify."""
    if service().settings.trace == "off":
        raise TracingOff("this service traces no pictures: LOGO_TRACE is off")
    admission = service().admission
    with one_upload() as (upload, given), admission.pictures(1) as turn:
        options = replace(given, include_tracing=True)
        with admission.tracing(turn) as trace_turn:
            result = classify_upload(upload, options, turn)
            svg = trace_turn.run(_trace, upload, result["tracing"]["basis"], trace_turn)
    answer = answer_of(upload, options, result)
    if request.accept_mimetypes.best_match((SVG, JSON)) == JSON:
        reply = jsonify({**answer, "svg": svg})
        reply.vary.add("Accept")
        return reply
    headers = {"Content-Security-Policy": _SVG_POLICY, "Vary": "Accept"}
    return svg, {"Content-Type": SVG, **headers}


def _trace(upload: Upload, basis: str, turn: Turn) -> str:
    """Return the SVG of a picture; raise Overloaded where it gets less time than is due to it."""
    left_seconds = turn.deadline_seconds - time.monotonic()
    bounds = TraceBounds(seconds=min(_MOST_SECONDS, left_seconds))
    try:
        with instruments.in_stage(ServiceStage.TRACE):
            return trace(upload.picture, basis, picture_limits(service().settings), bounds)
    except TooDetailed:
        if time.monotonic() < turn.deadline_seconds:
            raise
    raise Overloaded(f"the picture was not traced within {turn.timeout_seconds} s of its coming in")
