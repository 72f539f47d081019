"""Score answers against labels, with numpy alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from logo_classifier import LogoType
from logo_classifier.decision.calibration import expected_calibration_error

TYPES = tuple(kind.value for kind in LogoType)
_Z95 = 1.959964


@dataclass(frozen=True, slots=True)
class Scores:
    """Scores of `pictures` answers; all shares and errors are in 0-1.

    `accuracy_interval` is Wilson's (1927) with 95 %. `confusion` has a row for each true type and a
    column for each answer, in the order of `TYPES`. `precision`, `recall`, `f1` and `covered` have
    the types that occur, and `macro_f1` is the mean of theirs. `coverage` is the share of pictures
    whose type is in their prediction set.
    """

    pictures: int
    accuracy: float
    accuracy_interval: tuple[float, float]
    macro_f1: float
    precision: dict[str, float]
    recall: dict[str, float]
    f1: dict[str, float]
    confusion: list[list[int]]
    expected_calibration_error: float
    coverage: float
    covered: dict[str, float]
    mean_set_size: float


def score(truths: Sequence[str], answers: Sequence[dict[str, Any]]) -> Scores:
    """Return the scores of at least one answer."""
    truth = np.array([TYPES.index(each) for each in truths])
    said = np.array([TYPES.index(each["logo_type"]) for each in answers])
    confidences = np.array([each["confidence"] for each in answers], float)
    sets = [each["prediction_set"] for each in answers]
    inside = np.array([kind in kinds for kind, kinds in zip(truths, sets, strict=True)])
    confusion = np.zeros((len(TYPES), len(TYPES)), int)
    np.add.at(confusion, (truth, said), 1)
    right = confusion.diagonal()
    precision = right / np.maximum(confusion.sum(axis=0), 1)
    recall = right / np.maximum(confusion.sum(axis=1), 1)
    f1 = 2 * right / np.maximum(confusion.sum(axis=0) + confusion.sum(axis=1), 1)
    occurring = [index for index in range(len(TYPES)) if confusion[index].any()]

    def named(values: Sequence[Any] | Any) -> dict[str, float]:
        return {TYPES[index]: float(values[index]) for index in occurring}

    return Scores(
        pictures=len(truth),
        accuracy=float((truth == said).mean()),
        accuracy_interval=wilson_interval(int(right.sum()), len(truth)),
        macro_f1=float(f1[occurring].mean()),
        precision=named(precision),
        recall=named(recall),
        f1=named(f1),
        confusion=confusion.tolist(),
        expected_calibration_error=expected_calibration_error(confidences, truth == said),
        coverage=float(inside.mean()),
        covered={TYPES[index]: float(inside[truth == index].mean()) for index in occurring},
        mean_set_size=float(np.mean([len(kinds) for kinds in sets])),
    )


def wilson_interval(right: int, pictures: int) -> tuple[float, float]:
    """Return the 95 % interval of a share by Wilson (1927), "Probable inference"."""
    share, squared = right / pictures, _Z95**2 / pictures
    centre = (share + squared / 2) / (1 + squared)
    half = (squared * share * (1 - share) + squared**2 / 4) ** 0.5 / (1 + squared)
    return max(0.0, centre - half), min(1.0, centre + half)
