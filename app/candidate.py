"""Build the trial of a process from its settings: load the candidate and verify it."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from app import instruments
from app.assembly import build_classifier
from app.config import Settings
from app.rollout import asked_for
from app.serving_info import CANDIDATE, show_version
from app.trial.assignment import Assignment
from app.trial.shadow import Case, Judgement, Shadow
from app.trial.trial import Mode, Trial
from logo_classifier import HybridClassifier, ModelUnavailable, Registry, verify

_log = logging.getLogger(__name__)

OnJudged = Callable[[Case, dict[str, Any]], None]


def build_trial(
    settings: Settings, is_busy: Callable[[], bool], on_judged: OnJudged | None = None
) -> Trial | None:
    """Return the trial that the settings ask for; None if they ask for none.

    A candidate that is not there, does not load or does not verify is not tried: the serving
    version answers all, and the log says why. `on_judged` gets each case with the other answer.
    """
    if not settings.candidate:
        return None
    mode = Mode(settings.candidate_mode)
    try:
        candidate = _load(settings, mode)
    except ModelUnavailable as error:
        _log.error("the candidate %s is not tried: %s", settings.candidate, error)
        return None
    show_version(CANDIDATE, candidate.get_model_info())

    def judged(case: Case, other: dict[str, Any]) -> None:
        _count_disagreement(settings.candidate, case.answer, other)
        if on_judged:
            on_judged(case, other)

    return Trial(
        candidate,
        settings.candidate,
        mode,
        Assignment(f"{asked_for(settings)}>{settings.candidate}", settings.candidate_share),
        Shadow(is_busy, judged, _count_outcome),
        on_unit=_count_unit,
        on_fallback=_count_fallback,
    )


def _load(settings: Settings, mode: Mode) -> HybridClassifier:
    """Return the candidate, warm; raise ModelUnavailable if it is not fit to answer."""
    registry = Registry(settings.models_dir)
    path = registry.resolve(settings.candidate)
    own = replace(
        settings,
        cache_mb=max(1, round(settings.cache_mb * settings.candidate_share)),
        # A shadow must not push out what the shared store keeps for replies.
        enable_caching=settings.enable_caching and mode is Mode.ANSWER,
    )
    candidate = build_classifier(own, path)
    if problems := verify(path, candidate, registry=registry).problems:
        raise ModelUnavailable(problems[0])
    candidate.warm_up()
    return candidate


def _count_disagreement(candidate: str, answer: dict[str, Any], other: dict[str, Any]) -> None:
    by_candidate, by_serving = other, answer
    if instruments.version_of(answer) == candidate:
        by_candidate, by_serving = answer, other
    types = by_serving["logo_type"], by_candidate["logo_type"]
    if types[0] != types[1]:
        instruments.DISAGREEMENTS.labels(*types).inc()


def _count_outcome(outcome: Judgement) -> None:
    instruments.JUDGEMENTS.labels(outcome).inc()


def _count_unit(is_candidates: bool) -> None:
    instruments.TRIAL_UNITS.labels("candidate" if is_candidates else "serving").inc()


def _count_fallback(kind: str) -> None:
    instruments.CANDIDATE_FALLBACKS.labels(kind).inc()
