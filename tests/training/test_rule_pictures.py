"""The rules learn from labelled pictures, from small copies in the same fold, and from drawings."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from logo_classifier.pictures.image import LoadedImage
from logo_classifier.rules.features import plan_groups
from training.labels.dataset import Example, type_of
from training.rule_pictures import RulePictures, gather, measure

PLAN = plan_groups(("areas", "parts"), 96)


@pytest.fixture(scope="module")
def pictures(logos: Path) -> RulePictures:
    return gather(logos, PLAN, drawn=30, small_share=1.0, seed=4)


def test_pictures_are_measured_in_order_under_the_names_of_the_features(
    images: list[LoadedImage],
) -> None:
    names, values = measure(images[:6], PLAN)

    assert values.shape == (6, len(names))
    assert len(set(names)) == len(names)
    assert values[4].tolist() == measure([images[4]], PLAN)[1][0].tolist()


def test_labelled_pictures_come_first_and_then_copies_and_drawings(
    pictures: RulePictures, examples: list[Example]
) -> None:
    kinds = pictures.kinds.tolist()

    assert kinds[: len(examples)] == ["train"] * len(examples)
    assert set(kinds[len(examples) :]) > {"small copy", "monogram", "wordmark"}
    assert len(pictures.values) == len(pictures.types) == len(pictures.folds) == len(kinds)


def test_types_follow_from_flags(pictures: RulePictures) -> None:
    names = ["simple", "text", "gradient", "complex"]

    for kind, flags in zip(pictures.types, pictures.flags, strict=True):
        assert names[kind] == type_of(*(bool(flag) for flag in flags)).value


def test_small_copies_are_of_plain_pictures_in_the_fold_of_their_original(
    pictures: RulePictures, examples: list[Example]
) -> None:
    small = pictures.kinds == "small copy"
    plain = [row for row in examples if row.flags and not row.flags[0] and not row.flags[2]]

    assert small.sum() == len(plain)
    assert pictures.folds[small].tolist() == [row.fold for row in plain]
    assert not pictures.flags[small][:, [0, 2]].any()
    side = pictures.values[small][:, pictures.names.index("source_side")]
    assert side.max() <= 48 / 192


def test_the_same_seed_gives_the_same_pictures(logos: Path, pictures: RulePictures) -> None:
    again = gather(logos, PLAN, drawn=30, small_share=1.0, seed=4)

    assert np.array_equal(again.values, pictures.values)
    assert np.array_equal(again.folds, pictures.folds)
