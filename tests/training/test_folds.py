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

from app.classification.image import WHITE, LoadedImage
from app.classification.types import ImageFacts, LogoType
from tests.training.drawn import Row, relabelled
from training.dataset import HELD_OUT_FOLD, Example, read_labels
from training.folds import (
    FOLDS,
    Hashes,
    assign_folds,
    difference_hash,
    fill_folds,
    hash_all,
    look_alikes,
)

Bits = NDArray[np.bool_]


def example(brand: str, fold: int | None = None) -> Example:
    nothing = (False, False, False)
    return Example(brand, Path(brand), LogoType.SIMPLE, nothing, "train", "drawn", brand, fold=fold)


def picture(bits: Bits) -> LoadedImage:
    """Return a picture whose difference hash is these bits, shape (16, 16)."""
    steps = np.where(bits, 5, -5)
    grey = np.column_stack([np.full(16, 128), 128 + steps.cumsum(axis=1)]).astype(np.uint8)
    return LoadedImage(np.dstack([grey] * 3), WHITE, ImageFacts("PNG", 17, 16, 0, ""))


def random_bits(count: int) -> list[Bits]:
    """Return hashes that are about 128 bits apart."""
    return list(np.random.default_rng(3).random((count, 16, 16)) < 0.5)


def with_flipped(bits: Bits, count: int, first: int = 0) -> Bits:
    flat = bits.ravel().copy()
    flat[first : first + count] ^= True
    return flat.reshape(bits.shape)


def hashed(hashes: Sequence[Bits]) -> Hashes:
    return np.stack([np.packbits(bits) for bits in hashes])


def folds_of(brands: Sequence[str], hashes: Sequence[Bits], folds: int) -> list[int]:
    rows = [example(brand) for brand in brands]
    return assign_folds(rows, hashed(hashes), folds).tolist()


def test_the_hash_has_one_bit_for_each_rise_from_left_to_right() -> None:
    (bits,) = random_bits(1)

    hashed = difference_hash(picture(bits))

    assert hashed.shape == (32,)
    assert np.array_equal(np.unpackbits(hashed).reshape(16, 16), bits)


def test_the_hash_does_not_depend_on_the_size_of_the_picture() -> None:
    (bits,) = random_bits(1)
    small = picture(bits)
    large = LoadedImage(small.pixels.repeat(5, axis=0).repeat(5, axis=1), WHITE, small.facts)

    assert np.array_equal(difference_hash(large), difference_hash(small))


def test_pictures_up_to_15_bits_apart_share_a_fold() -> None:
    (bits,) = random_bits(1)

    alike = folds_of(["a", "b"], [bits, with_flipped(bits, 15)], folds=2)
    unlike = folds_of(["a", "b"], [bits, with_flipped(bits, 16)], folds=2)

    assert alike[0] == alike[1]
    assert unlike[0] != unlike[1]


def test_a_chain_of_look_alikes_shares_a_fold_even_where_its_ends_differ() -> None:
    (first,) = random_bits(1)
    middle = with_flipped(first, 12)
    last = with_flipped(middle, 12, first=100)

    assert len(set(folds_of(["a", "c", "b"], [first, last, middle], folds=3))) == 1


def test_a_brand_shares_a_fold_however_different_its_pictures() -> None:
    brands = ["acme", "zeta", "acme", "acme", "yota"]

    folds = folds_of(brands, random_bits(5), folds=3)

    assert folds[0] == folds[2] == folds[3]
    assert len({folds[0], folds[1], folds[4]}) == 3


def test_a_look_alike_of_one_of_a_brand_joins_all_of_that_brand() -> None:
    one, other, third = random_bits(3)
    hashes = [one, other, with_flipped(other, 3), third]

    folds = folds_of(["acme", "acme", "copy", "zeta"], hashes, folds=2)

    assert folds[0] == folds[1] == folds[2] != folds[3]


def test_groups_of_unequal_sizes_fill_the_folds_evenly() -> None:
    sizes = [1, 6, 3, 8, 2, 7]
    brands = [f"brand{number}" for number, size in enumerate(sizes) for _ in range(size)]

    folds = folds_of(brands, random_bits(len(brands)), folds=3)

    assert np.bincount(folds).tolist() == [9, 9, 9]


def test_folds_come_out_the_same_every_time(
    examples: list[Example], folds: NDArray[np.int64]
) -> None:
    assert np.array_equal(assign_folds(examples, hash_all(examples)), folds)


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
    one, other = random_bits(2)
    old, unlike = example("acme", fold=4), example("zeta", fold=4)
    hashes = [one, other, with_flipped(one, 5), with_flipped(other, 5)]
    new = [example("copy"), example("zeta")]

    folds = assign_folds([old, unlike, *new], hashed(hashes))

    assert folds.tolist() == [4, 4, 4, 4]


def test_a_picture_that_links_the_held_out_fold_to_another_is_held_out() -> None:
    first, last = random_bits(2)
    given = [example("acme", fold=7), example("zeta", fold=HELD_OUT_FOLD), example("zeta")]

    folds = assign_folds(given, hashed([first, last, first]))

    assert folds.tolist() == [7, HELD_OUT_FOLD, HELD_OUT_FOLD]


def test_new_pictures_fill_the_emptiest_folds() -> None:
    given = [example(f"old{fold}", fold) for fold in (0, 0, 2)]
    bits = random_bits(6)
    new = [example("acme"), example("acme"), example("yota")]

    folds = assign_folds([*given, *new], hashed(bits), folds=3)

    assert folds.tolist() == [0, 0, 2, 1, 1, 2]


def test_new_pictures_that_join_a_fold_are_counted_into_it() -> None:
    given = [example("acme", 0), example("zeta", 1), example("yota", 1)]
    new = [example("acme"), example("acme"), example("nova")]

    folds = assign_folds([*given, *new], hashed(random_bits(6)), folds=2)

    assert folds.tolist() == [0, 1, 1, 0, 0, 1]


def test_only_the_empty_cells_of_what_is_learnt_from_are_filled(
    logos: Path, examples: list[Example], tmp_path: Path
) -> None:
    data = relabelled(logos, tmp_path / "data", without_fold)
    hashes = hash_all(examples)

    assert fill_folds(data, read_labels(data, "train"), hashes) == len(examples)
    filled = (data / "labels.csv").read_text()
    assert fill_folds(data, read_labels(data, "train"), hashes) == 0

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
        fill_folds(data, examples, hash_all(examples))

    assert (data / "labels.csv").read_bytes() == before


def without_fold(row: Row) -> Row:
    return {name: value for name, value in row.items() if name != "fold"}


def test_pictures_up_to_15_bits_from_one_of_the_bench_are_named_with_it() -> None:
    first, other, third = random_bits(3)
    learnt = [example(brand) for brand in ("near", "far", "same", "unlike")]
    hashes = [with_flipped(first, 15), with_flipped(first, 16), third, other]

    bench = [example("bench1"), example("bench2")]

    found = look_alikes(learnt, hashed(hashes), bench, hashed([first, third]))

    assert found == [("near", "bench1"), ("same", "bench2")]
    assert look_alikes(learnt, hashed(hashes), [], hash_all([])) == []


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
        [sys.executable, "-m", "training.folds", "--data", str(tmp_path)],
        check=True,
        capture_output=True,
        text=True,
    )

    assert done.stdout == "2 pictures got a fold\nto be looked at: b is like c of bench\n"
