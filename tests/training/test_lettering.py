"""Letters are set, arranged and turned without losing any of them."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from app.classification.image import Pixels
from training.lettering import arrange, bend, deform, outline, set_text

SEEDS = range(40)


def block(height: int = 60, width: int = 40) -> Pixels:
    return np.full((height, width), 255, np.uint8)


def parts(mask: Pixels) -> int:
    return cv2.connectedComponents((mask > 127).astype(np.uint8))[0] - 1


def middle(mask: Pixels) -> tuple[float, float]:
    rows, columns = np.nonzero(mask > 127)
    return float(columns.mean()), float(rows.mean())


def test_text_is_cropped_to_its_ink(fonts: list[Path]) -> None:
    mask = set_text("HI", fonts[0])

    assert mask is not None
    assert mask.dtype == np.uint8
    assert min(line.max() for line in (mask[0], mask[-1], mask[:, 0], mask[:, -1])) > 0


def test_text_without_ink_gives_nothing(fonts: list[Path]) -> None:
    assert set_text(" ", fonts[0]) is None


def test_tight_text_is_narrower(fonts: list[Path]) -> None:
    loose, tight = set_text("HOH", fonts[0]), set_text("HOH", fonts[0], tightness=0.8)

    assert loose is not None
    assert tight is not None
    assert tight.shape[1] < loose.shape[1]


def test_arranged_letters_share_a_canvas_and_stay_apart() -> None:
    for seed in SEEDS:
        layers = arrange([block(), block(), block()], np.random.default_rng(seed))

        assert len({layer.shape for layer in layers}) == 1
        assert all((layer > 127).any() for layer in layers)
        assert parts(np.max(layers, axis=0)) >= 3
        assert not sum((layer > 127).astype(int) for layer in layers).max() > 1


def test_letters_are_placed_in_more_ways_than_a_row() -> None:
    steps = []
    for seed in SEEDS:
        first, second = map(middle, arrange([block(), block()], np.random.default_rng(seed)))
        steps.append((second[0] - first[0], second[1] - first[1]))

    assert any(abs(across) < 8 and down > 60 for across, down in steps)  # a column
    assert any(across > 10 and down > 20 for across, down in steps)  # steps down
    assert any(across > 10 and down < -20 for across, down in steps)  # steps up


def test_what_overlaps_is_parted_by_a_moat() -> None:
    overlapping = 0
    for seed in SEEDS:
        lower, upper = arrange([block(), block()], np.random.default_rng(seed))
        if (lower > 127).sum() < 0.98 * 60 * 40:
            overlapping += 1
            grown = cv2.dilate(upper, np.ones((7, 7), np.uint8))
            assert not ((lower > 127) & (grown > 127)).any()
    assert overlapping > 3


def test_deforming_keeps_letters_whole_and_side_by_side() -> None:
    left, right = np.zeros((2, 60, 100), np.uint8)
    left[:, :40], right[:, 60:] = 255, 255
    shapes = set()
    for seed in SEEDS:
        first, second = deform([left, right], np.random.default_rng(seed))
        shapes.add(first.shape)
        assert first.shape == second.shape
        assert parts(np.max([first, second], axis=0)) == 2
        border = np.concatenate([np.r_[m[0], m[-1], m[:, 0], m[:, -1]] for m in (first, second)])
        assert first.shape == left.shape or border.max() == 0
    assert left.shape in shapes
    assert len(shapes) > 10


def test_bent_words_rise_to_their_middle() -> None:
    for seed in SEEDS:
        mask = bend([block(30, 20) for _ in range(7)], np.random.default_rng(seed))

        assert parts(mask) == 7
        rows, columns = np.nonzero(mask > 127)
        centre = np.abs(columns - columns.mean()) < mask.shape[1] / 10
        assert rows[centre].mean() < rows[~centre].mean()


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_an_outline_is_hollow(seed: int) -> None:
    line = outline(block(), np.random.default_rng(seed))

    assert line[line.shape[0] // 2, line.shape[1] // 2] == 0
    assert (line > 127).sum() < 60 * 40
    assert parts(line) == 1
