"""Pictures that the tests of the library share, drawn on the spot."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, ImageDraw, ImageFont

from logo_classifier import HybridClassifier
from logo_classifier.rules.trees import RuleSet, read_rules
from tests.logo_classifier.network.networks import write_bundle

RED = (200, 30, 30)


@pytest.fixture(scope="session")
def encode() -> Callable[..., bytes]:
    """Return a writer of pictures: encode(picture, "JPEG", quality=90) -> the file's bytes."""

    def write(picture: Image.Image, format: str = "PNG", **options: Any) -> bytes:
        file = BytesIO()
        picture.save(file, format, **options)
        return file.getvalue()

    return write


@pytest.fixture
def disc() -> Image.Image:
    """Return a red disc of 80 px on white, 128 x 96 px."""
    picture = Image.new("RGB", (128, 96), "white")
    ImageDraw.Draw(picture).ellipse((24, 8, 103, 87), fill=RED)
    return picture


@pytest.fixture
def word() -> Image.Image:
    """Return the word HOUSE in black on white, 300 x 90 px."""
    picture = Image.new("RGB", (300, 90), "white")
    ImageDraw.Draw(picture).text((20, 10), "HOUSE", fill="black", font=ImageFont.load_default(60))
    return picture


@pytest.fixture
def fade() -> Image.Image:
    """Return a block that fades from blue to orange, on white, 160 x 120 px."""
    picture = Image.new("RGB", (160, 120), "white")
    for x in range(120):
        colour = (20 + 2 * x, 60 + x // 2, 220 - 3 * x // 2)
        picture.paste(colour, (20 + x, 20, 21 + x, 100))
    return picture


@pytest.fixture(scope="session")
def shipped_rules() -> RuleSet:
    """Return the rules that the library ships."""
    return RuleSet.from_dict(read_rules())


@pytest.fixture
def hybrid(tmp_path: Path) -> HybridClassifier:
    """Return a classifier with a network that answers everything alike."""
    return HybridClassifier(write_bundle(tmp_path, (0.0, 1.0, 3.0, 0.5, -1.0, 2.0, 0.0)))
