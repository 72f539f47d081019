"""POST /trace."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable
from typing import Any
from xml.etree import ElementTree as ET

import gevent
import numpy as np
import pytest
from flask.testing import FlaskClient
from jsonschema import Draft202012Validator
from numpy.typing import NDArray

from app.api.views import trace as view
from app.api.views.site import contract
from logo_classifier import HybridClassifier, TraceBounds
from tests.app.api.conftest import admission_of, busy_slot
from tests.app.api.forms import KEY, UnreadableStream, form, post
from tests.logo_classifier.vectorising.drawn import disc, png

ClientMaker = Callable[..., FlaskClient]

HOSTILE = b"""<?xml version="1.0"?><!DOCTYPE svg [<!ENTITY x SYSTEM "file:///etc/passwd">]>
<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"><script>alert(1)</script>&x;</svg>"""


@pytest.fixture
def tracing(make_client: ClientMaker) -> FlaskClient:
    return make_client(trace="on")


def elements(svg: str) -> tuple[set[str], set[str]]:
    """Return the names of a drawing's elements and attributes."""
    found = list(ET.fromstring(svg).iter())  # noqa: S314 - our own
    tags = {element.tag.rpartition("}")[2] for element in found}
    return tags, {name for element in found for name in element.attrib}


def noise(side_px: int) -> NDArray[np.uint8]:
    return np.random.default_rng(0).integers(0, 256, (side_px, side_px, 3), np.uint8)


def test_a_picture_becomes_a_drawing_of_its_size(tracing: FlaskClient) -> None:
    reply = post(tracing, png(disc(120)), "/trace")

    assert (reply.status_code, reply.mimetype) == (200, "image/svg+xml")
    root = ET.fromstring(reply.text)  # noqa: S314 - our own
    assert (root.get("width"), root.get("height")) == ("120", "120")
    assert 'fill="#c81' in reply.text


def test_the_drawing_holds_paths_alone_and_may_do_nothing(tracing: FlaskClient) -> None:
    reply = post(tracing, png(), "/trace")

    tags, attributes = elements(reply.text)
    assert tags == {"svg", "path"}
    assert attributes == {"width", "height", "viewBox", "d", "fill", "transform"}
    policy = reply.headers["Content-Security-Policy"]
    assert policy == "default-src 'none'; sandbox; frame-ancestors 'none'"
    assert reply.headers["X-Content-Type-Options"] == "nosniff"
    assert reply.headers["Vary"] == "Accept"


@pytest.mark.parametrize("way", ["form", "body", "json"])
def test_a_picture_is_taken_in_every_way_of_classify(tracing: FlaskClient, way: str) -> None:
    ways: dict[str, dict[str, Any]] = {
        "form": form(png()),
        "body": {"data": png(), "content_type": "application/octet-stream"},
        "json": {"json": {"image": b64encode(png()).decode()}},
    }

    reply = tracing.post("/trace", **ways[way])

    assert reply.status_code == 200
    assert reply.text.rstrip().endswith("</svg>")


def test_as_json_the_drawing_comes_inside_the_answer(tracing: FlaskClient) -> None:
    drawing = post(tracing, png(), "/trace").text
    reply = post(tracing, png(), "/trace", Accept="application/json")

    schema = {"$ref": "#/components/schemas/Trace", "components": contract()["components"]}
    Draft202012Validator(schema).validate(reply.json)
    assert reply.json["svg"] == drawing
    assert reply.json["tracing"]["basis"] in reply.json["prediction_set"]
    assert reply.json["request_id"] == reply.headers["X-Request-ID"]


def test_the_settings_are_those_of_the_answer(tracing: FlaskClient) -> None:
    picture = png(disc(200))
    answer = tracing.post("/classify?include_tracing=true", **form(picture)).json

    traced = post(tracing, picture, "/trace", Accept="application/json").json

    assert traced["tracing"] == answer["tracing"]


def test_without_the_setting_the_refusal_names_it(client: FlaskClient) -> None:
    reply = client.post(
        "/trace", environ_overrides={"CONTENT_LENGTH": "10", "wsgi.input": UnreadableStream()}
    )

    assert (reply.status_code, reply.json["error"]) == (404, "tracing_off")
    assert "LOGO_TRACE" in reply.json["detail"]


@pytest.mark.parametrize(
    ("sent", "status", "kind"),
    [
        (HOSTILE, 415, "unsupported_format"),
        (b"GIF89a" + HOSTILE, 422, "invalid_image"),
        (png()[:-30], 422, "invalid_image"),
        (b"", 400, "missing_image"),
        (png(np.zeros((64, 64, 4), np.uint8)), 422, "no_visible_logo"),
        (png(disc(8)), 422, "bad_dimensions"),
    ],
)
def test_what_classify_refuses_is_refused(
    tracing: FlaskClient, sent: bytes, status: int, kind: str
) -> None:
    reply = post(tracing, sent, "/trace")

    assert (reply.status_code, reply.json["error"]) == (status, kind)
    assert reply.mimetype == "application/problem+json"


def test_a_picture_above_the_limit_is_refused_before_it_is_read(make_client: ClientMaker) -> None:
    client = make_client(trace="on", max_upload_bytes=1024)

    reply = client.post(
        "/trace",
        content_type="image/png",
        environ_overrides={"CONTENT_LENGTH": "999999", "wsgi.input": UnreadableStream()},
    )

    assert (reply.status_code, reply.json["error"]) == (413, "image_too_large")


def test_keys_and_rates_hold(make_client: ClientMaker) -> None:
    client = make_client(trace="on", api_keys=(KEY,), rate_limit="1/minute")

    statuses = [
        post(client, png(), "/trace", **headers).status_code
        for headers in ({}, {"X-API-Key": KEY}, {"X-API-Key": KEY})
    ]

    assert statuses == [401, 200, 429]


def test_pages_of_named_sites_may_trace(make_client: ClientMaker) -> None:
    client = make_client(trace="on", cors_origins=("https://a.example",))

    reply = post(client, png(), "/trace", Origin="https://a.example")

    assert reply.headers["Access-Control-Allow-Origin"] == "https://a.example"


def test_noise_is_refused_when_its_time_is_over(
    tracing: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(view, "_MOST_SECONDS", 0.5)

    reply = post(tracing, png(noise(767)), "/trace")

    assert (reply.status_code, reply.json["error"]) == (422, "too_detailed")
    assert "0.5 s" in reply.json["detail"]


def test_a_drawing_of_too_many_bytes_is_refused(
    tracing: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    small = lambda seconds: TraceBounds(seconds, svg_bytes=100)  # noqa: E731
    monkeypatch.setattr(view, "TraceBounds", small)

    reply = post(tracing, png(), "/trace")

    assert (reply.status_code, reply.json["error"]) == (422, "too_detailed")
    assert "more than 100 bytes" in reply.json["detail"]


def test_who_waits_too_long_for_the_tracer_may_try_again(
    make_client: ClientMaker, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = make_client(trace="on", request_timeout_seconds=1)

    reply = post(client, png(noise(767)), "/trace")

    assert (reply.status_code, reply.json["error"]) == (503, "overloaded")
    assert reply.headers["Retry-After"] == "1"


def test_a_fifth_picture_to_trace_is_refused_at_once_and_classified_all_the_same(
    make_client: ClientMaker,
) -> None:
    client = make_client(trace="on")
    admission = admission_of(client)

    def wait_with_four(left: int) -> Any:
        if left:
            with admission.pictures(1) as turn, admission.tracing(turn):
                return wait_with_four(left - 1)
        return post(client, png(), "/trace"), post(client, png())

    traced, classified = wait_with_four(4)

    assert (traced.status_code, traced.json["error"]) == (503, "overloaded")
    assert "4 pictures to trace" in traced.json["detail"]
    assert classified.status_code == 200


def test_pictures_are_classified_while_one_is_traced(
    make_client: ClientMaker, classifier: HybridClassifier
) -> None:
    client = make_client(trace="on")
    slow = gevent.spawn(post, client, png(noise(200)), "/trace")
    gevent.sleep(0.01)
    admission = admission_of(client)

    with admission.pictures(1) as turn:
        answer = turn.run(classifier.classify, png())

    assert answer["logo_type"]
    slow.join()


def test_a_busy_classifier_lets_traces_wait(make_client: ClientMaker) -> None:
    client = make_client(trace="on", request_timeout_seconds=1)

    with busy_slot(client):
        reply = post(client, png(), "/trace")

    assert (reply.status_code, reply.json["error"]) == (503, "overloaded")
