"""The units of a split are counted once each."""

from __future__ import annotations

from app.trial.split import FirstSeen


def test_a_key_is_new_once() -> None:
    seen = FirstSeen()

    assert [seen.is_new(key) for key in ("a", "b", "a", "a")] == [True, True, False, False]


def test_what_is_remembered_is_bounded() -> None:
    seen = FirstSeen(most=2)

    assert [seen.is_new(key) for key in ("a", "b", "c", "c")] == [True, True, False, False]
