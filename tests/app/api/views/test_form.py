"""The form of the page is answered with a page, under the bounds of /classify."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask.testing import FlaskClient

from logo_classifier import ClassifierError
from tests.app.api.conftest import held_body
from tests.app.api.forms import KEY, form

ClientMaker = Callable[..., FlaskClient]


def test_a_picture_is_answered_with_a_page(client: FlaskClient, picture: bytes) -> None:
    reply = client.post("/", **form(picture))

    assert reply.status_code == 200
    assert reply.mimetype == "text/html"
    assert "This logo is" in reply.text
    assert reply.headers["Cache-Control"] == "no-store"


def test_a_refusal_keeps_its_status_and_says_what_to_do(client: FlaskClient) -> None:
    reply = client.post("/", **form(b"<svg xmlns='x'></svg>"))

    assert reply.status_code == 415
    assert reply.mimetype == "text/html"
    assert "already a vector" in reply.text
    assert "Save the logo as PNG" in reply.text


def test_what_a_client_sends_is_escaped(client: FlaskClient, picture: bytes) -> None:
    reply = client.post("/", **form(picture, field="<script>"))

    assert reply.status_code == 400
    assert "<script>" not in reply.text
    assert "&lt;script&gt;" in reply.text


def test_the_form_asks_for_a_key_where_classify_does(
    make_client: ClientMaker, picture: bytes
) -> None:
    reply = make_client(api_keys=(KEY,)).post("/", **form(picture))

    assert reply.status_code == 401
    assert reply.mimetype == "text/html"
    assert "WWW-Authenticate" in reply.headers


def test_form_and_classify_share_one_rate(make_client: ClientMaker, picture: bytes) -> None:
    client = make_client(rate_limit="1/hour")

    assert client.post("/classify", **form(picture)).status_code == 200
    reply = client.post("/", **form(picture))
    assert reply.status_code == 429
    assert "Retry-After" in reply.headers
    assert reply.mimetype == "text/html"


def test_a_full_service_refuses_the_form_too(make_client: ClientMaker, picture: bytes) -> None:
    client = make_client()
    capacity_bytes = 256 * 1024 * 1024

    with held_body(client, capacity_bytes):
        reply = client.post("/", **form(picture))

    assert reply.status_code == 503
    assert reply.headers["Retry-After"] == "1"


def test_a_failure_of_the_service_shows_nothing_of_it(
    make_failing_client: Callable[[Exception], FlaskClient], picture: bytes
) -> None:
    reply = make_failing_client(ClassifierError("/inner/path")).post("/", **form(picture))

    assert reply.status_code == 500
    assert "/inner/path" not in reply.text


@pytest.mark.parametrize("path", ["/classify", "/classify/batch"])
def test_problems_of_the_api_stay_json(client: FlaskClient, path: str) -> None:
    reply = client.post(path, headers={"Accept": "text/html"})

    assert reply.mimetype == "application/problem+json"
