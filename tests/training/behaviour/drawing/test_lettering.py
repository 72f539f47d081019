"""Words are set at the width that is asked for."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw

from training.behaviour.drawing.lettering import outline_text, pick_word, set_text, start_of
from training.behaviour.drawing.words import WORDS


@pytest.mark.parametrize("width", [40, 200, 480])
def test_a_word_has_about_the_width_that_is_asked_for(suite_fonts: list[Path], width: int) -> None:
    for font in suite_fonts:
        mask = set_text(font, "Harvest", width)

        assert abs(mask.shape[1] - width) < 0.12 * width + 2
        assert mask.max() > 200
        assert mask[0].any()
        assert mask[:, 0].any()
        assert mask[:, -1].any()


def test_outlines_surround_the_letters_and_leave_them_empty(suite_fonts: list[Path]) -> None:
    filled, outlined = (
        set_text(suite_fonts[0], "O", 300),
        outline_text(suite_fonts[0], "O", 300, 0.03),
    )

    flooded = Image.fromarray((outlined > 127).astype(np.uint8) * 255)
    ImageDraw.floodfill(flooded, (0, 0), 128)
    assert outlined.shape[0] > filled.shape[0]
    assert (outlined > 127).mean() < 0.6 * (filled > 127).mean()
    assert (np.asarray(flooded) == 0).any()


def test_a_text_of_which_nothing_is_seen_is_refused(suite_fonts: list[Path]) -> None:
    with pytest.raises(ValueError, match="shows nothing of ' '"):
        set_text(suite_fonts[0], " ", 100)


def test_letters_start_where_those_before_them_end(suite_fonts: list[Path]) -> None:
    starts = [start_of(suite_fonts[0], "moss", letter, 200) for letter in range(5)]

    assert starts[0] == 0
    assert starts[-1] == 200
    assert starts == sorted(set(starts))


def test_words_come_in_three_styles() -> None:
    words = [pick_word(np.random.default_rng(seed)) for seed in range(60)]

    assert {word.lower() for word in words} <= set(WORDS)
    assert any(word.isupper() for word in words)
    assert any(word.islower() for word in words)
    assert any(word.istitle() for word in words)
