"""POST /classify and POST /classify/batch."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from logo_classifier import HybridClassifier
from tests.app.api.forms import form

ClientMaker = Callable[..., FlaskClient]
ImageMaker = Callable[..., bytes]


def test_a_picture_in_a_form_is_classified(client: FlaskClient, make_image: ImageMaker) -> None:
    reply = client.post("/classify", **form(make_image()))

    assert reply.status_code == 200
    assert reply.mimetype == "application/json"
    assert reply.json["logo_type"] in ("simple", "text", "gradient", "complex")
    assert reply.json["image"]["width"] == 64
    assert reply.json["request_id"] == reply.headers["X-Request-ID"]


@pytest.mark.parametrize(
    "content_type", ["image/png", "image/x-whatever", "application/octet-stream"]
)
def test_a_picture_as_the_body_gets_the_same_answer(
    client: FlaskClient, make_image: ImageMaker, content_type: str
) -> None:
    as_form = client.post("/classify", **form(make_image())).json
    as_body = client.post("/classify", data=make_image(), content_type=content_type).json

    assert as_body["logo_type"] == as_form["logo_type"]
    assert as_body["image"] == as_form["image"]


@pytest.mark.parametrize("format", ["PNG", "JPEG", "BMP", "GIF"])
def test_every_format_is_accepted(client: FlaskClient, make_image: ImageMaker, format: str) -> None:
    reply = client.post("/classify", **form(make_image(format)))

    assert reply.json["image"]["format"] == format


def test_the_agreed_pictures_get_their_agreed_types(
    client: FlaskClient, golden: dict[Path, str]
) -> None:
    answers = {
        picture: client.post("/classify", **form(picture.read_bytes())).json["logo_type"]
        for picture in golden
    }

    assert answers == golden


def test_http_adds_nothing_to_the_library_s_answer_but_the_request_id(
    client: FlaskClient, classifier: HybridClassifier, make_image: ImageMaker
) -> None:
    reply = client.post("/classify?include_features=true", **form(make_image())).json
    answer = classifier.classify(make_image())

    assert reply.keys() == answer.keys() | {"request_id"}
    assert {name: reply[name] for name in ("logo_type", "confidence", "features")} == {
        name: answer[name] for name in ("logo_type", "confidence", "features")
    }


def test_features_are_left_out_unless_asked_for(
    client: FlaskClient, make_image: ImageMaker
) -> None:
    without = client.post("/classify", **form(make_image())).json
    with_features = client.post("/classify", **form(make_image(), include_features="true")).json

    assert "features" not in without
    assert with_features["features"]


@pytest.mark.parametrize("order", [(True, False), (False, True)])
@pytest.mark.parametrize("path", ["/classify", "/classify/batch"])
@pytest.mark.parametrize("method", ["auto", "rule_based", "neural_network", "ensemble"])
def test_features_are_given_to_those_alone_who_ask_whatever_the_method(
    make_client: ClientMaker,
    make_image: ImageMaker,
    method: str,
    path: str,
    order: tuple[bool, bool],
) -> None:
    client = make_client(HybridClassifier())  # which remembers nothing yet
    batch = path.endswith("batch")
    for asked in (*order, *order):
        body = form(make_image(), field="images" if batch else "image")
        reply = client.post(f"{path}?method={method}&include_features={asked}", **body).json
        answer = reply["results"][0] if batch else reply

        assert ("features" in answer) is asked
        assert not asked or answer["features"]["complexity"] > 0
        assert method in ("auto", answer["method_used"])


@pytest.mark.parametrize("path", ["/classify", "/classify/batch"])
@pytest.mark.parametrize("method", ["auto", "rule_based", "neural_network", "ensemble"])
def test_an_explanation_is_given_to_those_alone_who_ask_whatever_is_remembered(
    make_client: ClientMaker, make_image: ImageMaker, method: str, path: str
) -> None:
    client = make_client(HybridClassifier())
    batch = path.endswith("batch")
    for asked in (False, True, False, True):
        body = form(make_image(), field="images" if batch else "image")
        reply = client.post(f"{path}?method={method}&include_explanation={asked}", **body).json
        answer = reply["results"][0] if batch else reply

        assert ("explanation" in answer) is asked
        assert not asked or answer["explanation"]["overlay"]["image"].startswith("data:image/png")
        assert "features" not in answer


def test_a_json_body_asks_for_an_explanation_too(
    client: FlaskClient, make_image: ImageMaker
) -> None:
    image = b64encode(make_image()).decode()

    reply = client.post("/classify", json={"image": image, "include_explanation": True}).json

    assert reply["explanation"]["summary"].startswith(f"The answer is {reply['logo_type']}: ")


@pytest.mark.parametrize("path", ["/classify", "/classify/batch"])
@pytest.mark.parametrize("method", ["auto", "neural_network"])
def test_advice_on_tracing_is_given_to_those_alone_who_ask_remembered_or_not(
    make_client: ClientMaker, make_image: ImageMaker, path: str, method: str
) -> None:
    client = make_client(HybridClassifier())  # which remembers nothing yet
    batch, given = path.endswith("batch"), []
    for asked in (False, True, False, True):
        body = form(make_image(), field="images" if batch else "image")
        reply = client.post(f"{path}?method={method}&include_tracing={asked}", **body).json
        answer = reply["results"][0] if batch else reply

        assert ("tracing" in answer) is asked
        assert "features" not in answer
        given += [answer["tracing"]] if asked else []

    assert given[0] == given[1]
    assert given[0]["basis"] in answer["prediction_set"]


def test_the_network_alone_says_the_same_with_features_and_without(
    client: FlaskClient, make_image: ImageMaker
) -> None:
    without, measured = (
        client.post(
            "/classify",
            **form(make_image(), method="neural_network", include_features=str(asked)),
        ).json
        for asked in (False, True)
    )

    told = ("logo_type", "probabilities", "traits", "prediction_set", "routing_decision", "model")
    assert {name: without[name] for name in told} == {name: measured[name] for name in told}


def test_the_method_asked_for_answers(client: FlaskClient, make_image: ImageMaker) -> None:
    reply = client.post("/classify", **form(make_image(), method="rule_based"))

    assert reply.json["method_used"] == "rule_based"
    assert reply.json["routing_decision"]["tier"] == "requested"
