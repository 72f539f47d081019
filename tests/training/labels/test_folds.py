"""Folds keep look-alikes together, and what has one keeps it."""

from __future__ import annotations

import csv
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.training.drawn import Row, relabelled
from tests.training.look_alikes import example, like, random_outlines
from training.labels.dataset import HELD_OUT_FOLD, Example, read_labels
from training.labels.folds import FOLDS, assign_folds, fill_folds
from training.labels.outlines import ALIKE, outline_all


def folds_of(
    brands: Sequence[str], outlines: Sequence[NDArray[np.float32]], folds: int
) -> list[int]:
    rows = [example(brand) for brand in brands]
    return assign_folds(rows, np.stack(outlines), folds).tolist()


def test_pictures_of_nearly_one_outline_share_a_fold() -> None:
    (one,) = random_outlines(1)

    alike = folds_of(["a", "b"], [one, like(one, ALIKE + 0.01)], folds=2)
    unlike = folds_of(["a", "b"], [one, like(one, ALIKE - 0.01)], folds=2)

    assert alike[0] == alike[1]
    assert unlike[0] != unlike[1]


def test_a_chain_of_look_alikes_shares_a_fold_even_where_its_ends_differ() -> None:
    (first,) = random_outlines(1)
    middle = like(first, 0.88)
    last = like(middle, 0.88, seed=2)
    assert first @ last < ALIKE

    assert len(set(folds_of(["a", "c", "b"], [first, last, middle], folds=3))) == 1


def test_a_brand_shares_a_fold_however_different_its_pictures() -> None:
    brands = ["acme", "zeta", "acme", "acme", "yota"]

    folds = folds_of(brands, random_outlines(5), folds=3)

    assert folds[0] == folds[2] == folds[3]
    assert len({folds[0], folds[1], folds[4]}) == 3


def test_a_look_alike_of_one_of_a_brand_joins_all_of_that_brand() -> None:
    one, other, third = random_outlines(3)
    outlines = [one, other, like(other, 0.95), third]

    folds = folds_of(["acme", "acme", "copy", "zeta"], outlines, folds=2)

    assert folds[0] == folds[1] == folds[2] != folds[3]


def test_groups_of_unequal_sizes_fill_the_folds_evenly() -> None:
    sizes = [1, 6, 3, 8, 2, 7]
    brands = [f"brand{number}" for number, size in enumerate(sizes) for _ in range(size)]

    folds = folds_of(brands, random_outlines(len(brands)), folds=3)

    assert np.bincount(folds).tolist() == [9, 9, 9]


def test_what_is_only_learnt_from_joins_the_held_out_fold_for_its_look_alikes_alone() -> None:
    outlines = random_outlines(5)
    outlines[4] = like(outlines[0], 0.95)
    rows = [example("held", HELD_OUT_FOLD), *(example(name, split="extra") for name in "abcd")]

    folds = assign_folds(rows, outlines, folds=3).tolist()

    assert folds[4] == HELD_OUT_FOLD
    assert sorted(folds[1:4]) in ([1, 1, 2], [1, 2, 2])


def test_pictures_that_measure_are_spread_evenly_whatever_is_only_learnt_from() -> None:
    splits = ["train"] * 30 + ["extra"] * 60
    rows = [example(f"brand{number}", split=split) for number, split in enumerate(splits)]

    folds = assign_folds(rows, random_outlines(len(rows)), folds=3)

    assert np.bincount(folds[:30]).tolist() == [10, 10, 10]
    assert np.bincount(folds[30:], minlength=3).tolist() == [0, 30, 30]


def test_folds_come_out_the_same_every_time(
    examples: list[Example], folds: NDArray[np.int64]
) -> None:
    assert np.array_equal(assign_folds(examples, outline_all(examples)), folds)


def test_every_fold_of_the_drawn_logos_is_filled_and_brands_stay_whole(
    examples: list[Example], folds: NDArray[np.int64]
) -> None:
    sizes = np.bincount(folds, minlength=FOLDS)
    assert sizes.sum() == len(examples)
    assert sizes.max() - sizes.min() <= 2
    assert sizes[HELD_OUT_FOLD] >= 10
    fold_of = dict(zip((row.brand for row in examples), folds, strict=True))
    assert all(fold_of[row.brand] == fold for row, fold in zip(examples, folds, strict=True))
    assert len(fold_of) < len(examples)


def test_a_fold_once_given_stays_and_look_alikes_join_it() -> None:
    one, other = random_outlines(2)
    old, unlike = example("acme", fold=4), example("zeta", fold=4)
    outlines = np.stack([one, other, like(one, 0.95), like(other, 0.95)])
    new = [example("copy"), example("zeta")]

    folds = assign_folds([old, unlike, *new], outlines)

    assert folds.tolist() == [4, 4, 4, 4]


def test_a_picture_that_links_the_held_out_fold_to_another_is_held_out() -> None:
    first, last = random_outlines(2)
    given = [example("acme", fold=7), example("zeta", fold=HELD_OUT_FOLD), example("zeta")]

    folds = assign_folds(given, np.stack([first, last, first]))

    assert folds.tolist() == [7, HELD_OUT_FOLD, HELD_OUT_FOLD]


def test_new_pictures_fill_the_emptiest_folds() -> None:
    given = [example(f"old{fold}", fold) for fold in (0, 0, 2)]
    new = [example("acme"), example("acme"), example("yota")]

    folds = assign_folds([*given, *new], random_outlines(6), folds=3)

    assert folds.tolist() == [0, 0, 2, 1, 1, 2]


def test_new_pictures_that_join_a_fold_are_counted_into_it() -> None:
    given = [example("acme", 0), example("zeta", 1), example("yota", 1)]
    new = [example("acme"), example("acme"), example("nova")]

    folds = assign_folds([*given, *new], random_outlines(6), folds=2)

    assert folds.tolist() == [0, 1, 1, 0, 0, 1]


def test_only_the_empty_cells_of_what_is_learnt_from_are_filled(
    logos: Path, examples: list[Example], tmp_path: Path
) -> None:
    data = relabelled(logos, tmp_path / "data", without_fold)
    outlines = outline_all(examples)

    assert fill_folds(data, read_labels(data, "train"), outlines) == len(examples)
    filled = (data / "labels.csv").read_text()
    assert fill_folds(data, read_labels(data, "train"), outlines) == 0

    assert (data / "labels.csv").read_text() == filled == (logos / "labels.csv").read_text()
    rows = csv.DictReader(filled.splitlines())
    assert all((row["fold"] == "") == (row["split"] == "bench") for row in rows)


def test_labels_whose_writing_is_cut_off_stay_as_they_were(
    logos: Path, examples: list[Example], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = relabelled(logos, tmp_path / "data", without_fold)
    before = (data / "labels.csv").read_bytes()

    def cut_off(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(csv.DictWriter, "writerows", cut_off)
    with pytest.raises(KeyboardInterrupt):
        fill_folds(data, examples, outline_all(examples))

    assert (data / "labels.csv").read_bytes() == before


def without_fold(row: Row) -> Row:
    return {name: value for name, value in row.items() if name != "fold"}


def test_the_command_fills_folds_and_names_what_is_like_one_of_the_bench(
    logos: Path, tmp_path: Path
) -> None:
    (tmp_path / "images").mkdir()
    lines = ["id,logo_type,lettering,gradient,complex,split,name,fold"]
    for name, split, number in (("a", "train", 1), ("b", "extra", 3), ("c", "bench", 3)):
        source = logos / "images" / f"complex-0{number}.png"
        shutil.copy(source, tmp_path / "images" / f"{name}.png")
        lines.append(f"{name},complex,0,0,1,{split},{name}.svg,")
    (tmp_path / "labels.csv").write_text("\n".join(lines) + "\n")

    done = subprocess.run(
        [sys.executable, "-m", "training.labels.folds", "--data", str(tmp_path)],
        check=True,
        capture_output=True,
        text=True,
    )

    assert done.stdout == "2 pictures got a fold\nto be looked at: b is like c of bench\n"
