"""Make label sets before the first event, so that a rate is 0 and not missing."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import product

from prometheus_client import Counter, Histogram

from app import instruments
from app.traces.stages import ServiceStage
from logo_classifier import (
    Accepted,
    ClassifierError,
    LogoType,
    Lookup,
    Method,
    ModelUnavailable,
    OutOfMemory,
    Stage,
    Tier,
)

_METHODS = {
    Tier.RULES_CONFIDENT: (Method.RULE_BASED,),
    Tier.CONDITIONAL: (Method.RULE_BASED, Method.ENSEMBLE),
    Tier.NEURAL: (Method.NEURAL_NETWORK,),
    Tier.ENSEMBLE: (Method.ENSEMBLE,),
    Tier.TIME_BUDGET: (Method.RULE_BASED,),
    Tier.DEGRADED: (Method.RULE_BASED,),
    Tier.REQUESTED: tuple(Method),
}
"""The methods to which a tier may lead."""

_FAULTS = (ClassifierError, ModelUnavailable, OutOfMemory)
"""The errors for which the serving version answers in place of a candidate."""

_CLASSIFICATIONS = [
    (logo_type, method, tier)
    for tier, methods in _METHODS.items()
    for method, logo_type in product(methods, LogoType)
]

_FIXED: tuple[tuple[Counter | Histogram, Sequence[tuple[object, ...]]], ...] = (
    (instruments.CLASSIFICATIONS, _CLASSIFICATIONS),
    (instruments.FALLBACKS, [(Tier.TIME_BUDGET,), (Tier.DEGRADED,)]),
    (instruments.CONFIDENCE, [(method,) for method in Method]),
    (instruments.PREDICTION_SETS, [(size,) for size in range(len(LogoType) + 1)]),
    (instruments.STAGE_DURATION, [(stage,) for stage in (*ServiceStage, *Stage)]),
    (instruments.CACHE_LOOKUPS, list(product(("results", "features"), Lookup))),
    (instruments.STORE_FAILURES, [("unreachable",), ("unreadable",), ("dropped",)]),
    (instruments.TRIAL_UNITS, [("candidate",), ("serving",)]),
    (instruments.CANDIDATE_FALLBACKS, [(kind.kind,) for kind in _FAULTS]),
    (instruments.JUDGEMENTS, [("judged",), ("dropped",), ("failed",)]),
    (
        instruments.DISAGREEMENTS,
        [pair for pair in product(LogoType, LogoType) if pair[0] != pair[1]],
    ),
    (instruments.FEEDBACK_ANSWERS, [("written",), ("dropped",), ("failed",)]),
    (
        instruments.FEEDBACK_PICTURES,
        [("kept",), ("known",), ("dropped",), ("failed",)],
    ),
    (instruments.FEEDBACK_LABELS, [*((outcome,) for outcome in Accepted), ("failed",)]),
)


def make_label_sets(
    requests: Iterable[tuple[str, int]], timed: Iterable[str], kinds: Iterable[str]
) -> None:
    """Make what is always there, and that of these requests, timed routes and kinds of errors."""
    of_service: tuple[tuple[Counter | Histogram, Iterable[tuple[object, ...]]], ...] = (
        (instruments.REQUESTS, requests),
        (instruments.DURATION, [(route,) for route in timed]),
        (instruments.ERRORS, [(kind,) for kind in kinds]),
    )
    for metric, label_sets in (*_FIXED, *of_service):
        for labels in label_sets:
            metric.labels(*labels)
