"""A proposal follows requested labels of many clients, and nobody else's."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from logo_classifier.feedback.live import KNOTS, LEVEL, MOST_STEP, LiveCalibration
from logo_classifier.feedback.proposing import Proposal, propose
from logo_classifier.feedback.records import LabelledAnswer
from logo_classifier.values import LogoType
from tests.logo_classifier.feedback.labels import MODEL, ROUTE, calibration, from_client, labels


def made_of(
    labelled: list[LabelledAnswer], in_force: LiveCalibration | None = None, since: float = 0.0
) -> Proposal:
    return propose(labelled, MODEL, in_force, in_force_since=since, salt="salt", now=9.0)


def test_overconfidence_is_found_and_lowered() -> None:
    made = made_of(list(labels(1200, moved=-1.5)))

    evidence, curve = made.calibration.evidence, made.calibration.curves[ROUTE]
    assert made.refusals == ()
    assert evidence.e_value > 40
    assert evidence.log_loss_after < evidence.log_loss_before
    assert evidence.error_after < evidence.error_before
    assert min(curve) < -0.3


def test_well_calibrated_answers_are_left_alone() -> None:
    assert made_of(list(labels(1000, moved=0.0))).refusals


@pytest.mark.parametrize("moved", [-3.0, 3.0])
def test_one_adoption_moves_no_further_than_a_step(moved: float) -> None:
    in_force = calibration(0.4)

    curve = made_of(list(labels(600, moved=moved)), in_force).calibration.curves[ROUTE]

    assert np.abs(np.subtract(curve, in_force.curves[ROUTE])).max() <= MOST_STEP + 1e-6
    assert (np.diff(np.add(KNOTS, curve)) >= -1e-6).all()


def test_no_label_without_request_teaches_or_proves() -> None:
    made = made_of(list(labels(800, moved=-3.0, asked=False)))

    assert made.calibration.curves == {}
    assert made.calibration.evidence.held_back == 0
    assert made.refusals


def test_one_client_moves_nothing_however_much_it_says() -> None:
    honest = list(labels(400, moved=0.0))
    lies = [from_client(each, "liar", LogoType.SIMPLE) for each in labels(1200, moved=0.0, seed=1)]

    made = made_of([*honest, *lies])

    assert made.calibration.evidence.e_value <= 40
    assert made.refusals


def test_a_client_alone_teaches_nothing() -> None:
    made = made_of(list(labels(800, moved=-3.0, clients=1)))

    assert made.calibration.curves == {}
    assert made.calibration.evidence.e_value == pytest.approx(1.0)


def test_a_picture_counts_once() -> None:
    label = next(labels(1, moved=0.0))
    again = [replace(label, client=f"client {number}") for number in range(500)]

    made = made_of(again)

    assert made.calibration.evidence.labels + made.calibration.evidence.held_back == 1


def test_labels_of_other_versions_say_nothing() -> None:
    labelled = [
        replace(
            each,
            answer=replace(each.answer, judged=replace(each.answer.judged, model="logo-type/1.0")),
        )
        for each in labels(500, moved=-3.0)
    ]

    assert made_of(labelled).calibration.evidence.labels == 0


def test_what_chose_a_calibration_does_not_speak_for_its_successor() -> None:
    made = made_of(list(labels(1200, moved=-1.5)), since=5000.0)

    assert made.calibration.evidence.held_back == 0
    assert made.refusals


def test_sets_that_miss_too_often_grow() -> None:
    made = made_of(list(labels(600, moved=-1.5, narrow_sets=True)))

    evidence = made.calibration.evidence
    assert evidence.set_e_value > 40
    assert evidence.coverage_after > evidence.coverage_before


def test_the_first_step_of_sets_has_an_effect_and_a_bound() -> None:
    seen = list(labels(600, moved=-1.5, narrow_sets=True))
    outside = max(
        share
        for each in seen
        for kind, share in each.answer.judged.probabilities.items()
        if kind not in each.answer.judged.prediction_set
    )

    assert outside / 4.1 <= made_of(seen).calibration.set_threshold < outside


def test_labels_in_one_order_give_one_calibration() -> None:
    labelled = list(labels(300, moved=-1.5))

    assert made_of(labelled).calibration.id == made_of(labelled).calibration.id
    assert LEVEL not in made_of(labelled).calibration.curves.values()
