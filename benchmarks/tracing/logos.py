"""Choose logos of one split of the dataset, and make worn variants of them."""

from __future__ import annotations

import csv
import random
from collections.abc import Callable
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

import cv2
import numpy as np
from PIL import Image

from logo_classifier import LogoType
from logo_classifier.pictures.image import load_rgba
from logo_classifier.pictures.normalising import choose_backdrop, composite, ink_rim
from logo_classifier.pictures.pixels import Colour, Pixels

SMALL_SIDE_PX = 64
JPEG_QUALITY = 50


@dataclass(frozen=True, slots=True)
class Logo:
    """A labelled picture: `rgba` is uint8 (height, width, 4)."""

    name: str
    logo_type: LogoType
    rgba: Pixels


def choose(data: Path, split: str, count: int, seed: int = 7) -> list[Logo]:
    """Return at most `count` logos of each type of a split; a seed always gives the same ones.

    Only labels on which both readings agree count. Raises ValueError if there is none.
    """
    with (data / "labels.csv").open(newline="", encoding="utf-8") as lines:
        rows = [row for row in csv.DictReader(lines) if row["split"] == split]
    found: list[Logo] = []
    for kind in LogoType:
        names = sorted(r["id"] for r in rows if r["logo_type"] == kind and r["agreed"] == "1")
        paths = [p for name in names if (p := data / "images" / f"{name}.png").exists()]
        random.Random(seed).shuffle(paths)  # noqa: S311
        found += [Logo(path.stem, kind, load_rgba(path)[0]) for path in paths[:count]]
    if not found:
        raise ValueError(f"{data} has no pictures of the split {split}: fetch them, make dataset")
    return found


def resized(rgba: Pixels, width: int, height: int) -> Pixels:
    """Return a picture at another size; colours are weighted by their opacity."""
    weighted = Image.fromarray(rgba).convert("RGBa")
    sized = weighted.resize((width, height), Image.Resampling.BICUBIC)
    return np.asarray(sized.convert("RGBA"), np.uint8)


def _scaled(rgba: Pixels, factor: float) -> Pixels:
    height, width = rgba.shape[:2]
    return resized(rgba, max(10, round(width * factor)), max(10, round(height * factor)))


def _small(rgba: Pixels) -> Pixels:
    return _scaled(rgba, SMALL_SIDE_PX / max(rgba.shape[:2]))


def _halved(rgba: Pixels) -> Pixels:
    return _scaled(rgba, 0.5)


def backdrop_of(rgba: Pixels) -> Colour:
    """Return white, or the ground on which a white logo can be seen."""
    return choose_backdrop(ink_rim(rgba))


def flattened(rgba: Pixels) -> Pixels:
    """Return a picture laid on its backdrop: its edges fade into the ground (antialiasing)."""
    laid = composite(rgba, backdrop_of(rgba))
    return np.asarray(cv2.cvtColor(laid, cv2.COLOR_RGB2RGBA), np.uint8)


def _jpeg(rgba: Pixels) -> Pixels:
    out = BytesIO()
    Image.fromarray(composite(rgba, backdrop_of(rgba))).save(out, "JPEG", quality=JPEG_QUALITY)
    return load_rgba(out.getvalue())[0]


VARIANTS: dict[str, Callable[[Pixels], Pixels]] = {
    "half size": _halved,
    "64 px": _small,
    f"JPEG, quality {JPEG_QUALITY}": _jpeg,
    "on a ground, antialiased": flattened,
}
"""Worn sources; each trace is compared with the whole picture, at its size."""
