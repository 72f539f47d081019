"""Evidence of a trial may be looked at any time."""

from __future__ import annotations

from math import comb, isclose

import numpy as np
import pytest

from app.trial.evidence import ENOUGH, SUSPICIOUS, Pairs, pairs_of, sample_ratio_p_value
from logo_classifier import Answer, Judged, LabelledAnswer, LogoType, Method, Tier

SERVING, CANDIDATE = "logo-type/1.6.0", "logo-type/1.5.0"


def judged(model: str, logo_type: LogoType) -> Judged:
    shares = {kind: 0.85 if kind is logo_type else 0.05 for kind in LogoType}
    method, tier = Method.NEURAL_NETWORK, Tier.NEURAL
    return Judged(model, "", method, tier, logo_type, 0.85, 0.85, shares, (logo_type,))


def label(
    picture: str, answered: Judged, other: Judged | None, *, asked: bool = True
) -> LabelledAnswer:
    """Return a label that says that the picture is simple."""
    answer = Answer(f"r-{picture}", picture, answered, asked, 0.0, other)
    return LabelledAnswer(answer, LogoType.SIMPLE, "client", 1.0)


def test_pairs_count_whoever_answered_and_a_picture_once() -> None:
    right, wrong = LogoType.SIMPLE, LogoType.TEXT
    labelled = [
        label("a", judged(SERVING, wrong), judged(CANDIDATE, right)),
        label("a", judged(SERVING, wrong), judged(CANDIDATE, right)),
        label("b", judged(CANDIDATE, right), judged(SERVING, wrong)),
        label("c", judged(SERVING, right), judged(CANDIDATE, wrong)),
        label("d", judged(SERVING, right), judged(CANDIDATE, right)),
    ]

    assert pairs_of(labelled, CANDIDATE) == Pairs(candidate_right=2, serving_right=1)


def test_what_was_not_requested_or_not_judged_by_both_is_no_pair() -> None:
    right, wrong = LogoType.SIMPLE, LogoType.TEXT
    labelled = [
        label("a", judged(SERVING, wrong), judged(CANDIDATE, right), asked=False),
        label("b", judged(SERVING, wrong), None),
        label("c", judged(SERVING, wrong), judged("logo-type/1.4.0", right)),
    ]

    assert pairs_of(labelled, CANDIDATE) == Pairs(0, 0)


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
