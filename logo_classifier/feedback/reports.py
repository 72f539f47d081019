"""True types that a program reports of answers, in memory or in a store."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Mapping
from threading import Lock
from typing import Any
from uuid import uuid4

import numpy as np

from logo_classifier.decision.calibration import expected_calibration_error
from logo_classifier.errors import BadParameter
from logo_classifier.feedback.answers import judged_of
from logo_classifier.feedback.records import Answer, FeedbackStore
from logo_classifier.values import LogoType

_WINDOW = 10_000
"""Reports that are kept in memory."""

CLIENT = "library"
"""The client of labels in a store that no service has taken."""


class Reports:
    """The reports of one classifier, for any number of threads.

    Without a store the latest 10,000 stay in memory, those of one picture as well. A store keeps
    them beside what the service takes, the first of each picture.
    """

    def __init__(self, store: FeedbackStore | None) -> None:
        self._store = store
        self._lock = Lock()
        self._latest: deque[tuple[float, bool]] = deque(maxlen=_WINDOW)

    def add(self, result: Mapping[str, Any], true_label: str, requested: bool) -> None:
        """Keep the true type of an answer.

        Raises BadParameter for what is no answer or no type, FeedbackUnavailable if the store
        fails.
        """
        truth, predicted, confidence = _read(result, true_label)
        if self._store is None:
            with self._lock:
                self._latest.append((confidence, predicted is truth))
            return
        try:
            picture, judged = str(result["image"]["sha256"]), judged_of(result)
        except (KeyError, TypeError, ValueError) as error:
            raise BadParameter("a store takes whole results of classify") from error
        now, request_id = time.time(), f"{CLIENT}-{uuid4().hex}"
        self._store.add_answers([Answer(request_id, picture, judged, requested, now)])
        self._store.add_label(request_id, truth, CLIENT, now)

    def snapshot(self, model: str) -> dict[str, Any]:
        """Return sample count, accuracy, mean confidence and expected calibration error.

        In a store those of one model count (name/version), whoever reported them. Raises
        FeedbackUnavailable if the store fails.
        """
        seen = self._seen(model)
        confidences = np.array([confidence for confidence, _ in seen], np.float64)
        right = np.array([was_right for _, was_right in seen], np.bool_)
        return {
            "samples": len(seen),
            "accuracy": float(right.mean()) if seen else None,
            "mean_confidence": float(confidences.mean()) if seen else None,
            "expected_calibration_error": (
                expected_calibration_error(confidences, right) if seen else None
            ),
        }

    def _seen(self, model: str) -> list[tuple[float, bool]]:
        if self._store is None:
            with self._lock:
                return list(self._latest)
        return [
            (each.answer.judged.confidence, each.right)
            for each in self._store.labelled()
            if each.answer.judged.model == model
        ]


def _read(result: Mapping[str, Any], true_label: str) -> tuple[LogoType, LogoType, float]:
    """Return the true type, the predicted one and its confidence; raise BadParameter."""
    try:
        confidence, predicted = float(result["confidence"]), LogoType(result["logo_type"])
        truth = LogoType(true_label)
    except (KeyError, TypeError, ValueError) as error:
        known = ", ".join(kind.value for kind in LogoType)
        raise BadParameter(
            f"feedback takes a result of classify and one of {known}, not {true_label!r}"
        ) from error
    if not 0 <= confidence <= 1:
        raise BadParameter(f"a result's confidence is 0 to 1, not {confidence}")
    return truth, predicted, confidence
