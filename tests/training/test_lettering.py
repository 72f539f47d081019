"""Lettering stays lettering, however it is set."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from training.fetch import fetch_fonts
from training.lettering import restyle, set_text


@pytest.fixture(scope="module")
def fonts(logos: Path) -> list[Path]:
    return fetch_fonts(logos / "packages")


def test_a_mask_touches_its_four_sides(fonts: list[Path]) -> None:
    for seed in range(60):
        mask = set_text(fonts, "Acme", np.random.default_rng(seed), tight=seed % 2 == 0)

        assert all(side.any() for side in (mask[0], mask[-1], mask[:, 0], mask[:, -1]))


def test_what_no_font_shows_is_refused(fonts: list[Path]) -> None:
    with pytest.raises(ValueError, match="no font shows"):
        set_text(fonts, " ", np.random.default_rng(1))


def test_a_mask_is_left_stretched_slanted_hollowed_or_cut_but_never_emptied() -> None:
    block = np.full((80, 200), 255, np.uint8)

    masks = [restyle(block, np.random.default_rng(seed)) for seed in range(300)]

    shares = np.array([(mask > 127).mean() for mask in masks])
    ratios = np.array([mask.shape[1] / mask.shape[0] for mask in masks])
    left = [mask for mask in masks if np.array_equal(mask, block)]
    hollow = [mask for mask in masks if not mask[30:-30, 60:-60].any()]
    assert 0.3 < len(left) / len(masks) < 0.75
    assert 0.02 < len(hollow) / len(masks) < 0.12
    assert shares.min() > 0.03
    assert ratios.min() < 2
    assert ratios.max() > 3.5
