"""Examples without pictures, and outlines that are as alike as a test wants."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from logo_classifier.values import LogoType
from training.labels.dataset import Example
from training.labels.outlines import Outlines


def example(brand: str, fold: int | None = None, split: str = "train") -> Example:
    nothing = (False, False, False)
    return Example(brand, Path(brand), LogoType.SIMPLE, nothing, split, "drawn", brand, fold=fold)


def random_outlines(count: int) -> Outlines:
    """Return outlines that have nothing in common, shape (count, 1024)."""
    rows = np.random.default_rng(3).normal(size=(1024, count))
    return np.linalg.qr(rows)[0].T.astype(np.float32)


def like(outline: NDArray[np.float32], correlation: float, seed: int = 1) -> NDArray[np.float32]:
    """Return an outline of that correlation with another."""
    other = np.random.default_rng(seed).normal(size=len(outline))
    other -= outline * (outline @ other)
    other /= np.linalg.norm(other)
    mixed: NDArray[np.float32] = correlation * outline + np.sqrt(1 - correlation**2) * other
    return mixed
