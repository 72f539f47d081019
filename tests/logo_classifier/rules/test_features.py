"""What is measured is finite, in 0-1, repeatable, and as much as a set of rules asks for."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from logo_classifier.pictures.image import load_image
from logo_classifier.rules import features as module
from logo_classifier.rules.features import (
    EVERYTHING,
    MEASURING_SIDE_PX,
    OPTIONAL,
    FeaturePlan,
    extract_features,
    plan_features,
    plan_groups,
)
from logo_classifier.rules.measuring import Measured
from logo_classifier.rules.trees import RuleSet, read_rules
from tests.logo_classifier.rules.normalised import noise, normalised

ROOT = Path(__file__).parents[3]
DATA = ROOT / "tests" / "data"
GOLDEN = ROOT / "models" / "golden"
MEASURED = json.loads((DATA / "features.json").read_text("utf-8"))
"""What rules of that version were fitted on; tests/data/README.md says how it was written."""
BUNDLES = sorted((ROOT / "models" / "logo-type").glob("*/rules.json"))

DOCUMENTED = {
    "edge_density",
    "unique_colors",
    "corner_density",
    "entropy",
    "gradient_strength",
    "complexity",
}
LEAST = plan_groups((), MEASURING_SIDE_PX)

Encode = Callable[..., bytes]


def measure(picture: Image.Image, plan: FeaturePlan = EVERYTHING) -> dict[str, float]:
    return dict(extract_features(normalised(picture), plan).values)


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


@pytest.mark.parametrize("side_px", [32, 160, MEASURING_SIDE_PX])
@pytest.mark.parametrize("name", ODD)
def test_odd_pictures_measure_finite_values(name: str, side_px: int) -> None:
    values = measure(ODD[name], plan_groups(OPTIONAL, side_px))
    for feature, value in values.items():
        assert math.isfinite(value), feature
        assert 0 <= value <= 1, feature


def test_a_picture_measures_the_same_every_time(word: Image.Image) -> None:
    assert measure(word) == measure(word)


def test_measuring_leaves_the_picture_as_it_was(disc: Image.Image, encode: Encode) -> None:
    image = load_image(encode(disc))
    before = image.pixels.copy()
    extract_features(image)
    assert np.array_equal(image.pixels, before)


def test_all_pictures_have_the_same_features() -> None:
    assert len({tuple(measure(picture)) for picture in ODD.values()}) == 1


def test_an_even_margin_changes_nothing(disc: Image.Image) -> None:
    wide = Image.new("RGB", (400, 300), "white")
    wide.paste(disc, (150, 100))
    assert measure(wide) == measure(disc)


def test_noise_is_the_most_complex_and_one_colour_the_least(disc: Image.Image) -> None:
    levels = [measure(picture)["complexity"] for picture in (ODD["white"], disc, ODD["noise"])]
    assert levels == sorted(levels)
    assert levels[0] == pytest.approx(0, abs=0.01)
    assert levels[-1] > 0.8


def test_complexity_is_the_mean_of_its_four_parts(word: Image.Image) -> None:
    values = measure(word)
    parts = ("edge_density", "unique_colors", "entropy", "corner_density")
    mean = sum(values[name] for name in parts) / 4
    assert values["complexity"] == pytest.approx(mean, abs=1e-6)


def test_shape_follows_the_aspect_of_what_is_drawn() -> None:
    wide, tall = (measure(Image.new("RGB", size, "red")) for size in ((160, 40), (40, 80)))
    assert wide["wideness"] == pytest.approx(4 / 8)
    assert tall["tallness"] == pytest.approx(2 / 4)
    assert wide["tallness"] < tall["tallness"]


@pytest.mark.parametrize("plan", [LEAST, plan_features((), 160), EVERYTHING])
def test_the_documented_features_are_always_measured(plan: FeaturePlan) -> None:
    assert measure(ODD["noise"], plan).keys() >= DOCUMENTED


def test_nothing_is_measured_that_is_not_asked_for(
    word: Image.Image, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[Measured] = []

    class Noted(Measured):
        def __init__(self, *given: object) -> None:
            super().__init__(*given)
            seen.append(self)

    monkeypatch.setattr(module, "Measured", Noted)
    least, rows = measure(word, LEAST), measure(word, plan_features(["row_count"], 192))

    assert not {"areas", "shapes", "ink_code_counts"} & vars(seen[0]).keys()
    assert "shapes" in vars(seen[1])
    assert not {"areas", "ink_code_counts"} & vars(seen[1]).keys()
    assert "row_count" in rows
    assert not {"row_count", "area_row_count", "saturation", "fade_share_3"} & least.keys()


@pytest.mark.parametrize("name", OPTIONAL)
def test_one_name_of_a_group_asks_for_that_group_alone(name: str, word: Image.Image) -> None:
    measured = measure(word, plan_groups([name], MEASURING_SIDE_PX))
    own = measured.keys() - measure(word, LEAST).keys()

    assert own
    for feature in own:
        plan = plan_features([feature], MEASURING_SIDE_PX)
        assert plan.groups == (*LEAST.groups, OPTIONAL[name])


@pytest.mark.parametrize("picture", ["noise", "word", "white"])
def test_groups_measure_the_same_alone_as_together(picture: str, word: Image.Image) -> None:
    drawn = word if picture == "word" else ODD[picture]
    together = measure(drawn)
    alone: dict[str, float] = {}
    for name in OPTIONAL:
        values = measure(drawn, plan_groups([name], MEASURING_SIDE_PX))
        assert values.items() <= together.items(), name
        alone |= values

    assert alone == together


def test_the_order_of_groups_changes_nothing(fade: Image.Image) -> None:
    turned = plan_groups(list(reversed(OPTIONAL)), MEASURING_SIDE_PX)

    assert measure(fade, turned) == measure(fade)


def test_no_two_groups_measure_the_same_name() -> None:
    names = [
        name
        for group in EVERYTHING.groups
        for name in measure(ODD["white"], replace(LEAST, groups=(*LEAST.groups, group))).keys()
        - measure(ODD["white"], LEAST).keys()
    ]

    assert len(names) == len(set(names))
    assert set(names) | set(measure(ODD["white"], LEAST)) == set(measure(ODD["white"]))


@pytest.mark.parametrize("names", [["emblem_share"], ["row_count", "emblem_share"], ["complexitY"]])
def test_a_name_that_is_not_measured_is_refused_by_name(names: list[str]) -> None:
    with pytest.raises(ValueError, match=f"{names[-1]}, which is not measured"):
        plan_features(names, MEASURING_SIDE_PX)


@pytest.mark.parametrize("name", ["complexity", "edge_density", "wideness"])
def test_what_is_always_measured_asks_for_nothing_more(name: str) -> None:
    assert plan_features([name], MEASURING_SIDE_PX) == LEAST


def test_a_group_that_is_not_there_is_an_error() -> None:
    with pytest.raises(KeyError, match="emblems"):
        plan_groups(["emblems"], MEASURING_SIDE_PX)


@pytest.mark.parametrize("side_px", [32, 100, 160])
def test_a_smaller_side_measures_a_smaller_picture(side_px: int) -> None:
    picture = Image.new("RGB", (700, 300), "white")
    picture.paste("navy", (50, 50, 650, 200))

    smaller = measure(picture, plan_groups(OPTIONAL, side_px))
    larger = measure(picture)

    assert smaller.keys() == larger.keys()
    assert smaller["wideness"] == pytest.approx(larger["wideness"], abs=0.01)
    ratio = smaller["largest_depth"] / larger["largest_depth"]
    assert ratio == pytest.approx(side_px / MEASURING_SIDE_PX, rel=0.1)
    assert smaller["ink_edge_density"] > larger["ink_edge_density"]


@pytest.mark.parametrize("name", ["speck", "noise", "white"])
def test_every_picture_has_all_the_features_that_the_shipped_rules_name(
    name: str, shipped_rules: RuleSet
) -> None:
    plan = plan_features(shipped_rules.names, shipped_rules.side_px)

    assert set(shipped_rules.names) <= measure(ODD[name], plan).keys()


@pytest.mark.parametrize("file", BUNDLES, ids=lambda file: file.parent.name)
def test_all_that_the_rules_of_a_version_name_is_measured(file: Path, word: Image.Image) -> None:
    rules = RuleSet.from_dict(json.loads(file.read_text("utf-8")))

    values = measure(word, plan_features(rules.names, rules.side_px))

    assert set(rules.names) <= values.keys()
    assert values.keys() >= DOCUMENTED


def test_the_rules_of_the_shipped_version_are_among_them() -> None:
    assert read_rules() in [json.loads(file.read_text("utf-8")) for file in BUNDLES]


@pytest.mark.parametrize("name", MEASURED["pictures"])
def test_a_picture_measures_what_the_shipped_rules_were_fitted_on(
    name: str, shipped_rules: RuleSet
) -> None:
    plan = plan_features(shipped_rules.names, shipped_rules.side_px)
    values = extract_features(load_image(GOLDEN / name), plan).values
    expected = MEASURED["pictures"][name]

    assert MEASURED["rules_version"] == read_rules()["version"]
    assert set(shipped_rules.names) <= expected.keys()
    assert {each: values[each] for each in expected} == pytest.approx(expected, abs=1e-3)
