"""E-values are fair bets, and no one client decides them."""

from __future__ import annotations

import numpy as np
import pytest

from logo_classifier.feedback.evidence import ENOUGH, e_value

BETS = (0.1, 0.4, 0.8)


def test_without_gains_nothing_is_shown() -> None:
    assert e_value([], [], BETS) == 1.0


def test_a_steady_gain_of_many_clients_is_shown() -> None:
    assert e_value([0.1] * 400, [str(i % 10) for i in range(400)], BETS) > ENOUGH


def test_the_gain_of_one_client_shows_nothing() -> None:
    assert e_value([0.5] * 400, ["one"] * 400, BETS) == pytest.approx(1.0)


def test_fair_bets_seldom_win_however_often_one_looks() -> None:
    random = np.random.default_rng(0)
    false_alarms = 0
    for _ in range(60):
        gains = random.choice([-0.5, 0.5], size=100)
        false_alarms += any(
            e_value(gains[:n].tolist(), [str(i) for i in range(n)], BETS) > ENOUGH
            for n in range(20, 101, 20)
        )

    assert false_alarms <= 60 / ENOUGH
