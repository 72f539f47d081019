"""Tell which model versions there are, and which one serves."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from flask import Blueprint, g, jsonify
from flask.typing import ResponseReturnValue

from app.api.service import service
from logo_classifier import Card, Registry

blueprint = Blueprint("models", __name__)

_SCORES = ("split", "pictures", "accuracy", "macro_f1", "expected_calibration_error")


@blueprint.get("/models")
def models() -> ResponseReturnValue:
    """Reply with the versions of the registry and the one that answers in this worker.

    Raises ModelUnavailable if there is no registry.
    """
    settings, info = service().settings, service().classifier.get_model_info()
    registry = Registry(settings.models_dir)
    serving = f"{info['name']}/{info['version']}" if info["name"] else None
    cards = [registry.card(name) for name in registry.versions()]
    return jsonify(
        {
            "serving": serving,
            "refused": service().refused,
            "versions": [
                _described(card, serving == card.name and info["sha256"] in card.sha256.values())
                for card in cards
            ],
            "request_id": g.request_id,
        }
    )


def _described(card: Card, serves: bool) -> dict[str, Any]:
    facts = asdict(card)
    return {
        "name": card.name,
        "serves": serves,
        "usable": card.error is None,
        "bytes": card.bytes,
        "sha256": card.sha256,
        "scores": None if card.accuracy is None else {name: facts[name] for name in _SCORES},
    }
