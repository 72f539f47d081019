"""From which confidence on the rules are right often enough."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from training.fitting import Floats
from training.rules import Recipe, settle, settle_all


def first_right_then_wrong(right: int, wrong: int) -> tuple[Floats, NDArray[np.bool_]]:
    """Return confidences that fall from 0.99 to 0.5, and which of the answers are right."""
    return np.linspace(0.99, 0.5, right + wrong), np.arange(right + wrong) < right


def test_rules_that_are_always_right_settle_everything_once_there_is_enough_of_it() -> None:
    # With all of n right the lower bound is 1 / (1 + 1.645² / n): 0.97488 of 105, 0.97511 of 106.
    assert settle(*first_right_then_wrong(105, 0), precision=0.975) == 1.0
    assert settle(*first_right_then_wrong(106, 0), precision=0.975) == pytest.approx(0.5)


def test_fewer_than_100_pictures_settle_nothing() -> None:
    assert settle(*first_right_then_wrong(99, 0), precision=0.9) == 1.0
    assert settle(*first_right_then_wrong(100, 0), precision=0.9) == pytest.approx(0.5)


def test_the_limit_is_the_lowest_at_which_enough_are_still_right() -> None:
    # Bounds by Wilson's formula: 0.97800 with 1 of 201 wrong, 0.97052 with 2 of 202 wrong.
    confidences, right = first_right_then_wrong(200, 50)

    assert settle(confidences, right, precision=0.975) == pytest.approx(confidences[200])
    assert settle(confidences, right, precision=0.97) == pytest.approx(confidences[201])


def test_the_order_of_the_pictures_does_not_matter() -> None:
    confidences, right = first_right_then_wrong(200, 50)
    mixed = np.random.default_rng(1).permutation(250)

    settled = settle(confidences[mixed], right[mixed], precision=0.975)

    assert settled == pytest.approx(confidences[200])


def test_errors_at_the_top_are_outweighed_by_what_is_right_below_them() -> None:
    right = np.ones(400, np.bool_)
    right[:2] = False

    assert settle(np.linspace(0.99, 0.5, 400), right, precision=0.975) == pytest.approx(0.5)


def test_pictures_of_equal_confidence_are_settled_together_or_not_at_all() -> None:
    confidences = np.full(306, 0.9)
    right = np.arange(306) < 106

    assert settle(confidences, right, precision=0.975) == 1.0


def test_each_kind_must_be_right_often_enough_where_rules_settle_it() -> None:
    confidences = np.concatenate([np.linspace(0.99, 0.5, 300), np.linspace(0.98, 0.55, 100)])
    kinds = np.array(["train"] * 300 + ["initials"] * 100)
    right = np.ones(400, np.bool_)
    recipe = Recipe(settled_precision=0.97)
    usual = settle_all(confidences, right, kinds, recipe)

    right[340:] = False  # the initials of which the rules are less sure
    limit = settle_all(confidences, right, kinds, recipe)

    settled = (kinds == "initials") & (confidences >= limit)
    assert usual < limit
    assert settled.sum() > 30
    assert right[settled].mean() >= 0.97


def test_a_kind_of_which_nothing_is_right_settles_nothing_at_all() -> None:
    confidences = np.concatenate([np.linspace(0.9, 0.5, 300), np.full(10, 0.95)])
    kinds = np.array(["train"] * 300 + ["initials"] * 10)

    assert settle_all(confidences, kinds == "train", kinds, Recipe()) == 1.0
