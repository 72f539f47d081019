"""Logos come from the named split alone, and are worn as their names say."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from benchmarks.tracing.logos import VARIANTS, choose, resized
from logo_classifier import LogoType
from tests.logo_classifier.vectorising.drawn import disc

COLUMNS = ("id", "logo_type", "agreed", "split")
ROWS = [
    *((f"train-{n}", "simple", "1", "train") for n in range(6)),
    ("unsure", "simple", "0", "train"),
    ("fetched-never", "text", "1", "train"),
    ("kept", "complex", "1", "bench"),
]


@pytest.fixture
def data(tmp_path: Path) -> Path:
    (tmp_path / "images").mkdir()
    with (tmp_path / "labels.csv").open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([COLUMNS, *ROWS])
    for name, *_ in ROWS:
        if name != "fetched-never":
            Image.fromarray(disc()).save(tmp_path / "images" / f"{name}.png")
    return tmp_path


def test_the_split_and_agreed_labels_alone_count(data: Path) -> None:
    train, bench = choose(data, "train", 99), choose(data, "bench", 99)

    assert sorted(logo.name for logo in train) == [f"train-{n}" for n in range(6)]
    assert [(logo.name, logo.logo_type) for logo in bench] == [("kept", LogoType.COMPLEX)]


def test_a_seed_gives_the_same_logos(data: Path) -> None:
    first, again = ([logo.name for logo in choose(data, "train", 3, seed=1)] for _ in range(2))

    assert first == again
    assert len(first) == 3


def test_a_split_without_pictures_is_an_error(data: Path) -> None:
    with pytest.raises(ValueError, match="the split extra"):
        choose(data, "extra", 3)


@pytest.mark.parametrize(
    ("name", "side_px", "opaque"),
    [
        ("half size", 100, False),
        ("64 px", 64, False),
        ("JPEG, quality 50", 200, True),
        ("on a ground, antialiased", 200, True),
    ],
)
def test_wear_is_what_its_name_says(name: str, side_px: int, opaque: bool) -> None:
    worn = VARIANTS[name](disc(200))

    assert worn.shape == (side_px, side_px, 4)
    assert bool(worn[..., 3].min() == 255) is opaque


def test_resizing_keeps_the_colour_of_the_edge() -> None:
    small = resized(disc(200), 50, 50)

    edge = small[(small[..., 3] > 60) & (small[..., 3] < 200)][:, :3].astype(int)
    assert len(edge)
    assert np.abs(edge - (200, 30, 40)).max() <= 6
