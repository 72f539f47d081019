"""Draw a small set of logos, laid out as training expects it, and say what was made of it."""

from __future__ import annotations

import csv
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import matplotlib as mpl
import numpy as np
from PIL import Image, ImageDraw, ImageFont

from logo_classifier.values import LogoType
from training.labels.fetch import FONTS
from training.network.export import Fidelity

SIZE = (144, 112)
TRAIN_PER_TYPE = 30
BENCH_PER_TYPE = 4
SQUARE = '<rect x="4" y="4" width="8" height="8" fill="currentColor"/>'
SVG = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {} {}">{}</svg>'
COLUMNS = ("id", "logo_type", "lettering", "gradient", "complex", "agreed", "split", "name")

Rng = np.random.Generator
Row = dict[str, str]
Flags = tuple[int, int, int]


@dataclass(frozen=True)
class FinishedRun:
    """Say where the recipe left its files, and how near the export stayed to the network."""

    folder: Path
    bundle: Path
    fidelity: Fidelity


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


def write_logos(folder: Path) -> None:
    """Write `labels.csv` and `images/` of logos whose types a tiny network can learn."""
    (folder / "images").mkdir()
    rng = np.random.default_rng(7)
    with open(folder / "labels.csv", "w", newline="", encoding="utf-8") as file:
        table = csv.writer(file)
        table.writerow(COLUMNS)
        for index in range(TRAIN_PER_TYPE + BENCH_PER_TYPE):
            split = "train" if index < TRAIN_PER_TYPE else "bench"
            agreed = int(split == "bench" or index % 4 > 0)
            # Every third logo is a second one of the brand before it.
            brand = _word(np.random.default_rng(index - (index % 3 == 2)))
            for logo_type, draw in DRAWERS.items():
                picture, flags = draw(index, rng)
                name = f"{logo_type}-{index:02}"
                picture.save(folder / "images" / f"{name}.png")
                file_name = f"{brand}{logo_type}-{index}.svg"
                table.writerow((name, logo_type.value, *flags, agreed, split, file_name))


def relabelled(logos: Path, folder: Path, edit: Callable[[Row], Row]) -> Path:
    """Make a folder with the pictures and fonts of `logos`, each row of its labels edited."""
    folder.mkdir()
    for part in ("images", "packages"):
        (folder / part).symlink_to(logos / part)
    with open(logos / "labels.csv", newline="", encoding="utf-8") as file:
        rows = [edit(row) for row in csv.DictReader(file)]
    with open(folder / "labels.csv", "w", newline="", encoding="utf-8") as file:
        table = csv.DictWriter(file, list(rows[0]), lineterminator="\n")
        table.writeheader()
        table.writerows(rows)
    return folder


def write_fonts(folder: Path, names: Path = FONTS) -> None:
    """Lay out font packages as if fetched: three real fonts under names of `fonts.txt`."""
    real = iter(("DejaVuSans.ttf", "DejaVuSerif.ttf", "DejaVuSansMono-Bold.ttf"))
    for name in names.read_text().split():
        files = folder / name.replace("/", "_") / "files"
        files.mkdir(parents=True)
        if (font := next(real, None)) is not None:
            family = name.split("/")[1].split("@")[0]
            source = Path(mpl.get_data_path()) / "fonts" / "ttf" / font
            shutil.copyfile(source, files / f"{family}-latin-400-normal.woff")
