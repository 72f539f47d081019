"""The fields of requests and replies are listed from the contract."""

from __future__ import annotations

from typing import Any

import pytest

from app.api.views.schema_fields import Field, bodies
from app.api.views.site import contract


def document(**schemas: Any) -> dict[str, Any]:
    reply = {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Reply"}}}}
    problem = {"properties": {"detail": {"type": "string"}}}
    return {
        "paths": {"/call": {"get": {"responses": {"200": reply}}}},
        "components": {"schemas": {"ProblemReply": problem, **schemas}},
    }


def refer(name: str) -> dict[str, str]:
    return {"$ref": f"#/components/schemas/{name}"}


@pytest.mark.parametrize(
    ("schema", "said"),
    [
        ({"type": "string"}, "string"),
        ({"type": "string", "format": "binary"}, "file"),
        ({"type": ["string", "null"]}, "string or null"),
        ({"type": "number", "minimum": 0, "maximum": 1}, "number from 0 to 1"),
        ({"type": "number", "exclusiveMinimum": 0, "maximum": 60}, "number above 0, up to 60"),
        ({"enum": ["a", None]}, "one of a, null"),
        ({"enum": ["a", "b"], "default": "b"}, "one of a, b, by default b"),
        ({"type": "boolean", "default": False}, "boolean, by default false"),
        ({"anyOf": [refer("Part"), {"type": "null"}]}, "Part or null"),
        ({"type": "array", "items": refer("Part")}, "list: Part"),
        ({"type": "object", "additionalProperties": {"type": "integer"}}, "object of integer"),
        (refer("Kinds"), "Kinds"),
        ({"allOf": [refer("Share")], "description": "How much"}, "number from 0 to 1"),
    ],
)
def test_the_values_of_a_field_are_told_in_words(schema: dict[str, Any], said: str) -> None:
    whole = document(
        Reply={"properties": {"field": schema}},
        Part={"properties": {"inner": {"type": "string"}}},
        Kinds={"oneOf": [{"const": "a"}], "type": "string", "enum": ["a"]},
        Share={"type": "number", "minimum": 0, "maximum": 1},
    )

    (field, *_) = bodies(whole)["Reply"]

    assert (field.name, field.values) == ("field", said)
    assert field.meaning == schema.get("description", "")


def test_parts_without_a_name_are_listed_with_dots_and_named_ones_by_themselves() -> None:
    entry = {"type": "object", "properties": {"count": {"type": "integer"}}}
    whole = document(
        Reply={
            "allOf": [refer("Part")],
            "properties": {"own": entry, "list": {"type": "array", "items": entry}},
        },
        Part={"properties": {"inner": {"type": "string", "description": "What it holds"}}},
    )

    listed = bodies(whole)

    assert list(listed) == ["Reply", "Part", "ProblemReply"]
    assert [field.name for field in listed["Reply"]] == [
        "…",
        "own",
        "own.count",
        "list",
        "list[].count",
    ]
    assert listed["Reply"][0].schemas == ("Part",)
    assert listed["Part"] == [Field("inner", "string", "What it holds")]


def test_every_schema_of_the_service_is_listed() -> None:
    listed = bodies(contract())

    assert {
        "PictureForm",
        "PictureJson",
        "Label",
        "Options",
        "Answer",
        "Classification",
        "BatchAnswer",
        "BatchRefusal",
        "Problem",
    } <= set(listed)
    named = {schema for fields in listed.values() for field in fields for schema in field.schemas}
    assert named <= set(listed)
    own = contract()["components"]["schemas"]
    for name, fields in listed.items():
        assert {field.name for field in fields} >= set(own[name].get("properties", ()))
