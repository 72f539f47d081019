"""List the fields of requests and replies that the contract describes, for people to read."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

Document = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Field:
    """One field: its dotted name, what its values are, and what it means."""

    name: str
    values: str
    meaning: str
    schemas: tuple[str, ...] = ()
    """The named schemas that describe its parts."""


def bodies(document: Document) -> dict[str, list[Field]]:
    """Return the fields of each named schema that a request or a reply holds, by its name.

    They stand in the order of the calls; what a schema refers to follows it.
    """
    described: dict[str, list[Field]] = {}
    for calls in document["paths"].values():
        for call in calls.values():
            for sent in (call.get("requestBody", {}), *call["responses"].values()):
                for body in sent.get("content", {}).values():
                    _describe(document, _described_by(document, body["schema"]), described)
    _describe(document, ("ProblemReply",), described)
    return described


def _describe(
    document: Document, names: tuple[str, ...], described: dict[str, list[Field]]
) -> None:
    for name in names:
        if name not in described:
            described[name] = list(_fields(document, document["components"]["schemas"][name]))
            for field in described[name]:
                _describe(document, field.schemas, described)


def _fields(document: Document, schema: Document, prefix: str = "") -> Iterator[Field]:
    for part in schema.get("allOf", ()):
        if "$ref" in part:
            yield Field("…", f"all fields of {_name(part)}", "", (_name(part),))
        yield from _fields(document, part, prefix)
    for name, value in schema.get("properties", {}).items():
        items = value.get("items", {})
        inner = (*_described_by(document, value), *_described_by(document, items))
        meaning = _resolved(document, value).get("description", "")
        yield Field(f"{prefix}{name}", _values(document, value), meaning, inner)
        yield from _fields(document, value, f"{prefix}{name}.") if "allOf" not in value else ()
        yield from _fields(document, items, f"{prefix}{name}[].")


def _described_by(document: Document, schema: Document) -> tuple[str, ...]:
    """Return the names of the schemas with fields that a schema refers to."""
    parts = (schema, *schema.get("allOf", ()), *schema.get("anyOf", ()))
    found = ((_name(part), _resolved(document, part)) for part in parts if "$ref" in part)
    return tuple(name for name, whole in found if "properties" in whole or "allOf" in whole)


def _values(document: Document, schema: Document) -> str:
    """Return what values a schema allows, in words."""
    if "anyOf" in schema:
        return " or ".join(_values(document, part) for part in schema["anyOf"])
    named = _described_by(document, schema)
    if named:
        return named[0]
    whole = _resolved(document, schema)
    if "oneOf" in whole:  # a list of its own describes these
        return _name(schema)
    if "enum" in whole:
        said = "one of " + ", ".join("null" if value is None else value for value in whole["enum"])
    elif "items" in whole:
        said = f"list: {_values(document, whole['items'])}"
    elif whole.get("format") == "binary":
        said = "file"
    else:
        kinds = whole.get("type", "object")
        said = kinds if isinstance(kinds, str) else " or ".join(kinds)
    if isinstance(whole.get("additionalProperties"), dict):
        said += f" of {_values(document, whole['additionalProperties'])}"
    return said + _bounds(whole)


def _bounds(schema: Document) -> str:
    """Return the bounds and the default of a schema, in words that follow its kind."""
    said = ""
    if "maximum" in schema and "exclusiveMinimum" in schema:
        said = f" above {schema['exclusiveMinimum']}, up to {schema['maximum']}"
    elif "maximum" in schema and "minimum" in schema:
        said = f" from {schema['minimum']} to {schema['maximum']}"
    if "default" in schema:
        default = schema["default"]
        said += f", by default {default if isinstance(default, str) else json.dumps(default)}"
    return said


def _resolved(document: Document, schema: Document) -> Document:
    """Return a schema with the words of what it refers to; its own come first."""
    whole: Document = {}
    for part in (*schema.get("allOf", ()), *schema.get("anyOf", ()), schema):
        referred = document["components"]["schemas"][_name(part)] if "$ref" in part else {}
        whole |= referred | part
    return whole


def _name(schema: Document) -> str:
    reference: str = schema["$ref"]
    return reference.rpartition("/")[2]
