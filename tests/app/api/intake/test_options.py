"""The parameters of a classification."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO
from typing import Any

import pytest
from flask import Flask, request
from flask.testing import FlaskClient

from app.api.intake.options import Options, read_options
from logo_classifier.errors import BadParameter

ImageMaker = Callable[..., bytes]


def read(app: Flask, query: str = "", **form: Any) -> Options:
    data = {"image": (BytesIO(b"x"), "logo.png"), **form}
    with app.test_request_context(f"/classify?{query}", method="POST", data=data):
        return read_options(request)


def test_nothing_given_means_the_defaults(app: Flask) -> None:
    assert read(app) == Options(method="auto", time_budget_seconds=None, include_features=False)


def test_options_come_from_the_form(app: Flask) -> None:
    options = read(app, method="ensemble", time_budget="0.5", include_features="true")

    assert options == Options("ensemble", 0.5, True, False)


def test_options_come_from_the_query(app: Flask) -> None:
    assert read(app, "method=ensemble&time_budget=2&include_features=1") == Options(
        "ensemble", 2.0, True
    )


def test_an_explanation_is_asked_for_in_either_place(app: Flask) -> None:
    asked = Options(include_explanation=True)

    assert read(app, "include_explanation=true") == asked
    assert read(app, include_explanation="1") == asked


def test_advice_on_tracing_is_an_option(app: Flask) -> None:
    assert read(app, "include_tracing=true") == Options(include_tracing=True)
    assert read(app, include_tracing="1") == Options(include_tracing=True)


def test_options_may_be_split_over_form_and_query(app: Flask) -> None:
    assert read(app, "method=ensemble", time_budget="1") == Options("ensemble", 1.0, False)


@pytest.mark.parametrize(
    ("query", "form", "message"),
    [
        ("metod=auto", {}, "unknown parameter 'metod'; known: method, time_budget, include_"),
        ("", {"colour": "red"}, "unknown parameter 'colour'"),
        ("method=auto&method=auto", {}, "method is given more than once"),
        ("method=auto", {"method": "auto"}, "method is given more than once"),
        ("time_budget=soon", {}, "time_budget must be a number, not 'soon'"),
        ("time_budget=1_0", {}, "time_budget must be a number, not '1_0'"),
        ("time_budget=%EF%BC%95", {}, "time_budget must be a number, not "),
        ("time_budget=", {}, "time_budget must be a number, not ''"),
        ("include_features=perhaps", {}, "include_features must be true or false"),
        ("include_explanation=why", {}, "include_explanation must be true or false"),
        ("include_tracing=perhaps", {}, "include_tracing must be true or false"),
    ],
)
def test_a_bad_option_is_refused_by_name(
    app: Flask, query: str, form: dict[str, Any], message: str
) -> None:
    with pytest.raises(BadParameter, match=message):
        read(app, query, **form)


def test_what_a_refusal_repeats_of_the_client_is_bounded(app: Flask) -> None:
    with pytest.raises(BadParameter) as refusal:
        read(app, "x" * 10_000)

    assert len(str(refusal.value)) < 200


@pytest.mark.parametrize(
    "query", ["method=magic", "time_budget=0", "time_budget=61", "time_budget=nan"]
)
def test_what_the_classifier_refuses_is_a_bad_parameter_too(
    client: FlaskClient, make_image: ImageMaker, query: str
) -> None:
    reply = client.post(f"/classify?{query}", data=make_image(), content_type="image/png")

    assert (reply.status_code, reply.json["error"]) == (400, "bad_parameter")


def test_a_bad_option_refuses_a_whole_batch(client: FlaskClient, make_image: ImageMaker) -> None:
    data = {"images": [(BytesIO(make_image()), "logo.png")], "method": "magic"}

    reply = client.post("/classify/batch", data=data)

    assert (reply.status_code, reply.json["error"]) == (400, "bad_parameter")
