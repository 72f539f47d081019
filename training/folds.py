"""Give new labelled pictures folds that keep brands and look-alikes together.

    python -m training.folds --data data

Fills the column `fold` of `labels.csv` where it is empty. A fold once given stays, so what a
network never saw stays unseen when pictures are added. Then names the pictures that look like one
of `bench`, on which nothing may be fitted: they are to be looked at.
"""

from __future__ import annotations

import argparse
import csv
from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import connected_components

from app.classification.image import LoadedImage
from training.dataset import TRAINING_SPLITS, Example, load_all, read_labels

FOLDS = 10

Hashes = NDArray[np.uint8]
"""Difference hashes of pictures, shape (n, 32)."""

_NEAR_DUPLICATE_BITS = 15


def assign_folds(
    examples: Sequence[Example], hashes: Hashes, folds: int = FOLDS
) -> NDArray[np.int64]:
    """Return a fold for each example, shape (n,); brands and look-alikes share theirs.

    Look-alikes are pictures whose 16 x 16 difference hashes differ in at most 15 bits. Examples
    that have a fold keep it; one that is linked to several joins the lowest, that is rather the
    held-out one than any other.
    """
    groups = _groups(examples, hashes)
    sizes = np.bincount(groups)
    fold_of_group = np.full(len(sizes), folds, np.int64)
    given = np.array([folds if e.fold is None else e.fold for e in examples], np.int64)
    np.minimum.at(fold_of_group, groups, given)
    decided = np.where(given < folds, given, fold_of_group[groups])
    filled = np.bincount(decided, minlength=folds + 1)[:folds]
    rng = np.random.default_rng(0)
    shuffled = rng.permutation(len(sizes))
    for group in shuffled[np.argsort(-sizes[shuffled], kind="stable")]:
        if fold_of_group[group] == folds:
            fold_of_group[group] = fold = int(np.argmin(filled))
            filled[fold] += sizes[group]
    return np.where(given < folds, given, fold_of_group[groups])


def _groups(examples: Sequence[Example], hashes: Hashes) -> NDArray[np.int64]:
    rows: list[NDArray[np.int64]] = []
    columns: list[NDArray[np.int64]] = []
    for index, own in enumerate(hashes):
        near = _near(hashes[index + 1 :], own) + index + 1
        rows.append(np.full(len(near), index))
        columns.append(near)
    first_of_brand: dict[str, int] = {}
    brand_of = [first_of_brand.setdefault(e.brand, i) for i, e in enumerate(examples)]
    rows.append(np.arange(len(examples)))
    columns.append(np.array(brand_of, np.int64))
    row, column = np.concatenate(rows), np.concatenate(columns)
    size = len(examples)
    graph = csr_matrix((np.ones(len(row), np.int8), (row, column)), shape=(size, size))
    labels: NDArray[np.int64] = connected_components(graph, directed=False)[1].astype(np.int64)
    return labels


def _near(hashes: Hashes, own: NDArray[np.uint8]) -> NDArray[np.int64]:
    """Return the places of the hashes that belong to look-alikes of the picture of another."""
    distance = np.bitwise_count(hashes ^ own).sum(axis=1)
    return np.flatnonzero(distance <= _NEAR_DUPLICATE_BITS)


def look_alikes(
    examples: Sequence[Example], hashes: Hashes, bench: Sequence[Example], bench_hashes: Hashes
) -> list[tuple[str, str]]:
    """Return the ids of each pair of an example and one of `bench` that differ in at most 15 bits.

    Not every pair looks alike: large even areas leave most bits of a hash unset.
    """
    return [
        (examples[index].id, other.id)
        for other, own in zip(bench, bench_hashes, strict=True)
        for index in _near(hashes, own)
    ]


def hash_all(examples: Sequence[Example]) -> Hashes:
    """Load every picture as the service would; return their difference hashes."""
    hashes = [difference_hash(image) for image in load_all(examples)]
    return np.stack(hashes) if hashes else np.empty((0, 32), np.uint8)


def difference_hash(image: LoadedImage) -> NDArray[np.uint8]:
    """Return the 256-bit horizontal difference hash of a picture, shape (32,)."""
    grey = cv2.cvtColor(image.pixels, cv2.COLOR_RGB2GRAY)
    small = cv2.resize(grey, (17, 16), interpolation=cv2.INTER_AREA)
    return np.packbits(small[:, 1:] > small[:, :-1])


def fill_folds(data: Path, examples: Sequence[Example], hashes: Hashes) -> int:
    """Write a fold for each picture that is learnt from and has none; return how many those are."""
    folds = assign_folds(examples, hashes)
    fold_of = {example.id: str(fold) for example, fold in zip(examples, folds, strict=True)}
    file = data / "labels.csv"
    with open(file, newline="", encoding="utf-8") as lines:
        rows = list(csv.DictReader(lines))
    for row in rows:
        row["fold"] = fold_of.get(row["id"], "")
    partial = file.with_suffix(".partial")
    with open(partial, "w", newline="", encoding="utf-8") as lines:
        writer = csv.DictWriter(lines, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    partial.replace(file)
    return sum(example.fold is None for example in examples)


def main() -> None:
    """Run the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, required=True, help="folder of labels.csv and images/")
    data = parser.parse_args().data
    examples, bench = read_labels(data, *TRAINING_SPLITS), read_labels(data, "bench")
    hashes = hash_all(examples)
    print(f"{fill_folds(data, examples, hashes)} pictures got a fold")
    for own, other in look_alikes(examples, hashes, bench, hash_all(bench)):
        print(f"to be looked at: {own} is like {other} of bench")


if __name__ == "__main__":
    main()
