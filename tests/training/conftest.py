"""A small set of drawn logos, and one run of the whole recipe on it that many tests look at."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont

from app.classification.image import LoadedImage
from app.classification.types import LogoType
from training import calibrate, evaluate, export, train
from training.dataset import Example, assign_folds, load_all, read_labels

SIZE = (144, 112)
TRAIN_PER_TYPE = 30
BENCH_PER_TYPE = 4
COLUMNS = ("id", "logo_type", "lettering", "gradient", "complex", "split", "name")

Rng = np.random.Generator
Flags = tuple[int, int, int]


@dataclass(frozen=True)
class FinishedRun:
    """Where the recipe left its files, and how far the export strayed from PyTorch."""

    folder: Path
    bundle: Path
    difference: float


@pytest.fixture(scope="session")
def recipe() -> train.Recipe:
    """Return a recipe of two epochs that takes seconds."""
    return train.Recipe(
        stages=((32, 1), (64, 1)), batch_size=12, average_decay=0.5, statistics_batches=4
    )


@pytest.fixture(scope="session")
def logos(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a dataset of drawn logos, laid out as training expects it."""
    folder = tmp_path_factory.mktemp("logos")
    (folder / "images").mkdir()
    rng = np.random.default_rng(7)
    with open(folder / "labels.csv", "w", newline="", encoding="utf-8") as file:
        table = csv.writer(file)
        table.writerow(COLUMNS)
        for index in range(TRAIN_PER_TYPE + BENCH_PER_TYPE):
            for logo_type, draw in DRAWERS.items():
                picture, flags = draw(index, rng)
                name = f"{logo_type}-{index:02}"
                picture.save(folder / "images" / f"{name}.png")
                split = "train" if index < TRAIN_PER_TYPE else "bench"
                # Every third picture is a second one of the brand before it.
                brand = f"{_word(np.random.default_rng(index - (index % 3 == 2)))}{logo_type}"
                row = (name, logo_type.value, *flags, split, f"{brand}-{index}.svg")
                table.writerow(row)
    return folder


@pytest.fixture(scope="session")
def examples(logos: Path) -> list[Example]:
    return read_labels(logos, "train")


@pytest.fixture(scope="session")
def images(examples: list[Example]) -> list[LoadedImage]:
    return load_all(examples)


@pytest.fixture(scope="session")
def folds(examples: list[Example], images: list[LoadedImage]) -> np.ndarray:
    return assign_folds(examples, images)


@pytest.fixture(scope="session")
def finished(
    logos: Path, recipe: train.Recipe, tmp_path_factory: pytest.TempPathFactory
) -> FinishedRun:
    """Return what train, calibrate and export made of the drawn logos."""
    root = tmp_path_factory.mktemp("recipe")
    folder, bundle = root / "run", root / "models" / "drawn-logos" / "0.1.0"
    weights = train.train(logos, folder, recipe)
    fitted = calibrate.calibrate(logos, weights)
    (folder / "calibration.json").write_text(json.dumps(fitted))
    return FinishedRun(folder, bundle, export.export(folder, bundle))


@pytest.fixture(scope="session")
def report(logos: Path, finished: FinishedRun) -> dict[str, Any]:
    return evaluate.evaluate(logos, "bench", finished.bundle)


def _word(rng: Rng) -> str:
    return "".join(rng.choice(list("abdefghikmnorstuwxyz"), int(rng.integers(3, 7))))


def _colour(rng: Rng, low: int = 0, high: int = 170) -> tuple[int, int, int]:
    red, green, blue = (int(value) for value in rng.integers(low, high, 3))
    return red, green, blue


def _points(rng: Rng, count: int) -> list[tuple[int, int]]:
    return [(int(x), int(y)) for x, y in rng.integers(0, SIZE, (count, 2))]


def _write(picture: Image.Image, rng: Rng, top: int = 4) -> None:
    font = ImageFont.load_default(size=int(rng.integers(22, 36)))
    ImageDraw.Draw(picture).text((4, top), _word(rng), fill=_colour(rng), font=font)


def discs(index: int, rng: Rng) -> tuple[Image.Image, Flags]:
    """Draw a few flat discs; every second picture is transparent around them."""
    picture = Image.new("RGBA", SIZE, (255, 255, 255, 255 * (index % 2)))
    for x, y in _points(rng, 4):
        radius = int(rng.integers(8, 36))
        ImageDraw.Draw(picture).ellipse(
            (x - radius, y - radius, x + radius, y + radius), fill=_colour(rng)
        )
    return picture, (0, 0, 0)


def words(_: int, rng: Rng) -> tuple[Image.Image, Flags]:
    """Set one word, or two below each other."""
    picture = Image.new("RGB", SIZE, "white")
    for line in range(int(rng.integers(1, 3))):
        _write(picture, rng, 4 + 50 * line)
    return picture, (1, 0, 0)


def fades(index: int, rng: Rng) -> tuple[Image.Image, Flags]:
    """Fill a shape with a linear fade; every third picture has a word on it."""
    angle = rng.uniform(0, 2 * np.pi)
    y, x = np.mgrid[: SIZE[1], : SIZE[0]]
    along = x * np.cos(angle) + y * np.sin(angle)
    share = ((along - along.min()) / np.ptp(along))[..., None]
    start, end = np.array(_colour(rng)), np.array(_colour(rng, 120, 250))
    fade = Image.fromarray((start * (1 - share) + end * share).astype(np.uint8))
    mask = Image.new("L", SIZE, 0)
    ImageDraw.Draw(mask).polygon(_points(rng, 5), fill=255)
    ImageDraw.Draw(mask).ellipse((*_points(rng, 1)[0], *SIZE), fill=255)
    picture = Image.new("RGB", SIZE, "white")
    picture.paste(fade, mask=mask)
    has_word = index % 3 == 0
    if has_word:
        _write(picture, rng)
    return picture, (int(has_word), 1, 0)


def scenes(index: int, rng: Rng) -> tuple[Image.Image, Flags]:
    """Crowd the picture with small shapes and lines; every fourth has a word on it."""
    picture = Image.new("RGB", SIZE, _colour(rng, 100, 255))
    pen = ImageDraw.Draw(picture)
    for _shape in range(50):
        pen.polygon(_points(rng, 1) + _points(rng, 2), outline=_colour(rng, 0, 255))
        x, y = _points(rng, 1)[0]
        pen.rectangle((x, y, x + 12, y + 9), fill=_colour(rng, 0, 255))
    has_word = index % 4 == 0
    if has_word:
        _write(picture, rng, 40)
    return picture, (int(has_word), 0, 1)


DRAWERS: dict[LogoType, Callable[[int, Rng], tuple[Image.Image, Flags]]] = {
    LogoType.SIMPLE: discs,
    LogoType.TEXT: words,
    LogoType.GRADIENT: fades,
    LogoType.COMPLEX: scenes,
}
