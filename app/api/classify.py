"""Classify pictures over HTTP: one at a time, or a batch."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Sequence
from typing import Any

from flask import Blueprint, g, jsonify, request
from flask.typing import ResponseReturnValue

from app.api import metrics
from app.api.errors import classifier_problem
from app.api.options import Options, read_options
from app.api.service import service
from app.api.uploads import Upload, guard, read_upload, read_uploads
from app.classification.types import LogoType

blueprint = Blueprint("classify", __name__)


@blueprint.post("/classify")
def classify() -> ResponseReturnValue:
    """Answer with the type of one logo."""
    guard(request, service().settings.max_upload_bytes)
    upload, options = read_upload(request), read_options(request)
    with service().inference_slot() as classifier:
        result = classifier.classify(upload.data, options.time_budget_seconds, options.method)
    metrics.observe_result(result)
    return jsonify({**_public(result, options), "request_id": g.request_id})


@blueprint.post("/classify/batch")
def classify_batch() -> ResponseReturnValue:
    """Answer with the type, or the problem, of each logo in the order sent."""
    settings = service().settings
    guard(request, settings.max_batch_bytes, form_only=True)
    uploads, options = read_uploads(request, settings.max_batch_files), read_options(request)
    began = time.perf_counter()
    with service().inference_slot() as classifier:
        answers = classifier.classify_batch(
            [upload.data for upload in uploads], options.time_budget_seconds, options.method
        )
    took_seconds = time.perf_counter() - began
    results = [
        _batch_item(upload, answer, options)
        for upload, answer in zip(uploads, answers, strict=True)
    ]
    summary = _summary(results, took_seconds)
    return jsonify({"results": results, "summary": summary, "request_id": g.request_id})


def _public(result: dict[str, Any], options: Options) -> dict[str, Any]:
    hidden = () if options.include_features else ("features",)
    return {name: value for name, value in result.items() if name not in hidden}


def _batch_item(upload: Upload, answer: dict[str, Any], options: Options) -> dict[str, Any]:
    if "error" not in answer:
        metrics.observe_result(answer)
        return {"filename": upload.filename, **_public(answer, options)}
    kind = answer["error"]["type"]
    metrics.ERRORS.labels(kind).inc()
    members = classifier_problem(kind, answer["error"]["message"])
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
