"""A fill is flat, or fades as much as it says."""

from __future__ import annotations

import numpy as np
import pytest

from logo_classifier.pictures.pixels import Pixels
from training.pictures.fading import LUMA
from training.pictures.inks import fill, fill_letters, ink_colour, letter_colour

SEEDS = range(150)


@pytest.fixture
def word() -> Pixels:
    """Return a mask of five bars, as letters of a word stand."""
    mask = np.zeros((40, 200), np.uint8)
    for left in range(0, 200, 40):
        mask[:, left : left + 24] = 255
    return mask


def test_every_fade_changes_lightness_or_hue_visibly_and_without_steps(word: Pixels) -> None:
    for seed in SEEDS:
        rng = np.random.default_rng(seed)
        rgb, fades = fill(word, rng, ink_colour(rng), fading=1)
        ink = rgb[word > 0].astype(float)
        assert fades
        assert np.ptp(ink @ LUMA) > 25 or np.ptp(ink, axis=0).max() > 70
        assert np.abs(np.diff(rgb.astype(int), axis=1)).max() < 60


def test_some_fades_change_the_hue_alone(word: Pixels) -> None:
    hues = 0
    for seed in SEEDS:
        rng = np.random.default_rng(seed)
        ink = fill(word, rng, ink_colour(rng), fading=1)[0][word > 0].astype(float)
        hues += bool(np.ptp(ink @ LUMA) < 25)

    assert len(SEEDS) * 0.08 < hues < len(SEEDS) * 0.4


def test_many_fades_run_along_the_word_so_that_each_column_is_flat(word: Pixels) -> None:
    along = 0
    for seed in SEEDS:
        rng = np.random.default_rng(seed)
        rgb = fill(word, rng, ink_colour(rng), fading=1)[0]
        along += bool(np.ptp(rgb, axis=0).max() <= 1)

    assert len(SEEDS) * 0.25 < along < len(SEEDS) * 0.6


def test_flat_letters_have_one_colour_each_and_words_up_to_three(word: Pixels) -> None:
    counts = []
    for seed in SEEDS:
        rng = np.random.default_rng(seed)
        rgb = fill_letters(word, rng, ink_colour(rng))
        for left in range(0, 200, 40):
            assert len(np.unique(rgb[:, left : left + 24].reshape(-1, 3), axis=0)) == 1
        counts.append(len(np.unique(rgb[word > 0], axis=0)))

    assert set(counts) == {1, 2, 3}
    assert np.mean(np.array(counts) > 1) < 0.25


@pytest.mark.parametrize("ink", [(0, 0, 0), (255, 255, 255), (128, 128, 128)])
def test_letters_beside_a_symbol_can_be_seen_where_the_symbol_can(
    ink: tuple[int, int, int],
) -> None:
    mark = np.zeros((20, 20, 4), np.uint8)
    mark[2:18, 2:18] = (*ink, 255)
    colours = [letter_colour(mark, np.random.default_rng(seed)) for seed in SEEDS]
    ground = 34 if ink == (255, 255, 255) else 255

    assert min(abs(colour.mean() - ground) for colour in colours) >= 13
