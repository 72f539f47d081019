"""Feed the training loop: labelled pictures and drawn ones, varied anew in every epoch."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.utils.data import Dataset

from app.classification.types import LogoType
from training.augment import Cutout, Rng, vary
from training.dataset import type_of
from training.synthesis import Typesetter, cut_out_drawn

_ORDER = list(LogoType)


@dataclass(frozen=True)
class Labelled:
    """Hold the cutouts with their type indices (n,) and flags (n, 3)."""

    cutouts: list[Cutout]
    types: NDArray[np.int64]
    flags: NDArray[np.float32]


class Pictures(Dataset[tuple[Tensor, Tensor, Tensor]]):
    """Yield (uint8 square (side, side, 3), type index, flags (3,)); `drawn` more are drawn."""

    def __init__(
        self,
        labelled: Labelled,
        side_px: int,
        seed: int,
        typesetter: Typesetter | None = None,
        drawn: int = 0,
    ) -> None:
        self.labelled, self.side_px, self.seed = labelled, side_px, seed
        self.typesetter, self.drawn = typesetter, drawn

    def __len__(self) -> int:
        """Return the number of pictures, drawn ones included."""
        return len(self.labelled.cutouts) + self.drawn

    def __getitem__(self, index: int) -> tuple[Tensor, Tensor, Tensor]:
        """Return one varied picture with its targets."""
        rng = np.random.default_rng((self.seed, index))
        known = len(self.labelled.cutouts)
        if index >= known:
            assert self.typesetter is not None
            return self._drawn(self.typesetter, rng)
        flags = self.labelled.flags[index]
        square = vary(self.labelled.cutouts[index], self.side_px, bool(flags[0]), rng)
        return (
            torch.from_numpy(square),
            torch.tensor(self.labelled.types[index]),
            torch.from_numpy(flags),
        )

    def _drawn(self, typesetter: Typesetter, rng: Rng) -> tuple[Tensor, Tensor, Tensor]:
        drawn = typesetter.draw(rng)
        lettering, *_ = drawn.flags
        square = vary(cut_out_drawn(drawn), self.side_px, lettering, rng)
        kind = _ORDER.index(type_of(*drawn.flags))
        return (
            torch.from_numpy(square),
            torch.tensor(kind),
            torch.tensor(drawn.flags, dtype=torch.float32),
        )
