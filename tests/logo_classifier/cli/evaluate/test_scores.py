"""Scores are those of scikit-learn and of the evaluation of models."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from sklearn.metrics import confusion_matrix, f1_score, precision_score, recall_score

from logo_classifier.cli.evaluate.scores import TYPES, score, wilson_interval


def drawn(pictures: int, types: tuple[str, ...]) -> tuple[list[str], list[dict[str, Any]]]:
    """Return true types and answers that are right half of the time."""
    rng = np.random.default_rng(7)
    truths = [str(rng.choice(types)) for _ in range(pictures)]
    answers = []
    for truth in truths:
        said = truth if rng.random() < 0.5 else str(rng.choice(TYPES))
        answers.append(
            {
                "logo_type": said,
                "confidence": float(rng.uniform(0.3, 1)),
                "prediction_set": [said, "complex"] if said != "complex" else [said],
            }
        )
    return truths, answers


@pytest.mark.parametrize("types", [TYPES, TYPES[:2]], ids=["all types", "two types"])
def test_they_agree_with_scikit_learn(types: tuple[str, ...]) -> None:
    truths, answers = drawn(300, types)
    said = [answer["logo_type"] for answer in answers]
    occurring = list(types)
    options: dict[str, Any] = {"labels": occurring, "average": None, "zero_division": 0.0}

    scores = score(truths, answers)

    assert scores.confusion == confusion_matrix(truths, said, labels=list(TYPES)).tolist()
    assert list(scores.f1) == occurring
    assert list(scores.f1.values()) == pytest.approx(f1_score(truths, said, **options))
    assert list(scores.precision.values()) == pytest.approx(
        precision_score(truths, said, **options)
    )
    assert list(scores.recall.values()) == pytest.approx(recall_score(truths, said, **options))
    assert scores.macro_f1 == pytest.approx(np.mean(list(scores.f1.values())))


def test_a_type_that_is_never_said_scores_zero() -> None:
    answer = {"logo_type": "text", "confidence": 0.9, "prediction_set": ["text"]}

    scores = score(["simple", "text"], [answer, answer])

    assert scores.f1 == {"simple": 0.0, "text": pytest.approx(2 / 3)}
    assert scores.accuracy == 0.5
    assert scores.coverage == 0.5
    assert scores.covered == {"simple": 0.0, "text": 1.0}
    assert scores.mean_set_size == 1.0


def test_calibration_error_is_the_gap_of_confidence_and_accuracy() -> None:
    answer = {"logo_type": "text", "confidence": 0.8, "prediction_set": ["text"]}

    scores = score(["text"], [answer])

    assert scores.expected_calibration_error == pytest.approx(0.2)


@pytest.mark.parametrize(
    ("right", "pictures", "expected"),
    [(81, 263, (0.2553, 0.3662)), (0, 20, (0.0, 0.1611)), (20, 20, (0.8389, 1.0))],
)
def test_the_interval_is_that_of_newcombes_examples(
    right: int, pictures: int, expected: tuple[float, float]
) -> None:
    """Newcombe, "Two-sided confidence intervals for the single proportion" (1998), table I."""
    assert wilson_interval(right, pictures) == pytest.approx(expected, abs=5e-5)
