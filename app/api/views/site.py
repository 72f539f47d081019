"""Serve the HTML pages and the OpenAPI description."""

from __future__ import annotations

import json
from functools import cache, partial
from importlib.resources import files
from typing import Any, Final

import yaml
from flask import Blueprint, jsonify, render_template, request
from flask.typing import ResponseReturnValue

from app.api.service import service
from app.api.views.plain_words import words
from app.api.views.schema_fields import bodies
from logo_classifier import Limits

blueprint = Blueprint("site", __name__)

_FORMATS: Final = {"JPEG": "jpg,.jpeg", "TIFF": "tif,.tiff"}
"""Endings of files where they are not the name of the format."""

_TRY_POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
    "img-src 'self' data:; form-action 'none'; base-uri 'none'; frame-ancestors 'none'"
)
"""For Swagger UI alone. It draws icons from data: addresses, and writes HTML of its own, so that
Trusted Types cannot be asked for."""


@cache
def contract() -> dict[str, Any]:
    """Return the OpenAPI 3.1 description of the service, joined from its files."""
    folder = files("app.api")
    document: dict[str, Any] = yaml.safe_load(folder.joinpath("openapi.yaml").read_text("utf-8"))
    parts = folder.joinpath("contract")
    document |= yaml.safe_load(parts.joinpath("paths.yaml").read_text("utf-8"))
    document["components"] |= yaml.safe_load(parts.joinpath("examples.yaml").read_text("utf-8"))
    for name in ("explanation.yaml", "models.yaml", "problems.yaml", "tracing.yaml"):
        schemas = yaml.safe_load(parts.joinpath(name).read_text("utf-8"))["schemas"]
        document["components"]["schemas"] |= schemas
    # People read the descriptions of the constants. Generators of clients need an enum: the one for
    # Python makes a client of constants that fails at every problem.
    kinds = document["components"]["schemas"]["ErrorKind"]
    remedies = yaml.safe_load(parts.joinpath("remedies.yaml").read_text("utf-8"))
    for kind in kinds["oneOf"]:
        kind["description"] += f" {remedies[kind['const']]}"
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
    model, settings = service().classifier.get_model_info(), service().settings
    return {
        "version": contract()["info"]["version"],
        "model_name": model["name"],
        "model_version": model["version"],
        "takes_feedback": service().feedback is not None,
        "pictures_days": settings.keep_feedback_images_days if settings.keep_feedback_images else 0,
    }


@blueprint.get("/docs")
def docs() -> ResponseReturnValue:
    """Reply with the OpenAPI description as a page; it has an anchor for each kind of problem."""
    examples = contract()["components"]["examples"]
    return render_template(
        "docs.html",
        contract=contract(),
        settings=service().settings,
        limits=Limits(),
        bodies=bodies(contract()),
        answer=examples["moon"]["value"],
        refusal=examples["missing_image"]["value"],
        shown=partial(json.dumps, indent=2, ensure_ascii=False),
    )


@blueprint.get("/docs/try")
def try_calls() -> ResponseReturnValue:
    """Reply with a page that sends calls (Swagger UI)."""
    return render_template("try.html"), {"Content-Security-Policy": _TRY_POLICY}


@blueprint.get("/openapi.json")
def openapi() -> ResponseReturnValue:
    """Reply with the OpenAPI description as JSON."""
    if not request.script_root:
        return jsonify(contract())
    return jsonify(contract() | {"servers": [{"url": request.script_root}]})
