"""Measures count requested labels by version and route."""

from __future__ import annotations

import pytest

from logo_classifier.feedback.measures import measure
from tests.logo_classifier.feedback.labels import MODEL, ROUTE, labels


def test_a_route_is_measured_as_its_answers_were_shown() -> None:
    given = list(labels(400, moved=0.0, narrow_sets=True))

    (found,) = measure(given)

    assert (found.model, found.route, found.labels) == (MODEL, ROUTE, 400)
    assert found.accuracy == pytest.approx(sum(each.right for each in given) / 400)
    assert found.coverage == found.accuracy  # these sets hold the answer alone
    assert 0 < found.calibration_error < 0.1


def test_labels_that_nobody_asked_for_are_not_measured() -> None:
    assert measure(labels(10, moved=0.0, asked=False)) == []
