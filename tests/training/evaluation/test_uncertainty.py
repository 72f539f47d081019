"""Uncertainty and confidence are judged by the same errors."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from logo_classifier.network.bundle import load_bundle
from logo_classifier.values import LogoType
from tests.training.drawn import FinishedRun
from training.evaluation.uncertainty import ask, aurc, auroc, compare, describe
from training.labels.dataset import Example

WRONG = np.array([False, False, True, False])


def test_a_score_that_ranks_errors_last_finds_all_of_them() -> None:
    assert auroc(WRONG, np.array([0.1, 0.2, 0.9, 0.3])) == 1
    assert auroc(WRONG, np.array([0.1, 0.2, 0.0, 0.3])) == 0
    assert auroc(WRONG, np.full(4, 0.5)) == 0.5


def test_there_is_no_area_where_all_answers_are_right() -> None:
    assert auroc(np.zeros(4, bool), np.arange(4.0)) is None


def test_the_area_under_risk_and_coverage_is_the_mean_error_of_the_surest() -> None:
    best = aurc(WRONG, np.array([0.1, 0.2, 0.9, 0.3]))
    worst = aurc(WRONG, np.array([0.1, 0.2, 0.0, 0.3]))

    assert best == pytest.approx((0 + 0 + 0 + 1 / 4) / 4)
    assert worst == pytest.approx((1 + 1 / 2 + 1 / 3 + 1 / 4) / 4)


def test_a_comparison_judges_both_scores_by_the_answers_of_the_network(
    examples: list[Example],
) -> None:
    rows = [replace(example, logo_type=LogoType.TEXT) for example in examples[:20]]
    answers = ["text"] * 15 + ["simple"] * 5
    confidences = np.linspace(0.9, 0.5, 20)
    results = [
        {"logo_type": answer, "confidence": confidence}
        for answer, confidence in zip(answers, confidences, strict=True)
    ]

    scores = compare(rows, results, np.linspace(0.9, 0.1, 20))

    assert (scores["pictures"], scores["errors"]) == (20, 5)
    assert scores["auroc"] == {"uncertainty": 0, "confidence": 1}
    assert scores["aurc"]["confidence"] < scores["aurc"]["uncertainty"]
    assert scores["auroc_difference_interval"] == pytest.approx((-1, -1))
    assert "AUROC 1.000" in describe(scores)


def test_a_network_without_that_output_tells_no_uncertainty(
    finished: FinishedRun, examples: list[Example]
) -> None:
    assert ask(load_bundle(finished.bundle), examples[:1]) is None
