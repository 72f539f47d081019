"""Measure all pictures that the rules learn from: labelled ones, small copies, and drawn ones."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from logo_classifier.pictures.image import LoadedImage
from logo_classifier.rules.features import FeaturePlan, extract_features
from logo_classifier.values import LogoType
from training.fitting import Floats, Ints
from training.labels.dataset import (
    TRAINING_SPLITS,
    Example,
    flag_targets,
    folds_of,
    load_all,
    read_labels,
    type_of,
    type_targets,
)
from training.labels.fetch import fetch_fonts
from training.pictures.files import Extra, drawn_files, small_copies
from training.pictures.synthesis import typesetter_from

JUDGED = "train"
"""The kind of the pictures that say how good the rules are."""


@dataclass(frozen=True)
class RulePictures:
    """Features, shape (n, features), with names, types, flags (n, 3), folds and kinds (n,).

    Kinds are the splits of the labelled pictures, and what the others stand for.
    """

    names: tuple[str, ...]
    values: Floats
    types: Ints
    flags: NDArray[np.float32]
    folds: Ints
    kinds: NDArray[np.str_]


def gather(
    folder: Path, plan: FeaturePlan, drawn: int, small_share: float, seed: int
) -> RulePictures:
    """Read, draw and measure the pictures; a small copy is in the fold of its original."""
    examples = read_labels(folder, *TRAINING_SPLITS)
    images, folds = load_all(examples), folds_of(examples)
    rng = np.random.default_rng(seed)
    others = list(small_copies(examples, images, small_share, rng))
    if drawn:
        typesetter = typesetter_from(examples, [], fetch_fonts(folder / "packages"))
        others += tqdm(drawn_files(typesetter, drawn, rng), total=drawn, desc="draw", unit="img")
    names, values = measure([*images, *(other.image for other in others)], plan)
    own_folds = [
        int(rng.integers(folds.max() + 1)) if other.origin is None else int(folds[other.origin])
        for other in others
    ]
    return RulePictures(
        names,
        values,
        np.concatenate([type_targets(examples), _types(others)]),
        np.concatenate([flag_targets(examples), _flags(others)]),
        np.concatenate([folds, np.array(own_folds, np.int64)]),
        np.array([*(_kind(example) for example in examples), *(other.kind for other in others)]),
    )


def measure(images: Sequence[LoadedImage], plan: FeaturePlan) -> tuple[tuple[str, ...], Floats]:
    """Return the names of the features and their values, shape (n, features)."""
    pictures = tqdm(images, desc="measure", unit="img")
    rows = [extract_features(image, plan).values for image in pictures]
    names = tuple(rows[0])
    return names, np.array([[row[name] for name in names] for row in rows], np.float64)


def _kind(example: Example) -> str:
    return example.split


def _types(others: Sequence[Extra]) -> Ints:
    order = list(LogoType)
    return np.array([order.index(type_of(*other.flags)) for other in others], np.int64)


def _flags(others: Sequence[Extra]) -> NDArray[np.float32]:
    return np.array([other.flags for other in others], np.float32).reshape(-1, 3)
