"""What the application tells the log of a request, and what it never tells."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO
from typing import Any

import pytest
from flask import Flask, request_finished
from flask import request as current
from flask.testing import FlaskClient

from app.api.request_log import MEMBERS_KEY
from app.server import log_lines

TRACE, PARENT = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"

ImageMaker = Callable[..., bytes]


@pytest.fixture
def told(client: FlaskClient) -> list[dict[str, Any]]:
    """Return the list to which the members of each request are added."""
    members: list[dict[str, Any]] = []

    def keep(_app: Flask, **_: Any) -> None:
        members.append(current.environ[MEMBERS_KEY])

    request_finished.connect(keep, client.application, weak=False)
    return members


def test_the_server_looks_where_the_application_leaves_the_members() -> None:
    assert MEMBERS_KEY == log_lines.MEMBERS_KEY


def test_an_answer_is_told_with_its_route_stages_and_bytes(
    client: FlaskClient, told: list[dict[str, Any]], make_image: ImageMaker
) -> None:
    picture = make_image(size=(91, 63))
    reply = client.post("/classify?method=ensemble", data=picture, content_type="image/png")

    (members,) = told
    stages = members.pop("stages_ms")
    assert members == {
        "request_id": reply.headers["X-Request-ID"],
        "route": "/classify",
        "type": reply.json["logo_type"],
        "confidence": reply.json["confidence"],
        "answered_by": reply.json["method_used"],
        "tier": "requested",
        "model": "rules"
        if not reply.json["model"]["name"]
        else "/".join(reply.json["model"].values()),
        "cached": False,
        "bytes_received": len(picture),
    }
    assert set(stages) == {"read", "wait", "reply"}  # the shared classifier tells no stages
    assert all(milliseconds >= 0 for milliseconds in stages.values())


def test_a_refusal_is_told_with_its_kind(client: FlaskClient, told: list[dict[str, Any]]) -> None:
    client.post("/classify", data=b"no picture", content_type="image/png")
    client.get("/nowhere?key=a-secret")

    assert [(each["route"], each["error"]) for each in told] == [
        ("/classify", "unsupported_format"),
        ("unmatched", "not_found"),
    ]
    assert "a-secret" not in str(told)


def test_a_batch_is_told_by_its_numbers_and_not_by_its_names(
    client: FlaskClient, told: list[dict[str, Any]], make_image: ImageMaker
) -> None:
    files = [(BytesIO(make_image()), "private-name.png"), (BytesIO(b"x"), "other-name.png")]
    client.post("/classify/batch", data={"images": files})

    (members,) = told
    assert (members["pictures"], members["failed"]) == (2, 1)
    assert members["errors"] == {"unsupported_format": 1}
    assert "-name" not in str(members)


def test_a_trace_is_told_and_the_caller_learns_the_span(
    client: FlaskClient, told: list[dict[str, Any]]
) -> None:
    header = {"traceparent": f"00-{TRACE}-{PARENT}-01"}
    reply = client.get("/health/live", headers=header)

    (members,) = told
    assert (members["trace_id"], members["parent_span_id"]) == (TRACE, PARENT)
    assert reply.headers["traceresponse"] == f"00-{TRACE}-{members['span_id']}-00"


def test_without_a_valid_header_there_is_no_trace(
    client: FlaskClient, told: list[dict[str, Any]]
) -> None:
    for headers in ({}, {"traceparent": f"00-{TRACE}-{'0' * 16}-01"}):
        assert "traceresponse" not in client.get("/health/live", headers=headers).headers

    assert not any("trace_id" in each for each in told)
