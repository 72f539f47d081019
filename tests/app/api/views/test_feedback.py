"""Clients report the true type of what was answered."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from jsonschema import Draft202012Validator

from app.api.views.site import contract
from tests.app.api.forms import form

KEY = "first-key-0123456789"
ClientMaker = Callable[..., FlaskClient]


def check(document: Any, name: str) -> None:
    schema = {"$ref": f"#/components/schemas/{name}", "components": contract()["components"]}
    Draft202012Validator(schema).validate(document)


def label(request_id: str, true_label: str = "text") -> dict[str, Any]:
    return {"json": {"request_id": request_id, "true_label": true_label}}


def ask(client: FlaskClient, path: str, **sent: Any) -> Any:
    """Return the reply, whose end is what answers are kept behind."""
    with client.post(path, **sent) as reply:
        assert reply.status_code == 200
        return reply.json if reply.is_json else reply.text


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'feedback.db'}"


def test_an_answer_is_labelled_once_by_a_client(
    make_client: ClientMaker, url: str, picture: bytes
) -> None:
    client = make_client(feedback_url=url)
    answered = ask(client, "/classify", **form(picture))
    first = client.post("/feedback", **label(answered["request_id"]))
    second = client.post("/feedback", **label(answered["request_id"], "simple"))

    check(answered, "Answer")
    check(first.json, "LabelTaken")
    assert (first.status_code, first.json["accepted"]) == (202, "new")
    assert (second.status_code, second.json["accepted"]) == (202, "repeated")
    assert first.json["request_id"] == first.headers["X-Request-ID"]


def test_a_cached_answer_and_that_of_the_form_can_be_labelled(
    make_client: ClientMaker, url: str, picture: bytes
) -> None:
    client = make_client(feedback_url=url)
    ask(client, "/classify", **form(picture))
    cached = ask(client, "/classify", **form(picture))
    ask(client, "/", **form(picture), headers={"X-Request-ID": "of-the-form"})

    assert cached["cached"]
    said = client.post("/feedback", **label(cached["request_id"])).json
    again = client.post("/feedback", **label("of-the-form")).json
    assert (said["accepted"], again["accepted"]) == ("new", "repeated")


def test_each_answer_of_a_batch_has_an_id_of_its_own(
    make_client: ClientMaker, url: str, make_image: Callable[..., bytes]
) -> None:
    client = make_client(feedback_url=url)
    files = (make_image(), b"no picture", make_image(size=(90, 60)))
    headers = {"X-Request-ID": "batch-7"}
    reply = ask(client, "/classify/batch", **form(*files, field="images"), headers=headers)

    check(reply, "Batch")
    first, refused, last = reply["results"]
    assert (first["request_id"], last["request_id"]) == ("batch-7.0", "batch-7.2")
    assert "request_id" not in refused
    assert client.post("/feedback", **label("batch-7.2")).status_code == 202
    assert client.post("/feedback", **label("batch-7.1")).status_code == 404


@pytest.mark.parametrize("one_in", [1, 1_000_000])
def test_the_reply_says_whether_it_asks_for_feedback(
    make_client: ClientMaker, url: str, picture: bytes, one_in: int
) -> None:
    client = make_client(feedback_url=url, feedback_ask=one_in)

    assert ask(client, "/classify", **form(picture))["feedback_requested"] is (one_in == 1)


def test_without_a_store_replies_say_nothing_and_labels_are_refused(
    make_client: ClientMaker, picture: bytes
) -> None:
    client = make_client()
    answered = ask(client, "/classify", **form(picture))
    batch = ask(client, "/classify/batch", **form(picture, field="images"))
    refused = client.post("/feedback", **label(answered["request_id"]))

    assert "feedback_requested" not in answered
    assert not {"feedback_requested", "request_id"} & batch["results"][0].keys()
    assert (refused.status_code, refused.json["error"]) == (404, "feedback_off")
    assert "LOGO_FEEDBACK_URL" in refused.json["detail"]


def test_an_unknown_answer_is_not_found(make_client: ClientMaker, url: str) -> None:
    refused = make_client(feedback_url=url).post("/feedback", **label("never-given"))

    assert (refused.status_code, refused.json["error"]) == (404, "unknown_request")


def test_a_store_that_fails_asks_to_come_again_and_costs_no_answer(
    make_client: ClientMaker, tmp_path: Path, picture: bytes
) -> None:
    client = make_client(feedback_url=f"sqlite:///{tmp_path / 'missing' / 'feedback.db'}")
    answered = ask(client, "/classify", **form(picture))
    refused = client.post("/feedback", **label(answered["request_id"]))

    assert (refused.status_code, refused.json["error"]) == (503, "feedback_unavailable")
    assert refused.headers["Retry-After"] == "1"
    assert str(tmp_path) not in refused.text


def test_a_key_is_asked_for_where_keys_are_set(
    make_client: ClientMaker, url: str, picture: bytes
) -> None:
    client = make_client(feedback_url=url, api_keys=(KEY,))
    headers = {"X-API-Key": KEY}
    answered = ask(client, "/classify", **form(picture), headers=headers)
    body = label(answered["request_id"])

    assert client.post("/feedback", **body).status_code == 401
    assert client.post("/feedback", **body, headers=headers).status_code == 202


def test_labels_count_for_the_rate(make_client: ClientMaker, url: str) -> None:
    client = make_client(feedback_url=url, rate_limit="1/minute")

    assert client.post("/feedback", json={}).status_code == 400
    assert client.post("/feedback", json={}).status_code == 429


def test_pages_of_allowed_sites_may_send_labels(make_client: ClientMaker, url: str) -> None:
    client = make_client(feedback_url=url, cors_origins=("https://example.com",))
    headers = {"Origin": "https://example.com", "Access-Control-Request-Method": "POST"}

    reply = client.options("/feedback", headers=headers)

    assert reply.headers["Access-Control-Allow-Origin"] == "https://example.com"
