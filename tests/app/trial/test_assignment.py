"""A stable share of all keys gets the candidate."""

from __future__ import annotations

import pytest

from app.trial.assignment import Assignment

KEYS = [f"key-{number}" for number in range(20_000)]


@pytest.mark.parametrize("share", [0.0, 0.1, 0.5, 1.0])
def test_about_the_share_of_the_keys_is_taken(share: float) -> None:
    taken = sum(Assignment("a/1>a/2", share).takes(key) for key in KEYS)

    assert abs(taken / len(KEYS) - share) <= 4 * (share * (1 - share) / len(KEYS)) ** 0.5


def test_a_key_is_always_assigned_alike() -> None:
    first, second = Assignment("salt", 0.3), Assignment("salt", 0.3)

    assert [first.takes(key) for key in KEYS] == [second.takes(key) for key in KEYS]


def test_a_larger_share_keeps_who_had_the_candidate() -> None:
    small, large = Assignment("salt", 0.1), Assignment("salt", 0.4)

    assert all(large.takes(key) for key in KEYS if small.takes(key))


def test_another_trial_has_other_halves() -> None:
    one, other = Assignment("one", 0.5), Assignment("other", 0.5)

    alike = sum(one.takes(key) == other.takes(key) for key in KEYS)

    assert 0.48 < alike / len(KEYS) < 0.52
