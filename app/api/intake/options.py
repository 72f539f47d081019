"""Read the parameters of a classification from form, query string and JSON body."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, replace

from flask import Request
from msgspec import UNSET

from app.api.intake.json_bodies import Body
from logo_classifier import AUTO, BadParameter

KNOWN = ("method", "time_budget", "include_features", "include_explanation", "include_tracing")

_BOOLEANS = {"true": True, "1": True, "false": False, "0": False}


@dataclass(frozen=True, slots=True)
class Options:
    """The parameters of a classification; `time_budget_seconds` is per picture.

    The classifier checks the name of the method and the range of the budget.
    """

    method: str = AUTO
    time_budget_seconds: float | None = None
    include_features: bool = False
    include_explanation: bool = False
    include_tracing: bool = False


def read_options(request: Request, body: Body | None = None) -> Options:
    """Return the parameters of a request, and of its JSON body if it has one.

    Raises BadParameter for an unknown or repeated one.
    """
    given: dict[str, str] = {}
    for name, value in [*request.args.items(multi=True), *request.form.items(multi=True)]:
        if name not in KNOWN:
            raise BadParameter(f"unknown parameter {name[:80]!r}; known: {', '.join(KNOWN)}")
        if name in given:
            raise BadParameter(f"the parameter {name} is given more than once")
        given[name] = value
    if body:
        return _with_members(given, body)
    return _parse(given)


def _parse(given: Mapping[str, str]) -> Options:
    return Options(
        given.get("method", AUTO),
        _number("time_budget", given["time_budget"]) if "time_budget" in given else None,
        *(_boolean(name, given.get(name, "false")) for name in KNOWN[2:]),
    )


def _with_members(given: Mapping[str, str], body: Body) -> Options:
    members = {name: getattr(body, name) for name in KNOWN if getattr(body, name) is not UNSET}
    for name in members:
        if name in given:
            raise BadParameter(f"the parameter {name} is given more than once")
    names = {"time_budget": "time_budget_seconds"}
    return replace(_parse(given), **{names.get(name, name): members[name] for name in members})


def _number(name: str, text: str) -> float:
    # float() alone accepts 1_0 and digits of any script.
    if text.isascii() and "_" not in text:
        with suppress(ValueError):
            return float(text)
    raise BadParameter(f"{name} must be a number, not {text[:80]!r}")


def _boolean(name: str, text: str) -> bool:
    if text.lower() not in _BOOLEANS:
        raise BadParameter(f"{name} must be true or false, not {text[:80]!r}")
    return _BOOLEANS[text.lower()]
