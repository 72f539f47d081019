"""A plan of capacity adds up, and its inputs come from real answers."""

from __future__ import annotations

import math
from pathlib import Path

import pytest

from benchmarks.capacity import (
    STORE_BYTES,
    Sizes,
    Speed,
    machines,
    measure,
    processor_hours,
    record,
    render,
    store_load,
)

GOLDEN = sorted((Path(__file__).parents[2] / "models" / "golden").glob("*.png"))[:3]
SPEED = Speed("a processor", different=100, remembered=1000, source="none")
SIZES = Sizes(
    request_bytes=10_000,
    median_request_bytes=9_000,
    reply_bytes=1_500,
    answer_bytes=2_000,
    judgement_bytes=3_000,
    gets_of_a_miss=2,
    sets_of_a_miss=2,
    series=100,
)


@pytest.mark.parametrize(
    ("demand", "hit_share", "wanted"),
    [(10, 0, 2), (600, 0, 10), (601, 0, 11), (600, 1, 2), (6000, 0.5, 55), (60_000, 1, 100)],
)
def test_machines_follow_the_seconds_of_hits_and_misses(
    demand: float, hit_share: float, wanted: int
) -> None:
    # 60 % of the capacity is planned for, and one machine may always end.
    assert machines(demand, hit_share, SPEED) == wanted


def test_processor_hours_count_both_processors_and_the_shorter_work_of_hits() -> None:
    assert processor_hours(360_000, 0, SPEED) == pytest.approx(2)
    assert processor_hours(360_000, 0.5, SPEED) == pytest.approx(1.1)


def test_the_store_is_asked_once_for_a_hit_and_twice_for_a_miss() -> None:
    load = store_load(1000, 0.25, SIZES)

    assert (load.gets, load.sets) == (250 + 1500, 1500)
    assert (load.bytes_out, load.bytes_in) == (500_000, 750 * 5000)
    assert load.full_after_seconds == pytest.approx(STORE_BYTES / 3_750_000)


def test_a_store_that_only_answers_never_fills() -> None:
    assert math.isinf(store_load(1000, 1, SIZES).full_after_seconds)


def test_a_picture_that_is_not_known_is_looked_up_and_written_twice() -> None:
    store = record(GOLDEN)

    assert store.gets == 2 * len(GOLDEN)
    assert len(store.kept) == 2 * len(GOLDEN)
    assert store.mean_bytes("results") > 500
    assert store.mean_bytes("features") > 500


def test_the_inputs_are_measured_on_the_service_and_shown_with_every_demand() -> None:
    sizes = measure(GOLDEN)

    assert sizes.request_bytes > sum(path.stat().st_size for path in GOLDEN) / len(GOLDEN)
    assert sizes.reply_bytes > 500
    assert sizes.series > 20
    text = render(sizes)
    assert f"| series of one service | {sizes.series} |" in text
    assert text.count("\n| 100,000 |") == 7
