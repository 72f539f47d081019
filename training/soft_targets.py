"""Hold what teachers see in every view of every labelled picture, in memory and as a file."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class SoftTargets:
    """Hold probabilities (views, pictures, 7), float16: the types' softmax, the flags' sigmoids.

    `labels_sha256` is the digest of the labels that say which pictures those are.
    """

    probabilities: NDArray[np.float16]
    labels_sha256: str

    @property
    def sha256(self) -> str:
        """Return the digest of the probabilities."""
        return hashlib.sha256(self.probabilities.tobytes()).hexdigest()

    def check(self, views: int, pictures: int, labels_sha256: str) -> None:
        """Raise ValueError unless these are so many views of so many pictures of these labels."""
        known = (*self.probabilities.shape[:2], self.labels_sha256)
        if known != (views, pictures, labels_sha256):
            raise ValueError(
                f"the teachers saw {known[0]} views of {known[1]} pictures of labels "
                f"{known[2][:8]}, not {views} of {pictures} of {labels_sha256[:8]}: ask them again"
            )

    def write(self, path: Path) -> None:
        """Write a compressed NumPy archive."""
        path.parent.mkdir(parents=True, exist_ok=True)
        partial = path.with_suffix(".partial.npz")
        np.savez_compressed(
            partial, probabilities=self.probabilities, labels_sha256=np.array(self.labels_sha256)
        )
        partial.replace(path)


def read_soft_targets(path: Path) -> SoftTargets:
    """Return what `SoftTargets.write` wrote."""
    with np.load(path) as archive:
        return SoftTargets(archive["probabilities"], str(archive["labels_sha256"]))
