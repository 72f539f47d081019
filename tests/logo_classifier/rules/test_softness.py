"""Gradual change inside the ink, away from its edges."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from logo_classifier.rules.softness import measure_gentleness, measure_softness
from tests.logo_classifier.rules.normalised import look, look_at, noise


def ramp(levels_per_px: float) -> Image.Image:
    """Return a block that gets lighter from left to right, on white."""
    values = np.full((100, 140, 3), 255, np.uint8)
    values[10:90, 10:130] = np.clip(20 + np.arange(120) * levels_per_px, 0, 200)[:, None]
    return Image.fromarray(values)


def softness(picture: Image.Image) -> dict[str, float]:
    measured = look(picture)
    return measure_softness(measured) | measure_gentleness(measured)


@pytest.mark.parametrize("feature", ["faint_share", "gentle_share", "gentle_interior_share"])
def test_a_fade_is_softer_than_a_flat_disc(
    feature: str, fade: Image.Image, disc: Image.Image
) -> None:
    assert softness(disc)[feature] < 0.02
    assert softness(fade)[feature] > 0.5


@pytest.mark.parametrize(
    ("levels_per_px", "faint", "soft", "gentle", "marked"),
    [
        (0.0, False, False, False, False),
        (0.5, False, False, True, False),
        (1.0, True, False, True, True),
        (1.5, True, False, True, True),
    ],
)
def test_the_steeper_a_fade_is_the_more_of_it_is_seen(
    levels_per_px: float, faint: bool, soft: bool, gentle: bool, marked: bool
) -> None:
    found = softness(ramp(levels_per_px))

    assert (found["faint_share"] > 0.6) is faint
    assert (found["soft_share"] > 0.5) is soft
    assert (found["gentle_share"] > 0.6) is gentle
    assert (found["marked_share"] > 0.6) is marked


@pytest.mark.parametrize(("step", "soft"), [(2, False), (3, True), (16, True), (17, False)])
def test_a_soft_step_is_3_to_16_levels(step: int, soft: bool) -> None:
    pixels = np.full((60, 60, 3), 100, np.uint8)
    pixels[:, ::2] += np.uint8(step)

    found = measure_softness(look_at(pixels))

    assert (found["soft_share"] > 0.7) is soft
    assert (found["faint_share"] > 0.7) is (step <= 10)


def test_what_is_near_an_edge_is_no_interior() -> None:
    pixels = np.full((80, 80, 3), 255, np.uint8)
    pixels[20:60, 20:60] = 0

    measured = look_at(pixels)

    # A step lies on one side of an edge or on the other: 4 or 5 of 40 pixels are near by 2.
    near, far = measure_softness(measured), measure_gentleness(measured)
    assert 34**2 / 40**2 < near["interior_share"] < 37**2 / 40**2
    assert 30**2 / 40**2 < far["deep_interior_share"] < 33**2 / 40**2


@pytest.mark.parametrize("picture", [noise((100, 80)), Image.new("RGB", (60, 40), "white")])
def test_noise_and_nothing_have_no_interior(picture: Image.Image) -> None:
    assert max(softness(picture).values()) < 0.01


@pytest.mark.parametrize("turned", [False, True])
def test_a_fade_is_seen_in_either_direction(turned: bool) -> None:
    picture = ramp(1.0)

    found = softness(picture.transpose(Image.Transpose.ROTATE_90) if turned else picture)

    assert found["gentle_share"] > 0.6
