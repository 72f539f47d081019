"""Assign folds to new labelled pictures; brands and look-alikes stay together (grouped folds).

    python -m training.labels.folds --data data

Fills empty cells of the column `fold` in `labels.csv`. An assigned fold never changes, so pictures
that networks were not fitted on stay held out when others are added. Then prints the pictures that
look like one of `bench`, for a person to check, because nothing may be fitted on `bench`.
"""

from __future__ import annotations

import argparse
import csv
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import connected_components

from training.labels.dataset import HELD_OUT_FOLD, TRAINING_SPLITS, Example, read_labels
from training.labels.outlines import Outlines, alike, look_alikes, outline_all

FOLDS = 10
_FIRST_SEEN = HELD_OUT_FOLD + 1


def assign_folds(
    examples: Sequence[Example], outlines: Outlines, folds: int = FOLDS
) -> NDArray[np.int64]:
    """Return a fold for each example, shape (n,); brands and look-alikes share a fold.

    Look-alikes are pictures whose outlines correlate by `ALIKE` or more. Groups are connected
    components of these links. Examples with a fold keep it. A new example that is linked to several
    folds gets the lowest one, so it prefers the held-out fold. A group with pictures of `extra`
    only is not assigned to the held-out fold without such a link: it would be unused there.
    """
    groups = _groups(examples, outlines)
    sizes = np.bincount(groups)
    fold_of_group = np.full(len(sizes), folds, np.int64)
    given = np.array([folds if e.fold is None else e.fold for e in examples], np.int64)
    np.minimum.at(fold_of_group, groups, given)
    decided = np.where(given < folds, given, fold_of_group[groups])
    measures = np.array([example.split == "train" for example in examples])
    measuring = np.bincount(groups, measures)
    filled = np.bincount(decided, minlength=folds + 1)[:folds]
    filled_to_measure = np.bincount(decided, measures, folds + 1)[:folds]
    rng = np.random.default_rng(0)
    shuffled = rng.permutation(len(sizes))
    for group in shuffled[np.argsort(-sizes[shuffled], kind="stable")].tolist():
        if fold_of_group[group] == folds:
            spread, first = (filled_to_measure, 0) if measuring[group] else (filled, _FIRST_SEEN)
            fold_of_group[group] = fold = first + int(np.argmin(spread[first:]))
            filled[fold] += sizes[group]
            filled_to_measure[fold] += measuring[group]
    return np.where(given < folds, given, fold_of_group[groups])


def _groups(examples: Sequence[Example], outlines: Outlines) -> NDArray[np.int64]:
    first_of_brand: dict[str, int] = {}
    brand_of = [first_of_brand.setdefault(e.brand, i) for i, e in enumerate(examples)]
    pairs = np.array([*alike(outlines, outlines), *enumerate(brand_of)], np.int64).reshape(-1, 2)
    size = len(examples)
    graph = csr_matrix((np.ones(len(pairs), np.int8), tuple(pairs.T)), shape=(size, size))
    labels: NDArray[np.int64] = connected_components(graph, directed=False)[1].astype(np.int64)
    return labels


def fill_folds(data: Path, examples: Sequence[Example], outlines: Outlines) -> int:
    """Write a fold for each example without one; return how many there are."""
    folds = assign_folds(examples, outlines)
    fold_of = {example.id: str(fold) for example, fold in zip(examples, folds, strict=True)}
    file = data / "labels.csv"
    with open(file, newline="", encoding="utf-8-sig") as lines:
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
    outlines = outline_all(examples)
    print(f"{fill_folds(data, examples, outlines)} pictures got a fold")
    for own, other in look_alikes(examples, outlines, bench, outline_all(bench)):
        print(f"to be looked at: {own} is like {other} of bench")


if __name__ == "__main__":
    main()
