"""What is counted in a picture, and where it is drawn."""

from __future__ import annotations

from base64 import b64decode
from io import BytesIO

import numpy as np
import pytest
from PIL import Image

from logo_classifier.explanations.drawing import GREEN, ORANGE, RED
from logo_classifier.explanations.overlay import count_parts, draw_counted, draw_overlay
from logo_classifier.rules.features import extract_features
from tests.logo_classifier.rules.normalised import look, normalised, row_of, squares

INK = (20, 40, 90)


def test_a_fade_is_counted_as_the_rules_count_it(fade: Image.Image) -> None:
    counted = count_parts(look(fade))

    features = extract_features(normalised(fade))
    assert counted.fade_share == pytest.approx(features.values["fade_ink_share_8"], abs=1e-6)
    assert counted.fade_share > 0.8
    assert counted.parts == 1


def test_a_flat_disc_has_no_fade_and_no_letters(disc: Image.Image) -> None:
    counted = count_parts(look(disc))

    assert counted.fade_share == 0
    assert len(counted.letters) == 0
    assert counted.parts == 1


@pytest.mark.parametrize("count", [2, 7, 20])
def test_separate_squares_are_as_many_parts(count: int) -> None:
    assert count_parts(look(squares(count))).parts == count


def test_edges_are_counted_as_the_rules_count_them(word: Image.Image) -> None:
    edges = extract_features(normalised(word)).values["edge_density"]

    assert count_parts(look(word)).edge_share == pytest.approx(edges, abs=1e-6)


def test_the_letters_of_a_row_are_boxed_each() -> None:
    measured = look(row_of(*[INK] * 5))

    counted = count_parts(measured)
    drawn = draw_counted(measured, counted)

    assert len(counted.letters) == 5
    assert (drawn == GREEN).all(axis=2).any()


def test_two_shapes_side_by_side_are_no_row_of_letters() -> None:
    assert len(count_parts(look(row_of(INK, INK))).letters) == 0


def test_a_fade_is_drawn_where_it_is(fade: Image.Image) -> None:
    measured = look(fade)
    counted = count_parts(measured)

    drawn = draw_counted(measured, counted).astype(int)

    assert drawn.shape == (measured.height, measured.width, 3)
    middle = drawn[measured.height // 2, measured.width // 2]
    assert middle[0] > middle[1] > middle[2]
    assert np.abs(middle - ORANGE).max() < 80
    assert (drawn == RED).all(axis=2).any()


@pytest.mark.parametrize("size", [(9, 40), (401, 33), (64, 64)])
def test_the_drawing_has_the_size_at_which_the_picture_was_measured(size: tuple[int, int]) -> None:
    picture = Image.new("RGB", (size[0] + 4, size[1] + 4), "white")
    picture.paste(INK, (2, 2, size[0] + 2, size[1] + 2))
    measured = look(picture, 160)

    told = draw_overlay(measured, count_parts(measured))

    drawn = Image.open(BytesIO(b64decode(told["image"].split(",")[1])))
    assert drawn.size == (told["width"], told["height"]) == (measured.width, measured.height)


def test_the_legend_names_colours_and_amounts() -> None:
    measured = look(row_of(*[INK] * 5))

    told = draw_overlay(measured, count_parts(measured))

    amounts = {item["name"]: item.get("count", item.get("share")) for item in told["legend"]}
    assert amounts == {
        "fades": 0.0,
        "parts": 5,
        "edges": pytest.approx(count_parts(measured).edge_share, abs=1e-6),
        "letters": 5,
    }
    assert len({item["colour"] for item in told["legend"]}) == 4
