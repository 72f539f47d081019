"""Read the parameters of a classification from form and query string."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass

from flask import Request

from logo_classifier import AUTO, BadParameter

KNOWN = ("method", "time_budget", "include_features")

_BOOLEANS = {"true": True, "1": True, "false": False, "0": False}


@dataclass(frozen=True, slots=True)
class Options:
    """The parameters of a classification; `time_budget_seconds` is per picture.

    The classifier checks the name of the method and the range of the budget.
    """

    method: str = AUTO
    time_budget_seconds: float | None = None
    include_features: bool = False


def read_options(request: Request) -> Options:
    """Return the parameters of a request; raise BadParameter for an unknown or repeated one."""
    given: dict[str, str] = {}
    for name, value in [*request.args.items(multi=True), *request.form.items(multi=True)]:
        if name not in KNOWN:
            raise BadParameter(f"unknown parameter {name[:80]!r}; known: {', '.join(KNOWN)}")
        if name in given:
            raise BadParameter(f"the parameter {name} is given more than once")
        given[name] = value
    return Options(
        given.get("method", AUTO),
        _number("time_budget", given["time_budget"]) if "time_budget" in given else None,
        _boolean("include_features", given.get("include_features", "false")),
    )


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
