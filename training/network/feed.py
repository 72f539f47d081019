"""The training data: labelled, drawn and faded pictures, augmented differently in every epoch."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.utils.data import Dataset

from logo_classifier.values import LogoType
from training.labels.dataset import type_of
from training.network.recipe import Recipe
from training.pictures.augment import MOST_SMALL_PX, Cutout, Rng, cut_out_picture, vary
from training.pictures.fading import fade
from training.pictures.synthesis import Typesetter

_ORDER = list(LogoType)

Targets = NDArray[np.float32]
"""Probabilities (7,): the types in the order of `LogoType`, then the flags."""


@dataclass(frozen=True)
class Labelled:
    """The cutouts with their flags (n, 3): lettering, gradient, complex."""

    cutouts: list[Cutout]
    flags: NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Variation:
    """The key of one variation of a picture; `index` and `view` determine all random choices."""

    index: int
    view: int
    side_px: int


class Pictures(Dataset[tuple[Tensor, Tensor]]):
    """A dataset of pairs: a uint8 square (side, side, 3) and float32 targets (7,).

    The labelled pictures come first, then drawn ones, then flat ones with a painted fade.
    """

    def __init__(self, labelled: Labelled, typesetter: Typesetter, recipe: Recipe) -> None:
        self.labelled, self.typesetter, self.recipe = labelled, typesetter, recipe
        self.known = len(labelled.cutouts)
        self.drawn = round(self.known * recipe.drawn_share)
        # In an opaque picture the background would fade too.
        has_ground = np.array([len(cutout.rim) > 0 for cutout in labelled.cutouts])
        self.flat = np.flatnonzero(has_ground & (labelled.flags[:, 1] == 0))
        self.faded = round(self.known * recipe.faded_share) if len(self.flat) else 0

    def __len__(self) -> int:
        """Return the number of pictures in an epoch."""
        return self.known + self.drawn + self.faded

    def __getitem__(self, variation: Variation) -> tuple[Tensor, Tensor]:
        """Return one varied picture with its targets."""
        rng = np.random.default_rng((variation.view, variation.index))
        cutout, flags, least_px = self._original(variation.index, rng)
        square = vary(cutout, variation.side_px, bool(flags[0]), rng, least_px)
        targets = targets_of(flags, self.recipe.label_smoothing)
        return torch.from_numpy(square), torch.from_numpy(targets)

    def _original(self, index: int, rng: Rng) -> tuple[Cutout, NDArray[np.float32], int]:
        """Return a picture, its flags, and the longest side to which it may shrink."""
        if index >= self.known and index < self.known + self.drawn:
            drawn = self.typesetter.draw(rng)
            return cut_out_picture(drawn.rgba), np.array(drawn.flags, np.float32), drawn.least_px
        if index < self.known:
            cutout, flags = self.labelled.cutouts[index], self.labelled.flags[index]
        else:
            chosen = int(rng.choice(self.flat))
            flags = self.labelled.flags[chosen].copy()
            flags[1] = 1
            cutout = cut_out_picture(fade(self.labelled.cutouts[chosen].rgba, rng))
        return cutout, flags, least_px(flags)


def least_px(flags: NDArray[np.float32]) -> int:
    """Return the smallest longest side, in pixels, at which flags (3,) can still be seen.

    That of letters depends on the picture: where there are some, no size is known to be enough.
    """
    lettering, gradient, is_complex = (bool(flag) for flag in flags)
    return MOST_SMALL_PX if lettering else 56 if is_complex else 20 if gradient else 14


def targets_of(flags: NDArray[np.float32], smoothing: float) -> Targets:
    """Return the targets of flags (3,) and their type, with label smoothing."""
    types = np.full(len(_ORDER), smoothing / len(_ORDER), np.float32)
    types[_ORDER.index(type_of(*(bool(flag) for flag in flags)))] += 1 - smoothing
    return np.concatenate([types, flags * (1 - smoothing) + smoothing / 2])


class Batches:
    """The batches of the epochs from `first` on; each epoch has its own order and view."""

    def __init__(self, pictures: Pictures, first: int) -> None:
        self.pictures, self.first = pictures, first

    def __iter__(self) -> Iterator[list[Variation]]:
        """Yield full batches; the incomplete last batch of an epoch is dropped."""
        recipe = self.pictures.recipe
        size, count = recipe.batch_size, len(self.pictures)
        for epoch, side_px in list(enumerate(recipe.side_of_epoch()))[self.first :]:
            view = recipe.seed * 1000 + epoch
            order = np.random.default_rng((recipe.seed, epoch)).permutation(count).tolist()
            for start in range(0, count - size + 1, size):
                yield [Variation(index, view, side_px) for index in order[start : start + size]]
