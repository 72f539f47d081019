"""How well answers of each version and route agree with the labels that were asked for."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import islice

import numpy as np

from logo_classifier.decision.calibration import expected_calibration_error
from logo_classifier.feedback.live import route
from logo_classifier.feedback.records import LabelledAnswer

_MOST_LABELS = 20_000


@dataclass(frozen=True, slots=True)
class RouteMeasures:
    """Requested labels of one model version (name/version) and route, as answers were shown.

    All but `labels` are 0-1; `calibration_error` is the ECE, `coverage` the share of prediction
    sets that hold the true type.
    """

    model: str
    route: str
    labels: int
    accuracy: float
    confidence: float
    calibration_error: float
    coverage: float


def measure(labelled: Iterable[LabelledAnswer]) -> list[RouteMeasures]:
    """Return measures by version and route, over the latest 20,000 pictures with a label."""
    first: dict[tuple[str, str], LabelledAnswer] = {}
    for each in labelled:
        if each.answer.asked:
            first.setdefault((each.answer.judged.model, each.answer.picture), each)
    groups: dict[tuple[str, str], list[LabelledAnswer]] = {}
    for each in islice(first.values(), max(0, len(first) - _MOST_LABELS), None):
        judged = each.answer.judged
        groups.setdefault((judged.model, route(judged)), []).append(each)
    return [_measure(*names, group) for names, group in sorted(groups.items())]


def _measure(model: str, of_route: str, group: list[LabelledAnswer]) -> RouteMeasures:
    confidences = np.array([each.answer.judged.confidence for each in group])
    right = np.array([each.right for each in group])
    covered = [each.true_label in each.answer.judged.prediction_set for each in group]
    return RouteMeasures(
        model=model,
        route=of_route,
        labels=len(group),
        accuracy=float(right.mean()),
        confidence=float(confidences.mean()),
        calibration_error=expected_calibration_error(confidences, right),
        coverage=float(np.mean(covered)),
    )
