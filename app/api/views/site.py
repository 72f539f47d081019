"""Serve the pages for people and the contract for machines."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import Any

import yaml
from flask import Blueprint, jsonify, render_template
from flask.typing import ResponseReturnValue
from flask.wrappers import Response

from app.api.service import service
from logo_classifier import Limits

_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; img-src data:; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}

blueprint = Blueprint("site", __name__)


@cache
def contract() -> dict[str, Any]:
    """Return the OpenAPI 3.1 description of the service."""
    text = files("app.api").joinpath("openapi.yaml").read_text("utf-8")
    document: dict[str, Any] = yaml.safe_load(text)
    return document


@blueprint.get("/")
def home() -> ResponseReturnValue:
    """Answer with the page to try the service on."""
    return render_template("home.html", settings=service().settings, limits=Limits())


@blueprint.get("/docs")
def docs() -> ResponseReturnValue:
    """Answer with the contract as a page; each kind of problem has its anchor there."""
    return render_template("docs.html", contract=contract())


@blueprint.get("/openapi.json")
def openapi() -> ResponseReturnValue:
    """Answer with the contract."""
    return jsonify(contract())


def harden(response: Response) -> Response:
    """Tell browsers to run, frame and guess nothing."""
    response.headers.extend(_HEADERS)
    return response
