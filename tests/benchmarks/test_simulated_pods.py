"""Simulated pods lose no picture, and refuse what is above their bound."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks.simulated_pods import MOST_PENDING, STEP_SECONDS, Cluster, Pod, wait_in_line

POD = Pod(pictures_a_second=100, start_seconds=20)


def cluster(replicas: int) -> Cluster:
    return Cluster(POD, np.random.default_rng(1), replicas)


def rates(pictures_a_second: float, seconds: float) -> np.ndarray:
    return np.full(round(seconds / STEP_SECONDS), float(pictures_a_second))


def test_below_capacity_nothing_is_refused_and_processors_are_used_in_part() -> None:
    pods = cluster(2)

    seen = pods.serve(0, rates(100, 600))

    assert pods.refused == 0
    assert seen.processors == pytest.approx([100, 100], rel=0.05)


def test_above_capacity_the_rest_is_refused_and_pending_stands_at_the_bound() -> None:
    pods = cluster(1)

    seen = pods.serve(0, rates(200, 600))

    assert seen.refused_a_second == pytest.approx(100, rel=0.05)
    assert MOST_PENDING - 30 < seen.pending[0] <= MOST_PENDING
    assert seen.processors == pytest.approx([200], rel=0.05)


def test_a_started_pod_serves_once_its_time_has_come() -> None:
    pods = cluster(1)
    pods.scale(0, 2)

    assert len(pods.serve(15, rates(10, 15)).pending) == 1
    assert len(pods.serve(30, rates(10, 15)).pending) == 2


def test_a_pod_that_starts_is_ended_before_one_that_serves() -> None:
    pods = cluster(2)
    pods.scale(0, 3)
    pods.scale(0, 1)

    assert (pods.starting, len(pods.queues), pods.replicas) == ([], 1, 1)


def test_a_queue_without_refusals_is_the_same_step_by_step() -> None:
    random = np.random.default_rng(3)
    come, done = random.poisson(9, (50, 2)), random.poisson(10, (50, 2))
    befores, taken, last = wait_in_line(np.array([5.0, 0.0]), come, done)

    queues = np.array([5.0, 0.0])
    for step in range(50):
        assert (befores[step] == queues).all()
        queues = np.maximum(queues + come[step] - done[step], 0)
    assert (taken == come).all()
    assert (last == queues).all()


def test_what_is_above_the_bound_is_refused_at_its_step() -> None:
    come, done = np.array([[MOST_PENDING + 20], [0]]), np.array([[8], [50]])

    befores, taken, last = wait_in_line(np.zeros(1), come, done)

    assert taken.ravel().tolist() == [MOST_PENDING + 8, 0]
    assert befores.ravel().tolist() == [0, MOST_PENDING]
    assert last.tolist() == [MOST_PENDING - 50]
