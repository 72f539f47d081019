"""Strokes and rows of letters, on the backdrop and on the main colour."""

from __future__ import annotations

import pytest
from PIL import Image, ImageDraw

from logo_classifier.rules.letters import measure_rows
from logo_classifier.rules.shapes import (
    measure_ink_rows,
    measure_ink_strokes,
    measure_inner_rows,
)
from tests.logo_classifier.rules.normalised import look, row_of


def frame(width_px: int) -> Image.Image:
    picture = Image.new("RGB", (160, 160), "white")
    ImageDraw.Draw(picture).rectangle((10, 10, 149, 149), outline="black", width=width_px)
    return picture


@pytest.fixture
def tile(word: Image.Image) -> Image.Image:
    """Return the word in gold on a blue tile."""
    picture = Image.new("RGB", (360, 160), "white")
    picture.paste("navy", (10, 10, 350, 150))
    picture.paste("gold", (30, 35), word.convert("L").point(lambda level: 255 - level))
    return picture


def test_thin_strokes_are_told_from_thick_ones() -> None:
    thin, thick = (measure_ink_strokes(look(frame(width))) for width in (2, 30))

    assert thin["thin_share"] > 0.9
    assert thick["thin_share"] < 0.2
    assert thin["stroke_depth"] < thick["stroke_depth"]


def test_a_word_has_a_row_and_a_disc_has_none(word: Image.Image, disc: Image.Image) -> None:
    rows = measure_ink_rows(look(word))

    assert rows["row_count"] == 5 / 16
    assert rows["row_width"] > 0.9
    assert rows["row_closeness"] == 1
    assert measure_ink_rows(look(disc))["row_count"] == 0


def test_a_word_on_a_tile_is_an_inner_row(tile: Image.Image) -> None:
    measured = look(tile)

    assert measure_inner_rows(measured)["inner_row_count"] == 5 / 16
    assert measure_ink_rows(measured)["row_count"] == 0


def test_a_word_on_a_tile_without_margins_is_a_row_of_its_own(tile: Image.Image) -> None:
    bare = tile.crop((20, 20, 340, 140))  # the blue is trimmed, as margins are

    measured = look(bare)

    assert measured.backdrop == (0, 0, 128)
    assert measure_ink_rows(measured)["row_count"] == 5 / 16


@pytest.mark.parametrize("colour", ["white", "red"])
def test_what_has_one_colour_has_nothing_inside(colour: str) -> None:
    inner = measure_inner_rows(look(Image.new("RGB", (80, 50), colour)))

    assert set(inner.values()) == {0.0}


def test_the_inner_share_is_that_of_other_colours_inside_the_ink() -> None:
    picture = Image.new("RGB", (140, 140), "white")
    picture.paste("navy", (20, 20, 120, 120))
    picture.paste("gold", (40, 40, 70, 70))

    assert measure_inner_rows(look(picture))["inner_share"] == pytest.approx(900 / 10_000)


def test_inner_features_are_those_of_rows_by_another_name(word: Image.Image) -> None:
    measured = look(word)

    names = set(measure_rows(measured.shapes[1], measured.ink.shape))
    assert set(measure_ink_rows(measured)) == names
    assert set(measure_inner_rows(measured)) == {f"inner_{n}" for n in names} | {"inner_share"}


def test_letters_of_all_colours_are_a_row() -> None:
    rows = measure_ink_rows(look(row_of((200, 0, 0), (0, 90, 0), (0, 0, 140), (9, 9, 9))))

    assert rows["row_count"] == 4 / 16
    assert rows["row_fill"] == 1
    assert rows["row_height_variation"] == 0
