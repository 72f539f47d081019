"""The autoscaler does what Kubernetes' documentation says of its examples."""

from __future__ import annotations

from typing import Any

import pytest

from benchmarks.hpa import Autoscaler, desired_by_average, desired_by_total


def autoscaler(up: Any = None, down: Any = None, most: int = 10_000) -> Autoscaler:
    behaviour = {"scaleUp": up, "scaleDown": down}
    return Autoscaler.of(1, most, {name: rules for name, rules in behaviour.items() if rules})


def policy(kind: str, value: int, seconds: int) -> dict[str, Any]:
    return {"type": kind, "value": value, "periodSeconds": seconds}


@pytest.mark.parametrize(
    ("current", "value", "target", "wanted"),
    [
        (3, 200, 100, 6),  # "If the current metric value is 200m, … the number is doubled"
        (4, 50, 100, 2),  # "… 50m, you'll halve the number of replicas"
        (1, 305, 50, 7),  # the walkthrough: 305 % of 50 %
        (50, 90, 75, 60),  # KEP-4951
        (10, 110, 100, 10),  # within the tolerance of 0.1
        (10, 90, 100, 10),
        (10, 111, 100, 12),
        (10, 89, 100, 9),
    ],
)
def test_replicas_follow_the_ratio_beyond_the_tolerance(
    current: int, value: float, target: float, wanted: int
) -> None:
    assert desired_by_average(current, [value] * current, target) == wanted
    assert desired_by_total(current, value * current, target) == wanted


def test_pods_that_are_not_ready_count_as_idle_where_more_are_wanted() -> None:
    assert desired_by_average(3, [300], 100, unready=2) == 3
    assert desired_by_average(3, [600], 100, unready=2) == 6
    # Growth never turns into shrinking.
    assert desired_by_average(3, [150], 100, unready=2) == 3


def test_pods_that_are_not_ready_do_not_count_where_less_are_wanted() -> None:
    assert desired_by_average(3, [50, 50], 100, unready=1) == 1


def test_a_metric_of_no_pod_is_refused() -> None:
    with pytest.raises(ValueError, match="no pod is ready"):
        desired_by_average(2, [], 100, unready=2)


def test_the_metric_that_wants_most_decides() -> None:
    assert autoscaler().decide(0, 4, [5, 7, 2]) == 7


def test_scale_down_takes_the_larger_of_four_pods_and_a_tenth_a_minute() -> None:
    # The documentation's example: 80, 72, 64 …, and four at a time below 40.
    rules = {"policies": [policy("Pods", 4, 60), policy("Percent", 10, 60)]}
    scaler, replicas, seen = autoscaler(down=rules), 80, list[int]()
    for minute in range(12):
        replicas = scaler.decide(60 * minute, replicas, [10])
        seen.append(replicas)

    assert seen == [72, 64, 57, 51, 45, 40, 36, 32, 28, 24, 20, 16]


def test_scale_up_by_900_percent_a_minute_goes_from_1_to_1000_in_three() -> None:
    # KEP-853, story 1.
    scaler = autoscaler(up={"policies": [policy("Percent", 900, 60)]})
    replicas, seen = 1, list[int]()
    for minute in range(3):
        replicas = scaler.decide(60 * minute, replicas, [1000])
        seen.append(replicas)

    assert seen == [10, 100, 1000]


def test_within_a_period_no_more_is_added() -> None:
    scaler = autoscaler(up={"policies": [policy("Percent", 100, 30)]})

    assert [scaler.decide(at, now, [9]) for at, now in ((0, 2), (15, 4), (30, 4), (60, 8))] == [
        4,
        4,
        8,
        9,
    ]


def test_by_default_four_pods_or_as_many_again_are_added_in_15_seconds() -> None:
    scaler = autoscaler()

    assert [scaler.decide(at, now, [99]) for at, now in ((0, 1), (15, 5), (30, 10))] == [5, 10, 20]


def test_shrinking_waits_until_the_highest_proposal_of_five_minutes_is_gone() -> None:
    scaler = autoscaler()
    scaler.decide(0, 8, [8])

    assert [scaler.decide(at, 8, [2]) for at in (15, 285, 300)] == [8, 8, 2]


def test_the_least_and_the_most_replicas_hold() -> None:
    assert autoscaler(most=6).decide(0, 4, [40]) == 6
    assert autoscaler().decide(0, 1, [0]) == 1
