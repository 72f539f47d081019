"""Colours are seen on their grounds, and fades run as far as they say."""

from __future__ import annotations

import numpy as np
import pytest

from training.behaviour.drawing.palette import (
    FADES,
    GROUNDS,
    INKS,
    LEAST_CONTRAST,
    LIGHT_GROUNDS,
    METALS,
    ONE_LIGHTNESS,
    Stops,
    luma,
    mix,
    pick_ground,
    pick_stops,
    pick_two,
)


@pytest.mark.parametrize("stops", [*FADES, *METALS])
def test_a_fade_changes_a_channel_by_70_levels_and_more(stops: Stops) -> None:
    assert np.ptp(np.array(stops), axis=0).max() >= 70


@pytest.mark.parametrize("stops", ONE_LIGHTNESS)
def test_hues_of_one_lightness_differ_in_hue_alone(stops: Stops) -> None:
    assert abs(luma(stops[0]) - luma(stops[1])) <= 6
    assert np.ptp(np.array(stops), axis=0).max() >= 100


@pytest.mark.parametrize("inks", [*FADES, *ONE_LIGHTNESS, *((ink,) for ink in INKS)])
def test_every_ink_is_seen_on_a_light_ground(inks: Stops) -> None:
    ground = pick_ground(inks, np.random.default_rng(0), LIGHT_GROUNDS)

    assert min(abs(luma(ink) - luma(ground)) for ink in inks) >= LEAST_CONTRAST


def test_inks_that_no_ground_shows_are_refused() -> None:
    with pytest.raises(ValueError, match="no ground shows all of"):
        pick_ground(GROUNDS, np.random.default_rng(0))


def test_a_fade_begins_and_ends_with_its_stops() -> None:
    mixed = mix(((0, 0, 0), (100, 50, 200), (20, 250, 0)), np.array([[0.0, 0.25, 0.5, 1.0]]))

    assert mixed.tolist() == [[[0, 0, 0], [50, 25, 100], [100, 50, 200], [20, 250, 0]]]


def test_fades_are_picked_in_both_directions() -> None:
    rng = np.random.default_rng(0)

    assert {pick_stops(FADES[:1], rng) for _ in range(20)} == {FADES[0], FADES[0][::-1]}


def test_two_inks_are_told_apart() -> None:
    rng = np.random.default_rng(0)

    for first, second in (pick_two(INKS, rng) for _ in range(50)):
        assert max(abs(a - b) for a, b in zip(first, second, strict=True)) >= 60
