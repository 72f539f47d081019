"""The pictures of an epoch carry the right targets and vary as they should."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw
from torch.utils.data import DataLoader

from logo_classifier.pictures.pixels import Pixels
from logo_classifier.values import LogoType
from training.labels.dataset import Example, flag_targets, type_of, type_targets
from training.network.feed import Batches, Labelled, Pictures, Variation, least_px, targets_of
from training.network.recipe import Recipe
from training.pictures.augment import Cutout, cut_out, cut_out_picture
from training.pictures.synthesis import Typesetter

SIDE = 96
ALONE = Recipe(drawn_share=0, faded_share=0, label_smoothing=0)


@pytest.fixture(scope="module")
def typesetter(fonts: list[Path]) -> Typesetter:
    return Typesetter(fonts, ["acme", "logo"], [])


def leaning() -> Cutout:
    """Return an L, which mirroring changes."""
    picture = Image.new("RGBA", (120, 140))
    pen = ImageDraw.Draw(picture)
    pen.rectangle((10, 10, 40, 130), fill="black")
    pen.rectangle((10, 100, 110, 130), fill="black")
    return cut_out_picture(np.asarray(picture))


def labelled(flags: list[list[int]]) -> Labelled:
    return Labelled([leaning()] * len(flags), np.array(flags, np.float32))


def square_of(pictures: Pictures, index: int, view: int) -> Pixels:
    square: Pixels = pictures[Variation(index, view, SIDE)][0].numpy()
    return square


def test_a_picture_varies_with_its_view_and_its_place_and_with_nothing_else(
    typesetter: Typesetter,
) -> None:
    two = Pictures(labelled([[0, 0, 0], [0, 0, 0]]), typesetter, ALONE)

    assert np.array_equal(square_of(two, 0, 5), square_of(two, 0, 5))
    assert not np.array_equal(square_of(two, 0, 5), square_of(two, 1, 5))
    assert not np.array_equal(square_of(two, 0, 5), square_of(two, 0, 6))


def test_batches_carry_the_targets_of_their_pictures(
    examples: list[Example], typesetter: Typesetter
) -> None:
    chosen = examples[:8]
    material = Labelled([cut_out(row) for row in chosen], flag_targets(chosen))
    pictures = Pictures(material, typesetter, ALONE)
    order = [[Variation(index, 1, 48) for index in rows] for rows in ([0, 1, 2, 3, 4], [5, 6, 7])]

    (squares, targets), rest = DataLoader(pictures, batch_sampler=order)

    assert squares.shape == (5, 48, 48, 3)
    both = np.concatenate([targets, rest[1]])
    assert both[:, :4].argmax(axis=1).tolist() == type_targets(chosen).tolist()
    assert both[:, 4:].tolist() == flag_targets(chosen).tolist()


def test_only_a_picture_whose_own_flag_says_lettering_is_spared_the_mirror(
    typesetter: Typesetter,
) -> None:
    two = Pictures(labelled([[1, 0, 0], [0, 1, 1]]), typesetter, ALONE)

    def mirrored(index: int) -> int:
        return sum(leans_right(square_of(two, index, view)) for view in range(100))

    assert mirrored(0) == 0
    assert mirrored(1) > 30


def leans_right(square: Pixels) -> bool:
    corners = np.median(square[[0, 0, -1, -1], [0, -1, 0, -1]], axis=0)
    columns = np.nonzero(np.abs(square - corners).max(axis=2) > 30)[1]
    return bool(columns.mean() > (columns.min() + columns.max()) / 2 + 4)


def test_drawn_pictures_follow_the_labelled_ones_with_their_own_targets(
    typesetter: Typesetter,
) -> None:
    pictures = Pictures(labelled([[0, 0, 0]]), typesetter, replace(ALONE, drawn_share=40))

    assert len(pictures) == 41
    targets = [pictures[Variation(index, 3, SIDE)][1].numpy() for index in range(1, 41)]

    for row in targets:
        assert list(LogoType)[row[:4].argmax()] is type_of(*(bool(flag) for flag in row[4:]))
    assert {row[:4].argmax() for row in targets} == {0, 1, 2}


def test_faded_pictures_come_last_and_are_flat_ones_with_a_gradient(
    typesetter: Typesetter,
) -> None:
    rows = [[1, 0, 0], [0, 0, 1], [0, 1, 0]]
    pictures = Pictures(labelled(rows), typesetter, replace(ALONE, faded_share=10))

    assert len(pictures) == 33
    flags = {
        tuple(pictures[Variation(index, 3, SIDE)][1].numpy()[4:].tolist()) for index in range(3, 33)
    }

    assert flags == {(1, 1, 0), (0, 1, 1)}
    tones = np.unique(square_of(pictures, 20, 3).reshape(-1, 3), axis=0)
    assert len(tones) > 60


def test_where_every_picture_fades_already_none_is_made_to(typesetter: Typesetter) -> None:
    pictures = Pictures(labelled([[0, 1, 0]]), typesetter, replace(ALONE, faded_share=5))

    assert len(pictures) == 1


def test_smoothing_moves_targets_towards_not_knowing() -> None:
    targets = targets_of(np.array([1, 0, 0], np.float32), smoothing=0.2)

    assert targets.tolist() == pytest.approx([0.05, 0.85, 0.05, 0.05, 0.9, 0.1, 0.1])


@pytest.fixture
def five(typesetter: Typesetter) -> Pictures:
    recipe = replace(ALONE, batch_size=2, stages=((48, 2), (64, 1)))
    return Pictures(labelled([[0, 0, 0]] * 5), typesetter, recipe)


def test_each_epoch_shows_every_picture_at_most_once_in_an_order_of_its_own(
    five: Pictures,
) -> None:
    batches = list(Batches(five, first=0))

    assert [len(batch) for batch in batches] == [2] * 6
    epochs = [batches[start] + batches[start + 1] for start in (0, 2, 4)]
    for draws, side_px in zip(epochs, (48, 48, 64), strict=True):
        assert len({draw.index for draw in draws}) == 4
        assert {draw.side_px for draw in draws} == {side_px}
        assert len({draw.view for draw in draws}) == 1
    assert len({tuple(draw.index for draw in draws) for draws in epochs}) > 1


def test_no_two_epochs_or_seeds_show_the_same_view(five: Pictures) -> None:
    recipe = replace(five.recipe, seed=five.recipe.seed + 1)
    other = Pictures(five.labelled, five.typesetter, recipe)

    views = [batch[0].view for pictures in (five, other) for batch in Batches(pictures, first=0)]

    assert len(set(views)) == 6


def test_what_is_resumed_goes_on_with_the_batches_that_are_left(five: Pictures) -> None:
    assert list(Batches(five, first=1)) == list(Batches(five, first=0))[2:]


def test_painting_fades_changes_no_label(typesetter: Typesetter) -> None:
    recipe = replace(ALONE, faded_share=5)
    pictures = Pictures(labelled([[1, 0, 0], [0, 0, 1]]), typesetter, recipe)
    before = pictures.labelled.flags.copy()

    for index in range(len(pictures)):
        pictures[Variation(index, 3, SIDE)]

    assert np.array_equal(pictures.labelled.flags, before)


def test_plain_symbols_may_come_of_smaller_files_than_letters_and_drawings() -> None:
    allowed = [
        least_px(np.array(flags, np.float32))
        for flags in [(0, 0, 0), (0, 1, 0), (0, 0, 1), (1, 0, 0), (1, 1, 1)]
    ]

    assert allowed == sorted(allowed)
    assert allowed[0] < 16
