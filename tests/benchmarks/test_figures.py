"""The benchmark reduces measurements to the right figures."""

from __future__ import annotations

import pytest

from benchmarks.figures import knee, percentile, ratio_of


@pytest.mark.parametrize(
    ("share", "expected"), [(0.5, 5), (0.51, 6), (0.99, 10), (1, 10), (0.1, 1), (0.01, 1)]
)
def test_a_percentile_is_a_value_that_was_measured(share: float, expected: int) -> None:
    assert percentile([10, 9, 8, 7, 6, 5, 4, 3, 2, 1], share) == expected


@pytest.mark.parametrize(("values", "share"), [([], 0.5), ([1.0], 0), ([1.0], 1.1)])
def test_a_percentile_of_nothing_or_out_of_range_is_refused(
    values: list[float], share: float
) -> None:
    with pytest.raises(ValueError, match="no percentile"):
        percentile(values, share)


def test_a_ratio_pairs_the_rounds() -> None:
    # The machine was twice as slow in the second round, for both.
    assert ratio_of([100, 50, 90], [1000, 500, 1000]) == pytest.approx(0.1)


def test_a_ratio_needs_as_many_rounds_on_both_sides() -> None:
    with pytest.raises(ValueError, match="shorter"):
        ratio_of([1.0, 2.0], [1.0])


def test_the_knee_is_where_throughput_stops_growing() -> None:
    assert knee([(1, 100), (2, 198), (4, 200), (8, 201), (16, 199)]) == 2


def test_the_knee_is_where_time_starts_growing() -> None:
    assert knee([(64, 5), (128, 5), (256, 6), (512, 7), (1024, 60)]) == 512


def test_a_knee_over_several_powers_of_ten_is_sought_on_a_logarithmic_scale() -> None:
    points = [(64.0, 5.0), (512.0, 6.0), (1024.0, 24.0), (2048.0, 96.0), (4096.0, 384.0)]

    assert knee(points, log_y=True) == 512
    assert knee(points) == 1024


@pytest.mark.parametrize(
    "points",
    [
        [(1, 10), (2, 20), (4, 30), (8, 40)],
        [(1, 10), (2, 10), (4, 10)],
        [(1, 10), (2, 20)],
        [],
    ],
    ids=["straight", "flat", "two points", "none"],
)
def test_what_does_not_bend_has_no_knee(points: list[tuple[float, float]]) -> None:
    assert knee(points) is None
