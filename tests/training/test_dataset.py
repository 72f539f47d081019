"""Labels, and folds that keep look-alikes together."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from app.classification.errors import ImageNotFound
from app.classification.image import WHITE, LoadedImage
from app.classification.types import ImageFacts, LogoType
from training.dataset import (
    FOLDS,
    HELD_OUT_FOLD,
    Example,
    assign_folds,
    difference_hash,
    flag_targets,
    load_all,
    read_labels,
    type_of,
    type_targets,
)

Bits = NDArray[np.bool_]

LABELS = """id,logo_type,lettering,gradient,complex,split,name
cars-1,complex,1,0,1,train,Audi_Sport.2.png
git-2,simple,0,0,0,train,next.js
npm-3,text,1,0,0,bench,acme-dark.svg
npm-4,gradient,0,1,0,train,ACME corp.svg
"""


def labelled(folder: Path) -> Path:
    (folder / "labels.csv").write_text(LABELS)
    return folder


def example(brand: str) -> Example:
    nothing = (False, False, False)
    return Example(brand, Path(brand), LogoType.SIMPLE, nothing, "train", "drawn", brand)


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


def folds_of(brands: Sequence[str], hashes: Sequence[Bits], folds: int) -> list[int]:
    pictures = [picture(bits) for bits in hashes]
    return assign_folds([example(brand) for brand in brands], pictures, folds).tolist()


def test_labels_are_read_in_the_order_of_the_file(tmp_path: Path) -> None:
    rows = read_labels(labelled(tmp_path))

    assert [row.id for row in rows] == ["cars-1", "git-2", "npm-3", "npm-4"]
    assert rows[0] == Example(
        id="cars-1",
        path=tmp_path / "images" / "cars-1.png",
        logo_type=LogoType.COMPLEX,
        flags=(True, False, True),
        split="train",
        source="cars",
        brand="audi",
    )


def test_only_the_split_asked_for_is_read(tmp_path: Path) -> None:
    assert [row.id for row in read_labels(labelled(tmp_path), "bench")] == ["npm-3"]
    assert read_labels(tmp_path, "nothing") == []


def test_the_brand_is_the_first_word_of_the_name_in_lower_case(tmp_path: Path) -> None:
    brands = [row.brand for row in read_labels(labelled(tmp_path))]

    assert brands == ["audi", "next", "acme", "acme"]


def test_an_unknown_type_in_the_labels_is_refused(tmp_path: Path) -> None:
    (tmp_path / "labels.csv").write_text(LABELS.replace("gradient,0", "shaded,0"))

    with pytest.raises(ValueError, match="shaded"):
        read_labels(tmp_path)


def test_targets_are_indices_of_the_types_and_flags_of_0_or_1(tmp_path: Path) -> None:
    rows = read_labels(labelled(tmp_path))

    assert type_targets(rows).tolist() == [3, 0, 1, 2]
    assert type_targets(rows).dtype == np.int64
    assert flag_targets(rows).tolist() == [[1, 0, 1], [0, 0, 0], [1, 0, 0], [0, 1, 0]]
    assert flag_targets(rows).dtype == np.float32


def test_pictures_are_loaded_in_the_order_of_their_examples(
    examples: list[Example], images: list[LoadedImage]
) -> None:
    assert len(images) == len(examples)
    for row, image in zip(examples[::17], images[::17], strict=True):
        assert image.facts.bytes == row.path.stat().st_size
        assert load_all([row])[0].facts.sha256 == image.facts.sha256


def test_a_missing_picture_is_named(tmp_path: Path) -> None:
    with pytest.raises(ImageNotFound, match=r"cars-1\.png"):
        load_all(read_labels(labelled(tmp_path)))


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
    examples: list[Example], images: list[LoadedImage], folds: NDArray[np.int64]
) -> None:
    assert np.array_equal(assign_folds(examples, images), folds)


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


def test_the_brand_of_a_file_type_icon_is_the_type(tmp_path: Path) -> None:
    (tmp_path / "labels.csv").write_text(
        LABELS + "vscode-1,simple,0,0,0,train,file-type-heroku\n", encoding="utf-8"
    )

    assert read_labels(tmp_path)[-1].brand == "heroku"


def test_several_splits_are_read_together(tmp_path: Path) -> None:
    assert len(read_labels(labelled(tmp_path), "train", "bench")) == 4


@pytest.mark.parametrize(
    ("flags", "expected"),
    [
        ((False, False, False), LogoType.SIMPLE),
        ((True, False, False), LogoType.TEXT),
        ((True, True, False), LogoType.GRADIENT),
        ((True, True, True), LogoType.COMPLEX),
        ((False, False, True), LogoType.COMPLEX),
    ],
)
def test_the_type_is_that_of_the_most_demanding_flag(
    flags: tuple[bool, bool, bool], expected: LogoType
) -> None:
    assert type_of(*flags) is expected
