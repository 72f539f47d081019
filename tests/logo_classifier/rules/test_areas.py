"""Smooth areas: how many, of what tones, and how their colours change with their place."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from PIL import Image

from logo_classifier.rules.areas import measure_area_rows, measure_areas, measure_parts
from tests.logo_classifier.rules.normalised import Colour, look, look_at, noise, row_of, squares

NO_FADE = {"part_fade_range": 0.0, "part_fade_explained": 0.0, "part_color_range": 0.0}
RED, BLUE = (220, 20, 20), (20, 20, 220)


def along(start: Colour, end: Colour, count: int) -> list[Colour]:
    """Return evenly spaced colours from one to another."""
    mixed = np.linspace(start, end, count).round().astype(int).tolist()
    return [(red, green, blue) for red, green, blue in mixed]


def shuffled(seed: int, count: int = 12) -> list[Colour]:
    """Return random colours that stand out from white."""
    mixed = np.random.default_rng(seed).integers(0, 200, (count, 3)).tolist()
    return [(red, green, blue) for red, green, blue in mixed]


def mirrored(picture: Image.Image) -> Image.Image:
    return picture.transpose(Image.Transpose.FLIP_LEFT_RIGHT)


def upright(picture: Image.Image) -> Image.Image:
    return picture.transpose(Image.Transpose.ROTATE_90)


def as_it_is(picture: Image.Image) -> Image.Image:
    return picture


@pytest.mark.parametrize("turn", [as_it_is, mirrored, upright])
@pytest.mark.parametrize("letters", [3, 5, 9])
def test_a_fade_along_a_word_of_flat_letters_is_seen(
    letters: int, turn: Callable[[Image.Image], Image.Image]
) -> None:
    parts = measure_parts(look(turn(row_of(*along(RED, BLUE, letters)))))

    assert parts["part_fade_range"] == pytest.approx(200 / 255, abs=0.02)
    assert parts["part_fade_explained"] > 0.98
    assert parts["part_color_range"] == pytest.approx(200 / 255, abs=0.01)


@pytest.mark.parametrize("channel", range(3))
def test_the_channel_that_spans_most_is_told(channel: int) -> None:
    start, end = [60, 60, 60], [70, 70, 70]
    end[channel] = 180
    first, last = (tuple(colour) for colour in (start, end))

    parts = measure_parts(look(row_of(*along(first, last, 7))))

    assert parts["part_fade_range"] == pytest.approx(120 / 255, abs=0.02)
    assert parts["part_fade_explained"] > 0.98


def test_a_fade_across_the_rows_of_a_block_of_squares_is_seen() -> None:
    picture = Image.new("RGB", (180, 180), "white")
    for place in range(64):
        column, row = place % 8, place // 8
        left, top = 12 + 20 * column, 12 + 20 * row
        picture.paste((30 + 10 * column, 30 + 18 * row, 40), (left, top, left + 12, top + 12))

    parts = measure_parts(look(picture))

    assert parts["part_fade_range"] == pytest.approx(18 * 7 / 255, abs=0.02)
    assert parts["part_fade_explained"] > 0.98


@pytest.mark.parametrize("colour", [RED, BLUE, (0, 0, 0), (90, 120, 30)])
@pytest.mark.parametrize("letters", [3, 8])
def test_a_word_of_one_colour_does_not_fade(letters: int, colour: Colour) -> None:
    assert measure_parts(look(row_of(*[colour] * letters))) == pytest.approx(NO_FADE, abs=1e-6)


def test_a_change_of_one_level_is_no_fade() -> None:
    parts = measure_parts(look(row_of(*along((100, 0, 0), (101, 0, 0), 8))))

    assert parts["part_fade_range"] < 0.01
    assert parts["part_fade_explained"] == 0


def test_a_written_word_of_one_colour_does_not_fade(word: Image.Image) -> None:
    assert measure_parts(look(word))["part_fade_range"] < 0.02


@pytest.mark.parametrize("seed", range(8))
def test_letters_of_random_colours_are_many_colours_but_hardly_a_fade(seed: int) -> None:
    parts = measure_parts(look(row_of(*shuffled(seed), size=(8, 20), gap=4)))

    assert parts["part_color_range"] > 0.4
    assert parts["part_fade_explained"] < 0.6
    assert parts["part_fade_range"] < parts["part_color_range"]


def test_a_fade_explains_more_than_the_same_colours_in_another_order() -> None:
    colours = along(RED, BLUE, 9)
    sorted_, mixed = (
        measure_parts(look(row_of(*(colours[place] for place in order))))
        for order in (range(9), (4, 0, 7, 2, 8, 1, 6, 3, 5))
    )

    assert sorted_["part_color_range"] == pytest.approx(mixed["part_color_range"])
    assert sorted_["part_fade_explained"] > 0.98
    assert mixed["part_fade_explained"] < 0.3
    assert sorted_["part_fade_range"] > 3 * mixed["part_fade_range"]


@pytest.mark.parametrize(
    "picture",
    [
        row_of(RED),
        row_of(RED, BLUE),
        row_of(*along(RED, BLUE, 9), size=(3, 3)),
        Image.new("RGB", (60, 40), "white"),
    ],
    ids=["one", "two", "specks", "blank"],
)
def test_fewer_than_three_parts_have_no_fade(picture: Image.Image) -> None:
    assert measure_parts(look(picture)) == NO_FADE


@pytest.mark.parametrize("seed", range(6))
def test_the_plane_is_that_of_least_squares_weighted_by_size(seed: int) -> None:
    rng = np.random.default_rng(seed)
    picture = Image.new("RGB", (180, 120), "white")
    for left, top in np.ndindex(8, 5):
        width, height = rng.integers(4, 17, 2).tolist()
        faded = np.array((10 * left, 0, 20 * top))
        colour = tuple((rng.integers(0, 120, 3) + faded).tolist())
        corner = (6 + 21 * left, 6 + 21 * top)
        picture.paste(colour, (*corner, corner[0] + width, corner[1] + height))
    measured = look(picture)

    parts = measure_parts(measured)

    found = measured.areas
    chosen = found.inked & (found.sizes >= 12)
    weights = found.sizes[chosen] / found.sizes[chosen].sum()
    roots, colours = np.sqrt(weights)[:, None], found.means[chosen]
    terms = np.column_stack([np.ones(len(weights)), found.centres()[chosen]])
    plane = terms @ np.linalg.lstsq(terms * roots, colours * roots)[0]
    channel = int(np.ptp(plane, axis=0).argmax())
    rest, whole = (
        float(weights @ (colours - about)[:, channel] ** 2) for about in (plane, weights @ colours)
    )
    assert parts["part_fade_range"] == pytest.approx(np.ptp(plane, axis=0).max() / 255, abs=1e-3)
    assert parts["part_fade_explained"] == pytest.approx(1 - rest / whole, abs=1e-3)
    assert parts["part_color_range"] == pytest.approx(np.ptp(colours, axis=0).max() / 255)


def test_a_fade_is_the_same_within_wide_margins() -> None:
    close = row_of(*along(RED, BLUE, 5))
    wide = Image.new("RGB", (300, 300), "white")
    wide.paste(close, (60, 100))

    assert measure_parts(look(wide)) == measure_parts(look(close))


@pytest.mark.parametrize("count", [4, 12, 30])
def test_areas_are_counted(count: int) -> None:
    areas = measure_areas(look(squares(count)))

    assert {areas[f"area_count_{size}"] for size in (8, 30, 100)} == {count / 40}
    assert areas["area_count_300"] == 0


def test_gaps_are_counted_apart_from_ink() -> None:
    picture = Image.new("RGB", (150, 150), "white")
    picture.paste("navy", (10, 10, 140, 140))
    for left in (20, 60, 100):
        picture.paste("white", (left, 60, left + 30, 90))

    areas = measure_areas(look(picture))

    assert areas["area_count_300"] == 1 / 40
    assert areas["hole_count_300"] == 4 / 40  # three, and what is around


@pytest.mark.parametrize("channel", range(3))
def test_a_fade_in_any_one_channel_is_seen(channel: int) -> None:
    values = np.full((80, 120, 3), 60, np.uint8)
    values[..., channel] = np.linspace(0, 200, 120, dtype=np.uint8)

    faded = measure_areas(look(Image.fromarray(values)))

    assert faded["fade_share_15"] > 0.9
    assert faded["tone_deviation"] > 0.5


@pytest.mark.parametrize("limit", [3, 5, 8, 15])
def test_a_fade_deviates_and_a_flat_disc_does_not(
    limit: int, fade: Image.Image, disc: Image.Image
) -> None:
    faded, flat = measure_areas(look(fade)), measure_areas(look(disc))

    assert flat[f"fade_share_{limit}"] == flat[f"fade_ink_share_{limit}"] == 0
    assert faded[f"fade_share_{limit}"] > 0.9
    assert faded[f"fade_ink_share_{limit}"] > 0.7
    assert faded["largest_tone_deviation"] > flat["largest_tone_deviation"] == 0


def test_a_fade_behind_the_logo_is_none_of_the_ink() -> None:
    pixels = np.full((150, 150, 3), 255, np.uint8)
    pixels[20:130, 20:130] = np.linspace(236, 255, 110)[:, None, None]
    pixels[20:130, [*range(20, 30), *range(120, 130)]] = 0
    pixels[[*range(20, 30), *range(120, 130)], 20:130] = 0

    areas = measure_areas(look_at(pixels))

    assert areas["backdrop_deviation"] > 0.1
    assert areas["tone_deviation"] < 0.05


def test_noise_has_hardly_a_smooth_area() -> None:
    assert measure_areas(look(noise((150, 150))))["smooth_share"] < 0.05


def test_letters_on_a_tile_make_a_row_of_areas() -> None:
    tile = Image.new("RGB", (180, 90), "white")
    tile.paste("navy", (5, 5, 175, 85))
    for left in range(20, 150, 30):
        tile.paste("gold", (left, 30, left + 16, 60))

    rows = measure_area_rows(look(tile))

    assert rows["area_row_count"] == 5 / 16
    assert rows["area_row_aspect"] == pytest.approx(16 / 30 / 2, abs=0.05)
    assert measure_area_rows(look(Image.new("RGB", (60, 40), "red")))["area_row_count"] == 0
