"""Degraded pictures are what they are called, and changes of answer are counted."""

from __future__ import annotations

import json
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw

from logo_classifier import HybridClassifier
from logo_classifier.values import LogoType
from training.evaluation import robustness
from training.evaluation.robustness import BRAND_COLOUR, VARIANTS, measure_variants
from training.labels.dataset import Example


def disc(colour: str = "red", size: tuple[int, int] = (200, 100)) -> Image.Image:
    picture = Image.new("RGBA", size)
    ImageDraw.Draw(picture).ellipse((10, 10, 90, 90), fill=colour)
    return picture


def fade() -> Image.Image:
    """Return a picture of 200 x 100 px with a colour of its own in each column."""
    levels = np.arange(200, dtype=np.uint8)
    even = np.full(200, 90, np.uint8)
    row = np.dstack([levels, even, 255 - levels, np.full(200, 255, np.uint8)])
    return Image.fromarray(row.repeat(100, axis=0))


def changed(name: str, picture: Image.Image) -> Image.Image:
    data = VARIANTS[name](picture)
    assert data is not None
    return Image.open(BytesIO(data))


@pytest.mark.parametrize(
    ("name", "kind"),
    [("jpeg q30", "JPEG"), ("gif 16 colours", "GIF"), ("bmp", "BMP"), ("64 px", "PNG")],
)
def test_a_variant_is_a_file_of_its_format(name: str, kind: str) -> None:
    assert changed(name, disc()).format == kind


@pytest.mark.parametrize(("name", "size"), [("64 px", (64, 32)), ("2000 px", (2000, 1000))])
def test_sizes_are_those_of_the_longest_side(name: str, size: tuple[int, int]) -> None:
    assert changed(name, disc()).size == size


def test_no_side_falls_below_what_is_accepted() -> None:
    assert changed("64 px", disc(size=(400, 20))).size == (64, 10)


def test_the_gif_has_few_colours() -> None:
    picture = changed("gif 16 colours", fade()).convert("RGB")

    assert len(fade().getcolors() or []) == 200
    assert 8 <= len(picture.getcolors() or []) <= 16


def test_the_jpeg_is_compressed_strongly() -> None:
    data, fine = VARIANTS["jpeg q30"](fade()), BytesIO()
    fade().convert("RGB").save(fine, "JPEG", quality=95)

    assert data is not None
    assert len(data) < len(fine.getvalue()) / 2


@pytest.mark.parametrize(
    ("name", "ground"),
    [
        ("on white", (255, 255, 255)),
        ("on black", (0, 0, 0)),
        ("on brand blue", BRAND_COLOUR),
    ],
)
def test_grounds_fill_what_was_transparent(name: str, ground: tuple[int, int, int]) -> None:
    picture = changed(name, disc())

    assert picture.mode == "RGB"
    assert picture.getpixel((195, 50)) == ground
    assert picture.getpixel((50, 50)) == (255, 0, 0)


def test_a_picture_that_would_vanish_is_left_out() -> None:
    assert VARIANTS["on white"](disc("white")) is None
    assert VARIANTS["on black"](disc("white")) is not None


def test_inverting_changes_colours_and_keeps_transparency() -> None:
    pixels = np.asarray(changed("inverted", disc()))

    assert pixels[50, 50].tolist() == [0, 255, 255, 255]
    assert pixels[50, 195, 3] == 0


def test_each_variant_is_counted_over_the_pictures_that_it_shows(tmp_path: Path) -> None:
    examples = []
    for name, colour in (("red", "red"), ("white", "white")):
        path = tmp_path / f"{name}.png"
        disc(colour).save(path)
        examples.append(Example(name, path, LogoType.SIMPLE, None, "", "", name))
    classifier = HybridClassifier(enable_caching=False)
    before = [classifier.classify(row.path) for row in examples]

    table = measure_variants(classifier, examples, before)

    assert list(table) == list(VARIANTS)
    assert table["on white"]["pictures"] == 1
    assert table["bmp"] == {
        "pictures": 2,
        "accuracy": 1.0,
        "unchanged_accuracy": 1.0,
        "same_type": 1.0,
    }


def example_of(path: Path) -> Example:
    return Example(path.stem, path, LogoType.SIMPLE, None, "", "", path.stem)


def test_variants_are_made_of_what_serving_decodes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lying = Image.new("RGB", (60, 40), "red")
    exif = lying.getexif()
    exif[0x0112] = 6  # the camera was held upright
    lying.save(tmp_path / "lying.jpg", exif=exif)
    Image.new("I;16", (60, 40), 0x8000).save(tmp_path / "grey.png")
    Image.new("RGBA", (1200, 600), "blue").save(tmp_path / "large.png")
    examples = [example_of(tmp_path / name) for name in ("lying.jpg", "grey.png", "large.png")]
    seen: list[Image.Image] = []
    monkeypatch.setattr(robustness, "VARIANTS", {"seen": seen.append})

    measure_variants(HybridClassifier(), examples, [{"logo_type": "simple"}] * 3)

    assert [picture.size for picture in seen] == [(40, 60), (60, 40), (600, 300)]
    assert [picture.mode for picture in seen] == ["RGBA"] * 3
    assert seen[1].getpixel((30, 20)) == (0x80, 0x80, 0x80, 255)


def test_a_variant_that_shows_no_picture_has_no_row(
    tmp_path: Path,
) -> None:
    disc("white").save(tmp_path / "white.png")
    classifier, example = HybridClassifier(), example_of(tmp_path / "white.png")

    table = measure_variants(classifier, [example], [{"logo_type": "simple"}])

    assert set(VARIANTS) - set(table) == {"on white"}
    json.dumps(table, allow_nan=False)


def test_an_answer_that_changes_is_counted_as_changed(tmp_path: Path) -> None:
    path = tmp_path / "red.png"
    disc().save(path)
    example = Example("red", path, LogoType.TEXT, None, "", "", "red")

    row = measure_variants(HybridClassifier(), [example], [{"logo_type": "complex"}])["bmp"]

    assert (row["accuracy"], row["unchanged_accuracy"], row["same_type"]) == (0, 0, 0)
