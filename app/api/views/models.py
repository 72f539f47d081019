"""Tell which model versions there are, and which one serves."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from flask import Blueprint, current_app, g, jsonify
from flask.typing import ResponseReturnValue
from prometheus_client import Counter

from app import instruments
from app.api.service import service
from app.trial.evidence import SUSPICIOUS, pairs_of, sample_ratio_p_value
from logo_classifier import Card, FeedbackUnavailable, Registry

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
    counts = _counts(instruments.ANSWERS, "model")
    cards = [registry.card(name) for name in registry.versions()]
    return jsonify(
        {
            "serving": serving,
            "refused": service().refused,
            "candidate": _candidate(),
            "versions": [
                _described(
                    card,
                    serving == card.name and info["sha256"] in card.sha256.values(),
                    counts.get(card.name, 0),
                )
                for card in cards
            ],
            "request_id": g.request_id,
        }
    )


def _candidate() -> dict[str, Any] | None:
    """Return the trial of the settings; `tried` is false if the candidate is not fit to answer."""
    settings, trial = service().settings, service().trial
    if not settings.candidate:
        return None
    units = {labels["arm"]: count for labels, count in instruments.totals(instruments.TRIAL_UNITS)}
    split = {arm: units.get(arm, 0) for arm in ("candidate", "serving")}
    p_value = sample_ratio_p_value(**split, share=settings.candidate_share)
    return {
        "name": settings.candidate,
        "tried": trial is not None,
        "mode": settings.candidate_mode,
        "share": settings.candidate_share,
        "split": {**split, "p_value": p_value, "suspicious": p_value < SUSPICIOUS},
        "fallbacks": _counts(instruments.CANDIDATE_FALLBACKS, "kind"),
        "judgements": _counts(instruments.JUDGEMENTS, "outcome"),
        "disagreements": [
            {**labels, "pictures": count}
            for labels, count in instruments.totals(instruments.DISAGREEMENTS)
        ],
        "evidence": _evidence(settings.candidate),
    }


def _evidence(candidate: str) -> dict[str, Any] | None:
    """Return what requested feedback says of the two versions; None without readable feedback."""
    kept = service().feedback
    if kept is None:
        return None
    try:
        return pairs_of(kept.store().labelled(), candidate).to_dict()
    except FeedbackUnavailable as error:
        current_app.logger.warning("no evidence of the candidate: %s", error)
        return None


def _counts(counter: Counter, label: str) -> dict[str, int]:
    return {labels[label]: count for labels, count in instruments.totals(counter)}


def _described(card: Card, serves: bool, answers: int) -> dict[str, Any]:
    facts = asdict(card)
    return {
        "name": card.name,
        "serves": serves,
        "usable": card.error is None,
        "answers": answers,
        "bytes": card.bytes,
        "sha256": card.sha256,
        "scores": None if card.accuracy is None else {name: facts[name] for name in _SCORES},
    }
