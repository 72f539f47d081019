"""Every error is a problem of one shape and tells nothing of the inside."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from io import BytesIO
from typing import Any

import pytest
from flask.testing import FlaskClient

from app.api.errors import STATUS, classifier_problem, problem
from logo_classifier.errors import (
    BadDimensions,
    ClassifierError,
    ImageNotFound,
    ImageTooLarge,
    InvalidImage,
    ModelUnavailable,
    OutOfMemory,
    UnsupportedFormat,
)

HOME = ClassifierError.__module__

ImageMaker = Callable[..., bytes]
FailingClientMaker = Callable[[Exception], FlaskClient]


def descendants(kind: type[ClassifierError]) -> Iterator[type[ClassifierError]]:
    yield kind
    for child in kind.__subclasses__():
        yield from descendants(child)


def post(client: FlaskClient, picture: bytes) -> Any:
    return client.post("/classify", data=picture, content_type="image/png")


def test_every_error_of_the_library_has_a_status() -> None:
    # Those of batch jobs, which no request can meet, stand beside their code.
    raised = {error for error in descendants(ClassifierError) if error.__module__ == HOME}
    assert raised == STATUS.keys()


def test_every_error_of_the_library_has_a_kind_of_its_own() -> None:
    kinds = [error.kind for error in STATUS]

    assert len(set(kinds)) == len(kinds)


def test_a_problem_has_the_members_of_rfc_9457() -> None:
    assert problem("invalid_image", 422, "the data is damaged") == {
        "type": "/docs#invalid_image",
        "title": "Invalid image",
        "status": 422,
        "detail": "the data is damaged",
        "error": "invalid_image",
    }


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (ImageNotFound("why"), 404),
        (InvalidImage("why"), 422),
        (UnsupportedFormat("why"), 415),
        (ImageTooLarge("why"), 413),
        (BadDimensions("why"), 422),
    ],
)
def test_a_refusal_of_the_library_is_a_problem_with_its_reason(
    make_failing_client: FailingClientMaker, error: ClassifierError, status: int
) -> None:
    reply = post(make_failing_client(error), b"x")

    assert reply.status_code == status
    assert reply.mimetype == "application/problem+json"
    assert reply.json == {
        **classifier_problem(error.kind, "why"),
        "request_id": reply.headers["X-Request-ID"],
    }


@pytest.mark.parametrize(
    ("error", "status", "kind"),
    [
        (RuntimeError("/inner/path"), 500, "internal_server_error"),
        (ClassifierError("/inner/path"), 500, "classifier_error"),
        (ModelUnavailable("/inner/path"), 503, "model_unavailable"),
    ],
)
def test_a_failure_is_logged_and_tells_nothing_of_the_inside(
    make_failing_client: FailingClientMaker,
    caplog: pytest.LogCaptureFixture,
    error: Exception,
    status: int,
    kind: str,
) -> None:
    reply = post(make_failing_client(error), b"x")

    assert (reply.status_code, reply.json["error"]) == (status, kind)
    assert reply.mimetype == "application/problem+json"
    assert "/inner/path" not in reply.text
    assert "/inner/path" in caplog.text
    assert reply.json["request_id"] in caplog.text


def test_short_memory_is_told_with_a_time_to_come_back(
    make_failing_client: FailingClientMaker,
) -> None:
    reply = post(make_failing_client(OutOfMemory("there is no memory for this picture")), b"x")

    assert (reply.status_code, reply.json["error"]) == (503, "out_of_memory")
    assert reply.json["detail"] == "there is no memory for this picture"
    assert reply.headers["Retry-After"] == "1"


def test_an_unknown_page_is_a_problem(client: FlaskClient) -> None:
    reply = client.get("/nowhere")

    assert reply.mimetype == "application/problem+json"
    assert (reply.status_code, reply.json["error"]) == (404, "not_found")
    assert reply.json["request_id"] == reply.headers["X-Request-ID"]


def test_a_wrong_method_is_a_problem_that_names_the_right_ones(client: FlaskClient) -> None:
    reply = client.get("/classify")

    assert (reply.status_code, reply.json["error"]) == (405, "method_not_allowed")
    assert set(reply.headers["Allow"].split(", ")) == {"POST", "OPTIONS"}


@pytest.mark.parametrize(
    ("picture", "status", "kind"),
    [
        (b"GIF89a and then nothing", 422, "invalid_image"),
        (b"%PDF-1.7", 415, "unsupported_format"),
    ],
)
def test_data_that_is_no_picture_is_refused_by_its_content(
    client: FlaskClient, picture: bytes, status: int, kind: str
) -> None:
    reply = post(client, picture)

    assert (reply.status_code, reply.json["error"]) == (status, kind)


def test_a_picture_cut_short_is_refused(client: FlaskClient, make_image: ImageMaker) -> None:
    reply = post(client, make_image()[:-40])

    assert (reply.status_code, reply.json["error"]) == (422, "invalid_image")


def test_a_picture_outside_the_sides_allowed_is_refused(
    client: FlaskClient, make_image: ImageMaker
) -> None:
    reply = post(client, make_image(size=(9, 40)))

    assert (reply.status_code, reply.json["error"]) == (422, "bad_dimensions")
    assert "9 x 40" in reply.json["detail"]


def test_a_batch_item_hides_the_inside_too(client: FlaskClient) -> None:
    data = {"images": [(BytesIO(b"x"), "logo.png")]}

    item = client.post("/classify/batch", data=data).json["results"][0]

    assert item["error"].keys() == {"type", "title", "status", "detail", "error"}
    assert "inner" not in classifier_problem("model_unavailable", "/inner/path")["detail"]
