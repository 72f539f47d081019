"""The calibration error, worked out by hand."""

from __future__ import annotations

import numpy as np
import pytest

from logo_classifier.decision.calibration import expected_calibration_error


def test_no_observations_have_no_calibration_error() -> None:
    assert expected_calibration_error(np.array([]), np.array([], bool)) == 0


def test_the_calibration_error_weighs_the_gap_of_each_bin() -> None:
    confidences = np.array([0.9, 0.5, 0.8, 0.6, 0.7])
    right = np.array([True, False, True, True, False])

    # Two bins of equal mass: (0.5, 0.6, 0.7), a third right; (0.8, 0.9), all right.
    expected = (3 * abs(0.6 - 1 / 3) + 2 * abs(0.85 - 1)) / 5
    assert expected_calibration_error(confidences, right, bins=2) == pytest.approx(expected)


@pytest.mark.parametrize(("confidence", "error"), [(1.0, 0.5), (0.5, 0.0), (0.75, 0.25)])
def test_one_bin_compares_mean_confidence_with_accuracy(confidence: float, error: float) -> None:
    right = np.array([True, False, True, False])

    assert expected_calibration_error(np.full(4, confidence), right, 1) == pytest.approx(error)
