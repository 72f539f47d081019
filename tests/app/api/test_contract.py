"""The hand-written contract says what the service does."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
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
from app.api.intake.options import KNOWN
from app.api.views.classify import BatchTooLarge
from app.api.views.feedback import FeedbackOff, UnknownRequest
from app.api.views.site import contract
from app.api.views.trace import TracingOff
from logo_classifier.values import AUTO, LogoType, Method, Tier, Trait
from tests.app.api import examples

ImageMaker = Callable[..., bytes]

HTTP_KINDS = {
    "bad_request",
    "batch_too_large",
    "expectation_failed",
    "feedback_off",
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
    "tracing_off",
    "unauthorized",
    "unsupported_media_type",
    "unknown_request",
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
    errors = (BatchTooLarge, FeedbackOff, MissingImage, Overloaded, TracingOff, UnknownRequest)
    own = {error.kind: error.code for error in errors}

    assert own.items() <= described.items()
    for status, kind in named.items():
        assert described.get(kind, status) == status


def test_every_kind_is_described_with_its_remedy_as_the_page_on_the_api_says_it() -> None:
    page = (examples.ROOT / "docs" / "api.md").read_text("utf-8").partition("## Problems")[2]
    cells = dict(re.findall(r"^\| `(\w+)` \| \d+ \| .* \| ([^|]*) \|$", page, re.M))
    kinds = schema("components", "schemas", "ErrorKind")["oneOf"]

    assert cells.keys() == {kind["const"] for kind in kinds}
    for kind in kinds:
        cell = re.sub(r" \(\[.*?\]\(.*?\)\)|`|\[|\]\(.*?\)", "", cells[kind["const"]])
        assert kind["description"].endswith(f" {cell[0].upper()}{cell[1:]}.")


def test_the_words_of_the_contract_are_those_of_the_library() -> None:
    schemas = schema("components", "schemas")
    answer = schemas["Classification"]["properties"]

    assert schemas["LogoType"]["enum"] == list(LogoType)
    assert schemas["Method"]["enum"] == [AUTO, *Method]
    assert schemas["Answerer"]["enum"] == list(Method)
    assert answer["routing_decision"]["properties"]["tier"]["enum"] == list(Tier)
    assert list(answer["traits"]["properties"]) == list(Trait)
    assert list(answer["probabilities"]["properties"]) == list(LogoType)
    assert tuple(schemas["Options"]["properties"]) == KNOWN
    assert schemas["PictureJson"]["allOf"][0] == {"$ref": "#/components/schemas/Options"}


PAGES = {"/", "/docs", "/docs/try", "/openapi.json", "/static/<path:filename>"}
"""What is for people, and the contract itself."""


def test_the_calls_of_the_contract_are_those_of_the_service(app: Flask) -> None:
    routes = {
        (rule.rule, verb.lower())
        for rule in app.url_map.iter_rules()
        for verb in (rule.methods or set()) - {"HEAD", "OPTIONS"}
        if rule.rule not in PAGES
    }

    promised = {(path, verb) for path, calls in schema("paths").items() for verb in calls}

    assert promised == routes


@pytest.mark.parametrize(
    "query",
    [
        "",
        "?include_features=true",
        "?include_tracing=true",
        "?include_explanation=true&method=rule_based",
        "?include_explanation=true&method=neural_network",
    ],
)
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


def nodes(found: Any) -> Iterator[dict[str, Any]]:
    """Yield every mapping of the contract, but none of its examples."""
    if isinstance(found, dict):
        yield found
        for name, value in found.items():
            if name != "examples":
                yield from nodes(value)
    elif isinstance(found, list):
        for value in found:
            yield from nodes(value)


def test_nothing_stands_beside_a_reference_since_generators_drop_it() -> None:
    assert [node for node in nodes(contract()) if "$ref" in node and len(node) > 1] == []


def test_every_media_type_has_a_schema_since_generators_pass_over_others() -> None:
    contents = [node["content"] for node in nodes(contract()) if "content" in node]

    assert [kind for content in contents for kind, body in content.items() if not body] == []


def test_every_enum_and_object_tells_its_type() -> None:
    schemas = contract()["components"]["schemas"]

    assert [node for node in nodes(schemas) if "enum" in node and "type" not in node] == []
    assert [
        node
        for node in nodes(schemas)
        if isinstance(node.get("properties"), dict) and node.get("type") != "object"
    ] == []


def test_kinds_of_errors_are_an_enum_for_generators_too() -> None:
    kinds = schema("components", "schemas", "ErrorKind")

    assert kinds["enum"] == [kind["const"] for kind in kinds["oneOf"]]


def leaves(value: Any, place: str = "") -> dict[str, Any]:
    """Return the values of a document by their places."""
    if not isinstance(value, dict | list):
        return {place: value}
    items = value.items() if isinstance(value, dict) else enumerate(value)
    return {at: leaf for key, each in items for at, leaf in leaves(each, f"{place}/{key}").items()}


def test_the_examples_are_what_the_service_says(client: FlaskClient) -> None:
    shown = leaves(contract()["components"]["examples"])

    said = leaves(examples.take(client))

    assert said == pytest.approx(shown, abs=1e-3), "run: python -m tests.app.api.examples"


def test_the_examples_keep_the_contract() -> None:
    shown = contract()["components"]["examples"]

    check(shown["moon"]["value"], answer_schema("/classify", "post"))
    check(shown["moon_explained"]["value"], answer_schema("/classify", "post"))
    check(shown["batch"]["value"], answer_schema("/classify/batch", "post"))
    check(shown["missing_image"]["value"], schema("components", "schemas", "ProblemReply"))
