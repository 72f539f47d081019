"""Serve the HTML pages and the OpenAPI description."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import Any, Final

import yaml
from flask import Blueprint, jsonify, render_template, request
from flask.typing import ResponseReturnValue

from app.api.service import service
from app.api.views.plain_words import words
from logo_classifier import Limits

blueprint = Blueprint("site", __name__)

_FORMATS: Final = {"JPEG": "jpg,.jpeg", "TIFF": "tif,.tiff"}
"""Endings of files where they are not the name of the format."""


@cache
def contract() -> dict[str, Any]:
    """Return the OpenAPI 3.1 description of the service, joined from its files."""
    folder = files("app.api")
    document: dict[str, Any] = yaml.safe_load(folder.joinpath("openapi.yaml").read_text("utf-8"))
    parts = folder.joinpath("contract")
    document |= yaml.safe_load(parts.joinpath("paths.yaml").read_text("utf-8"))
    document["components"] |= yaml.safe_load(parts.joinpath("examples.yaml").read_text("utf-8"))
    for name in ("models.yaml", "problems.yaml", "tracing.yaml"):
        schemas = yaml.safe_load(parts.joinpath(name).read_text("utf-8"))["schemas"]
        document["components"]["schemas"] |= schemas
    # People read the descriptions of the constants. Generators of clients need an enum: the one for
    # Python makes a client of constants that fails at every problem.
    kinds = document["components"]["schemas"]["ErrorKind"]
    kinds |= {"type": "string", "enum": [kind["const"] for kind in kinds["oneOf"]]}
    return document


@blueprint.get("/")
def home() -> ResponseReturnValue:
    """Reply with the page to try out the service."""
    settings = service().settings
    endings = ",".join(f".{_FORMATS.get(name, name.lower())}" for name in settings.formats)
    return render_template(
        "home.html",
        settings=settings,
        limits=Limits(),
        endings=endings,
        words=words(),
    )


@blueprint.app_context_processor
def add_model() -> dict[str, Any]:
    """Give every page what its footer tells: the versions, and whether answers are kept."""
    model = service().classifier.get_model_info()
    return {
        "version": contract()["info"]["version"],
        "model_version": model["version"],
        "takes_feedback": service().feedback is not None,
    }


@blueprint.get("/docs")
def docs() -> ResponseReturnValue:
    """Reply with the OpenAPI description as a page; it has an anchor for each kind of problem."""
    return render_template("docs.html", contract=contract())


@blueprint.get("/openapi.json")
def openapi() -> ResponseReturnValue:
    """Reply with the OpenAPI description as JSON."""
    if not request.script_root:
        return jsonify(contract())
    return jsonify(contract() | {"servers": [{"url": request.script_root}]})
