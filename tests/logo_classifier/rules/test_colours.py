"""Colours and greys are counted as a slow count of every second pixel does."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from math import log2

import numpy as np
import pytest
from PIL import Image

from logo_classifier.rules.colours import (
    main_colour,
    measure_colour_shares,
    measure_colours,
    measure_inks,
    measure_saturation,
)
from logo_classifier.rules.measuring import BORDER, STRIDE, VISIBLE_STEP, Measured
from tests.logo_classifier.rules.normalised import look, look_at, noise, row_of, squares

PICTURES = {
    "noise": noise((60, 40)),
    "squares": squares(30),
    "letters": row_of((200, 0, 0), (0, 90, 0), (0, 0, 140), (0, 0, 140)),
    "white": Image.new("RGB", (60, 40), "white"),
    "red": Image.new("RGB", (60, 40), "red"),
}


@pytest.fixture(params=PICTURES)
def measured(request: pytest.FixtureRequest) -> Measured:
    return look(PICTURES[request.param])


def entropy_bits(values: Iterable[object]) -> float:
    counted = Counter(values)
    whole = counted.total()
    return sum(-n / whole * log2(n / whole) for n in counted.values())


def codes(measured: Measured) -> list[tuple[int, ...]]:
    """Return the colours of every second pixel at 4 bits a channel."""
    thinned = measured.pixels[::STRIDE, ::STRIDE].reshape(-1, 3) // 16
    return [tuple(colour) for colour in thinned.tolist()]


def smooth_ink(measured: Measured) -> list[tuple[int, ...]]:
    """Return those of smooth ink."""
    step = measured.step[::STRIDE, ::STRIDE].ravel().tolist()
    ink = measured.ink[::STRIDE, ::STRIDE].ravel().tolist()
    return [
        code
        for code, height, is_ink in zip(codes(measured), step, ink, strict=True)
        if is_ink and height <= VISIBLE_STEP
    ]


def test_colours_are_counted_at_four_bits(measured: Measured) -> None:
    colours = measure_colours(measured)

    assert colours["unique_colors"] == min(1, len(set(codes(measured))) / 512)
    greys = measured.grey[::STRIDE, ::STRIDE].ravel().tolist()
    assert colours["entropy"] == pytest.approx(entropy_bits(greys) / 8, abs=1e-6)


def test_shares_are_of_all_pixels(measured: Measured) -> None:
    shares = measure_colour_shares(measured)

    all_codes = codes(measured)
    counted = [number / len(all_codes) for number in Counter(all_codes).values()]
    notable, major = (sum(share > limit for share in counted) for limit in (0.001, 0.01))
    assert shares["notable_color_count"] == min(1, notable / 128)
    assert shares["major_color_count"] == min(1, major / 24)
    assert shares["color_entropy"] == pytest.approx(entropy_bits(all_codes) / 12, abs=1e-6)


def test_inks_are_the_colours_of_smooth_ink(measured: Measured) -> None:
    inks = measure_inks(measured)

    found = smooth_ink(measured)
    shares = [number / len(found) for _, number in Counter(found).most_common()]
    assert inks["ink_color_count"] == min(1, sum(share > 0.01 for share in shares) / 32)
    assert inks["top_color_share"] == pytest.approx(sum(shares[:1]), abs=1e-6)
    assert inks["top_two_color_share"] == pytest.approx(sum(shares[:2]), abs=1e-6)
    assert inks["top_four_color_share"] == pytest.approx(sum(shares[:4]), abs=1e-6)
    assert inks["ink_color_entropy"] == pytest.approx(entropy_bits(found) / 12, abs=1e-6)


def test_more_colours_count_as_more() -> None:
    few, many = look(squares(4)), look(squares(30))

    assert measure_colours(few)["unique_colors"] < measure_colours(many)["unique_colors"]
    for name in ("ink_color_count", "ink_color_entropy"):
        assert measure_inks(few)[name] < measure_inks(many)[name], name
    assert measure_inks(few)["top_color_share"] > measure_inks(many)["top_color_share"]


def test_two_halves_are_one_bit() -> None:
    pixels = np.full((40, 40, 3), 255, np.uint8)
    pixels[:, : 20 - BORDER] = 0
    measured = look_at(np.tile(pixels, (1, 2, 1)))

    dark = (measured.grey[::STRIDE, ::STRIDE] == 0).mean()
    expected = -dark * log2(dark) - (1 - dark) * log2(1 - dark)
    assert measure_colours(measured)["entropy"] == pytest.approx(expected / 8)


@pytest.mark.parametrize("colour", [(200, 30, 30), (7, 250, 120), (0, 0, 0)])
def test_the_main_colour_is_that_of_most_ink_to_four_bits(colour: tuple[int, int, int]) -> None:
    main = main_colour(look(row_of(colour, colour, colour, (90, 90, 200))))

    assert main == tuple(level // 16 * 16 + 8 for level in colour)


def test_where_no_ink_is_smooth_the_main_colour_is_that_of_most_ink() -> None:
    pixels = np.full((40, 40, 3), 255, np.uint8)
    pixels[10:30:2, 10:30:2] = (0, 0, 160)
    measured = look_at(pixels)

    assert not measured.ink_code_counts.any()
    assert main_colour(measured) == (8, 8, 168)


def test_a_blank_picture_has_a_main_colour_as_well() -> None:
    assert main_colour(look(Image.new("RGB", (40, 30), "white"))) == (8, 8, 8)


def test_colour_counts_as_saturation(disc: Image.Image) -> None:
    assert measure_saturation(look(disc))["saturation"] == pytest.approx(170 / 255, abs=0.02)
    assert measure_saturation(look(disc.convert("L")))["saturation"] == 0
