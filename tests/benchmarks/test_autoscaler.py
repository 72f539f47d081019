"""The simulation uses the numbers of the manifests, and its days can be repeated."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks.autoscaler import Outcome, by_query, contenders, day, run
from benchmarks.hpa import Policy
from benchmarks.simulated_pods import Floats, Pod, Seen

POD = Pod(pictures_a_second=100, start_seconds=20)


def outcome(name: str, rates: Floats) -> Outcome:
    signal, make = contenders()[name]
    return run(name, signal, make(), POD, rates, seed=1)


def test_the_autoscaler_of_the_base_has_the_numbers_of_its_manifest() -> None:
    _, make = contenders()["both (base)"]
    scaler = make()

    assert (scaler.least, scaler.most) == (2, 10)
    assert scaler.up.policies == (Policy("Percent", 100, 30),)
    assert scaler.down.policies == (Policy("Pods", 1, 60),)
    assert (scaler.up.window_seconds, scaler.down.window_seconds) == (0, 300)


def test_a_day_can_be_repeated_and_is_highest_in_a_spike() -> None:
    rates = day(100)

    assert np.array_equal(rates, day(100))
    assert len(rates) == 864_000
    assert rates[0] == pytest.approx(100, rel=0.01)
    assert rates.max() == pytest.approx(1600, rel=0.05)


@pytest.mark.parametrize("name", ["pending pictures", "CPU", "both (base)", "KEDA's overlay"])
def test_each_signal_grows_under_load_and_shrinks_after_it(name: str) -> None:
    rates = np.concatenate([np.full(6000, 50.0), np.full(12_000, 600.0), np.full(24_000, 50.0)])

    found = outcome(name, rates)

    assert max(found.replicas) >= 6
    assert found.replicas[-1] == 2
    assert 0 < found.refused_share < 0.5


def test_with_the_most_replicas_nothing_is_refused() -> None:
    found = outcome("none: always the most", np.full(36_000, 600.0))

    assert (found.refused_share, found.pod_hours, found.changes) == (0, 10, 0)


def test_refusals_just_after_the_start_of_a_spike_are_early() -> None:
    hours = 2.5  # the first spike
    refused = [0.0] * round(hours * 240) + [30.0, 30.0] + [0.0] * 20 + [20.0]
    found = Outcome("any", 0, 0, 0, 0, [], refused)

    assert found.early_share() == 0.75
    assert Outcome("none", 0, 0, 0, 0, [], [0.0]).early_share() == 0


def test_the_query_of_keda_counts_refusals_beside_pending_pictures() -> None:
    seen = Seen(pending=[16, 16], processors=[200, 200], refused_a_second=32)

    assert by_query(16)(seen, 2) == [4]
