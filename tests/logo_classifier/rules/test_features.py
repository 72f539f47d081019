"""What is measured is finite, in 0-1, repeatable, and orders pictures as an eye would."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw

from logo_classifier.pictures.decoding import WORKING_SIDE, decode_rgba
from logo_classifier.pictures.header import Picture, open_header
from logo_classifier.pictures.image import LoadedImage, load_image
from logo_classifier.pictures.limits import Limits
from logo_classifier.pictures.normalising import normalise
from logo_classifier.pictures.pixels import shrink
from logo_classifier.rules.features import extract_features
from logo_classifier.rules.trees import RuleSet, read_rules

DATA = Path(__file__).parents[2] / "data"
MEASURED = json.loads((DATA / "features.json").read_text("utf-8"))
"""What rules of that version were fitted on; tests/data/README.md says how it was written."""

Encode = Callable[..., bytes]
Measure = Callable[[Image.Image], dict[str, float]]


@pytest.fixture
def measure(encode: Encode) -> Measure:
    def values(picture: Image.Image) -> dict[str, float]:
        # As `load_image` does, which refuses what shows nothing.
        header = open_header(Picture(encode(picture)), Limits())
        normalised = normalise(decode_rgba(header.file, header.layout))
        pixels = shrink(normalised.pixels, WORKING_SIDE)
        image = LoadedImage(pixels, normalised.surround, header.facts)
        return dict(extract_features(image).values)

    return values


def noise(size: tuple[int, int]) -> Image.Image:
    values = np.random.default_rng(3).integers(0, 256, (size[1], size[0], 4), np.uint8)
    return Image.fromarray(values)


def checks(side: int) -> Image.Image:
    board = np.indices((side, side)).sum(axis=0) % 2 * 255
    return Image.fromarray(board.astype(np.uint8))


def speck() -> Image.Image:
    picture = Image.new("RGB", (200, 200), "white")
    picture.putpixel((100, 100), (0, 0, 0))
    return picture


def hairline() -> Image.Image:
    picture = Image.new("RGB", (5000, 20), "white")
    picture.paste("black", (0, 9, 5000, 11))
    return picture


def squares(count: int) -> Image.Image:
    """Draw squares of 12 px in as many colours, at most eight a row."""
    picture = Image.new("RGB", (180, 180), "white")
    for i in range(count):
        left, top = 10 + 20 * (i % 8), 10 + 20 * (i // 8)
        picture.paste((i * 29 % 200, i * 67 % 200, i * 101 % 200), (left, top, left + 12, top + 12))
    return picture


ODD = {
    "smallest": Image.new("RGB", (10, 10), "red"),
    "white": Image.new("RGB", (64, 64), "white"),
    "transparent": Image.new("RGBA", (64, 64), (0, 0, 0, 0)),
    "wide": noise((5000, 10)),
    "tall": noise((10, 5000)),
    "wide and flat": Image.new("RGB", (5000, 10), "blue"),
    "noise": noise((300, 300)),
    "checks": checks(256),
    "speck": speck(),
    "hairline": hairline(),
    "grey": Image.new("L", (30, 20), 128),
}


@pytest.mark.parametrize("name", ODD)
def test_odd_pictures_measure_finite_values(name: str, measure: Measure) -> None:
    values = measure(ODD[name])
    for feature, value in values.items():
        assert math.isfinite(value), feature


def test_a_picture_measures_the_same_every_time(word: Image.Image, measure: Measure) -> None:
    assert measure(word) == measure(word)


def test_measuring_leaves_the_picture_as_it_was(disc: Image.Image, encode: Encode) -> None:
    image = load_image(encode(disc))
    before = image.pixels.copy()
    extract_features(image)
    assert np.array_equal(image.pixels, before)


@pytest.mark.parametrize("name", ["speck", "noise", "white"])
def test_every_picture_has_all_the_features_that_the_rules_name(
    name: str, measure: Measure, shipped_rules: RuleSet
) -> None:
    assert set(shipped_rules.names) <= measure(ODD[name]).keys()


def test_all_pictures_have_the_same_features(measure: Measure) -> None:
    assert len({tuple(measure(picture)) for picture in ODD.values()}) == 1


def test_an_even_margin_changes_nothing(disc: Image.Image, measure: Measure) -> None:
    wide = Image.new("RGB", (400, 300), "white")
    wide.paste(disc, (150, 100))
    assert measure(wide) == measure(disc)


@pytest.mark.parametrize("feature", ["fade_share_3", "fade_share_8", "gentle_share", "faint_share"])
def test_a_fade_is_softer_than_a_flat_disc(
    feature: str, fade: Image.Image, disc: Image.Image, measure: Measure
) -> None:
    assert measure(disc)[feature] < 0.02
    assert measure(fade)[feature] > 0.5


def test_a_word_has_a_row_and_a_disc_has_none(
    word: Image.Image, disc: Image.Image, measure: Measure
) -> None:
    values = measure(word)
    assert values["row_count"] == 5 / 16
    assert values["row_width"] > 0.9
    assert values["row_closeness"] == 1
    assert measure(disc)["row_count"] == 0


def test_a_word_on_a_tile_is_an_inner_row(word: Image.Image, measure: Measure) -> None:
    tile = Image.new("RGB", (360, 160), "white")
    tile.paste("navy", (10, 10, 350, 150))
    tile.paste("gold", (30, 35), word.convert("L").point(lambda level: 255 - level))
    values = measure(tile)
    assert values["inner_row_count"] == 5 / 16
    assert values["row_count"] == 0


def test_more_areas_and_colours_count_as_more(measure: Measure) -> None:
    few, many = measure(squares(4)), measure(squares(30))
    assert (few["area_count_30"], many["area_count_30"]) == (4 / 40, 30 / 40)
    for feature in ("ink_color_count", "ink_color_entropy", "unique_colors"):
        assert few[feature] < many[feature], feature
    assert few["top_color_share"] > many["top_color_share"]


def test_noise_is_the_most_complex_and_one_colour_the_least(
    disc: Image.Image, measure: Measure
) -> None:
    levels = [measure(picture)["complexity"] for picture in (ODD["white"], disc, ODD["noise"])]
    assert levels == sorted(levels)
    assert levels[0] == pytest.approx(0, abs=0.01)
    assert levels[-1] > 0.8


def test_complexity_is_the_mean_of_its_four_parts(word: Image.Image, measure: Measure) -> None:
    values = measure(word)
    parts = ("edge_density", "unique_colors", "entropy", "corner_density")
    mean = sum(values[name] for name in parts) / 4
    assert values["complexity"] == pytest.approx(mean, abs=1e-6)


def test_thin_strokes_are_told_from_thick_ones(measure: Measure) -> None:
    thin, thick = (Image.new("RGB", (160, 160), "white") for _ in range(2))
    for picture, width in ((thin, 2), (thick, 30)):
        ImageDraw.Draw(picture).rectangle((10, 10, 149, 149), outline="black", width=width)
    assert measure(thin)["thin_share"] > 0.9
    assert measure(thick)["thin_share"] < 0.2
    assert measure(thin)["stroke_depth"] < measure(thick)["stroke_depth"]


def test_shape_follows_the_aspect_of_what_is_drawn(measure: Measure) -> None:
    wide, tall = (measure(Image.new("RGB", size, "red")) for size in ((160, 40), (40, 80)))
    assert wide["wideness"] == pytest.approx(4 / 8)
    assert tall["tallness"] == pytest.approx(2 / 4)
    assert wide["tallness"] < tall["tallness"]


def test_colour_counts_as_saturation(disc: Image.Image, measure: Measure) -> None:
    assert measure(disc)["saturation"] > 0.5
    assert measure(disc.convert("L"))["saturation"] == 0


@pytest.mark.parametrize("channel", range(3))
def test_a_fade_in_any_one_channel_is_seen(channel: int, measure: Measure) -> None:
    values = np.full((80, 120, 3), 60, np.uint8)
    values[..., channel] = np.linspace(0, 200, 120, dtype=np.uint8)
    faded = measure(Image.fromarray(values))
    assert faded["fade_share_15"] > 0.9
    assert faded["tone_deviation"] > 0.5


@pytest.mark.parametrize("name", MEASURED["pictures"])
def test_a_picture_measures_what_the_shipped_rules_were_fitted_on(name: str) -> None:
    values = dict(extract_features(load_image(DATA / "golden" / name)).values)

    assert MEASURED["rules_version"] == read_rules()["version"]
    assert values == pytest.approx(MEASURED["pictures"][name], abs=1e-3)
