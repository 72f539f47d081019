"""Classify pictures over HTTP: one at a time, or a batch."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from http import HTTPStatus
from typing import Any

from flask import Blueprint, g, jsonify, request
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import RequestEntityTooLarge

from app import instruments
from app.api import request_log
from app.api.admission import Overloaded, Turn
from app.api.errors import classifier_problem, log_inside_failure, problem
from app.api.follow_up import follow_up
from app.api.intake.options import Options, read_options
from app.api.intake.uploads import (
    Upload,
    copies_in_memory,
    guard,
    read_body,
    read_upload,
    read_uploads,
)
from app.api.service import service
from app.assembly import picture_limits
from app.classifier import Answering
from app.config import Settings
from app.traces.stages import ServiceStage
from app.trial.shadow import Case
from logo_classifier import LogoType

blueprint = Blueprint("classify", __name__)


BATCH_PIECE = 8
"""Pictures of a batch that are classified in one turn. Then the slot goes to the next waiter."""


_QUICKLY_DIGESTED_BYTES = 1024 * 1024
"""Most bytes whose digest is computed while other requests wait: about a millisecond."""


class BatchTooLarge(RequestEntityTooLarge):
    """A batch that would take too long to decode."""

    kind = "batch_too_large"


@blueprint.post("/classify")
def classify() -> ResponseReturnValue:
    """Reply with the type of one logo."""
    return jsonify(answer_one())


def answer_one() -> dict[str, Any]:
    """Return the answer for the one picture of the request; raise what refuses it."""
    with one_upload() as (upload, options):
        result = _recall(upload, options)
        if result is None:
            with service().admission.pictures(1) as turn:
                result = classify_upload(upload, options, turn)
    return answer_of(upload, options, result)


@contextmanager
def one_upload() -> Iterator[tuple[Upload, Options]]:
    """Hold the one picture of the request, and its options, inside the block."""
    settings, admission = service().settings, service().admission
    guard(request, settings.max_upload_bytes)
    with admission.body(request.environ, copies_in_memory(request)):
        with instruments.in_stage(ServiceStage.READ):
            body = read_body(request)
            upload = read_upload(request, settings.max_upload_bytes, body)
            options = read_options(request, body)
        yield upload, options


def classify_upload(upload: Upload, options: Options, turn: Turn) -> dict[str, Any]:
    """Return what the classifier says of a picture when it is its turn."""
    return turn.run(
        _answering().classify,
        upload.picture,
        options.time_budget_seconds,
        options.method,
        deadline=turn.deadline_seconds,
        include_features=options.include_features,
        include_explanation=options.include_explanation,
        include_tracing=options.include_tracing,
    )


def answer_of(upload: Upload, options: Options, result: dict[str, Any]) -> dict[str, Any]:
    """Return what the client is told of a result, which is counted, logged and followed up."""
    result = service().recalibrated(result)
    instruments.observe_result(result)
    request_log.tell_answer(result)
    g.answered_seconds = time.perf_counter()
    (told,) = follow_up([Case(upload.picture, options.method, result, g.request_id)])
    return {**_public(result, options), **told, "request_id": g.request_id}


def _answering() -> Answering:
    """Return who answers this client: the serving version or, in its share, the candidate."""
    return service().answering(g.get("api_key"))


def _recall(upload: Upload, options: Options) -> dict[str, Any] | None:
    """Return an answer that needs no turn, as it is remembered.

    None for large pictures, and for what is to be explained, which no answer is kept with.
    """
    if len(upload.picture.data) > _QUICKLY_DIGESTED_BYTES or options.include_explanation:
        return None
    return _answering().recall(
        upload.picture,
        options.time_budget_seconds,
        options.method,
        include_features=options.include_features,
        include_tracing=options.include_tracing,
    )


@blueprint.post("/classify/batch")
def classify_batch() -> ResponseReturnValue:
    """Reply with the type or the problem of each logo, in the order sent."""
    settings, admission = service().settings, service().admission
    guard(request, settings.max_batch_bytes, form_only=True)
    with admission.body(request.environ):
        with instruments.in_stage(ServiceStage.READ):
            uploads = read_uploads(request, settings.max_batch_files)
            options = read_options(request)
        with admission.pictures(len(uploads)) as turn:
            began = time.perf_counter()
            turn.run(_check_pixels, uploads, settings)  # parsing headers is work too
            pieces = (uploads[i : i + BATCH_PIECE] for i in range(0, len(uploads), BATCH_PIECE))
            results = [item for piece in pieces for item in _classify_piece(piece, options, turn)]
            took_seconds = time.perf_counter() - began
    if all(item.get("error", {}).get("error") == Overloaded.kind for item in results):
        raise Overloaded("no picture of the batch got its turn")
    g.answered_seconds = time.perf_counter()
    request_log.tell_batch(results)
    summary = _summary(results, took_seconds)
    answered = [place for place, result in enumerate(results) if "error" not in result]
    cases = [
        Case(uploads[at].picture, options.method, results[at], f"{g.request_id}.{at}")
        for at in answered
    ]
    for case, told in zip(cases, follow_up(cases), strict=True):
        if told:
            case.answer.update(told, request_id=case.request_id)
    return jsonify({"results": results, "summary": summary, "request_id": g.request_id})


def _check_pixels(uploads: Sequence[Upload], settings: Settings) -> None:
    limits = picture_limits(settings)
    pixels = sum(upload.picture.count_pixels(limits) for upload in uploads)
    if pixels > settings.max_batch_pixels:
        raise BatchTooLarge(
            f"the pictures have {pixels} pixels together; "
            f"a batch takes at most {settings.max_batch_pixels}"
        )


def _classify_piece(
    uploads: Sequence[Upload], options: Options, turn: Turn
) -> Iterator[dict[str, Any]]:
    """Yield the answers of a few pictures; without a turn in time each one is `overloaded`."""
    try:
        answers = turn.run(
            _answering().classify_batch,
            [upload.picture for upload in uploads],
            options.time_budget_seconds,
            options.method,
            deadline=turn.deadline_seconds,
            include_features=options.include_features,
            include_explanation=options.include_explanation,
            include_tracing=options.include_tracing,
        )
    except Overloaded as error:
        for upload in uploads:
            yield _refused(
                upload, problem(error.kind, HTTPStatus.SERVICE_UNAVAILABLE, str(error.description))
            )
    else:
        for upload, answer in zip(uploads, answers, strict=True):
            yield _batch_item(upload, answer, options)


def _public(result: dict[str, Any], options: Options) -> dict[str, Any]:
    hidden = () if options.include_features else ("features",)
    return {name: value for name, value in result.items() if name not in hidden}


def _batch_item(upload: Upload, answer: dict[str, Any], options: Options) -> dict[str, Any]:
    if "error" in answer:
        error = answer["error"]
        log_inside_failure(error["type"], error["message"])
        return _refused(upload, classifier_problem(error["type"], error["message"]))
    given = service().recalibrated(answer)
    instruments.observe_result(given)
    return {"filename": upload.filename, **_public(given, options)}


def _refused(upload: Upload, members: dict[str, Any]) -> dict[str, Any]:
    instruments.ERRORS.labels(members["error"]).inc()
    return {"filename": upload.filename, "error": members}


def _summary(results: Sequence[dict[str, Any]], took_seconds: float) -> dict[str, Any]:
    types = Counter(result["logo_type"] for result in results if "error" not in result)
    return {
        "total": len(results),
        "succeeded": types.total(),
        "failed": len(results) - types.total(),
        "by_type": {kind.value: types[kind.value] for kind in LogoType},
        "processing_time": took_seconds,
    }
