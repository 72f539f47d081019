"""Evidence of a trial may be looked at any time."""

from __future__ import annotations

from math import comb, isclose

import numpy as np
import pytest

from app.trial.evidence import ENOUGH, SUSPICIOUS, Pairs, sample_ratio_p_value


def test_no_pairs_are_no_evidence() -> None:
    assert Pairs(0, 0).to_dict() == {
        "only_candidate_right": 0,
        "only_serving_right": 0,
        "e_value": 1.0,
        "enough": ENOUGH,
        "better": None,
    }


@pytest.mark.parametrize(("wins", "losses"), [(1, 0), (3, 2), (9, 1), (0, 12)])
def test_the_e_value_is_the_ratio_of_the_mixture_to_fair_coins(wins: int, losses: int) -> None:
    count = wins + losses

    assert isclose(Pairs(wins, losses).e_value, 2**count / ((count + 1) * comb(count, wins)))


def test_nine_to_one_is_enough_and_five_to_two_is_not() -> None:
    assert Pairs(10, 0).to_dict()["better"] == "candidate"
    assert Pairs(0, 10).to_dict()["better"] == "serving"
    assert Pairs(5, 2).to_dict()["better"] is None


def test_who_looks_after_every_label_is_seldom_misled() -> None:
    flips = np.random.default_rng(5).integers(0, 2, (2000, 400))
    wins = flips.cumsum(axis=1)
    misled = sum(
        any(Pairs(int(w), n + 1 - int(w)).e_value >= ENOUGH for n, w in enumerate(row))
        for row in wins
    )

    assert misled / len(flips) <= 1 / ENOUGH


def test_thousands_of_pairs_overflow_nothing() -> None:
    assert Pairs(100_000, 0).e_value > ENOUGH


def test_a_sound_split_is_not_suspicious_and_a_broken_one_is() -> None:
    assert sample_ratio_p_value(1020, 8980, 0.1) > SUSPICIOUS
    assert sample_ratio_p_value(800, 9200, 0.1) < SUSPICIOUS


def test_no_units_at_all_are_not_suspicious() -> None:
    assert sample_ratio_p_value(0, 0, 0.1) == 1.0


def test_any_unit_on_the_wrong_side_of_a_share_of_nothing_is_suspicious() -> None:
    assert sample_ratio_p_value(1, 100, 0.0) == 0.0
    assert sample_ratio_p_value(0, 100, 0.0) == 1.0
