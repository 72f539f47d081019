"""Edges: how much of the picture they are, where they are, and where they turn."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from logo_classifier.rules.edges import measure_coarse_edges, measure_edges
from tests.logo_classifier.rules.normalised import look, look_at, noise, row_of, squares

EDGE_STEP = 40


def lines(width: int, gap: int) -> Image.Image:
    """Return upright black lines on white, evenly spaced."""
    values = np.full((128, 128), 255, np.uint8)
    for left in range(0, 128, width + gap):
        values[:, left : left + width] = 0
    return Image.fromarray(values)


@pytest.mark.parametrize("colour", ["white", "black", "red"])
def test_one_colour_has_no_edges(colour: str) -> None:
    edges = measure_edges(look(Image.new("RGB", (100, 60), colour)))

    assert set(edges.values()) == {0.0}


@pytest.mark.parametrize("picture", [noise((80, 50)), squares(20), row_of((0, 0, 0), (9, 99, 9))])
def test_edges_are_the_steps_above_40_levels(picture: Image.Image) -> None:
    measured = look(picture)
    edges = measure_edges(measured)

    edge_px = int((measured.step > EDGE_STEP).sum())
    assert edges["edge_density"] == pytest.approx(edge_px / measured.step.size)
    assert edges["ink_edge_density"] == pytest.approx(min(1, edge_px / measured.ink_px))
    strength = measured.step.mean() / 64
    assert edges["gradient_strength"] == pytest.approx(min(1, strength), abs=1e-6)


@pytest.mark.parametrize(("step", "seen"), [(40, False), (41, True)])
def test_a_step_of_40_levels_is_no_edge_yet(step: int, seen: bool) -> None:
    pixels = np.full((40, 40, 3), 255, np.uint8)
    pixels[10:30, 10:30] -= np.uint8(step)

    assert (measure_edges(look_at(pixels))["edge_density"] > 0) is seen


def test_where_one_corner_is_busy_the_median_cell_is_not() -> None:
    pixels = np.full((184, 184, 3), 255, np.uint8)
    pixels[:44, :44] = np.asarray(noise((44, 44)).convert("RGB"))

    edges = measure_edges(look_at(pixels))

    assert edges["busiest_cell"] > 0.9
    assert edges["median_cell"] == 0
    assert edges["busy_cell_share"] == 4 / 64


def test_noise_is_busy_everywhere() -> None:
    edges = measure_edges(look(noise((192, 192))))

    assert edges["busy_cell_share"] == 1
    assert edges["median_cell"] > 0.9


def test_letters_have_more_corners_than_a_disc_and_noise_the_most(
    disc: Image.Image, word: Image.Image
) -> None:
    pictures = (disc, word, noise((192, 192)))
    smooth, lettered, noisy = (measure_edges(look(p))["corner_density"] for p in pictures)

    assert smooth < lettered < noisy == 1


def test_lines_are_edges_at_half_the_size_unless_they_are_too_fine() -> None:
    fine, thick = (measure_coarse_edges(look(lines(width, width))) for width in (1, 4))

    assert fine["coarse_edge_density"] < 0.2
    assert thick["coarse_edge_density"] > 0.4
