"""Words and initials are set in real fonts."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from training.pictures.lettering import Lettering, scaled, stack

SEEDS = range(120)


@pytest.fixture(scope="module")
def lettering(fonts: list[Path]) -> Lettering:
    return Lettering(fonts, ["acme", "zebra", "quo"])


def test_initials_are_cropped_to_their_ink_and_words_to_their_width(lettering: Lettering) -> None:
    for seed in SEEDS:
        rng = np.random.default_rng(seed)
        letters, word = lettering.initials(2, rng), lettering.words(rng)
        assert min(letters[0].max(), letters[-1].max()) > 0
        for mask in (letters, word):
            assert min(mask[:, 0].max(), mask[:, -1].max()) > 0


def test_some_words_are_outlines_with_much_less_ink(lettering: Lettering) -> None:
    shares = [(lettering.words(np.random.default_rng(seed)) > 127).mean() for seed in range(300)]

    assert min(shares) < 0.6 * np.median(shares)


def test_two_letters_are_wider_than_one(lettering: Lettering) -> None:
    wide = {
        count: np.median(
            [
                mask.shape[1] / mask.shape[0]
                for seed in SEEDS
                for mask in [lettering.initials(count, np.random.default_rng(seed))]
            ]
        )
        for count in (1, 2)
    }

    assert wide[2] > 1.4 * wide[1]


def test_text_that_no_font_shows_is_an_error(fonts: list[Path]) -> None:
    with pytest.raises(ValueError, match="no font shows"):
        Lettering(fonts, [" "]).words(np.random.default_rng(1))


def test_parts_are_scaled_and_stacked_in_the_middle() -> None:
    tall, wide = np.full((40, 10), 255, np.uint8), np.full((10, 30), 255, np.uint8)

    stacked = stack([scaled(tall, 20), wide], gap=4)

    assert stacked.shape == (20 + 4 + 10 + 4, 30)
    assert stacked[:20].any(axis=0).nonzero()[0].tolist() == list(range(12, 17))
