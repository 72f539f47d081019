"""What counts as a row of letters among connected shapes."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from logo_classifier.rules.letters import connected_shapes, deviation, find_row, measure_rows

SHAPE = (100, 400)
Box = tuple[int, int, int, int]


def table(*boxes: Box) -> NDArray[np.int32]:
    """Return statistics of solid boxes, each (left, top, width, height)."""
    rows = [(*box, box[2] * box[3]) for box in boxes]
    return np.array(rows, np.int32).reshape(-1, 5)


def line(count: int, step: int = 30, height: int = 40) -> list[Box]:
    return [(10 + i * step, 20, 20, height) for i in range(count)]


def test_shapes_that_touch_at_a_corner_are_one() -> None:
    mask = np.zeros((6, 8), np.uint8)
    mask[0:2, 0:2] = mask[2:4, 2:4] = mask[5, 7] = 1
    labels, statistics = connected_shapes(mask)
    assert statistics.tolist() == [[0, 0, 4, 4, 8], [7, 5, 1, 1, 1]]
    assert labels[0, 0] == labels[3, 3] == 1
    assert (labels[5, 7], labels[0, 7]) == (2, 0)


def test_an_empty_mask_has_no_shapes() -> None:
    labels, statistics = connected_shapes(np.zeros((5, 5), np.uint8))
    assert statistics.shape == (0, 5)
    assert not labels.any()
    assert set(measure_rows(statistics, (5, 5)).values()) == {0.0}


def test_a_row_of_letters_is_measured_by_hand() -> None:
    assert measure_rows(table(*line(6)), SHAPE) == pytest.approx(
        {
            "shape_count": 6 / 64,
            "candidate_count": 6 / 64,
            "row_count": 6 / 16,
            "row_width": 170 / 400,
            "row_height": 40 / 100,
            "row_fill": 1,
            "row_height_variation": 0,
            "row_closeness": 1,
            "row_gap_variation": 0,
            "row_share": 1,
            "row_aspect": 0.5 / 2,
        }
    )


@pytest.mark.parametrize(
    ("name", "box"),
    [
        ("area below 8", (10, 20, 1, 7)),
        ("lower than 5", (10, 20, 4, 4)),
        ("as high as the picture", (10, 5, 60, 90)),
        ("a bar", (10, 20, 120, 20)),
        ("as wide as the picture", (10, 20, 240, 60)),
    ],
)
def test_what_cannot_be_a_letter_is_no_candidate(name: str, box: Box) -> None:
    found = measure_rows(table(box, *line(3, step=50)), SHAPE)
    assert found["shape_count"] == 4 / 64, name
    assert found["candidate_count"] == 3 / 64, name


@pytest.mark.parametrize("boxes", [[], line(1)])
def test_one_letter_is_no_row(boxes: list[Box]) -> None:
    found = measure_rows(table(*boxes), SHAPE)
    assert found["candidate_count"] == len(boxes) / 64
    assert {value for name, value in found.items() if name.startswith("row_")} == {0.0}


@pytest.mark.parametrize(
    ("other", "joins"),
    [
        ((300, 20, 20, 40), True),
        ((300, 32, 20, 28), True),  # an x-height letter on the same base line
        ((300, 38, 20, 22), False),  # on the base line, but little more than half as high
        ((300, 40, 20, 40), False),  # half a line lower
        ((300, 32, 20, 40), False),  # less than a third of a line lower
        ((300, 22, 20, 50), True),  # a descender: another base, about the same middle
    ],
)
def test_letters_share_a_line_and_a_height(other: Box, joins: bool) -> None:
    found = measure_rows(table(*line(4), other), SHAPE)
    assert found["row_count"] == (5 if joins else 4) / 16


def test_the_order_of_the_shapes_does_not_matter() -> None:
    boxes = [*line(5), (250, 70, 12, 12), (280, 70, 12, 12)]
    assert measure_rows(table(*boxes[::-1]), SHAPE) == measure_rows(table(*boxes), SHAPE)


def test_the_best_attended_line_wins() -> None:
    few, many = [(10, 60, 20, 30), (40, 60, 20, 30)], line(5, height=30)
    found = measure_rows(table(*few, *many), SHAPE)
    assert found["row_count"] == 5 / 16
    assert found["row_share"] == pytest.approx(5 / 7)


def test_letters_far_apart_are_not_close() -> None:
    assert measure_rows(table(*line(4, step=90)), SHAPE)["row_closeness"] == 0


def test_uneven_gaps_show_as_variation() -> None:
    boxes = [(10, 20, 20, 40), (40, 20, 20, 40), (120, 20, 20, 40)]
    gaps = np.array([10, 60])
    found = measure_rows(table(*boxes), SHAPE)
    assert found["row_gap_variation"] == pytest.approx(gaps.std() / (2 * 40))
    assert found["row_closeness"] == 0.5


def test_a_crowd_of_shapes_stays_in_bounds_and_keeps_the_large_ones() -> None:
    specks = [(100 * (i % 3), 10 * (i // 3), 3, 6) for i in range(900)]
    found = measure_rows(table(*specks, *line(12)), (3000, 400))
    assert found["shape_count"] == found["candidate_count"] == 1
    assert all(0 <= value <= 1 for value in found.values())
    assert found["row_height"] == pytest.approx(40 / 3000)


def test_small_letters_capitals_and_ascenders_share_a_line() -> None:
    heights = [28, 40, 28, 60, 40, 28]
    boxes = [(10 + 30 * i, 70 - height, 20, height) for i, height in enumerate(heights)]
    assert measure_rows(table(*boxes), SHAPE)["row_count"] == 6 / 16


def test_a_line_of_large_letters_beats_a_longer_one_of_small_print() -> None:
    print_below = [(10 + 12 * i, 85, 8, 10) for i in range(5)]
    found = measure_rows(table(*print_below, *line(4, height=60)), SHAPE)
    assert found["row_height"] == pytest.approx(0.6)
    assert found["row_count"] == 4 / 16


def test_the_smallest_of_a_crowd_have_no_say() -> None:
    larger = [(50 * (i % 7), 100 + 10 * (i // 7), 4, 6) for i in range(84)]
    smallest = [(4 * i, 80, 3, 6) for i in range(90)]
    found = measure_rows(table(*smallest, *larger, *line(12)), (300, 400))
    assert found["row_count"] == 12 / 16
    assert found["row_height"] == pytest.approx(40 / 300)


@pytest.mark.parametrize("count", [1, 2, 3, 10, 64, 97])
def test_the_deviation_is_that_of_numpy(count: int) -> None:
    values = np.random.default_rng(count).uniform(0, 400, count)

    assert deviation(values) == pytest.approx(np.std(values))


def test_the_row_is_told_by_its_shapes_from_left_to_right() -> None:
    print_below = [(10 + 12 * i, 85, 8, 10) for i in range(5)]
    letters = line(4, height=60)

    found = find_row(table(*print_below, *reversed(letters)), SHAPE)

    assert [tuple(row[:4]) for row in found.tolist()] == letters


def test_shapes_of_no_letter_make_no_row() -> None:
    assert find_row(table((0, 0, 390, 90)), SHAPE).shape == (0, 5)
    assert find_row(table(), SHAPE).shape == (0, 5)
