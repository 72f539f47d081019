"""The hand-written contract says what the service does."""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus
from io import BytesIO
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from jsonschema import Draft202012Validator

from app.api.admission import Overloaded
from app.api.errors import STATUS, http_problem
from app.api.intake.missing import MissingImage
from app.api.views.classify import BatchTooLarge
from app.api.views.site import contract
from logo_classifier.values import AUTO, LogoType, Method, Tier, Trait

ImageMaker = Callable[..., bytes]

HTTP_KINDS = {
    "bad_request",
    "batch_too_large",
    "expectation_failed",
    "forbidden",
    "form_too_large",
    "internal_server_error",
    "length_required",
    "method_not_allowed",
    "missing_image",
    "not_found",
    "not_implemented",
    "overloaded",
    "range_not_satisfiable",
    "request_header_fields_too_large",
    "request_timeout",
    "too_many_requests",
    "unauthorized",
    "unsupported_media_type",
    "uri_too_long",
}


def schema(*keys: str) -> dict[str, Any]:
    found: Any = contract()
    for key in keys:
        found = found[key]
    assert isinstance(found, dict)
    return found


def check(document: Any, schema: dict[str, Any]) -> None:
    whole = {**schema, "components": contract()["components"]}
    Draft202012Validator(whole, format_checker=Draft202012Validator.FORMAT_CHECKER).validate(
        document
    )


def answer_schema(path: str, verb: str, status: str = "200") -> dict[str, Any]:
    return schema("paths", path, verb, "responses", status, "content", "application/json", "schema")


def test_every_kind_of_error_is_in_the_contract() -> None:
    kinds = {kind["const"] for kind in schema("components", "schemas", "ErrorKind")["oneOf"]}

    assert kinds == {error.kind for error in STATUS} | HTTP_KINDS


def test_every_kind_is_described_with_the_status_that_it_has() -> None:
    described = {
        kind["const"]: int(kind["description"][:3])
        for kind in schema("components", "schemas", "ErrorKind")["oneOf"]
    }

    assert {error.kind: described[error.kind] for error in STATUS} == {
        error.kind: status for error, status in STATUS.items()
    }


def test_kinds_of_http_are_described_with_the_status_that_they_have() -> None:
    described = {
        kind["const"]: int(kind["description"][:3])
        for kind in schema("components", "schemas", "ErrorKind")["oneOf"]
    }
    named = {status: http_problem(status)["error"] for status in HTTPStatus if status >= 400}
    own = {error.kind: error.code for error in (BatchTooLarge, MissingImage, Overloaded)}

    assert own.items() <= described.items()
    for status, kind in named.items():
        assert described.get(kind, status) == status


def test_the_words_of_the_contract_are_those_of_the_library() -> None:
    schemas = schema("components", "schemas")
    answer = schemas["Classification"]["properties"]

    assert schemas["LogoType"]["enum"] == list(LogoType)
    assert schemas["Method"]["enum"] == [AUTO, *Method]
    assert answer["method_used"]["enum"] == list(Method)
    assert answer["routing_decision"]["properties"]["tier"]["enum"] == list(Tier)
    assert answer["traits"]["propertyNames"]["enum"] == list(Trait)


def test_every_call_of_the_contract_exists(app: Flask) -> None:
    routes = {
        (rule.rule, verb.lower())
        for rule in app.url_map.iter_rules()
        for verb in rule.methods or ()
    }

    promised = {(path, verb) for path, calls in schema("paths").items() for verb in calls}

    assert promised <= routes


@pytest.mark.parametrize("query", ["", "?include_features=true"])
def test_an_answer_keeps_the_contract(
    client: FlaskClient, make_image: ImageMaker, query: str
) -> None:
    reply = client.post(f"/classify{query}", data=make_image(), content_type="image/png")

    check(reply.json, answer_schema("/classify", "post"))


def test_a_batch_keeps_the_contract(client: FlaskClient, make_image: ImageMaker) -> None:
    files = [(BytesIO(data), "logo.png") for data in (make_image(), b"bad")]

    reply = client.post("/classify/batch", data={"images": files})

    check(reply.json, answer_schema("/classify/batch", "post"))


@pytest.mark.parametrize("path", ["/health", "/health/live", "/health/ready"])
def test_a_probe_keeps_the_contract(client: FlaskClient, path: str) -> None:
    check(client.get(path).json, answer_schema(path, "get"))


def test_a_probe_without_a_network_keeps_the_contract(
    make_failing_client: Callable[[Exception], FlaskClient],
) -> None:
    reply = make_failing_client(RuntimeError()).get("/health/ready")

    assert reply.status_code == 503
    check(reply.json, answer_schema("/health/ready", "get", "503"))


def test_a_problem_keeps_the_contract(client: FlaskClient) -> None:
    problem = schema("components", "responses", "Problem", "content", "application/problem+json")

    check(client.get("/nowhere").json, problem["schema"])
    check(client.post("/classify").json, problem["schema"])


def test_a_part_that_a_static_file_lacks_keeps_the_contract(client: FlaskClient) -> None:
    problem = schema("components", "responses", "Problem", "content", "application/problem+json")

    reply = client.get("/static/page.css", headers={"Range": "bytes=999999-"})

    assert reply.status_code == 416
    check(reply.json, problem["schema"])
