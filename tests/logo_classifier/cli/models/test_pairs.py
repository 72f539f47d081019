"""Discordant pictures tell which version is better, or that they cannot."""

from __future__ import annotations

import pytest

from logo_classifier.cli.models.pairs import compare_pair, least_discordant, needed_split


@pytest.mark.parametrize(("one", "other", "p"), [(5, 2, 0.4531), (9, 1, 0.0215), (0, 6, 0.0313)])
def test_p_is_that_of_two_sided_coin_throws(one: int, other: int, p: float) -> None:
    assert compare_pair(346, one, other).p == pytest.approx(p, abs=1e-4)


def test_the_interval_holds_the_difference_and_zero_if_nothing_is_told() -> None:
    pair = compare_pair(100, 5, 2)

    assert pair.low < -0.03 < pair.high
    assert pair.low < 0 < pair.high


def test_without_discordant_pictures_nothing_differs() -> None:
    pair = compare_pair(100, 0, 0)

    assert (pair.p, pair.low, pair.high) == (1.0, 0.0, 0.0)
    assert pair.verdict("a", "b").startswith("These pictures cannot tell")


def test_the_needed_split_is_the_least_that_tells() -> None:
    assert needed_split(5) is None
    assert needed_split(6) == 6
    assert needed_split(10) == 9


def test_six_of_six_are_the_least_that_can_tell() -> None:
    assert least_discordant(1.0) == 6
    assert least_discordant(0.9) == 9


def test_the_verdict_says_what_would_be_needed() -> None:
    said = compare_pair(346, 5, 2).verdict("a", "b")

    assert "7 : 0 would be needed for p < 0.05" in said


def test_the_verdict_names_the_better_version() -> None:
    assert compare_pair(346, 1, 9).verdict("a", "b").startswith("b is better")
