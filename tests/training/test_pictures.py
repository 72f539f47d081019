"""The pictures of an epoch carry the right targets and vary as they should."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw
from torch.utils.data import DataLoader

from app.classification.image import Pixels, choose_backdrop, ink_rim
from app.classification.types import LogoType
from training.augment import Cutout, cut_out
from training.dataset import Example, flag_targets, type_of, type_targets
from training.pictures import Labelled, Pictures
from training.synthesis import Typesetter

SIDE = 96


def leaning() -> Cutout:
    """Return an L, which mirroring changes."""
    picture = Image.new("RGBA", (120, 140))
    pen = ImageDraw.Draw(picture)
    pen.rectangle((10, 10, 40, 130), fill="black")
    pen.rectangle((10, 100, 110, 130), fill="black")
    rgba = np.asarray(picture)
    return Cutout(rgba, choose_backdrop(rgba), ink_rim(rgba))


def labelled(flags: list[list[int]]) -> Labelled:
    count = len(flags)
    return Labelled([leaning()] * count, np.zeros(count, np.int64), np.array(flags, np.float32))


def test_a_picture_varies_with_the_seed_and_its_place_and_with_nothing_else() -> None:
    two = labelled([[0, 0, 0], [0, 0, 0]])

    def square(seed: int, index: int) -> Pixels:
        return Pictures(two, SIDE, seed)[index][0].numpy()

    assert np.array_equal(square(5, 0), square(5, 0))
    assert not np.array_equal(square(5, 0), square(5, 1))
    assert not np.array_equal(square(5, 0), square(6, 0))


def test_batches_carry_the_targets_of_their_pictures(examples: list[Example]) -> None:
    chosen = examples[:8]
    types, flags = type_targets(chosen), flag_targets(chosen)
    pictures = Pictures(Labelled([cut_out(row) for row in chosen], types, flags), 48, seed=1)

    assert len(pictures) == 8
    (squares, batch_types, batch_flags), rest = DataLoader(pictures, batch_size=5)

    assert squares.shape == (5, 48, 48, 3)
    assert batch_types.tolist() + rest[1].tolist() == types.tolist()
    assert batch_flags.tolist() + rest[2].tolist() == flags.tolist()


def test_only_a_picture_whose_own_flag_says_lettering_is_spared_the_mirror() -> None:
    two = labelled([[1, 0, 0], [0, 1, 1]])

    def mirrored(index: int) -> int:
        squares = (Pictures(two, SIDE, seed)[index][0].numpy() for seed in range(100))
        return sum(leans_right(square) for square in squares)

    assert mirrored(0) == 0
    assert mirrored(1) > 30


def leans_right(square: Pixels) -> bool:
    corners = np.median(square[[0, 0, -1, -1], [0, -1, 0, -1]], axis=0)
    columns = np.nonzero(np.abs(square - corners).max(axis=2) > 30)[1]
    return bool(columns.mean() > (columns.min() + columns.max()) / 2 + 4)


@pytest.fixture(scope="module")
def typesetter(fonts: list[Path]) -> Typesetter:
    return Typesetter(fonts, ["acme", "logo"], [])


def test_drawn_pictures_follow_the_labelled_ones_with_their_own_targets(
    typesetter: Typesetter,
) -> None:
    pictures = Pictures(labelled([[0, 0, 0]]), SIDE, seed=3, typesetter=typesetter, drawn=40)

    assert len(pictures) == 41
    targets = [pictures[index][1:] for index in range(1, 41)]

    for kind, flags in targets:
        lettering, gradient, complex_ = (bool(flag) for flag in flags)
        assert list(LogoType)[int(kind)] is type_of(lettering, gradient, complex_)
    assert {int(kind) for kind, _ in targets} == {0, 1, 2}
