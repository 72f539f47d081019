"""A label is small, strict JSON."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from app.api import create_app
from app.config import Settings
from logo_classifier import HybridClassifier

GOOD = b'{"request_id": "a", "true_label": "text"}'


@pytest.fixture
def labelling(tmp_path: Path, classifier: HybridClassifier) -> FlaskClient:
    url = f"sqlite:///{tmp_path / 'feedback.db'}"
    return create_app(Settings(feedback_url=url), classifier).test_client()


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"[]", "object"),
        (b"{}", "request_id"),
        (b'{"request_id": "a"}', "true_label"),
        (b'{"request_id": 7, "true_label": "text"}', "str"),
        (b'{"request_id": "a", "true_label": "logo"}', "simple, text, gradient, complex"),
        (b'{"request_id": "a", "true_label": "text", "note": 1}', "note"),
    ],
)
def test_wrong_members_are_named(labelling: FlaskClient, body: bytes, said: str) -> None:
    reply = labelling.post("/feedback", data=body, content_type="application/json")

    assert (reply.status_code, reply.json["error"]) == (400, "bad_parameter")
    assert said in reply.json["detail"]


@pytest.mark.parametrize(
    ("options", "kind"),
    [
        ({"data": b"{"}, "bad_request"),
        ({"data": b"\xff"}, "bad_request"),
        ({"data": b""}, "bad_request"),
        ({"data": b" " * 4096 + GOOD}, "image_too_large"),
        ({"data": GOOD, "content_type": "text/plain"}, "unsupported_media_type"),
        ({"data": GOOD, "headers": {"Content-Encoding": "gzip"}}, "unsupported_media_type"),
        ({"data": GOOD, "query_string": {"true_label": "text"}}, "bad_parameter"),
    ],
)
def test_what_is_no_small_json_is_refused(
    labelling: FlaskClient, options: dict[str, Any], kind: str
) -> None:
    reply = labelling.post("/feedback", **{"content_type": "application/json", **options})

    assert reply.json["error"] == kind


def test_a_good_label_of_no_answer_is_not_found(labelling: FlaskClient) -> None:
    reply = labelling.post("/feedback", data=GOOD, content_type="application/json")

    assert reply.json["error"] == "unknown_request"
